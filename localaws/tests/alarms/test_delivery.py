"""What an alarm's action delivers: to a real HTTP server, and by SMTP to a real mail server; and what it can't."""
import json

import pytest
from botocore.exceptions import ClientError

from localaws.tests.alarms.test_metric_alarms import SHARE
from localaws.tests.harness.service_rules import att, ref, res


def arn(name):
    return f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{name}"


def test_an_http_address_confirms_and_is_told(watch, http_sink):
    """https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html, http-notification-json.html"""
    subscribed = watch.sns.subscribe(TopicArn=watch.topic, Protocol="http", Endpoint=http_sink.address)["SubscriptionArn"]
    assert subscribed == "pending confirmation"
    watch.aws.clock(advance_seconds=0)
    (headers, body), = http_sink.of_type("SubscriptionConfirmation")
    assert set(json.loads(body)) == {"Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp", "SignatureVersion",
                                     "Signature", "SigningCertURL"}
    watch.alarm("a", AlarmDescription="No node answers.", DatapointsToAlarm=3)
    watch.minutes(3, value=0)
    (headers, body), = http_sink.of_type("Notification")
    said = json.loads(body)
    listed = {s["Protocol"]: s["SubscriptionArn"] for s in watch.sns.list_subscriptions_by_topic(TopicArn=watch.topic)["Subscriptions"]}
    assert headers["x-amz-sns-subscription-arn"] == listed["http"] and headers["x-amz-sns-topic-arn"] == watch.topic
    assert headers["Content-Type"] == "text/plain; charset=UTF-8" and headers["x-amz-sns-message-id"] == said["MessageId"]
    assert set(said) == {"Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL",
                         "UnsubscribeURL"}
    assert (said["Subject"], said["Timestamp"]) == ('ALARM: "a" in EU (Ireland)', "2026-10-02T19:23:00.000Z")
    reason = ("Threshold Crossed: 3 out of the last 3 datapoints [0.0 (02/10/26 19:22:00), 0.0 (02/10/26 19:21:00), 0.0 (02/10/26 19:20:00)] "
              "were less than the threshold (1.0) (minimum 3 datapoints for OK -> ALARM transition).")
    assert json.loads(said["Message"]) == {
        "AlarmName": "a", "AlarmDescription": "No node answers.", "AWSAccountId": "123456789012",
        "AlarmConfigurationUpdatedTimestamp": "2026-10-02T19:20:00.000+0000", "NewStateValue": "ALARM", "NewStateReason": reason,
        "StateChangeTime": "2026-10-02T19:23:00.000+0000", "Region": "EU (Ireland)", "AlarmArn": arn("a"), "OldStateValue": "INSUFFICIENT_DATA",
        "ActionExecutedAfterMuteWindow": False, "OKActions": [watch.topic], "AlarmActions": [watch.topic], "InsufficientDataActions": [],
        "Trigger": {"MetricName": "NodeIsWell", "Namespace": "Moodle", "StatisticType": "Statistic", "Statistic": "MAXIMUM", "Unit": None,
                    "Dimensions": [{"value": "a", "name": "Site"}], "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 3,
                    "ComparisonOperator": "LessThanThreshold", "Threshold": 1.0, "TreatMissingData": "missing",
                    "EvaluateLowSampleCountPercentile": ""}}


def test_a_composite_alarm_s_message(watch, http_sink):
    watch.sns.subscribe(TopicArn=watch.topic, Protocol="http", Endpoint=http_sink.address)
    watch.alarm("a", AlarmActions=[], OKActions=[])
    watch.minutes(4, value=1)
    watch.composite("c", "ALARM(a)", OKActions=[])
    watch.minutes(3, value=0)
    said = json.loads(json.loads(http_sink.of_type("Notification")[-1][1])["Message"])
    assert (said["AlarmRule"], "Trigger" in said, said["OldStateValue"]) == ("ALARM(a)", False, "OK")
    assert said["NewStateReason"] == f"{arn('a')} transitioned to ALARM at Friday 02 October, 2026 19:27:00 UTC"
    assert said["TriggeringChildren"] == [{"Arn": arn("a"), "State": {"Value": "ALARM", "Timestamp": "2026-10-02T19:27:00.000+0000"}}]


def test_an_address_that_does_not_confirm_is_told_nothing(watch, http_sink):
    http_sink.confirms = False
    watch.sns.subscribe(TopicArn=watch.topic, Protocol="http", Endpoint=http_sink.address)
    watch.alarm("a")
    watch.minutes(3, value=0)
    assert [h["x-amz-sns-message-type"] for h, _ in http_sink.got] == ["SubscriptionConfirmation"]
    token = json.loads(http_sink.got[0][1])["Token"]
    watch.aws.clock(advance_seconds=2 * 86400)
    with pytest.raises(ClientError, match="Invalid token"):
        watch.sns.confirm_subscription(TopicArn=watch.topic, Token=token)


def test_an_address_that_is_elsewhere_is_told_nothing(watch):
    watch.sns.subscribe(TopicArn=watch.topic, Protocol="https", Endpoint="https://192.0.2.1/pages")
    watch.alarm("a")
    watch.minutes(3, value=0)
    assert watch.pages() == [("a", "ALARM")], "the others are"


