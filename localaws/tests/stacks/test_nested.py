"""Nested stacks are real stacks."""
import json

import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness import site_templates as site

BAD = site.parameter("fails, because the tests that have it say so in the settings")


def test_children_have_their_own_events_and_the_parent_their_arns(aws):
    arn, status = aws.create("site", site.root(aws))
    assert status == "CREATE_COMPLETE", aws.statuses("site", reasons=True)
    child = aws.resource("site", "Data")["PhysicalResourceId"]
    assert child.split("/")[1].startswith("site-Data-")
    described = aws.cfn.describe_stacks(StackName=child)["Stacks"][0]
    assert described["ParentId"] == described["RootId"] == arn
    assert aws.statuses(child) == [(child.split("/")[1], "CREATE_IN_PROGRESS"), ("Where", "CREATE_IN_PROGRESS"),
                               ("Where", "CREATE_IN_PROGRESS"), ("Where", "CREATE_COMPLETE"),
                               (child.split("/")[1], "CREATE_COMPLETE")]
    of_data = [e for e in aws.events("site") if e["LogicalResourceId"] == "Data"]
    assert [(e["ResourceStatus"], e.get("PhysicalResourceId") or "") for e in of_data] == [
        ("CREATE_IN_PROGRESS", ""), ("CREATE_IN_PROGRESS", child), ("CREATE_COMPLETE", child)]


def test_siblings_import_and_lists_are_right(aws):
    aws.create("site", site.root(aws))
    exports = {e["Name"]: e for e in aws.cfn.list_exports()["Exports"]}
    network = aws.resource("site", "Network")["PhysicalResourceId"]
    assert set(exports) == {"site-VpcId", "site-Where"}
    assert exports["site-VpcId"]["ExportingStackId"] == network
    importers = aws.cfn.list_imports(ExportName="site-VpcId")["Imports"]
    assert importers == [aws.resource("site", "Data")["PhysicalResourceId"].split("/")[1]]
    with pytest.raises(ClientError, match="is not imported by any stack"):
        aws.cfn.list_imports(ExportName="nobody")


def test_a_used_export_can_be_neither_changed_nor_dropped(aws):
    aws.create("site", site.root(aws))
    changed = site.network(cidr="10.9.0.0/16")  # replaces the VPC, so the export's value changes
    assert aws.update("site", site.root(aws, "2", network_=changed)) == "UPDATE_ROLLBACK_COMPLETE"
    network = aws.resource("site", "Network")["PhysicalResourceId"]
    data = aws.resource("site", "Data")["PhysicalResourceId"].split("/")[1]
    assert f"Export site-VpcId cannot be updated as it is in use by {data}" in {r for *_, r in aws.statuses(network, reasons=True)}
    dropped = {**site.network(), "Outputs": {}}
    assert aws.update("site", site.root(aws, "3", network_=dropped)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "site-VpcId" in {e["Name"] for e in aws.cfn.list_exports()["Exports"]}
    with pytest.raises(ClientError, match="cannot be deleted as it is in use by"):
        aws.cfn.delete_stack(StackName=network)


def test_an_unused_export_goes_with_its_output(aws):
    aws.create("alone", site.network())
    assert aws.update("alone", {**site.network(), "Outputs": {}}) == "UPDATE_COMPLETE"
    assert aws.cfn.list_exports()["Exports"] == []


def test_an_export_used_from_outside_keeps_the_tree(aws):
    aws.create("site", site.root(aws))
    aws.create("outside", {"Resources": {"Uses": site.parameter(site.imported("site-VpcId"))}})
    assert aws.delete("site") == "DELETE_FAILED"
    network = [e for e in aws.events("site") if e["LogicalResourceId"] == "Network" and e["ResourceStatus"] == "DELETE_FAILED"]
    assert "in use by outside" in network[0]["ResourceStatusReason"]
    aws.delete("outside")
    assert aws.delete("site") == "DELETE_COMPLETE"


def test_a_failing_child_rolls_back_then_its_parent(aws):
    aws.settings(fail={"Bad": 1})
    arn, status = aws.create("site", site.root(aws, data_=site.data(Bad=BAD)))
    assert status == "ROLLBACK_COMPLETE"
    statuses = aws.statuses(arn, reasons=True)
    child = next(e["PhysicalResourceId"] for e in aws.events(arn)
                 if e["LogicalResourceId"] == "Data" and e.get("PhysicalResourceId"))
    assert ("Data", "CREATE_FAILED", f"Embedded stack {child} was not successfully created: "
            "The following resource(s) failed to create: [Bad].") in statuses
    assert ("site", "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Data]. Rollback requested by user.") in statuses
    name = child.split("/")[1]
    own = [status for logical, status in aws.statuses(child) if logical == name]
    assert own == ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    deleted = [logical for logical, status, _ in statuses if status == "DELETE_COMPLETE"]
    assert deleted == ["Data", "Network"]
    assert aws.cfn.list_exports()["Exports"] == []


def test_a_failing_update_sends_back_the_siblings_too(aws):
    aws.create("site", site.root(aws))
    aws.settings(fail={"Bad": 1})
    new = site.root(aws, "2", network_=site.network(tag="two"), app_=site.app("v2", Bad=BAD))
    assert aws.update("site", new) == "UPDATE_ROLLBACK_COMPLETE"
    network, app = (aws.resource("site", lid)["PhysicalResourceId"] for lid in ("Network", "App"))
    assert [s for logical, s in aws.statuses(network) if logical == network.split("/")[1]][-4:] == [
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
    assert aws.status(app) == aws.status(network) == "UPDATE_ROLLBACK_COMPLETE"
    vpc = aws.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["one"]}])["Vpcs"]
    assert len(vpc) == 1
    value = aws.client("ssm").get_parameter(Name=aws.resource(app, "Version")["PhysicalResourceId"])["Parameter"]["Value"]
    assert value == "v1"


