"""Mute rules: while one is active, the actions of its alarms wait; afterwards they are done where the alarm still is in the
state that was muted.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules-behaviour.html (the scenarios are in
tests/alarms/test_mute_rules.py); it mutes the actions of all states
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html, …DeleteAlarmMuteRule.html ("immediately
unmuted")
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarmmuterule.html
"""
import json

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import cloudwatch as cw

from ..controls import clock
from ..resources.registry import Refused, add, generated_name
from . import actions, requests
from .mute_windows import Status, Windows
from .suppression import Owed

TYPE = "AWS::CloudWatch::AlarmMuteRule"
KEPT = ("Name", "Description", "Rule", "MuteTargets", "StartDate", "ExpireDate")
MOST = 100  # alarms of a rule
_rules = AccountRegionScopedDict()  # name -> what GetAlarmMuteRule says of it, without its status
_owed = AccountRegionScopedDict()  # alarm -> the change whose action was muted


def do(alarm, old, new, reason):
    """Does the actions of a change, or keeps them for the end of the mute."""
    if _is_muted(alarm["AlarmName"]):
        _owed[alarm["AlarmName"]] = Owed(old, new, reason)
    else:
        _owed.pop(alarm["AlarmName"], None)
        actions.do(alarm, old, new, reason)


def _is_muted(name):
    now = clock.now()
    return any(name in rule["MuteTargets"]["AlarmNames"] and Windows.of(rule).status(now) == Status.ACTIVE for rule in _rules.values())


def unmute():
    """Does what was muted and is so no longer, where the alarm is still in that state."""
    for name, owed in _owed.items():
        if not _is_muted(name):
            _owed.pop(name)
            alarm = cw._alarms.get(name) or cw._composite_alarms.get(name)
            if alarm and alarm["StateValue"] == owed.new:
                actions.do(alarm, owed.old, owed.new, owed.reason, after_mute=True)


def due(after):
    ends = (Windows.of(rule).next_end(after) for rule in _rules.all_values())
    return min((end for end in ends if end is not None), default=None)


def act():
    clock.in_every_scope([_owed], unmute)


def forget():
    for table in (_rules, _owed):
        table.clear()


def put(asked):
    names = (asked.get("MuteTargets") or {}).get("AlarmNames") or []
    try:
        Windows.of(asked)
    except (KeyError, ValueError) as exc:
        requests.refuse(str(exc))
    if len(names) > MOST:
        requests.refuse("a mute rule can target no more than 100 alarms")
    missing = [n for n in names if n not in cw._alarms and n not in cw._composite_alarms]
    if missing:
        requests.refuse(f"the alarms {missing} of the mute rule do not exist")
    _rules[asked["Name"]] = {**{k: asked[k] for k in KEPT if asked.get(k) is not None}, "MuteTargets": {"AlarmNames": names},
                             "AlarmMuteRuleArn": _arn(asked["Name"]), "LastUpdatedTimestamp": int(clock.now())}
    unmute()
    return {}


def _arn(name):
    return f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm-mute-rule:{name}"


def _said(rule):
    windows = Windows.of(rule)
    return {**rule, "Status": windows.status(clock.now()), "MuteType": "RECURRING" if windows.cron else "ONE_TIME"}


def _get(asked):
    name = asked["AlarmMuteRuleName"]
    if name not in _rules:
        raise Refused(f"the alarm mute rule {name} does not exist", "CloudWatch", 404, "ResourceNotFoundException")
    return _said(_rules[name])


def _list(asked):
    listed = [_said(rule) for rule in _rules.values() if asked.get("AlarmName") in (None, *rule["MuteTargets"]["AlarmNames"])]
    wanted = asked.get("Statuses") or list(Status)
    summary = ("AlarmMuteRuleArn", "ExpireDate", "Status", "MuteType", "LastUpdatedTimestamp")
    return {"AlarmMuteRuleSummaries": [{k: r[k] for k in summary if k in r} for r in listed if r["Status"] in wanted]}


def _delete(asked):
    _rules.pop(asked["AlarmMuteRuleName"], None)
    unmute()
    return {}


API = {"PutAlarmMuteRule": put, "GetAlarmMuteRule": _get, "ListAlarmMuteRules": _list, "DeleteAlarmMuteRule": _delete}


def _wrap_requests(original):
    async def handle_request(method, path, headers, body, query_params):
        action = API.get(headers.get("x-amz-target", "").rsplit(".", 1)[-1])
        if not action:
            return await original(method, path, headers, body, query_params)
        try:
            return cw._json_ok(action(json.loads(body or b"{}")))
        except Refused as refusal:
            return cw._error(refusal.code, refusal.message, refusal.status, use_json=True)
    return handle_request


def _create(logical_id, props, stack_name):
    name = props.get("Name") or generated_name(stack_name, logical_id)
    put({**props, "Name": name})
    return _arn(name), {"Arn": _arn(name), "Status": _said(_rules[name])["Status"]}


def _name(arn):
    return arn.rsplit(":", 1)[-1]


def install():
    cw.handle_request = _wrap_requests(cw.handle_request)
    add(TYPE, _create, lambda arn, props: _delete({"AlarmMuteRuleName": _name(arn)}), ("Name",), lambda arn, props: put({**props, "Name": _name(arn)}))
