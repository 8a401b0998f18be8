"""The values of a metric by period, from what was put: its dimensions and its unit must fit exactly.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html (a metric is its namespace, its name
and all its dimensions; a unit in a query is a filter; percentiles)
"""
import bisect
from dataclasses import dataclass

from ministack.services import cloudwatch as cw

NOTHING = []
known = {}  # metric, with its account and region -> Ordered


@dataclass(frozen=True)
class Bucket:
    """One period: None and 0 when nothing was put."""
    value: float | None
    samples: float


class Ordered:
    """ministack's points of a metric in the order of time, and the periods that were asked for: sliding windows ask for
    the same again and again."""

    def __init__(self, stored):
        self.stored, self.length, self.buckets = stored, len(stored), {}
        self.points = sorted(stored, key=lambda p: p["Timestamp"])
        self.times = [p["Timestamp"] for p in self.points]

    def first_from(self, time):
        """The time of the first point at that time or later, or None."""
        at = bisect.bisect_left(self.times, time)
        return self.times[at] if at < self.length else None

    def bucket(self, stat, unit, start, end):
        key = (stat, unit, start, end)
        if key not in self.buckets:
            points = self.points[bisect.bisect_left(self.times, start):bisect.bisect_left(self.times, end)]
            self.buckets[key] = _bucket([p for p in points if p["Unit"] == unit] if unit else points, stat)
        return self.buckets[key]


def buckets(metric, stat, unit, period, ends):
    """The periods that end at `ends`; metric: {"Namespace", "MetricName", "Dimensions"}."""
    points = ordered(metric)
    return [points.bucket(stat, unit, end - period, end) for end in ends]


def _bucket(points, stat):
    numbers = cw._calc_stats(points)
    return Bucket(cw._stat_value(numbers, stat, points), numbers["SampleCount"]) if numbers else Bucket(None, 0)


def ordered(metric):
    key = (metric["Namespace"], metric["MetricName"], cw._dims_key(cw._dims_from_list(metric.get("Dimensions") or [])))
    stored = cw._metrics.get(key, NOTHING)
    scoped = cw._metrics._scoped(key)
    kept = known.get(scoped)
    if kept is None or kept.stored is not stored or kept.length != len(stored):
        kept = known[scoped] = Ordered(stored)
    return kept
