"""The values of a metric by period, from what was put: its dimensions and its unit must fit exactly.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html (a metric is its namespace, its name
and all its dimensions; a unit in a query is a filter; percentiles)
"""
import bisect
from dataclasses import dataclass

from ministack.services import cloudwatch as cw

known = {}  # metric, with its account and region -> (ministack's list, its length, times, points in the order of time)


@dataclass(frozen=True)
class Bucket:
    """One period: None and 0 when nothing was put."""
    value: float | None
    samples: float


def buckets(metric, stat, unit, period, ends):
    """The periods that end at `ends`; metric: {"Namespace", "MetricName", "Dimensions"}."""
    times, points = _points(metric)
    return [_bucket(points[bisect.bisect_left(times, end - period):bisect.bisect_left(times, end)], stat, unit) for end in ends]


def _bucket(points, stat, unit):
    points = [p for p in points if p["Unit"] == unit] if unit else points
    numbers = cw._calc_stats(points)
    return Bucket(cw._stat_value(numbers, stat, points), numbers["SampleCount"]) if numbers else Bucket(None, 0)


def _points(metric):
    key = (metric["Namespace"], metric["MetricName"], cw._dims_key(cw._dims_from_list(metric.get("Dimensions") or [])))
    stored = cw._metrics.get(key) or []
    scoped = cw._metrics._scoped(key)
    kept = known.get(scoped)
    if kept is None or kept[0] is not stored or kept[1] != len(stored):
        points = sorted(stored, key=lambda p: p["Timestamp"])
        kept = known[scoped] = (stored, len(stored), [p["Timestamp"] for p in points], points)
    return kept[2], kept[3]
