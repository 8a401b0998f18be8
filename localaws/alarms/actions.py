"""Does the actions of an alarm that has changed: publishes to topics, and writes in the alarm's history whether it could.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html (the key of an encrypted topic must let the service in:
kms:GenerateDataKey* and kms:Decrypt; alias/aws/sns never does)
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html (the topic's policy)
Texts as in public logs (AWS re:Post, "CloudWatch alarm not sending SNS notifications", and a deployment's record of 2026).
Actions of other services (policies of Auto Scaling, EC2) are kept and shown, and not done.
"""
import json

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import get_account_id, new_uuid
from ministack.services import cloudwatch as cw
from ministack.services import kms, sns

from ..controls import clock
from ..resources.policy_evaluation import Request, Service, Undecided, Verdict, decide
from . import history, messages

FIELDS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
CLOUDWATCH = Service("cloudwatch.amazonaws.com")


def do(alarm, old, new, reason, after_mute=False):
    """Does the actions for the new state. after_mute: they were muted until now (mute_rules.py)."""
    if alarm.get("ActionsEnabled", True):
        for target in alarm.get(FIELDS[new]) or []:
            if cw._is_sns_action_arn(target):
                _notify(alarm, target, old, new, reason, after_mute)


def _notify(alarm, topic_arn, old, new, reason, after_mute):
    now = clock.now()
    said = messages.notification(alarm, old, new, reason, now, after_mute)
    by_protocol = {"default": json.dumps(said), "sms": messages.subject(alarm, new), "email": messages.mail(alarm, old, new, reason, now)}
    refusal = _refusal(alarm, topic_arn)
    data = {"actionState": "Failed" if refusal else "Succeeded", "stateUpdateTimestamp": int(now * 1000), "notificationResource": topic_arn,
            "publishedMessage": json.dumps(by_protocol)}
    if refusal:
        return history.add(alarm, "Action", f'Failed to execute action {topic_arn}. Received error: "{refusal}"', {**data, "error": refusal})
    sns._fanout(topic_arn, new_uuid(), json.dumps(by_protocol), messages.subject(alarm, new), "json")
    return history.add(alarm, "Action", f"Successfully executed action {topic_arn}", data)


def _refusal(alarm, topic_arn):
    """Returns why CloudWatch may not publish to the topic, or None."""
    topic = sns._topics.get(topic_arn)
    if topic is None:
        return "Topic does not exist"
    try:
        if not _allowed(topic["attributes"].get("Policy"), "sns:Publish", topic_arn, alarm):
            return f"Resource: {alarm['AlarmArn']} is not authorized to perform: SNS:Publish on resource: {topic_arn}"
        if topic["attributes"].get("KmsMasterKeyId") and not _may_use_key(topic["attributes"]["KmsMasterKeyId"], alarm):
            return "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
    except Undecided as exc:
        return str(exc)
    return None


def _may_use_key(named, alarm):
    key = kms._resolve_key(named)
    return key is not None and all(_allowed(key.get("Policy"), action, _key_arn(key), alarm) for action in ("kms:GenerateDataKey", "kms:Decrypt"))


def _key_arn(key):
    return key.get("Arn") or key["KeyId"]


def _allowed(policy, action, resource, alarm):
    account = get_account_id()
    try:
        owner = parse_arn(resource).account_id
    except ArnParseError:
        owner = account
    context = {"aws:sourceaccount": (account,), "aws:sourceowner": (owner,), "aws:sourcearn": (alarm["AlarmArn"],)}
    document = json.loads(policy) if isinstance(policy, str) and policy else policy or {}
    return decide(document, Request(action, resource, CLOUDWATCH, context)) == Verdict.ALLOW
