"""The next moment of a cron expression of five fields (minute, hour, day of month, month, day of week), in a time zone.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/scheduled-scaling-advanced-options.html (scheduled actions)
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html (mute rules of alarms)
The fields are crontab's: when both the day of the month and the day of the week are given, either of them suffices
(https://man7.org/linux/man-pages/man5/crontab.5.html). A local time that a change of the clocks leaves out does not
occur.
"""
import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

MONTHS = {name: number for number, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
DAYS = {name: number for number, name in enumerate("SUN MON TUE WED THU FRI SAT".split())}
FIELDS = ((0, 59, {}), (0, 23, {}), (1, 31, {}), (1, 12, MONTHS), (0, 7, DAYS))
PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?$")
FARTHEST = 366 * 8  # days: 29 February, also across 2100


def zone(name):
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # here, so that the server starts without it
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name} is no time zone") from None


def _values(text, low, high, names):
    values = set()
    for part in text.upper().split(","):
        match = PART.match(part)
        if not match:
            raise ValueError(f"{text} is no field of a cron expression")
        first, last, step = match.groups()
        if first == "*":
            start, end = low, high
        else:
            start, end = (names[x] if x in names else int(x) for x in (first, last or first))
            end = high if step and not last else end
        if not low <= start <= end <= high:
            raise ValueError(f"{text} is out of the field's range, {low} to {high}")
        values.update(range(start, end + 1, int(step or 1)))
    return values


@lru_cache(maxsize=1000)
def parse(expression):
    """Returns the allowed values of the five fields, and whether days of the month and of the week are restricted."""
    texts = expression.split()
    if len(texts) != 5:
        raise ValueError(f"{expression} has {len(texts)} fields, not five")
    fields = [_values(text, *field) for text, field in zip(texts, FIELDS)]
    fields[4] = {day % 7 for day in fields[4]}
    return fields, texts[2] != "*", texts[4] != "*"


def _is_day(parsed, day):
    fields, by_month, by_week = parsed
    of_month, of_week = day.day in fields[2], (day.weekday() + 1) % 7 in fields[4]
    return day.month in fields[3] and (of_month or of_week if by_month and by_week else of_month and of_week)


@lru_cache(maxsize=10000)
def _on(expression, zone_name, ordinal):
    """The moments of a day, in epoch seconds."""
    parsed, day, where = parse(expression), date.fromordinal(ordinal), zone(zone_name)
    if not _is_day(parsed, day):
        return ()
    found = []
    for hour in parsed[0][1]:
        for minute in parsed[0][0]:
            local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=where)
            if local.astimezone(timezone.utc).astimezone(where).replace(tzinfo=None) == local.replace(tzinfo=None):
                found.append(local.timestamp())
    return tuple(sorted(found))


def next_after(expression, zone_name, after):
    """Returns the first moment later than `after`, in epoch seconds; None when there is none."""
    today = datetime.fromtimestamp(after, zone(zone_name)).date()
    for days in range(FARTHEST):
        day = today + timedelta(days=days)
        for moment in _on(expression, zone_name, day.toordinal()):
            if moment > after:
                return moment
    return None
