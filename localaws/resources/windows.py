"""Maintenance and backup windows of RDS and ElastiCache, in UTC.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html (both at least 30 minutes, no conflict)
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html (at least 60 minutes)
The texts of the refusals are our own words.
"""
import re

from .registry import Refused

DAY = 24 * 60
WEEK = 7 * DAY
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
DAILY = re.compile(f"{CLOCK}-{CLOCK}")
WEEKLY = re.compile(f"(?:{'|'.join(WEEKDAYS)}):{CLOCK}-(?:{'|'.join(WEEKDAYS)}):{CLOCK}")


def _minute(text):
    *day, hour, minute = text.split(":")
    return (WEEKDAYS.index(day[0]) * DAY if day else 0) + int(hour) * 60 + int(minute)


def read(text, form, period, least, service):
    """(start, length) in minutes, or a refusal."""
    if not form.fullmatch(text):
        raise Refused(f"Invalid window: {text}", service, 400, "InvalidParameterValue")
    start, end = (_minute(part) for part in text.split("-"))
    length = (end - start) % period
    if not least <= length < DAY:
        raise Refused(f"The window {text} must be at least {least} minutes and less than 24 hours.", service, 400,
                      "InvalidParameterValue")
    return start, length


def _overlap(first, second):
    return (second[0] - first[0]) % WEEK < first[1] or (first[0] - second[0]) % WEEK < second[1]


def check_database(props):
    backup, maintenance = props.get("PreferredBackupWindow"), props.get("PreferredMaintenanceWindow")
    daily = read(backup, DAILY, DAY, 30, "Rds") if backup else None
    weekly = read(maintenance, WEEKLY, WEEK, 30, "Rds") if maintenance else None
    if daily and weekly and any(_overlap(weekly, (daily[0] + day * DAY, daily[1])) for day in range(7)):
        raise Refused("The backup window and maintenance window must not overlap.", "Rds", 400, "InvalidParameterValue")


def check_cache(props):
    if props.get("PreferredMaintenanceWindow"):
        read(props["PreferredMaintenanceWindow"], WEEKLY, WEEK, 60, "ElastiCache")
