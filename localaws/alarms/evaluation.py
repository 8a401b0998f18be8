"""Evaluates metric alarms each minute of the clock, in place of ministack, which does so at each PutMetricData and looks at
neither dimensions nor missing data.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html (each minute; each ten seconds with a period
below a minute; the periods slide with it)
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html
A new alarm is evaluated at once.
"""
import functools
from dataclasses import dataclass

from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import cloudwatch as cw
from ministack.services.cloudformation import provisioners as prov

from ..controls import clock
from ..resources.registry import Refused
from . import metrics, reasons, requests
from .metric_math import Expression
from .query_form import nested
from .state import REACH, State, next_state, too_few_samples

BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
settled = AccountRegionScopedDict()  # alarm -> what it was like when it saw nothing and kept its state
warm = AccountRegionScopedDict()  # alarm -> when the configuration was made whose warm-up is over


parsed = functools.lru_cache(maxsize=1000)(Expression)


@dataclass(frozen=True)
class Seen:
    """What an alarm sees over its evaluation range."""
    starts: list[int]
    values: list[float | None]
    samples: float  # of the evaluation periods; of metric math 0

    def points(self, alarm):
        breaches = BREACHES[alarm["ComparisonOperator"]]
        return [None if value is None else breaches(value, alarm["Threshold"]) for value in self.values]

    def decided(self, alarm):
        """[(start, value, breaches)] of the points that are there, as many as the alarm has evaluation periods."""
        there = [p for p in zip(self.starts, self.values, self.points(alarm)) if p[1] is not None]
        return there[-alarm["EvaluationPeriods"]:]


def grain(alarm):
    """How often the alarm is evaluated."""
    return 10 if requests.period_of(alarm) < 60 else 60


def look(alarm, now):
    periods, period = alarm["EvaluationPeriods"], requests.period_of(alarm)
    end = int(now) // grain(alarm) * grain(alarm)
    ends = [end - back * period for back in range(periods + REACH - 1, -1, -1)]
    starts = [e - period for e in ends]
    if alarm.get("Metrics"):
        return Seen(starts, _math(alarm["Metrics"], ends, starts), 0)
    stat = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    found = metrics.buckets(alarm, stat, alarm.get("Unit"), period, ends)
    return Seen(starts, [b.value for b in found], sum(b.samples for b in found[-periods:]))


def _math(queries, ends, starts):
    series = {}
    for query in queries:
        if "Expression" in query:
            series[query["Id"]] = parsed(query["Expression"]).value(series, starts)
            continue
        asked = query["MetricStat"]
        found = metrics.buckets(asked["Metric"], asked["Stat"], asked.get("Unit"), asked["Period"], ends)
        series[query["Id"]] = {start: b.value for start, b in zip(starts, found) if b.value is not None}
    result = series[next(q["Id"] for q in queries if q.get("ReturnData", True))]
    return [result.get(start) for start in starts]


def evaluate(alarm):
    """In place of ministack's _evaluate_alarm."""
    now = clock.now()
    seen = look(alarm, now)
    percentile = alarm.get("ExtendedStatistic")
    if percentile and alarm.get("EvaluateLowSampleCountPercentile") == "ignore" and seen.samples and \
            too_few_samples(percentile, seen.samples):
        return
    if _warms_up(alarm, seen, now):
        return _settle(alarm, seen)
    new = next_state(seen.points(alarm), alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"],
                     alarm["TreatMissingData"], State(alarm["StateValue"]))
    if new == alarm["StateValue"]:
        _settle(alarm, seen)
    else:
        decided = seen.decided(alarm)
        change(alarm, new, reasons.reason(alarm, decided, new), reasons.reason_data(alarm, decided, now, requests.period_of(alarm)))


def _settle(alarm, seen):
    """Notes that the alarm sees nothing and keeps its state: it is looked at again when there is something."""
    if all(value is None for value in seen.values):
        settled[alarm["AlarmName"]] = _like(alarm)


