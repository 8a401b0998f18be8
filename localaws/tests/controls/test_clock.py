"""The clock that tests move, and what ends by it. No test here waits."""
import json
import urllib.error

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.tests.conftest import REGION, post

START = "2026-10-02T19:20:00Z"


def test_it_stands_still_goes_on_and_is_let_go_of(aws):
    assert aws.clock(now=START) == {"now": START, "taken": True}
    assert aws.clock(advance_seconds=90) == {"now": "2026-10-02T19:21:30Z", "taken": True}
    assert aws.clock(now="2026-10-03T00:00:00+02:00")["now"] == "2026-10-02T22:00:00Z"
    post(aws.url + "/_localaws/reset")
    assert aws.clock(advance_seconds=0)["now"] > START
    assert aws.clock(release=True)["taken"] is False


@pytest.mark.parametrize("change", [{}, {"now": "yesterday"}, {"now": "2026-10-02T19:19:59Z"}, {"advance_seconds": -1},
                                    {"advance_seconds": "1"}, {"release": False}, {"now": START, "advance_seconds": 1}])
def test_it_does_not_go_back_and_refuses_what_it_cannot_read(aws, change):
    aws.clock(now=START)
    with pytest.raises(urllib.error.HTTPError, match="400"):
        aws.clock(**change)


def test_what_is_made_bears_its_time(aws):
    aws.clock(now=START)
    arn, _ = aws.create("one", {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    stamps = {e["Timestamp"].isoformat() for e in aws.events(arn)}
    assert stamps == {START.replace("Z", "+00:00")}


# CreationPolicy and UpdatePolicy: tests/stacks/test_signals.py
def test_a_wait_condition_times_out_when_the_clock_says_so(aws):
    aws.clock(now=START)
    condition = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}, "Wait": {
        "Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "3600", "Count": 1}}}}
    arn = aws.cfn.create_stack(StackName="one", TemplateBody=json.dumps(condition))["StackId"]
    aws.clock(advance_seconds=3600)
    aws.until(lambda: aws.clock(advance_seconds=3601) and aws.status(arn) == "ROLLBACK_COMPLETE")  # again, if it began to wait later


# Credentials (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)
@pytest.mark.parametrize("service, call, code", [
    ("cloudformation", "describe_stacks", "ExpiredToken"), ("s3", "list_buckets", "ExpiredToken"),
    ("secretsmanager", "list_secrets", "ExpiredTokenException"), ("efs", "describe_file_systems", "ExpiredTokenException"),
    ("sts", "get_caller_identity", "ExpiredToken")])
def test_credentials_end(aws, service, call, code):
    aws.clock(now=START)
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = aws.client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    assume = {"RoleArn": role, "RoleSessionName": "night", "DurationSeconds": 900}
    given = aws.client("sts").assume_role(**assume)["Credentials"]
    assert given["Expiration"].isoformat() == "2026-10-02T19:35:00+00:00"
    session = boto3.client(service, endpoint_url=aws.url, region_name=REGION, aws_access_key_id=given["AccessKeyId"],
                           aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given["SessionToken"])
    getattr(session, call)()
    aws.clock(advance_seconds=901)
    aws.client("sts").assume_role(**assume)
    with pytest.raises(ClientError) as refused:
        getattr(session, call)()
    assert refused.value.response["Error"]["Code"] == code
