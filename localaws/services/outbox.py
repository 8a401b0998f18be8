"""Sends what SNS delivers, one after the other, by HTTP and by mail to addresses of this machine. Nothing leaves it.

https://docs.aws.amazon.com/sns/latest/dg/http-header.html
https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html (a user and a password in the address)
A delivery that fails is not repeated. Who moves the clock waits for what is to be sent.
"""
import base64
import ipaddress
import logging
import queue
import threading
import urllib.parse
import urllib.request

from ..controls import clock, settings

SECONDS = 5
FROM = "AWS Notifications <no-reply@sns.amazonaws.com>"
_waiting = queue.Queue()
_directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_log = logging.getLogger("localaws")


def is_loopback(host):
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def post(sub, envelope, body, is_raw=False):
    parts = urllib.parse.urlsplit(sub["endpoint"])
    if not is_loopback(parts.hostname):
        return _log.warning("SNS: %s is not on this machine, nothing is sent to it", sub["endpoint"])
    headers = {"Content-Type": "text/plain; charset=UTF-8", "User-Agent": "Amazon Simple Notification Service Agent",
               "x-amz-sns-message-type": envelope["Type"], "x-amz-sns-message-id": envelope["MessageId"],
               "x-amz-sns-topic-arn": envelope["TopicArn"]}
    if envelope["Type"] == "Notification":
        headers["x-amz-sns-subscription-arn"] = sub["arn"]
    if is_raw:
        headers["x-amz-sns-rawdelivery"] = "true"
    if parts.username is not None:
        user = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = urllib.request.Request(plain, data=body.encode(), headers=headers, method="POST")
    return _waiting.put(lambda: _directly.open(request, timeout=SECONDS).close())


def mail(address, subject, text):
    sink = settings.values["mail_sink"]
    if not sink:
        return _log.warning("SNS: no setting mail_sink, so no mail to %s", address)
    from email.message import EmailMessage  # here, so that the server starts without it
    from smtplib import SMTP
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = FROM, address, subject
    message.set_content(text)
    host, _, port = sink.rpartition(":")

    def send():
        with SMTP(host, int(port), timeout=SECONDS) as server:
            server.send_message(message)
    return _waiting.put(send)


def _work():
    while True:
        delivery = _waiting.get()
        try:
            delivery()
        except OSError as exc:  # SMTPException is one, too
            _log.warning("SNS: a delivery failed: %s", exc)
        finally:
            _waiting.task_done()


def install():
    clock.on_end(_waiting.join)
    threading.Thread(target=_work, daemon=True).start()
