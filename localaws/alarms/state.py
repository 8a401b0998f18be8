"""What state an alarm's data points give it: the documented rules alone, without a store or a clock.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html: an alarm retrieves more data points
than its evaluation periods (the evaluation range). Real points win over missing ones, the newest first; TreatMissingData
fills up only what they leave; and under "missing" an alarm that sees nothing but breaching points goes off early when
the oldest of them is old enough.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
How far the range reaches is written nowhere; the page's tables show five points for three periods: REACH is that two.
"""
from enum import StrEnum


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    """TreatMissingData."""
    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


REACH = 2  # periods of the evaluation range beyond the evaluation periods


def next_state(points, periods, needed, missing, current):
    """points: the evaluation range, oldest first; True breaches, False does not, None is missing. `needed` of `periods`
    must breach."""
    present = [point for point in points if point is not None]
    if len(present) >= periods:
        return _judged(sum(present[-periods:]), needed)
    bad = sum(present)
    if missing == Missing.BREACHING:
        return _judged(bad + periods - len(present), needed)
    if missing == Missing.NOT_BREACHING or bad >= needed:
        return _judged(bad, needed)
    if bad < len(present):
        return State.OK
    if missing == Missing.IGNORE:
        return current
    return State.ALARM if present and _age_of_first(points) >= needed else State.INSUFFICIENT


def _judged(bad, needed):
    return State.ALARM if bad >= needed else State.OK


def _age_of_first(points):
    """The age, in periods, of the oldest point that is there; 1 is the newest period."""
    return next(age for age, point in zip(range(len(points), 0, -1), points) if point is not None)


def too_few_samples(percentile, samples):
    """Reports whether a percentile ("p95") of so many samples means nothing statistically."""
    share = float(percentile[1:]) / 100
    return samples < round(10 / (1 - share) if share >= 0.5 else 10 / share, 6)
