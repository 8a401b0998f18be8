"""A clock that stands still, a topic, and an HTTP and a mail sink for the tests of alarms."""
import email
import email.policy
import json
import socketserver
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

START = "2026-10-02T19:20:00Z"


class HttpSink:
    """Keeps what it is sent: (headers, body); confirms subscriptions when it is told to."""

    def __init__(self):
        sink, self.got, self.confirms = self, [], True

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                sink.got.append((self.headers, body))
                self.send_response(200)
                self.end_headers()
                if self.headers["x-amz-sns-message-type"] == "SubscriptionConfirmation" and sink.confirms:
                    urllib.request.urlopen(json.loads(body)["SubscribeURL"], timeout=10).close()

            def log_message(self, *_):
                pass
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/pages"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of_type(self, kind):
        return [(headers, body) for headers, body in self.got if headers["x-amz-sns-message-type"] == kind]


class MailSink:
    """A server that speaks as much SMTP as a client needs (RFC 5321), and keeps the mails."""

    def __init__(self):
        sink, self.got = self, []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 sink\r\n")
                while line := self.rfile.readline().strip():
                    if line.upper() == b"DATA":
                        self.wfile.write(b"354 go\r\n")
                        data = b"".join(iter(self.rfile.readline, b".\r\n"))
                        sink.got.append(email.message_from_bytes(data, policy=email.policy.default))
                    self.wfile.write(b"221 bye\r\n" if line.upper() == b"QUIT" else b"250 ok\r\n")
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def http_sink():
    sink = HttpSink()
    yield sink
    sink.server.shutdown()
    sink.server.server_close()


@pytest.fixture
def mail_sink():
    sink = MailSink()
    yield sink
    sink.server.shutdown()
    sink.server.server_close()


class Watch:
    """A clock that stands still at a full minute, metrics, alarms, and a topic whose messages a queue gets."""

    def __init__(self, aws):
        aws.clock(now=START)
        self.aws, self.api, self.sns, self.sqs = aws, aws.client("cloudwatch"), aws.client("sns"), aws.client("sqs")
        self.topic = self.sns.create_topic(Name="pages")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName="pages")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def put(self, value, name="NodeIsWell", site="a", **more):
        self.api.put_metric_data(Namespace="Moodle", MetricData=[{"MetricName": name, "Value": value, "Dimensions": [
            {"Name": "Site", "Value": site}], **more}])

    def minutes(self, count, value=None, **put):
        for _ in range(count):
            if value is not None:
                self.put(value, **put)
            self.aws.clock(advance_seconds=60)

    def alarm(self, name, **more):
        self.api.put_metric_alarm(**{
            "AlarmName": name, "Namespace": "Moodle", "MetricName": "NodeIsWell", "Dimensions": [{"Name": "Site", "Value": "a"}],
            **({} if "ExtendedStatistic" in more else {"Statistic": "Maximum"}), "Period": 60, "EvaluationPeriods": 3, "Threshold": 1,
            "ComparisonOperator": "LessThanThreshold", "AlarmActions": [self.topic], "OKActions": [self.topic], **more})

    def composite(self, name, rule, **more):
        self.api.put_composite_alarm(**{"AlarmName": name, "AlarmRule": rule, "AlarmActions": [self.topic], "OKActions": [self.topic], **more})

    def described(self, name):
        said = self.api.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        return (said["MetricAlarms"] + said["CompositeAlarms"])[0]

    def state(self, name):
        return self.described(name)["StateValue"]

    def pages(self):
        """[(alarm, new state)] of the messages since the last call."""
        told = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                body = json.loads(json.loads(message["Body"])["Message"])
                told.append((body["AlarmName"], body["NewStateValue"]))
        return told


@pytest.fixture
def watch(aws):
    return Watch(aws)
