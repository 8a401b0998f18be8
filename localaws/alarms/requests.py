"""What PutMetricAlarm and PutCompositeAlarm are given, and what CloudWatch refuses of it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
The bounds are the pages'; the texts are worded from memory. What AWS has and localaws lacks is refused as "not modelled".
"""
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch as cw

from ..controls import clock
from ..resources.registry import Refused
from .metric_math import Expression, Unreadable
from .state import Missing, State

OPERATORS = ("GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold")
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
KEPT = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
        "ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile", "Unit", "Metrics", "WarmUpConfiguration")
NOT_MODELLED = ("ThresholdMetricId", "EvaluationWindow", "EvaluationCriteria", "EvaluationInterval")
NUMBERS = {"Period": int, "EvaluationPeriods": int, "DatapointsToAlarm": int, "Threshold": float, "WarmUpPeriodDurationInMinutes": int}
BOOLEANS = ("ActionsEnabled", "ReturnData", "OnlyStartEvaluatingAfterWarmUpPeriodEnds")
DAY, HOUR = 86400, 3600
MOST = {"Dimensions": 30, "actions": 5, "Metrics": 10, "children": 100, "rule": 10240}


def refuse(message):
    raise Refused(message, "CloudWatch", 400, "ValidationError")


def _must(holds, message):
    if not holds:
        refuse(message)


def typed(value, name=""):
    """Numbers and booleans as such, wherever they stand: a template may give them as texts."""
    if isinstance(value, dict):
        return {key: typed(item, key) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if name in NUMBERS:
        return NUMBERS[name](value)
    return str(value).lower() == "true" if name in BOOLEANS else value


def metric_alarm(asked):
    """The record of a metric alarm; one of that name keeps its state."""
    asked = typed(asked)
    for name in NOT_MODELLED:
        _must(name not in asked, f"localaws does not model {name}")
    _check_evaluation(asked)
    if asked.get("Metrics"):
        _check_math(asked)
    else:
        _check_metric(asked)
    return {**_common(asked), **{name: asked[name] for name in KEPT if name in asked},
            "Dimensions": asked.get("Dimensions") or [], "TreatMissingData": asked.get("TreatMissingData") or "missing"}


def check_actions(asked):
    for actions in ACTIONS:
        _must(len(asked.get(actions) or []) <= MOST["actions"], f"{actions}: no more than five actions are allowed")


def _common(asked):
    name, now = asked.get("AlarmName"), int(clock.now())
    _must(name and len(name) <= 255, "AlarmName must be 1 to 255 characters long")
    check_actions(asked)
    before = cw._alarms.get(name) or {"StateValue": State.INSUFFICIENT, "StateReason": "Unchecked: Initial alarm creation",
                                 "StateUpdatedTimestamp": now}
    state = {key: before[key] for key in ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp",
                                          "StateTransitionedTimestamp") if key in before}
    return {"AlarmName": name, "AlarmArn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}",
            "AlarmDescription": asked.get("AlarmDescription") or "", "ActionsEnabled": asked.get("ActionsEnabled", True),
            **{actions: asked.get(actions) or [] for actions in ACTIONS}, "AlarmConfigurationUpdatedTimestamp": now, **state}


def _check_evaluation(asked):
    periods, needed = asked.get("EvaluationPeriods", 0), asked.get("DatapointsToAlarm")
    _must(periods >= 1, "EvaluationPeriods must be at least 1")
    _must(needed is None or 1 <= needed <= periods, f"DatapointsToAlarm ({needed}) must be from 1 to EvaluationPeriods ({periods})")
    operator = asked.get("ComparisonOperator")
    _must(operator in OPERATORS, f"ComparisonOperator must be one of {', '.join(OPERATORS)}, not {operator}; localaws models no others")
    _must("Threshold" in asked, "Threshold is required")
    _must((asked.get("TreatMissingData") or "missing") in set(Missing), f"TreatMissingData must be one of {', '.join(Missing)}")
    low = asked.get("EvaluateLowSampleCountPercentile")
    _must(low in (None, "evaluate", "ignore"), "EvaluateLowSampleCountPercentile must be evaluate or ignore")
    _must(low is None or "ExtendedStatistic" in asked, "EvaluateLowSampleCountPercentile is for an ExtendedStatistic only")
    warm = asked.get("WarmUpConfiguration")
    _must(warm is None or 1 <= warm.get("WarmUpPeriodDurationInMinutes", 0) <= 2880, "WarmUpPeriodDurationInMinutes must be from 1 to 2880")


def _check_period(period, periods):
    _must(period in (10, 20, 30) or period and period % 60 == 0, f"Period must be 10, 20, 30 or a multiple of 60, not {period}")
    longest = 7 * DAY if period >= HOUR else DAY
    _must(period * periods <= longest, f"Period ({period}) times EvaluationPeriods ({periods}) must not be more than {longest} seconds")


def _check_stat(stat):
    is_percentile = cw._is_percentile_stat(stat) and 0 <= float(stat[1:]) <= 100
    _must(stat in STATISTICS or is_percentile, f"{stat} is no statistic that localaws models ({', '.join(STATISTICS)}, p0 to p100)")


def _check_dimensions(metric):
    dimensions = metric.get("Dimensions") or []
    _must(metric.get("MetricName") and metric.get("Namespace"), "MetricName and Namespace are required")
    _must(len(dimensions) <= MOST["Dimensions"], "no more than 30 dimensions are allowed")
    names = [d["Name"] for d in dimensions]
    _must(len(set(names)) == len(names), "a dimension is given twice")


def _check_metric(asked):
    _check_dimensions(asked)
    _must(("Statistic" in asked) != ("ExtendedStatistic" in asked), "either Statistic or ExtendedStatistic is required, not both")
    _must("ExtendedStatistic" in asked or asked["Statistic"] in STATISTICS, f"Statistic must be one of {', '.join(STATISTICS)}")
    _check_stat(asked.get("Statistic") or asked["ExtendedStatistic"])
    _check_period(asked.get("Period"), asked["EvaluationPeriods"])


def _check_math(asked):
    for name in ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"):
        _must(not asked.get(name), f"{name} stands in Metrics, not beside it")
    queries = asked["Metrics"]
    _must(len(queries) <= MOST["Metrics"], "no more than ten metrics and expressions are allowed")
    ids = [q.get("Id", "") for q in queries]
    _must(len(set(ids)) == len(ids) and all(i[:1].islower() and i.replace("_", "a").isalnum() for i in ids), f"Metrics: bad or double Id in {ids}")
    _must(sum(q.get("ReturnData", True) for q in queries) == 1, "exactly one element of Metrics must return data")
    for number, query in enumerate(queries):
        _must(("MetricStat" in query) != ("Expression" in query), f"{query['Id']}: either MetricStat or Expression is required")
        if "Expression" in query:
            try:
                unknown = Expression(query["Expression"]).names - set(ids[:number])
            except Unreadable as exc:
                refuse(str(exc))
            _must(not unknown, f"{query['Id']} uses {sorted(unknown)}, which no element of Metrics before it is")
        else:
            _check_dimensions(query["MetricStat"]["Metric"])
            _check_stat(query["MetricStat"]["Stat"])
    _check_period(period_of(asked), asked["EvaluationPeriods"])


def period_of(alarm):
    """The period of an alarm: of metric math the longest of its metrics'."""
    stats = [q["MetricStat"]["Period"] for q in alarm.get("Metrics") or [] if "MetricStat" in q]
    return max(stats, default=alarm.get("Period") or 60)
