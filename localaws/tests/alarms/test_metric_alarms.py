"""Metric alarms over the API, by a clock that the test moves."""
import json

import pytest
from botocore.exceptions import ClientError


def test_another_site_is_another_metric(watch):
    watch.alarm("a")
    watch.minutes(4, value=1)
    watch.minutes(4, value=0, site="b")
    assert watch.state("a") == "OK"


@pytest.mark.parametrize("dimensions", [[], [{"Name": "Site", "Value": "a"}, {"Name": "Zone", "Value": "1"}]], ids=["fewer", "more"])
def test_dimensions_fit_exactly(watch, dimensions):
    watch.alarm("a", Dimensions=dimensions)
    watch.minutes(4, value=0)
    assert watch.state("a") == "INSUFFICIENT_DATA"


def test_a_unit_is_a_filter(watch):
    watch.alarm("a", Unit="Count")
    watch.minutes(4, value=0, Unit="Percent")
    assert watch.state("a") == "INSUFFICIENT_DATA"
    watch.minutes(4, value=0, Unit="Count")
    assert watch.state("a") == "ALARM"


def test_silence_is_noticed_when_it_breaches(watch):
    watch.alarm("a", TreatMissingData="breaching")
    watch.minutes(6, value=1)
    watch.minutes(4)
    assert watch.state("a") == "OK"
    watch.minutes(1)
    assert watch.described("a")["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].")
    assert watch.pages() == [("a", "ALARM"), ("a", "OK"), ("a", "ALARM")], "the first: it was made before its metric was"


@pytest.mark.parametrize("missing, wanted", [("missing", "INSUFFICIENT_DATA"), ("ignore", "OK"), ("notBreaching", "OK"), ("breaching", "ALARM")])
def test_what_silence_means(watch, missing, wanted):
    watch.alarm("a", TreatMissingData=missing)
    watch.minutes(3, value=1)
    watch.minutes(10)
    assert watch.state("a") == wanted


def test_m_of_n(watch):
    watch.alarm("a", DatapointsToAlarm=2)
    watch.minutes(3, value=1)
    watch.minutes(1, value=0)
    assert watch.state("a") == "OK"
    watch.minutes(1, value=1)
    watch.minutes(1, value=0)
    said = watch.described("a")
    assert (said["StateValue"], said["StateReason"]) == ("ALARM", (
        "Threshold Crossed: 2 out of the last 3 datapoints [0.0 (02/10/26 19:25:00), 0.0 (02/10/26 19:23:00)] were less than the threshold "
        "(1.0) (minimum 2 datapoints for OK -> ALARM transition)."))
    data = json.loads(said["StateReasonData"])
    assert (data["recentDatapoints"], data["startDate"], data["statistic"]) == ([0.0, 1.0, 0.0], "2026-10-02T19:23:00.000+0000", "Maximum")


def test_evaluation_slides_with_the_minutes(watch):
    watch.alarm("a", Period=300, EvaluationPeriods=1, Statistic="Sum", ComparisonOperator="GreaterThanThreshold", Threshold=9)
    watch.minutes(3, value=0)
    watch.minutes(2, value=5)
    assert watch.state("a") == "ALARM"
    watch.minutes(3)
    assert watch.state("a") == "ALARM", "the five minutes that end now still hold both"
    watch.minutes(1)
    assert watch.state("a") == "OK"


def test_one_move_of_the_clock_evaluates_each_period(watch):
    watch.alarm("a", EvaluationPeriods=1, TreatMissingData="notBreaching")
    watch.put(0, Timestamp="2026-10-02T19:25:00Z")
    watch.aws.clock(advance_seconds=3600)
    assert watch.pages() == [("a", "OK"), ("a", "ALARM"), ("a", "OK")]


def test_a_high_resolution_alarm_is_evaluated_each_ten_seconds(watch):
    watch.alarm("a", Period=10, EvaluationPeriods=1)
    watch.put(0, StorageResolution=1)
    watch.aws.clock(advance_seconds=10)
    assert watch.state("a") == "ALARM"


