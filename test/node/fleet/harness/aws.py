"""The local AWS, under AWS's own names and with TLS, and the mirror of packages."""
import datetime
import os
import subprocess
import sys

import boto3

from . import processes
from .certificates import certificate
from .layout import ACCOUNT, AWS, IMAGE, REGION, REPOSITORY, RUN
from .processes import start, until

PORT = 8000
URL = f"http://127.0.0.1:{PORT}"
SERVICES = ["s3", "secretsmanager", "cloudformation", "logs", "monitoring", "autoscaling"]
NAMES = [f"{s}.{REGION}.amazonaws.com" for s in SERVICES]


def environ():
    return {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL": URL, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}


def client(service):
    return boto3.client(service, endpoint_url=URL, region_name=REGION, aws_access_key_id=ACCOUNT, aws_secret_access_key="local",
                        config=boto3.session.Config(s3={"addressing_style": "path"}))


def streams(group):
    """The names of a log group's streams."""
    pages = client("logs").get_paginator("describe_log_streams").paginate(logGroupName=group)
    return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]


def messages(group, stream):
    """Every message of a stream: page by page until the token stays the same, as GetLogEvents says its end."""
    logs, token, found = client("logs"), {}, []
    while True:
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **token)
        found += [event["message"] for event in page["events"]]
        if page["nextForwardToken"] == token.get("nextToken"):
            return found
        token = {"nextToken": page["nextForwardToken"]}


MINUTES = datetime.timedelta(minutes=15)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def up():
    """Start it; it runs in this very network, on loopback alone, with a front for the machines."""
    server = start("localaws", sys.executable, "-m", "localaws", "--port", PORT, "--until-stdin-closes", cwd=REPOSITORY,
                   stdin=subprocess.PIPE, env=environ() | {"LOCALAWS_SIMULATED_NODES": "0"})
    certificate("aws", NAMES)
    config = RUN / "aws-front.cfg"
    config.write_text(f"""
defaults
  mode http
  timeout connect 5s
  timeout client 120s
  timeout server 120s
frontend tls
  bind {AWS}:443 ssl crt {RUN}/aws.both
  # The role's credentials say in their token when they end (metadata_service.py); AWS refuses them from then on, and whoever has none.
  http-request set-var(txn.end) req.hdr(x-amz-security-token),field(2,-)
  http-request return status 403 content-type text/plain string MissingAuthenticationToken if !{{ var(txn.end) -m found }}
  http-request return status 403 content-type text/plain string ExpiredToken if {{ date,sub(txn.end) -m int ge 0 }}
  default_backend localaws
backend localaws
  server localaws 127.0.0.1:{PORT}
""")
    start("aws-front", "haproxy", "-db", "-f", config)
    mirror = RUN / "mirror"
    mirror.mkdir()
    (mirror / "mirror").symlink_to(IMAGE / "mirror")
    start("mirror", sys.executable, "-m", "http.server", "80", "--bind", AWS, "--directory", mirror)

    def answers():
        if server.poll() is not None:
            raise processes.Hopeless(f"the local AWS ended: {(RUN / 'localaws.log').read_text()[-2000:]}")
        return client("sts").get_caller_identity()["Account"] == ACCOUNT
    until("the local AWS", lambda: _quiet(answers), 60)
    processes.say("local AWS answers")


def _quiet(check):
    try:
        return check()
    except Exception as exc:
        raise RuntimeError(exc) from None
