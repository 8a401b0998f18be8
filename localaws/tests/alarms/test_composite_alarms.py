"""Composite alarms: rules, cycles, and the suppressor of actions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html (the grammar of a rule)
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html (vectors/suppression.json)
"""
import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

SUPPRESSION = json.loads((Path(__file__).parent / "vectors" / "suppression.json").read_text())
QUIET = {"AlarmActions": [], "OKActions": []}


def say(watch, name, state):
    watch.api.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


@pytest.fixture
def two(watch):
    """a is in ALARM, b is OK; both keep that, for nothing is put."""
    for name, state in (("a", "ALARM"), ("b", "OK")):
        watch.alarm(name, TreatMissingData="ignore", **QUIET)
        say(watch, name, state)
    return watch


@pytest.mark.parametrize("rule, wanted", [
    ("ALARM(a)", "ALARM"), ("ALARM(b)", "OK"), ("OK(b)", "ALARM"), ("INSUFFICIENT_DATA(a)", "OK"), ('ALARM("a")', "ALARM"),
    ("ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a)", "ALARM"), ("NOT ALARM(b)", "ALARM"),
    ("ALARM(a) AND ALARM(b)", "OK"), ("ALARM(a) OR ALARM(b)", "ALARM"), ("ALARM(b) AND ALARM(b) OR ALARM(a)", "ALARM"),
    ("ALARM(b) AND (ALARM(b) OR ALARM(a))", "OK"), ("TRUE", "ALARM"), ("FALSE", "OK"), ("ALARM(a) AND NOT TRUE", "OK"),
    ("(ALARM(a) OR ALARM(b)) AND NOT (OK(a) OR INSUFFICIENT_DATA(b))", "ALARM")])
def test_a_rule(two, rule, wanted):
    two.composite("c", rule)
    assert two.state("c") == wanted


@pytest.mark.parametrize("rule", ["", "ALARM", "ALARM(a", "ALARM(a) ALARM(b)", "ALARM(a) XOR ALARM(b)", "alarm(a)", "AND ALARM(a)", "ALARM()"])
def test_what_is_no_rule(two, rule):
    with pytest.raises(ClientError, match="Error in AlarmRule|AlarmRule"):
        two.composite("c", rule or " ")


@pytest.mark.parametrize("more, why", [
    ({"AlarmRule": "ALARM(a) OR ALARM(nobody)"}, r"alarms \[arn:aws:cloudwatch:eu-west-1:123456789012:alarm:nobody\] in the alarm rule do not exist"),
    ({"ActionsSuppressor": "nobody", "ActionsSuppressorWaitPeriod": 1, "ActionsSuppressorExtensionPeriod": 1}, "nobody does not exist"),
    ({"ActionsSuppressor": "b"}, "needs ActionsSuppressorWaitPeriod"), ({"ActionsSuppressorWaitPeriod": 1}, "need an ActionsSuppressor"),
    ({"AlarmRule": " OR ".join(["ALARM(a)"] * 1000)}, "10240"), ({"AlarmActions": ["arn:aws:sns:eu-west-1:123456789012:t"] * 6}, "five actions"),
    ({"AlarmActions": ["arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1"]}, "cannot perform")], ids=lambda v: str(v)[:40])
def test_what_a_composite_alarm_may_not_be(two, more, why):
    with pytest.raises(ClientError, match=why):
        two.composite("c", **{"rule": more.pop("AlarmRule", "ALARM(a)"), **more})


def test_no_more_than_a_hundred_children(two):
    for number in range(101):
        two.alarm(f"m{number}", **QUIET)
    rule = " OR ".join(f"ALARM(m{number})" for number in range(101))
    with pytest.raises(ClientError, match="no more than 100 alarms"):
        two.composite("c", rule)


def test_a_child_is_not_deleted_while_it_is_needed(two):
    two.composite("c", "ALARM(a)")
    with pytest.raises(ClientError, match="Cannot delete a as there are composite alarm"):
        two.api.delete_alarms(AlarmNames=["a"])


