"""When a mute rule is active: its schedule, its duration and its bounds, without a store.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html: cron(…) of five fields with *, - and , or
at(yyyy-MM-ddThh:mm); a duration from PT1M to P15D; a time zone
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetAlarmMuteRule.html (its status)
"""
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..controls import clock
from ..services import cron

DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$")
EXPRESSION = re.compile(r"(cron|at)\((.*)\)$")
MINUTE, DAY = 60, 86400


class Status(StrEnum):
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"


def seconds(duration):
    match = DURATION.match(duration)
    if not match or not any(match.groups()):
        raise ValueError(f"Duration {duration} is no ISO 8601 duration of days, hours and minutes")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    length = days * DAY + hours * 60 * MINUTE + minutes * MINUTE
    if not MINUTE <= length <= 15 * DAY:
        raise ValueError(f"Duration {duration} is not from PT1M to P15D")
    return length


@dataclass(frozen=True)
class Windows:
    """What a rule mutes; a window begins inclusively and ends exclusively."""
    cron: str | None  # or
    once: float | None  # the beginning of the only window
    zone: str
    length: int
    start: float | None
    expire: float | None

    @classmethod
    def of(cls, rule):
        """Reads PutAlarmMuteRule's parameters; raises ValueError."""
        schedule = rule["Rule"]["Schedule"]
        zone = schedule.get("Timezone") or "UTC"
        match = EXPRESSION.match(schedule["Expression"])
        if not match or match[1] == "cron" and "/" in match[2]:
            raise ValueError(f"Expression {schedule['Expression']} is neither cron(…) of five fields nor at(yyyy-MM-ddThh:mm)")
        bounds = [clock.moment(rule[at]) if rule.get(at) is not None else None for at in ("StartDate", "ExpireDate")]
        once = datetime.fromisoformat(match[2]).replace(tzinfo=cron.zone(zone)).timestamp() if match[1] == "at" else None
        if once is None:
            cron.next_after(match[2], zone, 0)
        return cls(match[2] if once is None else None, once, zone, seconds(schedule["Duration"]), *bounds)

    def _begin(self, now):
        """The beginning of the first window that ends after `now`, or None."""
        if self.cron:
            return cron.next_after(self.cron, self.zone, now - self.length)
        return self.once if self.once + self.length > now else None

    def status(self, now):
        begin = self._begin(now)
        if begin is None or self.expire is not None and now >= self.expire:
            return Status.EXPIRED
        return Status.ACTIVE if begin <= now and (self.start is None or now >= self.start) else Status.SCHEDULED

    def next_end(self, after):
        """When the window ends that is open, or the next one."""
        begin = self._begin(after)
        ends = [self.expire, None if begin is None else begin + self.length]
        return min((end for end in ends if end is not None and end > after), default=None)