def _warms_up(alarm, seen, now):
    """After it was made or changed, until all its periods have data or the time is over; once."""
    asked, since = alarm.get("WarmUpConfiguration"), alarm["AlarmConfigurationUpdatedTimestamp"]
    if not asked or warm.get(alarm["AlarmName"]) == since:
        return False
    is_full = all(value is not None for value in seen.values[-alarm["EvaluationPeriods"]:])
    if now < since + 60 * asked["WarmUpPeriodDurationInMinutes"] and (asked.get("OnlyStartEvaluatingAfterWarmUpPeriodEnds") or not is_full):
        return True
    warm[alarm["AlarmName"]] = since
    return False


def change(alarm, new, reason, data):
    old, now = alarm["StateValue"], int(clock.now())
    alarm.update(StateValue=str(new), StateReason=reason, StateReasonData=data, StateUpdatedTimestamp=now, StateTransitionedTimestamp=now)
    cw._record_history(alarm["AlarmName"], old, str(new), reason, "MetricAlarm", data)
    cw._dispatch_alarm_actions(alarm, old, str(new), reason)
    cw._evaluate_parent_alarms(alarm)


def _put(params, data, is_cbor, is_json=False):
    """PutMetricAlarm."""
    asked = data if is_cbor or is_json else nested(params)
    try:
        alarm = requests.metric_alarm(asked)
    except Refused as refusal:
        return cw._error(refusal.code, refusal.message, refusal.status, use_json=is_json, use_cbor=is_cbor)
    tags, is_new = cw._alarm_request_tags(params, data, is_cbor, is_json), alarm["AlarmName"] not in cw._alarms
    refused = cw._alarm_tags_refusal(tags, alarm.get("DatapointsToAlarm"), is_new, is_cbor, is_json)
    if refused:
        return refused
    if is_new and tags:
        cw._resource_tags[alarm["AlarmArn"]] = {t["Key"]: t["Value"] for t in tags}
    cw.cloudformation_put_metric_alarm(alarm)
    return cw._cbor_ok({}) if is_cbor else cw._json_ok({}) if is_json else cw._xml(200, "PutMetricAlarmResponse", "")


def _wrap_store(original):
    """Target tracking makes alarms in its own way."""
    def store(alarm):
        alarm.setdefault("TreatMissingData", "missing")
        if not alarm.get("ExtendedStatistic") and not alarm.get("Metrics"):
            alarm["Statistic"] = alarm.get("Statistic") or "Average"
        original(alarm)
    return store


def _record_of_template(name, props):
    return requests.metric_alarm({**{k: v for k, v in props.items() if k != "Tags"}, "AlarmName": name})


def _metrics(alarm):
    stats = [q["MetricStat"]["Metric"] for q in alarm.get("Metrics") or [] if "MetricStat" in q]
    return [metrics.ordered(metric) for metric in (stats or [alarm])]


def _like(alarm):
    return alarm["StateValue"], alarm["AlarmConfigurationUpdatedTimestamp"], [m.length for m in _metrics(alarm)]


def _next(alarm, after):
    """When the alarm is evaluated next, or None: a settled one when it has a point, or when its warm-up ends."""
    step = grain(alarm)
    begun = int(after) // step * step
    if settled.get(alarm["AlarmName"]) != _like(alarm):
        return begun + step
    minutes = (alarm.get("WarmUpConfiguration") or {}).get("WarmUpPeriodDurationInMinutes", 0)
    moments = [(int(at) // step + 1) * step for m in _metrics(alarm) if (at := m.first_from(begun)) is not None]
    moments.append(-(-(alarm["AlarmConfigurationUpdatedTimestamp"] + 60 * minutes) // step) * step)
    return min((m for m in moments if m > after), default=None)


def due(after):
    moments = []
    for (account, region, _), alarm in cw._alarms.all_items():
        with request_scope(account, region):
            moments.append(_next(alarm, after))
    return min((m for m in moments if m is not None), default=None)


def act(moment):
    def here():
        for alarm in cw._alarms.values():
            if _next(alarm, moment - 0.001) == moment:
                evaluate(alarm)
    clock.in_every_scope([cw._alarms], here)


def install():
    cw._evaluate_alarm = evaluate
    cw._evaluate_all_alarms = lambda: None  # not at each PutMetricData
    cw._put_metric_alarm = _put
    cw.cloudformation_put_metric_alarm = _wrap_store(cw.cloudformation_put_metric_alarm)
    prov._cw_metric_alarm_record = _record_of_template
