"""Time, cancelling, injected failures, throttling and signals."""
import json
import re

import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness import site_templates as site

TWO = {"Resources": {"A": site.parameter("1"), "B": {**site.parameter("1"), "DependsOn": "A"}}}


def with_value(value):
    return json.loads(json.dumps(TWO).replace('"1"', json.dumps(value)))


def test_a_resource_is_seen_in_progress(aws):
    aws.settings(hold={"A": 1})
    arn = aws.cfn.create_stack(StackName="one", TemplateBody=json.dumps(TWO))["StackId"]
    aws.until(lambda: aws.statuses(arn)[1:] == [("A", "CREATE_IN_PROGRESS"), ("A", "CREATE_IN_PROGRESS")])
    assert aws.status(arn) == "CREATE_IN_PROGRESS"
    assert aws.client("sts").get_caller_identity()["Account"] == "123456789012"  # other services answer meanwhile
    aws.settings(hold={})
    assert aws.wait(arn) == "CREATE_COMPLETE"


def test_cancelling_an_update(aws):
    aws.create("one", TWO)
    aws.settings(hold={"B": 1})
    aws.cfn.update_stack(StackName="one", TemplateBody=json.dumps(with_value("2")))
    aws.until(lambda: ("B", "UPDATE_IN_PROGRESS") in aws.statuses("one"))
    aws.cfn.cancel_update_stack(StackName="one")
    aws.until(lambda: ("B", "UPDATE_FAILED") in aws.statuses("one"))
    aws.settings(hold={})
    assert aws.wait("one") == "UPDATE_ROLLBACK_COMPLETE"
    statuses = aws.statuses("one", reasons=True)
    assert ("B", "UPDATE_FAILED", "Resource update cancelled") in statuses
    assert ("one", "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated") in statuses


def test_cancelling_reaches_a_nested_stack(aws):
    aws.create("site", site.root(aws))
    app = aws.resource("site", "App")["PhysicalResourceId"]
    aws.settings(hold={"Version": 1})
    aws.cfn.update_stack(StackName="site", TemplateBody=json.dumps(site.root(aws, "2", app_=site.app("v2"))))
    aws.until(lambda: ("Version", "UPDATE_IN_PROGRESS") in aws.statuses(app))
    aws.cfn.cancel_update_stack(StackName="site")
    aws.until(lambda: ("Version", "UPDATE_FAILED", "Resource update cancelled") in aws.statuses(app, reasons=True))
    aws.settings(hold={})
    assert aws.wait("site") == aws.status(app) == "UPDATE_ROLLBACK_COMPLETE"


def test_a_failure_once(aws):
    aws.settings(fail={"B": 1})
    _, status = aws.create("one", TWO)
    assert status == "ROLLBACK_COMPLETE"
    aws.delete("one")
    assert aws.create("one", TWO)[1] == "CREATE_COMPLETE"


def test_a_failing_delete(aws):
    aws.create("one", TWO)
    aws.settings(fail_delete={"A": 1})
    assert aws.delete("one") == "DELETE_FAILED"
    assert aws.delete("one") == "DELETE_COMPLETE"


def test_what_a_creation_could_not_take_back_stays_in_the_stack(aws):
    aws.settings(fail={"B": 1}, fail_delete={"A": 1})
    arn, status = aws.create("one", TWO)
    assert status == "ROLLBACK_FAILED"
    left = aws.cfn.list_stack_resources(StackName="one")["StackResourceSummaries"]
    assert [(r["LogicalResourceId"], r["ResourceStatus"]) for r in left] == [("A", "DELETE_FAILED")]
    assert aws.delete("one") == "DELETE_COMPLETE"
    assert aws.statuses(arn)[-3:] == [("A", "DELETE_IN_PROGRESS"), ("A", "DELETE_COMPLETE"), ("one", "DELETE_COMPLETE")]
    assert aws.client("ssm").describe_parameters()["Parameters"] == []


def test_a_nested_stack_that_could_not_be_taken_back_stays_in_its_parent(aws):
    aws.settings(fail={"Version": 1}, fail_delete={"Where": 1})
    _, status = aws.create("site", site.root(aws))
    assert status == "ROLLBACK_FAILED"
    left = {r["LogicalResourceId"]: r for r in aws.cfn.list_stack_resources(StackName="site")["StackResourceSummaries"]}
    assert left["Data"]["ResourceStatus"] == "DELETE_FAILED"
    child = left["Data"]["PhysicalResourceId"]
    assert aws.status(child) == "DELETE_FAILED"
    assert aws.delete("site") == "DELETE_COMPLETE"
    assert aws.status(child) == "DELETE_COMPLETE"