def test_a_cycle_stops_and_is_broken_by_false(two):
    two.composite("c", "ALARM(a)")
    two.composite("d", "ALARM(c)")
    two.composite("c", "ALARM(d) OR ALARM(a)")
    say(two, "a", "OK")
    for name in "cd":
        with pytest.raises(ClientError, match="Cannot delete"):
            two.api.delete_alarms(AlarmNames=[name])
    two.composite("c", "FALSE")
    two.api.delete_alarms(AlarmNames=["d"])
    two.api.delete_alarms(AlarmNames=["c"])


def test_a_state_that_is_set_lasts_until_a_child_changes(two):
    two.composite("c", "ALARM(b)")
    say(two, "c", "ALARM")
    two.minutes(5)
    assert two.state("c") == "ALARM"
    say(two, "a", "OK")
    assert two.state("c") == "ALARM", "a is none of its children"
    say(two, "b", "INSUFFICIENT_DATA")
    assert two.state("c") == "OK"


MINUTE = 60


@pytest.mark.parametrize("example", SUPPRESSION["examples"], ids=lambda e: e["name"])
def test_published_suppression_over_the_api(watch, example):
    """A unit of the examples is a minute; the children say nothing of their own."""
    for name in ("child", "suppressor"):
        watch.alarm(name, TreatMissingData="ignore", **QUIET)
        say(watch, name, "OK")
    say(watch, "suppressor", example.get("suppressor", "OK"))
    watch.composite("c", "ALARM(child)")
    watch.pages()
    watch.composite("c", "ALARM(child)", ActionsSuppressor="suppressor", ActionsSuppressorWaitPeriod=SUPPRESSION["wait"] * MINUTE,
                    ActionsSuppressorExtensionPeriod=SUPPRESSION["extension"] * MINUTE)
    done = []
    for now in range(20):
        done += [[now, state] for _, state in watch.pages()]
        for when, who, state in example["changes"]:
            if when == now:
                say(watch, "child" if who == "composite" else who, state)
        watch.aws.clock(advance_seconds=MINUTE)
    assert done == example["actions"]


def test_it_says_what_suppresses_it(two):
    two.composite("c", "ALARM(b)", ActionsSuppressor="a", ActionsSuppressorWaitPeriod=60, ActionsSuppressorExtensionPeriod=60)
    two.pages()
    say(two, "b", "ALARM")
    assert two.described("c")["ActionsSuppressedBy"] == "Alarm"
    say(two, "a", "OK")
    assert two.described("c")["ActionsSuppressedBy"] == "ExtensionPeriod"
    two.aws.clock(advance_seconds=59)
    assert two.pages() == []
    two.aws.clock(advance_seconds=1)
    assert two.pages() == [("c", "ALARM")] and "ActionsSuppressedBy" not in two.described("c")


def test_the_greater_page_hides_the_smaller(watch):
    watch.alarm("down", **QUIET)
    watch.alarm("ill", Statistic="Minimum", EvaluationPeriods=1, **QUIET)
    watch.minutes(4, value=1)
    watch.composite("site-down", "ALARM(down)")
    watch.composite("site-ill", "ALARM(ill)", ActionsSuppressor="site-down", ActionsSuppressorWaitPeriod=180, ActionsSuppressorExtensionPeriod=600)
    watch.minutes(4, value=1)
    watch.pages()
    watch.minutes(10, value=0)
    assert (watch.state("site-down"), watch.state("site-ill")) == ("ALARM", "ALARM")
    assert watch.pages() == [("site-down", "ALARM")]


def test_by_a_template(two):
    site = {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {
        "AlarmName": "c", "AlarmRule": "ALARM(b)", "ActionsSuppressor": "a", "ActionsSuppressorWaitPeriod": "60",
        "ActionsSuppressorExtensionPeriod": 120}}
    assert two.aws.create("one", {"Resources": {"Site": site}})[1] == "CREATE_COMPLETE"
    said = two.described("c")
    assert (said["ActionsSuppressor"], said["ActionsSuppressorWaitPeriod"], said["ActionsSuppressorExtensionPeriod"]) == ("a", 60, 120)
    wrong = {**site, "Properties": {**site["Properties"], "AlarmRule": "ALARM(nobody)"}}
    assert two.aws.update("one", {"Resources": {"Site": wrong}}) == "UPDATE_ROLLBACK_COMPLETE"
    assert two.described("c")["AlarmRule"] == "ALARM(b)"
    assert two.aws.delete("one") == "DELETE_COMPLETE"
