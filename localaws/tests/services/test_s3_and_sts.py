"""What a deployer needs beside CloudFormation: its bucket, as S3 keeps it, and who it is."""
import base64
import hashlib
import json

import boto3
import pytest
from botocore.exceptions import ClientError

BUCKET = "school-artifacts-123456789012-eu-west-1"
OWNER = {"ExpectedBucketOwner": "123456789012"}
BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
TLS_ONLY = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{BUCKET}/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
RULE = {"ID": "unfinished", "Status": "Enabled", "Filter": {"Prefix": "x/"},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]}


@pytest.fixture
def s3(aws):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return s3


def refusal(call, **asked):
    with pytest.raises(ClientError) as refused:
        call(**asked)
    return refused.value.response["Error"]["Code"]


def test_the_bucket_keeps_its_settings(s3):
    asked = {"Bucket": BUCKET, **OWNER}
    s3.put_public_access_block(PublicAccessBlockConfiguration=BLOCKED, **asked)
    s3.put_bucket_encryption(ServerSideEncryptionConfiguration=ENCRYPTED, **asked)
    s3.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"}, **asked)
    s3.put_bucket_ownership_controls(OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, **asked)
    s3.put_bucket_lifecycle_configuration(LifecycleConfiguration={"Rules": [RULE]}, **asked)
    s3.put_bucket_policy(Policy=json.dumps(TLS_ONLY), **asked)
    s3.put_bucket_tagging(Tagging={"TagSet": [{"Key": "site", "Value": "school"}]}, **asked)
    assert s3.get_public_access_block(**asked)["PublicAccessBlockConfiguration"] == BLOCKED
    assert s3.get_bucket_encryption(**asked)["ServerSideEncryptionConfiguration"] == ENCRYPTED
    assert s3.get_bucket_versioning(**asked)["Status"] == "Enabled"
    assert s3.get_bucket_ownership_controls(**asked)["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_lifecycle_configuration(**asked)["Rules"] == [RULE]
    assert json.loads(s3.get_bucket_policy(**asked)["Policy"]) == TLS_ONLY
    assert s3.get_bucket_tagging(**asked)["TagSet"] == [{"Key": "site", "Value": "school"}]
    assert s3.head_bucket(**asked)["BucketRegion"] == "eu-west-1"


def test_an_object_by_its_content(s3):
    body, key = b"Resources: {}\n", "templates/x.yaml"
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    asked = {"Bucket": BUCKET, "Key": key, **OWNER}
    assert refusal(s3.head_object, **asked) == "404"
    assert refusal(s3.put_object, Body=body + b"#", ChecksumSHA256=digest, **asked) == "BadDigest"
    s3.put_object(Body=body, ChecksumSHA256=digest, IfNoneMatch="*", **asked)
    assert s3.head_object(ChecksumMode="ENABLED", **asked)["ChecksumSHA256"] == digest
    assert refusal(s3.put_object, Body=body, ChecksumSHA256=digest, IfNoneMatch="*", **asked) == "PreconditionFailed"
    assert s3.get_object(**asked)["Body"].read() == body
    assert refusal(s3.delete_bucket, Bucket=BUCKET) == "BucketNotEmpty"


@pytest.mark.parametrize("call,asked,code", [
    ("head_bucket", {}, "403"), ("put_object", {"Key": "a", "Body": b""}, "AccessDenied"), ("head_object", {"Key": "a"}, "403"),
    ("get_object", {"Key": "a"}, "AccessDenied"), ("put_bucket_policy", {"Policy": "{}"}, "AccessDenied"),
    ("put_public_access_block", {"PublicAccessBlockConfiguration": BLOCKED}, "AccessDenied"),
    ("list_objects_v2", {}, "AccessDenied")])
def test_a_bucket_of_another_owner_than_expected_is_refused(s3, call, asked, code):
    assert refusal(getattr(s3, call), Bucket=BUCKET, ExpectedBucketOwner="999999999999", **asked) == code


def test_a_bucket_of_another_account(aws, s3):
    other = boto3.client("s3", endpoint_url=aws.url, region_name="eu-west-1", aws_access_key_id="999999999999",
                         aws_secret_access_key="x")
    assert refusal(other.head_bucket, Bucket=BUCKET) == "403"
    assert refusal(other.create_bucket, Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}) == \
        "BucketAlreadyExists"


@pytest.mark.parametrize("call,asked", [
    ("list_bucket_inventory_configurations", {}), ("delete_bucket_analytics_configuration", {"Id": "x"}),
    ("get_bucket_policy_status", {})])
def test_an_unknown_s3_action_is_an_error(s3, call, asked):
    assert refusal(getattr(s3, call), Bucket=BUCKET, **asked) in ("NotImplemented", "501")
    s3.head_bucket(Bucket=BUCKET)


@pytest.mark.parametrize("service,call,asked", [
    ("cloudformation", "describe_account_limits", {}), ("rds", "describe_blue_green_deployments", {}),
    ("elbv2", "describe_trust_stores", {}), ("ssm", "list_associations", {}), ("cloudwatch", "describe_anomaly_detectors", {})])
def test_an_unknown_action_is_an_error(aws, service, call, asked):
    assert refusal(getattr(aws.client(service), call), **asked) == "InvalidAction"


def test_who_is_calling(aws):
    who = aws.client("sts").get_caller_identity()
    assert (who["Account"], who["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:root")


@pytest.mark.parametrize("url", [
    "https://s3.eu-west-1.amazonaws.com/{bucket}/{key}", "https://s3.amazonaws.com/{bucket}/{key}",
    "https://{bucket}.s3.eu-west-1.amazonaws.com/{key}", "https://{bucket}.s3.amazonaws.com/{key}"])
def test_every_form_of_a_template_url(aws, s3, url):
    template = {"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}
    s3.put_object(Bucket=BUCKET, Key="templates/a/b.json", Body=json.dumps(template))
    address = url.format(bucket=BUCKET, key="templates/a/b.json")
    assert [r["LogicalResourceId"] for r in summary_of(aws, address)] == ["A"]
    root = {"Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {
        "Fn::Sub": address.replace("amazonaws.com", "${AWS::URLSuffix}").replace("eu-west-1.", "${AWS::Region}.")}}}}}
    assert aws.create("root", root)[1] == "CREATE_COMPLETE"


def summary_of(aws, url):
    aws.cfn.create_stack(StackName="by-url", TemplateURL=url)
    aws.wait("by-url")
    return aws.cfn.describe_stack_resources(StackName="by-url")["StackResources"]


def test_a_missing_template_says_so(aws, s3):
    with pytest.raises(ClientError, match="S3 error: The specified key does not exist."):
        aws.cfn.create_stack(StackName="a", TemplateURL=f"https://s3.eu-west-1.amazonaws.com/{BUCKET}/none.yaml")
