"""Access logs of a load balancer: ELB's test write against the bucket's policy, and the object that it leaves
behind."""
import json

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness.service_rules import VPC, failures, made, ref, refused, res

ACCOUNT = "123456789012"
DENIED = "Please check S3bucket permission (Service: ElasticLoadBalancingV2, Status Code: 400, Error Code: InvalidConfigurationRequest)"
HERE = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
NEVER_WITHOUT_TLS = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                     "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def allow(path="/AWSLogs/${AWS::AccountId}/*", **more):
    return {"Effect": "Allow", "Principal": HERE, "Action": "s3:PutObject", "Resource": {"Fn::Sub": "${Logs.Arn}" + path}, **more}


def policy(*statements):
    return res("S3::BucketPolicy", Bucket=ref("Logs"), PolicyDocument={"Version": "2012-10-17", "Statement": list(statements)})


def balancer(bucket=ref("Logs"), **attributes):
    given = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": bucket, **attributes}
    return res("ElasticLoadBalancingV2::LoadBalancer", Subnets=[ref("A"), ref("B")],
               LoadBalancerAttributes=[{"Key": k, "Value": v} for k, v in given.items()])


def site(*statements, bucket=None, **attributes):
    after = {"DependsOn": "Policy"} if statements else {}
    return {**VPC, "Logs": bucket or res("S3::Bucket"), **({"Policy": policy(*statements)} if statements else {}),
            "Balancer": {**balancer(**attributes), **after}}


def keys(aws):
    bucket = aws.resource("one", "Logs")["PhysicalResourceId"]
    return [o["Key"] for o in aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.mark.parametrize("statements", [
    (allow(), NEVER_WITHOUT_TLS), (allow("/*"),), (allow(Principal={"AWS": "156460612806"}),),
    (allow(Principal={"AWS": "arn:aws:iam::156460612806:root"}),),
    (allow(Condition={"StringEqualsIfExists": {"aws:SourceAccount": ref("AWS::AccountId")}}),),
    (allow(), {**NEVER_WITHOUT_TLS, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}})],
    ids=["example", "bucket", "account", "root", "if-exists", "old-tls"])
def test_a_bucket_that_lets_the_load_balancer_in_gets_its_test_object(aws, statements):
    made(aws, site(*statements))
    assert keys(aws) == [f"AWSLogs/{ACCOUNT}/ELBAccessLogTestFile"]


def test_under_a_prefix(aws):
    made(aws, site(allow("/web/AWSLogs/${AWS::AccountId}/*"), **{"access_logs.s3.prefix": "web"}))
    assert keys(aws) == [f"web/AWSLogs/{ACCOUNT}/ELBAccessLogTestFile"]


KEY = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}


@pytest.mark.parametrize("resources", [
    site(allow(Condition={"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}})),
    site(allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:*"}})),
    site(), site(allow(Principal={"Service": "delivery.logs.amazonaws.com"})), site(allow("/AWSLogs/999999999999/*")),
    site(allow(Action="s3:GetObject")), site(allow(Principal={"AWS": "054676820928"})),
    site(allow(), {**NEVER_WITHOUT_TLS, "Condition": {}}), site(allow(), **{"access_logs.s3.prefix": "web"}),
    site(allow(), bucket=res("S3::Bucket", BucketEncryption=KEY))],
    ids=["SourceAccount", "SourceArn", "no policy", "wrong service", "wrong account", "wrong action", "other region's account",
         "denied", "prefix outside", "key"])
def test_a_bucket_that_does_not_is_refused(aws, resources):
    why = refused(aws, resources, "Balancer")
    assert "Access Denied for bucket: one-logs-" in why and DENIED in why


def test_a_load_balancer_that_does_not_wait_for_the_policy_is_refused(aws):
    """AWS creates both at the same time, so their order in the template does not matter."""
    resources = site(allow())
    del resources["Balancer"]["DependsOn"]
    assert DENIED in refused(aws, resources, "Balancer")


def test_a_bucket_that_is_not_there_is_refused(aws):
    assert "Access Denied for bucket: nobodys. " + DENIED in refused(aws, {**VPC, "Balancer": balancer("nobodys")}, "Balancer")


def test_a_bucket_of_another_region_is_refused(aws):
    s3 = boto3.client("s3", endpoint_url=aws.url, region_name="eu-central-1", aws_access_key_id=ACCOUNT, aws_secret_access_key="x")
    s3.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_policy(Bucket="elsewhere", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": HERE, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::elsewhere/*"}]}))
    assert "Access Denied for bucket: elsewhere. " + DENIED in refused(aws, {**VPC, "Balancer": balancer("elsewhere")}, "Balancer")


def test_a_policy_that_cannot_be_decided_says_so(aws):
    why = refused(aws, site(allow(Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})), "Balancer")
    assert "localaws cannot decide what the policy says: it does not know the condition operator DateLessThan" in why


def test_logs_that_are_switched_on_later(aws):
    off = {"access_logs.s3.enabled": "false"}
    made(aws, site(**off))
    assert keys(aws) == []
    assert aws.update("one", {"Resources": site()}) == "UPDATE_ROLLBACK_COMPLETE"
    elb = aws.client("elbv2")
    arn = aws.resource("one", "Balancer")["PhysicalResourceId"]
    on = [{"Key": "access_logs.s3.enabled", "Value": "true"}]
    with pytest.raises(ClientError, match="Access Denied for bucket: one-logs-.*Please check S3bucket permission"):
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=on)
    given = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
    assert given["access_logs.s3.enabled"] == "false"
    assert aws.update("one", {"Resources": site(allow(), **off)}) == "UPDATE_COMPLETE"
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=on)
    assert keys(aws) == [f"AWSLogs/{ACCOUNT}/ELBAccessLogTestFile"]


def failing(deletion_policy, versioned):
    bucket = res("S3::Bucket", **({"VersioningConfiguration": {"Status": "Enabled"}} if versioned else {}))
    last = res("SNS::Topic", ["Balancer"])
    return {**site(allow(), bucket={**bucket, "DeletionPolicy": deletion_policy}), "Last": last}


@pytest.mark.parametrize("versioned", [False, True])
def test_a_failed_creation_cannot_delete_the_bucket_that_was_written_into(aws, versioned):
    aws.settings(fail={"Last": 1})
    arn, status = aws.create("one", {"Resources": failing("RetainExceptOnCreate", versioned)})
    assert status == "ROLLBACK_FAILED"
    not_empty = "The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Error Code: BucketNotEmpty)"
    assert not_empty in failures(aws, arn)["Logs"]
    assert aws.delete("one") == "DELETE_COMPLETE", "for the deletion of the stack the bucket is retained"
    assert ("Logs", "DELETE_SKIPPED") in aws.statuses(arn)
    assert any(b["Name"].startswith("one-logs-") for b in aws.client("s3").list_buckets()["Buckets"])


def test_a_failed_creation_keeps_a_retained_bucket(aws):
    aws.settings(fail={"Last": 1})
    arn, status = aws.create("one", {"Resources": failing("Retain", True)})
    assert status == "ROLLBACK_COMPLETE" and ("Logs", "DELETE_SKIPPED") in aws.statuses(arn)
    assert any(b["Name"].startswith("one-logs-") for b in aws.client("s3").list_buckets()["Buckets"])


def test_a_bucket_of_old_versions_only_is_not_empty(aws):
    made(aws, {"Logs": res("S3::Bucket", VersioningConfiguration={"Status": "Enabled"})})
    s3, name = aws.client("s3"), aws.resource("one", "Logs")["PhysicalResourceId"]
    version = s3.put_object(Bucket=name, Key="k", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket=name, Key="k")["VersionId"]
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 0
    assert aws.delete("one") == "DELETE_FAILED"
    s3.delete_object(Bucket=name, Key="k", VersionId=version)
    assert aws.delete("one") == "DELETE_FAILED", "a delete marker counts"
    s3.delete_object(Bucket=name, Key="k", VersionId=marker)
    assert aws.delete("one") == "DELETE_COMPLETE"


@pytest.mark.parametrize("key,value,reason", [
    ("idle_timeout.timeout", "60", "Load balancer attribute key 'idle_timeout.timeout' is not recognized"),
    ("idle_timeout.timeout_seconds", "4001", "'4001'"), ("idle_timeout.timeout_seconds", "0", "'0'"),
    ("client_keep_alive.seconds", "59", "'59'"), ("routing.http.desync_mitigation_mode", "off", "'off'"),
    ("routing.http2.enabled", "True", "'True'")])
def test_an_attribute_that_elb_does_not_know_is_refused(aws, key, value, reason):
    logs_off = {"access_logs.s3.enabled": "false"}
    assert reason in refused(aws, {**VPC, "Balancer": balancer("none", **logs_off, **{key: value})}, "Balancer")
