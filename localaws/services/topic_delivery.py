"""SNS delivers: to an HTTP address after it has confirmed, and by mail to the sink that the setting mail_sink names. Nothing
leaves this machine: another address than a loopback one gets nothing.

https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html, http-notification-json.html and
http-header.html there (members and headers); sns-http-https-endpoint-as-subscriber.html (the handshake)
https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html (who gets mail must confirm, too)
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html (a token is valid for two days)
The members of a signature are there, the signature is none: nobody here has Amazon's key. A delivery that fails is not
repeated. ministack confirms mail by itself, sends none, and asks no address to confirm that CloudFormation has subscribed.
"""
import base64
import json
import secrets
import urllib.parse

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import get_region, new_uuid, request_scope
from ministack.services import sns

from ..controls import clock
from ..resources.registry import extend
from .outbox import mail, post

HTTP, MAIL = ("http", "https"), ("email", "email-json")
CONFIRM_WITHIN = 2 * 86400


def _signed(members, topic):
    """The envelope with what a signature consists of."""
    name = f"SimpleNotificationService-{'0' * 32}.pem"
    return {**members, "SignatureVersion": topic["attributes"].get("SignatureVersion") or "1",
            "Signature": base64.b64encode(secrets.token_bytes(256)).decode(),
            "SigningCertURL": f"https://sns.{get_region()}.amazonaws.com/{name}"}


def _address(action, **params):
    return f"http://{sns._HOST}:{sns._PORT}/?{urllib.parse.urlencode({'Action': action, **params})}"


def _stamp():
    return clock.iso(clock.now()).replace("Z", ".000Z")


def confirmation(topic, sub):
    return _signed({
        "Type": "SubscriptionConfirmation", "MessageId": new_uuid(), "Token": sub["token"], "TopicArn": topic["arn"],
        "Message": f"You have chosen to subscribe to the topic {topic['arn']}.\nTo confirm the subscription, visit the SubscribeURL "
                   "included in this message.",
        "SubscribeURL": _address("ConfirmSubscription", TopicArn=topic["arn"], Token=sub["token"]), "Timestamp": _stamp()}, topic)


def _notification(topic, sub, message_id, message, subject, attributes):
    said = _signed({"Type": "Notification", "MessageId": message_id, "TopicArn": topic["arn"],
                    **({"Subject": subject} if subject else {}), "Message": message, "Timestamp": _stamp()}, topic)
    said["UnsubscribeURL"] = _address("Unsubscribe", SubscriptionArn=sub["arn"])
    if attributes:
        said["MessageAttributes"] = {name: {"Type": a.get("DataType", "String"), "Value": a.get("StringValue", "")} for name, a in attributes.items()}
    return said


def ask_to_confirm(topic, sub):
    envelope = confirmation(topic, sub)
    if sub["protocol"] in HTTP:
        return post(sub, envelope, json.dumps(envelope))
    return mail(sub["endpoint"], "AWS Notification - Subscription Confirmation", (
        f"You have chosen to subscribe to the topic: \n{topic['arn']}\n\nTo confirm this subscription, click or visit the link below (If this "
        f"was in error no action is necessary): \n{envelope['SubscribeURL']}\n"))


def _deliver(topic, sub, message_id, message, subject, attributes):
    envelope = _notification(topic, sub, message_id, message, subject, attributes)
    if sub["protocol"] in HTTP:
        is_raw = sub["attributes"].get("RawMessageDelivery") == "true"
        return post(sub, envelope, message if is_raw else json.dumps(envelope), is_raw)
    text = json.dumps(envelope) if sub["protocol"] == "email-json" else (
        f"{message}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n"
        f"{envelope['UnsubscribeURL']}\n")
    return mail(sub["endpoint"], subject or "AWS Notification Message", text)


def _wrap_fanout(original):
    def fanout(topic_arn, message_id, message, subject, message_structure="", message_attributes=None, **fifo):
        topic = sns._topic_by_arn_any_scope(topic_arn)
        for sub in list(topic["subscriptions"]) if topic else ():
            text = sns._resolve_message_for_protocol(message, message_structure, sub["protocol"])
            if sub.get("confirmed") and sub["protocol"] in HTTP + MAIL and sns._matches_filter_policy(sub, message_attributes or {}, text):
                _deliver(topic, sub, message_id, text, subject, message_attributes or {})
        original(topic_arn, message_id, message, subject, message_structure, message_attributes, **fifo)
    return fanout


def _pend(topic, sub):
    sub.update(confirmed=False, token=secrets.token_hex(64), _until=clock.now() + CONFIRM_WITHIN)
    sub["attributes"].update(PendingConfirmation="true", ConfirmationWasAuthenticated="false")
    sns._refresh_subscription_counts(topic)
    ask_to_confirm(topic, sub)


def _wrap_subscribe(original):
    def subscribe(params):
        before = sns._topics.get(sns._p(params, "TopicArn"), {}).get("subscriptions", [])
        known = {sub["arn"] for sub in before}
        status, headers, body = original(params)
        topic = sns._topics.get(sns._p(params, "TopicArn"))
        for sub in topic["subscriptions"] if topic and status == 200 else ():
            if sub["arn"] not in known and sub["protocol"] in HTTP + MAIL:
                _pend(topic, sub)
                if sns._p(params, "ReturnSubscriptionArn") != "true":
                    body = body.replace(sub["arn"].encode(), b"pending confirmation")
        return status, headers, body
    return subscribe


def _wrap_by_link(original, name):
    """A link in a message says by its ARN alone whose topic it is; on AWS its host says the region."""
    def by_link(params):
        try:
            meant = parse_arn(sns._p(params, name))
        except ArnParseError:
            return original(params)
        with request_scope(meant.account_id, meant.region):
            return original(params)
    return by_link


def _of_template(arn, props):
    topic = sns._topics.get(props["TopicArn"])
    sub = next((s for s in topic["subscriptions"] if s["arn"] == arn), None) if topic else None
    if sub and "token" not in sub:
        sub["attributes"].update(SubscriptionArn=arn, TopicArn=props["TopicArn"], Protocol=sub["protocol"], Endpoint=sub["endpoint"],
                                 Owner=sub["owner"])
        if sub["protocol"] in HTTP + MAIL:
            _pend(topic, sub)
        else:
            sub["token"] = None


def _unconfirmed():
    return [(topic, sub) for topic in sns._topics.all_values() for sub in topic["subscriptions"] if not sub.get("confirmed") and "_until" in sub]


def _due(after):
    return min((max(sub["_until"], after + 1) for _, sub in _unconfirmed()), default=None)


def _drop_unconfirmed(moment):
    for topic, sub in _unconfirmed():
        if sub["_until"] <= moment:
            topic["subscriptions"].remove(sub)
            sns._sub_arn_to_topic._data = {k: v for k, v in sns._sub_arn_to_topic._data.items() if k[-1] != sub["arn"]}


async def _nothing(*_):
    """ministack's own deliveries to HTTP addresses."""


def install():
    sns._fanout = _wrap_fanout(sns._fanout)
    sns._subscribe = _wrap_subscribe(sns._subscribe)
    sns._confirm_subscription = _wrap_by_link(sns._confirm_subscription, "TopicArn")
    sns._unsubscribe = _wrap_by_link(sns._unsubscribe, "SubscriptionArn")
    sns._deliver_to_http = sns._send_subscription_confirmation = _nothing
    extend("AWS::SNS::Subscription", _of_template)
    clock.plan(_due, _drop_unconfirmed)
