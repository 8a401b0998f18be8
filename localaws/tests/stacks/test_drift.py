"""Drift that is true, or said to be unknown. Sources: stacks/drift.py."""
import pytest

from localaws.tests.harness.service_rules import made, res
from localaws.tests.harness.whole_site import Site


def look(aws, stack):
    """(detection, {logical id: (status, reason)}) of a stack."""
    begun = aws.cfn.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    detection = aws.cfn.describe_stack_drift_detection_status(StackDriftDetectionId=begun)
    found = aws.cfn.describe_stack_resource_drifts(StackName=stack)["StackResourceDrifts"]
    return detection, {d["LogicalResourceId"]: (d["StackResourceDriftStatus"], d.get("DriftStatusReason", "")) for d in found}


def test_a_fresh_site_has_no_drift_in_any_of_its_stacks(aws):
    site = Site(aws)
    assert site.deploy() == "CREATE_COMPLETE", site.failures()
    for stack in site.stacks().values():
        detection, found = look(aws, stack["StackId"])
        resources = aws.cfn.list_stack_resources(StackName=stack["StackId"])["StackResourceSummaries"]
        own = {r["LogicalResourceId"] for r in resources if r["ResourceType"] != "AWS::CloudFormation::Stack"}
        assert set(found) == own and {status for status, _ in found.values()} <= {"IN_SYNC", "UNKNOWN"}
        assert all(why.startswith("not modelled here") for status, why in found.values() if status == "UNKNOWN")
        assert detection["DetectionStatus"] == ("DETECTION_FAILED" if any(s == "UNKNOWN" for s, _ in found.values()) else "DETECTION_COMPLETE")


def test_a_fresh_secret_is_in_sync_and_a_changed_one_is_not(aws):
    made(aws, {"Secret": res("SecretsManager::Secret", Description="Mail", GenerateSecretString={"PasswordLength": 24})})
    assert look(aws, "one")[1] == {"Secret": ("IN_SYNC", "")}
    secrets = aws.client("secretsmanager")
    arn = aws.resource("one", "Secret")["PhysicalResourceId"]
    secrets.update_secret(SecretId=arn, Description="Other")
    assert look(aws, "one")[1]["Secret"][0] == "MODIFIED"
    secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    detection, found = look(aws, "one")
    assert (found["Secret"][0], detection["StackDriftStatus"]) == ("DELETED", "DRIFTED")


@pytest.mark.parametrize("resource,delete", [
    (res("EFS::FileSystem"), lambda aws, i: aws.client("efs").delete_file_system(FileSystemId=i)),
    (res("EC2::SecurityGroup", GroupDescription="x"), lambda aws, i: aws.client("ec2").delete_security_group(GroupId=i)),
    (res("Logs::LogGroup", RetentionInDays=30), lambda aws, i: aws.client("logs").delete_log_group(logGroupName=i))],
    ids=lambda value: value.get("Type") if isinstance(value, dict) else "")
def test_what_is_gone_is_deleted_whether_its_properties_are_compared_or_not(aws, resource, delete):
    made(aws, {"One": resource})
    assert look(aws, "one")[1]["One"][0] in ("IN_SYNC", "UNKNOWN")
    delete(aws, aws.resource("one", "One")["PhysicalResourceId"])
    assert look(aws, "one")[1]["One"][0] == "DELETED"


def test_a_property_that_nothing_compares_is_named(aws):
    made(aws, {"Bucket": res("S3::Bucket", BucketEncryption={"ServerSideEncryptionConfiguration": [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}, VersioningConfiguration={"Status": "Enabled"})})
    assert look(aws, "one")[1] == {"Bucket": ("UNKNOWN", "not modelled here: BucketEncryption")}
    name = aws.resource("one", "Bucket")["PhysicalResourceId"]
    aws.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    assert look(aws, "one")[1]["Bucket"][0] == "MODIFIED"
