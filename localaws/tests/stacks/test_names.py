"""Names that are taken. Sources: stacks/names.py."""
import pytest

from localaws.tests.harness import site_templates as site
from localaws.tests.harness.service_rules import res

NAMED = [res("SSM::Parameter", Name="taken", Type="String", Value="x"), res("Logs::LogGroup", LogGroupName="taken"),
         res("SecretsManager::Secret", Name="taken"), res("SNS::Topic", TopicName="taken"),
         res("RDS::DBClusterParameterGroup", DBClusterParameterGroupName="taken", Family="aurora-postgresql16", Description="x",
             Parameters={"rds.force_ssl": "1"})]


def why(aws, arn):
    return next(reason for lid, status, reason in aws.statuses(arn, reasons=True) if (lid, status) == ("One", "CREATE_FAILED"))


@pytest.mark.parametrize("resource", NAMED, ids=lambda r: r["Type"])
def test_another_stack_has_the_name(aws, resource):
    first, status = aws.create("first", {"Resources": {"One": resource}})
    assert status == "CREATE_COMPLETE"
    arn, status = aws.create("second", {"Resources": {"One": resource}})
    assert status == "ROLLBACK_COMPLETE" and why(aws, arn) == f"taken already exists in stack {first}"
    assert aws.delete("first") == aws.delete("second") == "DELETE_COMPLETE"
    assert aws.create("second", {"Resources": {"One": resource}})[1] == "CREATE_COMPLETE", "free again"


def test_the_same_stack_has_the_name(aws):
    again = {**site.parameter("2", Name="taken"), "DependsOn": "One"}
    arn, status = aws.create("one", {"Resources": {"One": site.parameter("1", Name="taken"), "Two": again}})
    assert status == "ROLLBACK_COMPLETE"
    assert ("Two", "CREATE_FAILED", f"taken already exists in stack {arn}") in aws.statuses(arn, reasons=True)


def test_no_stack_has_the_name(aws):
    aws.client("logs").create_log_group(logGroupName="taken")
    arn, status = aws.create("one", {"Resources": {"One": res("Logs::LogGroup", LogGroupName="taken")}})
    assert status == "ROLLBACK_COMPLETE" and "HandlerErrorCode: AlreadyExists" in why(aws, arn)
    assert '\'{"/properties/LogGroupName":"taken"}\' already exists.' in why(aws, arn)
    assert aws.client("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "taken", "it stays"


def test_a_bucket_s_name_is_taken(aws):
    arn, status = aws.create("one", {"Resources": {"One": res("S3::Bucket", BucketName="templates")}})
    assert status == "ROLLBACK_COMPLETE"
    assert any("Validation failed with 1 error(s)" in reason for _, _, reason in aws.statuses(arn, reasons=True))


def test_an_update_of_what_has_the_name_is_none(aws):
    aws.create("one", {"Resources": {"One": site.parameter("1", Name="mine")}})
    assert aws.update("one", {"Resources": {"One": site.parameter("2", Name="mine")}}) == "UPDATE_COMPLETE"
    assert aws.update("one", {"Resources": {"One": site.parameter("2", Name="other")}}) == "UPDATE_COMPLETE", "a replacement"


def test_names_that_are_unique_within_something_else_may_be_given_twice(aws):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
    roles = {name: res("IAM::Role", AssumeRolePolicyDocument=trust) for name in ("A", "B")}
    reads = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    policies = {f"Of{name}": res("IAM::Policy", PolicyName="same", PolicyDocument=reads, Roles=[{"Ref": name}]) for name in roles}
    zone = aws.client("route53").create_hosted_zone(Name="school.example", CallerReference="1")["HostedZone"]["Id"].split("/")[-1]
    records = {kind: res("Route53::RecordSet", HostedZoneId=zone, Name="moodle.school.example", Type=kind, TTL="60", ResourceRecords=[value])
               for kind, value in (("A", "192.0.2.1"), ("AAAA", "2001:db8::1"))}
    records = {f"Record{kind}": record for kind, record in records.items()}
    assert aws.create("one", {"Resources": {**roles, **policies, **records}}, Capabilities=["CAPABILITY_IAM"])[1] == "CREATE_COMPLETE"
