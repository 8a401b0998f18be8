"""StateReason and StateReasonData of a metric alarm, worded as in answers and messages of AWS that people made public.

"1 datapoint [3.0 (26/05/26 14:20:00)] was greater than the threshold (0.0)." without DatapointsToAlarm, "1 out of the last 1
datapoints […] … (minimum 1 datapoint for OK -> ALARM transition)." with it; "no datapoints were received for 2 periods and
2 missing datapoints were treated as [Breaching]."; "1 datapoint was received for 3 periods and 2 missing datapoints were
treated as [Breaching]".
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""
import json
from datetime import datetime, timezone

from .state import Missing, State

COMPARED = {"GreaterThanThreshold": "greater than", "GreaterThanOrEqualToThreshold": "greater than or equal to",
            "LessThanThreshold": "less than", "LessThanOrEqualToThreshold": "less than or equal to"}
TREATED = {Missing.BREACHING: "Breaching", Missing.NOT_BREACHING: "NonBreaching", Missing.IGNORE: "Ignore", Missing.MISSING: "Missing"}


def stamp(seconds):
    """A time as CloudWatch writes it in texts: 2026-10-02T19:20:00.000+0000."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def _count(number, noun="datapoint"):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _were(number):
    return "was" if number == 1 else "were"


def reason(alarm, seen, new):
    """seen: [(start of the period, value, whether it breaches)] of the points that decided, oldest first."""
    periods, missing = alarm["EvaluationPeriods"], Missing(alarm["TreatMissingData"])
    lacking = periods - len(seen)
    if new == State.INSUFFICIENT:
        return f"Insufficient Data: {_count(lacking)} {_were(lacking)} unknown."
    treated = f"{_count(lacking, 'missing datapoint')} {_were(lacking)} treated as [{TREATED[missing]}]"
    if not seen:
        return f"Threshold Crossed: no datapoints were received for {_count(periods, 'period')} and {treated}."
    if lacking and missing in (Missing.BREACHING, Missing.NOT_BREACHING):
        return f"Threshold Crossed: {_count(len(seen))} {_were(len(seen))} received for {_count(periods, 'period')} and {treated}."
    return "Threshold Crossed: " + _crossed(alarm, [point for point in seen if point[2] == (new == State.ALARM)], new)


def _crossed(alarm, points, new):
    """points: those that speak for the new state."""
    periods, needed = alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm")
    shown = ", ".join(f"{value} ({datetime.fromtimestamp(start, timezone.utc):%d/%m/%y %H:%M:%S})" for start, value, _ in reversed(points))
    counted = f"{len(points)} out of the last {periods} datapoints" if needed else _count(len(points))
    held = f"{_were(len(points))}{'' if new == State.ALARM else ' not'} {COMPARED[alarm['ComparisonOperator']]} the threshold"
    said = f"{counted} [{shown}] {held} ({alarm['Threshold']})"
    if not needed:
        return said + "."
    least, way = (needed, "OK -> ALARM") if new == State.ALARM else (periods - needed + 1, "ALARM -> OK")
    return f"{said} (minimum {_count(least)} for {way} transition)."


def reason_data(alarm, seen, now, period):
    said = {"version": "1.0", "queryDate": stamp(now), "period": period, "recentDatapoints": [value for _, value, _ in seen],
            "threshold": alarm["Threshold"]}
    if seen:
        said["startDate"] = stamp(seen[0][0])
    if alarm.get("Statistic") or alarm.get("ExtendedStatistic"):
        said["statistic"] = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    said["evaluatedDatapoints"] = [{"timestamp": stamp(start), "value": value} for start, value, _ in reversed(seen)]
    return json.dumps(said, separators=(",", ":"))