@pytest.mark.parametrize("low, wanted", [("ignore", "INSUFFICIENT_DATA"), ("evaluate", "ALARM")])
def test_a_percentile_of_few_samples(watch, low, wanted):
    watch.alarm("a", ExtendedStatistic="p95", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=3,
                EvaluateLowSampleCountPercentile=low)
    watch.minutes(1, value=5)
    assert watch.state("a") == wanted


def test_a_percentile(watch):
    watch.alarm("a", ExtendedStatistic="p90", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=3)
    watch.api.put_metric_data(Namespace="Moodle", MetricData=[{"MetricName": "NodeIsWell", "Values": [1.0, 5.0], "Counts": [95, 5],
                              "Dimensions": [{"Name": "Site", "Value": "a"}]}])
    watch.aws.clock(advance_seconds=60)
    assert watch.state("a") == "OK"


@pytest.mark.parametrize("whole, page", [(False, 24), (True, 61)])
def test_a_warm_up_keeps_a_new_alarm_quiet(watch, whole, page):
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html"""
    watch.alarm("a", TreatMissingData="breaching", WarmUpConfiguration={
        "WarmUpPeriodDurationInMinutes": 60, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": whole})
    watch.minutes(20)
    assert (watch.state("a"), watch.pages()) == ("INSUFFICIENT_DATA", [])
    watch.minutes(page - 20, value=1)
    assert watch.state("a") == "OK"


def stat(name):
    return {"Id": name.lower(), "ReturnData": False, "MetricStat": {"Stat": "Sum", "Period": 60, "Metric": {
        "Namespace": "Moodle", "MetricName": name, "Dimensions": [{"Name": "Site", "Value": "a"}]}}}


SHARE = {"AlarmName": "share", "EvaluationPeriods": 2, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
         "TreatMissingData": "notBreaching", "Metrics": [stat("Requests"), stat("Errors"), {
             "Id": "share", "Expression": "IF(requests > 20, 100 * errors / requests, 0)"}]}


def test_metric_math(watch):
    watch.api.put_metric_alarm(**SHARE)
    for requests, errors, wanted in ((10, 10, "OK"), (100, 6, "OK"), (100, 6, "ALARM"), (100, 1, "OK")):
        watch.put(requests, "Requests")
        watch.put(errors, "Errors")
        watch.aws.clock(advance_seconds=60)
        assert watch.state("share") == wanted
    said = watch.described("share")
    assert said["Metrics"] == [{**m, "ReturnData": m.get("ReturnData", True)} if "MetricStat" in m else m for m in SHARE["Metrics"]]


@pytest.mark.parametrize("change, why", [
    ({"DatapointsToAlarm": 4}, "DatapointsToAlarm"),
    ({"Period": 90}, "Period must be"), ({"Period": 300, "EvaluationPeriods": 289}, "must not be more than 86400"),
    ({"Period": 86400, "EvaluationPeriods": 8}, "must not be more than 604800"), ({"Statistic": "Mean"}, "Statistic must be"),
    ({"ExtendedStatistic": "tm90"}, "localaws models"), ({"ExtendedStatistic": "p101"}, "localaws models"),
    ({"TreatMissingData": "bad"}, "TreatMissingData"), ({"ComparisonOperator": "LessThanLowerThreshold"}, "models no others"),
    ({"EvaluateLowSampleCountPercentile": "ignore"}, "ExtendedStatistic only"), ({"AlarmActions": ["arn:aws:sns:x"] * 6}, "five actions"),
    ({"Dimensions": [{"Name": "Site", "Value": "a"}] * 2}, "given twice"), ({"Metrics": SHARE["Metrics"]}, "not beside it"),
    ({"EvaluationWindow": {"SlidingWindow": {}}}, "localaws does not model EvaluationWindow")], ids=lambda v: str(v)[:40])
def test_what_a_metric_alarm_may_not_be(watch, change, why):
    with pytest.raises(ClientError, match=why) as refused:
        watch.alarm("a", **change)
    assert refused.value.response["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize("metrics, why", [
    ([{"Id": "x", "Expression": "RATE(requests)"}], "the function RATE is not modelled"), ([{"Id": "x", "Expression": "nobody + 1"}], "nobody"),
    ([{"Id": "x", "Expression": "requests"}, {"Id": "y", "Expression": "requests"}], "exactly one"), ([{"Id": "X", "Expression": "requests"}], "Id"),
    ([{"Id": "x"}], "either MetricStat or Expression"), ([stat(f"M{n}") for n in range(10)], "no more than ten")], ids=lambda v: str(v)[:40])
def test_what_metric_math_may_not_be(watch, metrics, why):
    with pytest.raises(ClientError, match=why):
        watch.api.put_metric_alarm(**{**SHARE, "Metrics": [stat("Requests"), *metrics]})


def test_a_state_that_is_set_lasts_until_the_next_evaluation(watch):
    watch.alarm("a")
    watch.minutes(3, value=1)
    watch.pages()
    watch.api.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="drill")
    assert watch.state("a") == "ALARM"
    watch.minutes(1, value=1)
    assert (watch.state("a"), watch.pages()) == ("OK", [("a", "ALARM"), ("a", "OK")])
    with pytest.raises(ClientError, match="StateValue must be one of"):
        watch.api.set_alarm_state(AlarmName="a", StateValue="BAD", StateReason="drill")


def test_its_history(watch):
    watch.alarm("a", AlarmActions=[watch.topic, "arn:aws:automate:eu-west-1:ec2:reboot"])
    watch.minutes(3, value=0)
    told = watch.api.describe_alarm_history(AlarmName="a", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [(h["HistoryItemType"], h["HistorySummary"]) for h in told] == [
        ("ConfigurationUpdate", 'Alarm "a" created'), ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("Action", f"Successfully executed action {watch.topic}")]


def test_an_update_keeps_the_state(watch):
    watch.alarm("a")
    watch.minutes(3, value=0)
    watch.alarm("a", AlarmDescription="another text")
    said = watch.described("a")
    assert (said["StateValue"], said["AlarmDescription"]) == ("ALARM", "another text")


def test_by_a_template(watch):
    math = {"Type": "AWS::CloudWatch::Alarm", "Properties": {**SHARE, "Threshold": "5", "EvaluationPeriods": "2"}}
    assert watch.aws.create("one", {"Resources": {"Share": math}})[1] == "CREATE_COMPLETE"
    said = watch.described("share")
    assert (said["Threshold"], said["EvaluationPeriods"], said["Metrics"][2]["Expression"]) == (5, 2, SHARE["Metrics"][2]["Expression"])
    wrong = {**math["Properties"], "AlarmName": "wrong", "Metrics": [{"Id": "x", "Expression": "RATE(m)"}]}
    arn, status = watch.aws.create("two", {"Resources": {"Share": {**math, "Properties": wrong}}})
    assert status == "ROLLBACK_COMPLETE"
    assert any("the function RATE is not modelled" in r for *_, r in watch.aws.statuses(arn, reasons=True))


def test_actions_of_auto_scaling_are_kept(watch):
    policy = "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1:autoScalingGroupName/g:policyName/p"
    watch.alarm("a", AlarmActions=[policy])
    watch.minutes(3, value=0)
    assert watch.described("a")["AlarmActions"] == [policy] and watch.pages() == []


def test_hours_without_data_end_with_the_warm_up(watch):
    watch.alarm("a", TreatMissingData="breaching", WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 60})
    watch.aws.clock(advance_seconds=30 * 86400)
    said = watch.described("a")
    assert (said["StateValue"], said["StateUpdatedTimestamp"].isoformat()) == ("ALARM", "2026-10-02T20:20:00+00:00")