def test_what_an_update_leaves_alone_has_no_events(aws):
    aws.create("site", site.root(aws))
    app = aws.resource("site", "App")["PhysicalResourceId"]
    before, data = len(aws.events(app)), aws.resource("site", "Data")["PhysicalResourceId"]
    data_before = len(aws.events(data))
    assert aws.update("site", site.root(aws, "2", app_=site.app("v2"))) == "UPDATE_COMPLETE"
    name = app.split("/")[1]
    assert aws.statuses(app)[before:] == [(name, "UPDATE_IN_PROGRESS"), ("Version", "UPDATE_IN_PROGRESS"),
                                      ("Version", "UPDATE_COMPLETE"), (name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
                                      (name, "UPDATE_COMPLETE")]
    assert len(aws.events(data)) == data_before


def test_deletion_goes_backwards_and_frees_the_exports(aws):
    arn, _ = aws.create("site", site.root(aws))
    assert aws.delete("site") == "DELETE_COMPLETE"
    assert [logical for logical, status in aws.statuses(arn) if status == "DELETE_COMPLETE"] == ["App", "Data", "Network", "site"]
    assert aws.cfn.list_exports()["Exports"] == []
    assert aws.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"] == []


def test_a_child_removed_by_an_update_is_deleted_in_the_cleanup(aws):
    arn, _ = aws.create("site", site.root(aws))
    app = aws.resource("site", "App")["PhysicalResourceId"]
    template = site.root(aws)
    del template["Resources"]["App"]
    assert aws.update("site", template) == "UPDATE_COMPLETE"
    assert aws.status(app) == "DELETE_COMPLETE"
    statuses = aws.statuses(arn)
    assert statuses.index(("site", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")) < statuses.index(("App", "DELETE_IN_PROGRESS")) \
        < statuses.index(("site", "UPDATE_COMPLETE"))


def test_a_nested_stack_cleans_up_when_its_root_has_succeeded(aws):
    """What an update replaces or removes in one nested stack remains until all nested stacks are done."""
    def network(cidr, **more):
        return {"Resources": {"Vpc": site.network(cidr=cidr)["Resources"]["Vpc"], **more}}
    aws.create("site", site.root(aws, network_=network("10.0.0.0/16", Extra=site.parameter("x")), data_=site.app_alone("d"),
                                 app_=site.app_alone("z")))
    child, vpcs = aws.resource("site", "Network")["PhysicalResourceId"], aws.client("ec2").describe_vpcs
    old = aws.resource(child, "Vpc")["PhysicalResourceId"]
    aws.settings(hold={"Version": 1})
    aws.cfn.update_stack(StackName="site", TemplateBody=json.dumps(
        site.root(aws, "2", network_=network("10.1.0.0/16"), data_=site.app_alone("e"), app_=site.app_alone("z"))))
    aws.until(lambda: any(e["ResourceStatus"] == "UPDATE_IN_PROGRESS" for e in aws.events(
        aws.resource("site", "Data")["PhysicalResourceId"]) if e["LogicalResourceId"] == "Version"))
    assert aws.status(child) == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    assert len(vpcs(VpcIds=[old, aws.resource(child, "Vpc")["PhysicalResourceId"]])["Vpcs"]) == 2
    aws.settings(hold={})
    assert aws.wait("site") == aws.status(child) == "UPDATE_COMPLETE"
    assert aws.statuses(child)[-5:-1] == [(lid, s) for lid in ("Vpc", "Extra") for s in ("DELETE_IN_PROGRESS", "DELETE_COMPLETE")]
    with pytest.raises(ClientError, match="NotFound"):
        vpcs(VpcIds=[old])


def test_a_rollback_brings_back_the_very_resource_that_was_replaced(aws):
    def network(cidr):
        return {"Resources": {"Vpc": site.network(cidr=cidr)["Resources"]["Vpc"]}}
    aws.create("site", site.root(aws, network_=network("10.0.0.0/16"), data_=site.app_alone("d"),
                                 app_=site.app_alone("z")))
    child = aws.resource("site", "Network")["PhysicalResourceId"]
    old = aws.resource(child, "Vpc")["PhysicalResourceId"]
    aws.settings(fail={"Version": 1})
    changed = site.root(aws, "2", network_=network("10.1.0.0/16"), data_=site.app_alone("e"), app_=site.app_alone("z"))
    assert aws.update("site", changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert aws.resource(child, "Vpc")["PhysicalResourceId"] == old
    vpcs = aws.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
    assert [v["CidrBlock"] for v in vpcs] == ["10.0.0.0/16"]
    assert aws.update("site", changed) == "UPDATE_COMPLETE" and aws.resource(child, "Vpc")["PhysicalResourceId"] != old


def test_tags_alone_reach_into_nested_stacks(aws):
    aws.create("site", site.root(aws), Tags=[{"Key": "Owner", "Value": "jane"}])
    app = aws.resource("site", "App")["PhysicalResourceId"]
    made = aws.cfn.create_change_set(
        StackName="site", ChangeSetName="tags", ChangeSetType="UPDATE", IncludeNestedStacks=True,
        TemplateBody=json.dumps(site.root(aws)), Tags=[{"Key": "Owner", "Value": "john"}])["Id"]
    planned = aws.cfn.describe_change_set(ChangeSetName=made)
    assert planned["Status"] == "CREATE_COMPLETE"
    changes = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in planned["Changes"]}
    assert sorted(changes) == ["App", "Data", "Network"]
    inner = aws.cfn.describe_change_set(ChangeSetName=changes["App"]["ChangeSetId"])["Changes"]
    assert {(c["ResourceChange"]["LogicalResourceId"], *c["ResourceChange"]["Scope"]) for c in inner} == {
        ("Uses", "Tags"), ("Version", "Tags")}
    for change in changes.values():
        aws.cfn.describe_change_set(ChangeSetName=change["ChangeSetId"], IncludePropertyValues=True)
    aws.cfn.execute_change_set(ChangeSetName=made)
    assert aws.wait("site") == "UPDATE_COMPLETE"
    assert aws.cfn.describe_stacks(StackName=app)["Stacks"][0]["Tags"] == [{"Key": "Owner", "Value": "john"}]


def test_the_stack_of_a_resource_is_found_by_its_physical_id(aws):
    aws.create("site", site.root(aws))
    app = aws.resource("site", "App")["PhysicalResourceId"]
    version = aws.resource(app, "Version")["PhysicalResourceId"]
    held = aws.cfn.describe_stack_resources(PhysicalResourceId=version)["StackResources"]
    assert [(r["StackId"], r["LogicalResourceId"]) for r in held] == [(app, "Version")]
    assert aws.delete("site") == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="ValidationError.*does not exist"):
        aws.cfn.describe_stack_resources(PhysicalResourceId=version)