def test_the_deletion_of_a_failed_creation_keeps_what_its_template_keeps(aws):
    template = json.loads(json.dumps(TWO))
    template["Resources"]["A"]["DeletionPolicy"] = "RetainExceptOnCreate"
    aws.settings(fail={"B": 1}, fail_delete={"A": 1})
    arn, status = aws.create("one", template)
    assert status == "ROLLBACK_FAILED"
    assert aws.delete("one") == "DELETE_COMPLETE"
    assert aws.statuses(arn)[-2:] == [("A", "DELETE_SKIPPED"), ("one", "DELETE_COMPLETE")]
    assert len(aws.client("ssm").describe_parameters()["Parameters"]) == 1


def test_cloud_control_deletes_what_a_stack_made(aws):
    kept = {"Key": {"Type": "AWS::KMS::Key", "Properties": {}}, "Group": {"Type": "AWS::Logs::LogGroup"},
            "Secret": {"Type": "AWS::SecretsManager::Secret"}, "Files": {"Type": "AWS::EFS::FileSystem"}}
    aws.create("one", {"Resources": {name: {**r, "DeletionPolicy": "Retain"} for name, r in kept.items()}})
    ids = {r["ResourceType"]: r["PhysicalResourceId"] for r in aws.cfn.list_stack_resources(StackName="one")["StackResourceSummaries"]}
    assert aws.delete("one") == "DELETE_COMPLETE"
    control = aws.client("cloudcontrol")
    for kind, identifier in ids.items():
        named = {"TypeName": kind, "Identifier": identifier}
        assert control.get_resource(**named)["ResourceDescription"]["Identifier"] == identifier
        assert control.delete_resource(**named)["ProgressEvent"]["OperationStatus"] == "SUCCESS"
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            control.get_resource(**named)
    assert aws.client("kms").describe_key(KeyId=ids["AWS::KMS::Key"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_clusters_last_snapshot_is_named_by_stack_and_resource(aws):
    aws.create("One", {"Resources": {"Database": {"Type": "AWS::RDS::DBCluster", "DeletionPolicy": "Snapshot", "Properties": {
        "Engine": "aurora-postgresql", "MasterUsername": "moodle", "ManageMasterUserPassword": True}}}})
    assert aws.delete("One") == "DELETE_COMPLETE"
    (snapshot,) = aws.client("rds").describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert re.fullmatch("one-snapshot-database-[0-9a-z]{12}", snapshot["DBClusterSnapshotIdentifier"])


def test_without_rollback_then_rolled_back_by_hand(aws):
    aws.settings(fail={"B": 1})
    arn, status = aws.create("one", TWO, DisableRollback=True)
    assert status == "CREATE_FAILED"
    aws.cfn.rollback_stack(StackName="one")
    assert aws.wait(arn) == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize("policy,there", [("RetainExceptOnCreate", True), ("Retain", True), ("Delete", False)])
def test_a_creation_that_was_kept_as_it_failed_is_deleted_by_its_policies(aws, policy, there):
    aws.settings(fail={"B": 1})
    kept = {**site.parameter("1", Name="kept"), "DeletionPolicy": policy}
    arn, status = aws.create("one", {"Resources": {**TWO["Resources"], "A": kept}}, OnFailure="DO_NOTHING")
    assert status == "CREATE_FAILED" and aws.delete("one") == "DELETE_COMPLETE"
    assert (("A", "DELETE_SKIPPED") in aws.statuses(arn)) == there
    assert len(aws.client("ssm").get_parameters(Names=["kept"])["Parameters"]) == there


def test_throttling(aws):
    aws.settings(throttle={"DescribeStacks": 2})
    for _ in range(2):
        with pytest.raises(ClientError, match="Throttling"):
            aws.cfn.describe_stacks()
    aws.cfn.describe_stacks()
    aws.settings(throttle={"GetParameter": 1})
    with pytest.raises(ClientError, match="ThrottlingException"):
        aws.client("ssm").get_parameter(Name="x")


@pytest.mark.parametrize("skip", [False, True])
def test_a_failed_rollback_of_a_child_is_continued(aws, skip):
    aws.create("site", site.root(aws, app_=site.app(Last=site.parameter("x"))))
    app = aws.resource("site", "App")["PhysicalResourceId"]
    aws.settings(fail={"Last": 1}, fail_rollback={"Version": 1 + skip})
    changed = site.app("v2", Last={**site.parameter("y"), "DependsOn": "Version"})
    assert aws.update("site", site.root(aws, "2", app_=changed)) == "UPDATE_ROLLBACK_FAILED"
    assert aws.status(app) == "UPDATE_ROLLBACK_FAILED"
    skipped = {"ResourcesToSkip": [f"{app.split('/')[1]}.Version"]} if skip else {}
    aws.cfn.continue_update_rollback(StackName="site", **skipped)
    assert aws.wait("site") == aws.wait(app) == "UPDATE_ROLLBACK_COMPLETE"
    value = aws.client("ssm").get_parameter(Name=aws.resource(app, "Version")["PhysicalResourceId"])["Parameter"]["Value"]
    assert value == ("v2" if skip else "v1")