def test_who_gets_mail_confirms_and_is_told(watch, mail_sink):
    """https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html"""
    watch.aws.settings(mail_sink=mail_sink.address)
    asked = watch.sns.subscribe(TopicArn=watch.topic, Protocol="email", Endpoint="admin@school.example")["SubscriptionArn"]
    watch.sns.publish(TopicArn=watch.topic, Message="too early")
    watch.aws.clock(advance_seconds=0)
    first, = mail_sink.got
    assert asked == "pending confirmation" and first["Subject"] == "AWS Notification - Subscription Confirmation"
    watch.sns.confirm_subscription(TopicArn=watch.topic, Token=first.get_content().split("Token=")[1].split()[0])
    watch.alarm("a", AlarmDescription="No node answers.")
    watch.minutes(3, value=0)
    page = mail_sink.got[-1]
    assert (page["To"], page["From"], page["Subject"]) == (
        "admin@school.example", "AWS Notifications <no-reply@sns.amazonaws.com>", 'ALARM: "a" in EU (Ireland)')
    text = page.get_content()
    assert 'Amazon CloudWatch Alarm "a" in the EU (Ireland) region has entered the ALARM state, because "Threshold Crossed: 3 datapoints' in text
    for line in ("- Description:                No node answers.", "- State Change:               INSUFFICIENT_DATA -> ALARM",
                 "- The alarm is in the ALARM state when the metric is LessThanThreshold 1.0 for at least 3 of the last 3 period(s).",
                 "- Dimensions:                          [Site = a]", f"- ALARM: [{watch.topic}]"):
        assert line in text.splitlines()


def test_mails_of_metric_math_and_of_composite_alarms(watch, mail_sink):
    watch.aws.settings(mail_sink=mail_sink.address)
    watch.sns.subscribe(TopicArn=watch.topic, Protocol="email", Endpoint="admin@school.example")
    watch.aws.clock(advance_seconds=0)
    watch.sns.confirm_subscription(TopicArn=watch.topic, Token=mail_sink.got[0].get_content().split("Token=")[1].split()[0])
    watch.api.put_metric_alarm(**SHARE, OKActions=[watch.topic])
    watch.composite("c", "ALARM(share)", AlarmActions=[])
    watch.aws.clock(advance_seconds=0)
    math, composite = (m.get_content() for m in mail_sink.got[1:])
    assert "- share: IF(requests > 20, 100 * errors / requests, 0)" in math
    assert "region has transitioned to OK state on Friday 02 October, 2026 19:20:00 UTC, because" in composite
    assert "- Alarm Rule:                 ALARM(share)" in composite


@pytest.mark.parametrize("address", ["192.0.2.1:25", "mail.example.org:25", "127.0.0.1", 25])
def test_a_mail_sink_is_on_this_machine(watch, address):
    with pytest.raises(Exception, match="400"):
        watch.aws.settings(mail_sink=address)


def test_a_subscription_of_a_template_is_asked_to_confirm(watch, http_sink):
    topic = {"Topic": res("SNS::Topic"), "Hook": res("SNS::Subscription", TopicArn=ref("Topic"), Protocol="http", Endpoint=http_sink.address)}
    assert watch.aws.create("one", {"Resources": topic})[1] == "CREATE_COMPLETE"
    watch.aws.clock(advance_seconds=0)
    made = watch.aws.resource("one", "Topic")["PhysicalResourceId"]
    assert watch.sns.get_topic_attributes(TopicArn=made)["Attributes"]["SubscriptionsConfirmed"] == "1"
    watch.sns.publish(TopicArn=made, Message="hello", Subject="hi")
    watch.aws.clock(advance_seconds=0)
    assert json.loads(http_sink.of_type("Notification")[0][1])["Message"] == "hello"


CLOUDWATCH = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Resource": "*"}
OWNER = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
HERE = {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}
USES_KEY = {**CLOUDWATCH, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]}


def encrypted(*statements):
    policy = {"Version": "2012-10-17", "Statement": [OWNER, *statements]}
    return {"Key": res("KMS::Key", KeyPolicy=policy), "Topic": res("SNS::Topic", KmsMasterKeyId=att("Key", "Arn"))}


def with_policy(*statements):
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Topic": res("SNS::Topic"), "Policy": res("SNS::TopicPolicy", Topics=[ref("Topic")], PolicyDocument=policy)}


AWS_KEY = {"Topic": res("SNS::Topic", KmsMasterKeyId="alias/aws/sns")}
PUBLISHES = {**CLOUDWATCH, "Action": "sns:Publish"}


@pytest.mark.parametrize("resources, refusal", [
    (encrypted(USES_KEY), None), (encrypted({**USES_KEY, **HERE}), None),
    (encrypted(), "authorization to access the SNS topic encryption key"), (encrypted({**USES_KEY, "Action": "kms:Decrypt"}), "encryption key"),
    (AWS_KEY, "encryption key"), (with_policy({**PUBLISHES, **HERE}), None),
    (with_policy({**PUBLISHES, "Principal": {"Service": "events.amazonaws.com"}}), "is not authorized to perform: SNS:Publish")],
    ids=["key", "key of this account", "no key", "half a key", "AWS's key", "policy", "another service's policy"])
def test_a_topic_that_cloudwatch_may_not_use(watch, resources, refusal):
    assert watch.aws.create("one", {"Resources": resources})[1] == "CREATE_COMPLETE"
    topic = watch.aws.resource("one", "Topic")["PhysicalResourceId"]
    watch.alarm("a", AlarmActions=[topic])
    watch.minutes(3, value=0)
    told = watch.api.describe_alarm_history(AlarmName="a", HistoryItemType="Action")["AlarmHistoryItems"][0]["HistorySummary"]
    wanted = f"Failed to execute action {topic}" if refusal else f"Successfully executed action {topic}"
    assert told.startswith(wanted) and (refusal or "") in told
