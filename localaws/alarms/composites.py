"""Composite alarms: ministack evaluates their rules; this file adds what it refuses too little and forgets: limits of the
rule, and the suppressor of actions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
A cycle of composite alarms stops their evaluation, and none of them can be deleted until a rule is set to FALSE.
"""
import json
import logging
import threading
import time

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch as cw
from ministack.services.cloudformation import provisioners as prov

from ..controls import clock
from ..resources.registry import Refused, add, generated_name
from . import evaluation, metrics, mute_rules, requests
from .query_form import nested
from .state import State
from .suppression import Gate, Owed

SUPPRESSOR = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
TYPE = "AWS::CloudWatch::CompositeAlarm"
_gates = AccountRegionScopedDict()  # composite alarm -> its Gate


def _known(reference):
    """The alarm that a name or an ARN means, or None."""
    name = cw._rule_ref_name(reference)
    return (cw._alarms.get(name) or cw._composite_alarms.get(name)) if name else None


def _check(asked):
    """What ministack does not refuse; it refuses a rule that it can't read, and children that do not exist."""
    rule = asked.get("AlarmRule") or ""
    if len(rule) > requests.MOST["rule"]:
        requests.refuse("AlarmRule must not be longer than 10240 characters")
    try:
        children = set(cw._rule_refs(cw._parse_alarm_rule(rule)))
    except ValueError:
        return
    if len(children) > requests.MOST["children"]:
        requests.refuse("an alarm rule can name no more than 100 alarms")
    requests.check_actions(asked)
    for names in requests.ACTIONS:
        for action in asked.get(names) or []:
            if not action.startswith(("arn:aws:sns:", "arn:aws:lambda:", "arn:aws:ssm", "arn:aws:aiops:")):
                requests.refuse(f"a composite alarm cannot perform {action}")
    _check_suppressor(asked)


def _check_suppressor(asked):
    named = asked.get("ActionsSuppressor")
    if not named:
        if any(asked.get(period) is not None for period in SUPPRESSOR[1:]):
            requests.refuse("ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod need an ActionsSuppressor")
    elif any(asked.get(period) is None for period in SUPPRESSOR[1:]):
        requests.refuse("ActionsSuppressor needs ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod")
    elif not _known(named):
        requests.refuse(f"the ActionsSuppressor {named} does not exist")


def _gate(asked):
    named = asked.get("ActionsSuppressor")
    if not named:
        return None
    above = _known(named)
    return Gate(above["AlarmName"], *(int(asked[period]) for period in SUPPRESSOR[1:]), above["StateValue"] == State.ALARM)


def _wrap_put(original):
    def put(params, data, is_cbor, is_json=False):
        asked = data if is_cbor or is_json else nested(params)
        name = asked.get("AlarmName")
        before = _gates.pop(name, None)  # "if you replace the suppressor, any active period is discarded"
        try:
            _check(asked)
            if gate := _gate(asked):
                _gates[name] = gate
        except Refused as refusal:
            answer = cw._error(refusal.code, refusal.message, refusal.status, use_json=is_json, use_cbor=is_cbor)
        else:
            answer = original(params, data, is_cbor, is_json)
        if answer[0] != 200:
            _gates.pop(name, None)
            if before:
                _gates[name] = before
        elif asked.get("ActionsSuppressor"):
            cw._composite_alarms[name].update({SUPPRESSOR[0]: asked[SUPPRESSOR[0]], **{p: int(asked[p]) for p in SUPPRESSOR[1:]}})
            _show(name)
        return answer
    return put


def _show(name):
    """ActionsSuppressedBy, in the alarm's description; the reason's text is from memory."""
    alarm, gate = cw._composite_alarms.get(name), _gates.get(name)
    if alarm is not None:
        for member in ("ActionsSuppressedBy", "ActionsSuppressedReason"):
            alarm.pop(member, None)
        if gate and gate.owed:
            alarm.update(ActionsSuppressedBy=str(gate.by), ActionsSuppressedReason=f"Actions suppressed by {gate.suppressor}: {gate.by}")


def changed(alarm, old, new, reason):
    """In place of ministack's _dispatch_alarm_actions: called at each change of any alarm."""
    name, now = alarm["AlarmName"], clock.now()
    for above, gate in _gates.items():
        if gate.suppressor == name:
            gate.suppressor_is(new, now)
            _show(above)
    if name in _gates:
        _gates[name].changed(Owed(old, new, reason), now)
        _show(name)
        _do_what_is_due(now)  # a period of no seconds
    else:
        mute_rules.do(alarm, old, new, reason)


def _do_what_is_due(now):
    for name, gate in _gates.items():
        owed = gate.due(now)
        if owed and name in cw._composite_alarms:
            mute_rules.do(cw._composite_alarms[name], owed.old, owed.new, owed.reason)
            _show(name)


def _due(after):
    moments = [gate.until for gate in _gates.all_values() if gate.until is not None]
    return min((max(m, after + 0.001) for m in [*moments, evaluation.due(after), mute_rules.due(after)] if m is not None), default=None)


def _act(moment):
    evaluation.act(moment)
    clock.in_every_scope([_gates], lambda: _do_what_is_due(moment))
    mute_rules.act()


def _wrap_set_state(original):
    def set_state(params, data, is_cbor, is_json=False):
        asked = data if is_cbor or is_json else nested(params)
        if asked.get("StateValue") not in set(State):
            return cw._error("ValidationError", f"StateValue must be one of {', '.join(State)}, not {asked.get('StateValue')}", 400,
                             use_json=is_json, use_cbor=is_cbor)
        return original(params, data, is_cbor, is_json)
    return set_state


def _of_template(name, props):
    given = {k: v for k, v in props.items() if k != "Tags"}
    status, _, body = cw._put_composite_alarm({}, {**requests.typed(given), "AlarmName": name}, False, True)
    if status != 200:
        requests.refuse(json.loads(body)["message"])


def _create(logical_id, props, stack_name):
    name = props.get("AlarmName") or generated_name(stack_name, logical_id)
    _of_template(name, props)
    return name, {"Arn": cw._composite_alarms[name]["AlarmArn"]}


def _delete(name, props):
    status, _, body = cw._delete_alarms({}, {"AlarmNames": [name]}, False, True)
    if status != 200:
        requests.refuse(json.loads(body)["message"])


def _wrap_reset(original):
    def reset():
        for table in (_gates, evaluation.warm, evaluation.settled, metrics.known):
            table.clear()
        mute_rules.forget()
        return original()
    return reset


def _by_the_machines_time():
    """So that the alarms of a server that runs for hours work too."""
    while True:
        now = time.time()
        time.sleep(10 - now % 10)
        if not clock.is_taken():
            try:
                _act(int(time.time()) // 10 * 10)
            except Exception:  # the next minute must come whatever an alarm holds
                logging.getLogger("localaws").exception("evaluating alarms")


def install():
    cw.reset = _wrap_reset(cw.reset)
    cw._dispatch_alarm_actions = changed
    cw._put_composite_alarm = _wrap_put(cw._put_composite_alarm)
    cw._set_alarm_state = _wrap_set_state(cw._set_alarm_state)
    clock.plan(_due, _act, alone=True)
    threading.Thread(target=_by_the_machines_time, daemon=True).start()
    add(TYPE, _create, _delete, ("AlarmName",), _of_template)
