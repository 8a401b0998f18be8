"""Mute rules: their windows, and the scenarios of AWS's page.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules-behaviour.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html (examples of expressions)
"""
import json
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError

from localaws.alarms.mute_windows import Windows
from localaws.tests.harness.service_rules import res


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


def rule(expression, duration, zone="UTC", **bounds):
    return {"Name": "r", "Rule": {"Schedule": {"Expression": expression, "Duration": duration, "Timezone": zone}}, **bounds}


NIGHT = rule("cron(0 22 * * *)", "PT8H", "Europe/Berlin")


@pytest.mark.parametrize("asked, when, status", [
    (NIGHT, "2026-10-02T19:59:59", "SCHEDULED"), (NIGHT, "2026-10-02T20:00:00", "ACTIVE"), (NIGHT, "2026-10-03T03:59:59", "ACTIVE"),
    (NIGHT, "2026-10-03T04:00:00", "SCHEDULED"), (NIGHT, "2026-12-31T22:00:00", "ACTIVE"),  # in winter 23:00
    (rule("at(2026-12-24T00:00)", "P2DT12H"), "2026-12-23T23:59:59", "SCHEDULED"), (rule("at(2026-12-24T00:00)", "P2DT12H"), "2026-12-26T11:59:59", "ACTIVE"),
    (rule("at(2026-12-24T00:00)", "P2DT12H"), "2026-12-26T12:00:00", "EXPIRED"),
    (rule("cron(0 18 * * FRI)", "P2DT12H"), "2026-10-05T05:59:59", "ACTIVE"), (rule("cron(0 1 1 * *)", "PT6H"), "2026-11-01T06:59:59", "ACTIVE"),
    ({**NIGHT, "ExpireDate": "2026-10-02T21:00:00Z"}, "2026-10-02T20:59:59", "ACTIVE"),
    ({**NIGHT, "ExpireDate": "2026-10-02T21:00:00Z"}, "2026-10-02T21:00:00", "EXPIRED"),
    ({**NIGHT, "StartDate": moment("2026-10-02T21:00:00")}, "2026-10-02T20:59:59", "SCHEDULED")])
def test_windows(asked, when, status):
    assert Windows.of(asked).status(moment(when)) == status


@pytest.mark.parametrize("expression, duration, zone", [
    ("cron(0 22 * *)", "PT8H", "UTC"), ("cron(*/5 * * * *)", "PT1M", "UTC"), ("rate(1 day)", "PT8H", "UTC"), ("at(24.12.2026)", "PT8H", "UTC"),
    ("cron(0 22 * * *)", "PT30S", "UTC"), ("cron(0 22 * * *)", "P16D", "UTC"), ("cron(0 22 * * *)", "8h", "UTC"), ("cron(0 22 * * *)", "P", "UTC"),
    ("cron(0 22 * * *)", "PT8H", "Berlin")])
def test_what_is_no_mute_rule(watch, expression, duration, zone):
    with pytest.raises(ClientError, match="ValidationError"):
        watch.api.put_alarm_mute_rule(**rule(expression, duration, zone))


@pytest.fixture
def muted(watch):
    """An alarm that is OK at t0, 19:20, and rules that mute it from t1 to t5, of a minute each."""
    watch.alarm("a", TreatMissingData="ignore")
    watch.minutes(0)
    watch.api.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="t0")
    watch.pages()
    watch.mute = lambda first, last, name="r": watch.api.put_alarm_mute_rule(
        **{**rule(f"at(2026-10-02T19:{20 + first})", f"PT{last - first}M"), "Name": name}, MuteTargets={"AlarmNames": ["a"]})

    def at(minute, state=None):
        watch.aws.clock(now=f"2026-10-02T19:{20 + minute}:00Z")
        if state:
            watch.api.set_alarm_state(AlarmName="a", StateValue=state, StateReason=f"t{minute}")
    watch.at = at
    return watch


def test_actions_are_muted_while_a_rule_is_active(muted):
    """Scenario 1, with an alarm that has an action for ALARM only."""
    muted.alarm("a", TreatMissingData="ignore", OKActions=[])
    muted.mute(1, 5)
    muted.at(2, "ALARM")
    assert muted.api.get_alarm_mute_rule(AlarmMuteRuleName="r")["Status"] == "ACTIVE"
    muted.at(4, "OK")
    muted.at(6)
    assert muted.pages() == []


def test_an_action_is_done_when_the_window_has_ended(muted):
    """Scenario 2."""
    muted.mute(1, 5)
    muted.at(2, "ALARM")
    muted.at(4)
    assert (muted.state("a"), muted.pages()) == ("ALARM", [])
    muted.at(5)
    told = muted.api.describe_alarm_history(AlarmName="a", HistoryItemType="Action")["AlarmHistoryItems"][0]
    message = json.loads(json.loads(json.loads(told["HistoryData"])["publishedMessage"])["default"])
    assert (message["NewStateReason"], message["ActionExecutedAfterMuteWindow"]) == ("t2", True)
    assert muted.pages() == [("a", "ALARM")]


def test_overlapping_rules_mute_until_the_last_ends(muted):
    """Scenario 3."""
    muted.mute(1, 5, "one")
    muted.mute(3, 9, "two")
    muted.at(2, "ALARM")
    muted.at(8)
    assert muted.pages() == []
    muted.at(9)
    assert muted.pages() == [("a", "ALARM")]


def test_a_rule_that_is_deleted_mutes_no_longer(muted):
    muted.mute(1, 5)
    muted.at(2, "ALARM")
    muted.api.delete_alarm_mute_rule(AlarmMuteRuleName="r")
    assert muted.pages() == [("a", "ALARM")]
    muted.api.delete_alarm_mute_rule(AlarmMuteRuleName="r")
    assert muted.api.list_alarm_mute_rules()["AlarmMuteRuleSummaries"] == []


def test_a_rule_that_was_there_before_the_alarm_changed_mutes_each_night(muted):
    muted.api.put_alarm_mute_rule(**NIGHT, MuteTargets={"AlarmNames": ["a"]})
    muted.aws.clock(now="2026-10-03T20:30:00Z")
    muted.api.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="night")
    muted.aws.clock(now="2026-10-04T03:59:59Z")
    assert muted.pages() == []
    muted.aws.clock(advance_seconds=1)
    assert muted.pages() == [("a", "ALARM")]


def test_only_alarms_that_exist_are_muted(watch):
    with pytest.raises(ClientError, match="do not exist"):
        watch.api.put_alarm_mute_rule(**NIGHT, MuteTargets={"AlarmNames": ["nobody"]})


def test_by_a_template(muted):
    properties = {k: v for k, v in NIGHT.items() if k != "Name"}
    night = res("CloudWatch::AlarmMuteRule", MuteTargets={"AlarmNames": ["a"]}, **properties)
    assert muted.aws.create("one", {"Resources": {"Night": night}})[1] == "CREATE_COMPLETE"
    listed = muted.api.list_alarm_mute_rules(AlarmName="a")["AlarmMuteRuleSummaries"]
    assert [(r["AlarmMuteRuleArn"], r["Status"], r["MuteType"]) for r in listed] == [
        (muted.aws.resource("one", "Night")["PhysicalResourceId"], "SCHEDULED", "RECURRING")]
    assert muted.aws.delete("one") == "DELETE_COMPLETE"
    assert muted.api.list_alarm_mute_rules()["AlarmMuteRuleSummaries"] == []
