"""Scheduled actions by the clock, and the cron expressions that they and mute rules use."""
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError

from localaws.services import cron
from localaws.tests.resources.test_scaling_and_flow_logs import action, fleet
from localaws.tests.harness.service_rules import made, refused


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize("expression, zone, after, wanted", [
    ("0 22 * * *", "Europe/Berlin", "2026-10-02T19:59", "2026-10-02T20:00"),
    ("0 22 * * *", "Europe/Berlin", "2026-10-02T20:00", "2026-10-03T20:00"),
    ("0 22 * * *", "Europe/Berlin", "2026-12-31T12:00", "2026-12-31T21:00"),      # winter
    ("0 22 * * *", "", "2026-10-02T19:59", "2026-10-02T22:00"),
    ("45 6 1-5 2 *", "Europe/Berlin", "2026-10-02T00:00", "2027-02-01T05:45"),
    ("30 6 * * MON-FRI", "", "2026-10-02T07:00", "2026-10-05T06:30"),              # from Friday to Monday
    ("0 0 13 * 5", "", "2026-10-02T00:00", "2026-10-09T00:00"),                    # the 13th or any Friday
    ("*/20 8,9 * * 0", "", "2026-10-04T08:40", "2026-10-04T09:00"),
    ("0 12 29 FEB *", "", "2026-10-02T00:00", "2028-02-29T12:00"),
    ("0 0 * * 7", "", "2026-10-02T00:00", "2026-10-04T00:00"),
    ("30 2 * * *", "Europe/Berlin", "2027-03-27T12:00", "2027-03-29T00:30"),       # 28 March has no 02:30
    ("0 0 31 2 *", "", "2026-10-02T00:00", None)])
def test_cron(expression, zone, after, wanted):
    assert cron.next_after(expression, zone, moment(after)) == (moment(wanted) if wanted else None)


@pytest.mark.parametrize("expression", ["0 22 * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 8", "5-1 * * * *",
                                        "x * * * *", "0 0 * * MON#1", "@daily"])
def test_what_is_no_cron_expression(expression):
    with pytest.raises(ValueError):
        cron.next_after(expression, "", 0)


def sizes(aws):
    group = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    return group["MinSize"], group["MaxSize"], group["DesiredCapacity"], len(group["Instances"])


def test_a_night_and_a_morning(aws):
    aws.clock(now="2026-10-02T12:00:00Z")
    night = action("0 22 * * *", MaxSize=2, TimeZone="Europe/Berlin")
    morning = action("30 6 * * *", ["Night"], MaxSize=8, TimeZone="Europe/Berlin")
    morning["Properties"]["MinSize"] = 3
    made(aws, {**fleet(), "Night": night, "Morning": morning})
    assert sizes(aws) == (1, 2, 1, 1)
    aws.clock(now="2026-10-03T04:29:59Z")
    assert sizes(aws) == (1, 2, 1, 1)
    aws.clock(advance_seconds=1)
    assert sizes(aws) == (3, 8, 3, 3)
    aws.clock(now="2026-10-03T21:00:00Z")
    assert sizes(aws) == (1, 2, 2, 2), "the desired capacity comes down to the maximum, not to the minimum"


def test_an_action_that_is_done_once_is_gone(aws):
    aws.clock(now="2026-10-02T12:00:00Z")
    made(aws, {**fleet(), "Exam": action(None, StartTime="2026-10-05T05:45:00Z", MaxSize=4, DesiredCapacity=4)})
    listed = aws.client("autoscaling").describe_scheduled_actions
    assert len(listed()["ScheduledUpdateGroupActions"]) == 1
    aws.clock(now="2026-10-05T05:45:00Z")
    assert sizes(aws) == (1, 4, 4, 4) and listed()["ScheduledUpdateGroupActions"] == []


def test_a_start_in_the_past_is_refused(aws):
    aws.clock(now="2026-10-02T12:00:00Z")
    past = {"Exam": action(None, StartTime="2026-10-02T12:00:00Z")}
    said = "Given start time is in the past (Service: AutoScaling, Status Code: 400, Error Code: ValidationError)"
    assert said in refused(aws, {**fleet(), **past}, "Exam")
    with pytest.raises(ClientError, match="Given start time is in the past"):
        aws.client("autoscaling").put_scheduled_update_group_action(
            AutoScalingGroupName="any", ScheduledActionName="any", StartTime="2026-10-02T11:59:59Z", MinSize=1)


def test_an_action_from_before_is_not_put_again(aws):
    """The moment has passed since: a stack that leaves the action as it is can still be changed, the action can't."""
    aws.clock(now="2026-10-02T12:00:00Z")
    site = {**fleet(), "Exam": action(None, StartTime="2026-10-05T05:45:00Z")}
    made(aws, site)
    aws.clock(now="2026-10-06T00:00:00Z")
    assert aws.update("one", {"Resources": {**site, **fleet(DefaultInstanceWarmup=60)}}) == "UPDATE_COMPLETE"
    changed = {**site, "Exam": action(None, StartTime="2026-10-05T05:45:00Z", MaxSize=3)}
    assert aws.update("one", {"Resources": changed}) == "UPDATE_ROLLBACK_COMPLETE"
