"""Nested change sets and property values."""
import json

import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness import site_templates as site

NO_CHANGE = "The submitted information didn't contain changes. Submit different information to create a change set."


def plan(aws, stack, template, kind, name="plan", nested=True, **kw):
    made = aws.cfn.create_change_set(StackName=stack, ChangeSetName=name, ChangeSetType=kind, IncludeNestedStacks=nested,
                                     TemplateBody=json.dumps(template), **kw)
    return describe(aws, made["Id"])


def describe(aws, arn, **kw):
    return aws.cfn.describe_change_set(ChangeSetName=arn, **kw)


def changes(described):
    return {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in described["Changes"]}


def children(aws, described, **kw):
    return {lid: describe(aws, c["ChangeSetId"], **kw) for lid, c in changes(described).items() if "ChangeSetId" in c}


def execute(aws, described):
    aws.cfn.execute_change_set(ChangeSetName=described["ChangeSetId"])
    return aws.wait(described["StackId"])


def test_create_plans_every_child(aws):
    root = plan(aws, "site", site.root(aws), "CREATE")
    assert (root["Status"], root["ExecutionStatus"], root["IncludeNestedStacks"]) == ("CREATE_COMPLETE", "AVAILABLE", True)
    kids = children(aws, root)
    assert set(kids) == {"Network", "Data", "App"}
    for child in kids.values():
        assert (child["Status"], child["ExecutionStatus"], child["StatusReason"]) == (
            "CREATE_COMPLETE", "UNAVAILABLE", "Only executable from the root change set.")
        assert child["ParentChangeSetId"] == child["RootChangeSetId"] == root["ChangeSetId"]
        assert aws.status(child["StackId"]) == "REVIEW_IN_PROGRESS"
    assert changes(kids["Network"])["Vpc"]["Action"] == "Add"
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        aws.cfn.execute_change_set(ChangeSetName=kids["App"]["ChangeSetId"])
    assert execute(aws, root) == "CREATE_COMPLETE"
    assert aws.resource("site", "Data")["PhysicalResourceId"] == kids["Data"]["StackId"]
    for done in (describe(aws, root["ChangeSetId"]), *children(aws, root).values()):
        assert done["ExecutionStatus"] == "EXECUTE_COMPLETE"
    assert aws.statuses(kids["Network"]["StackId"])[0] == (kids["Network"]["StackName"], "REVIEW_IN_PROGRESS")


def test_a_missing_export_is_known_after_apply(aws):
    data = children(aws, plan(aws, "site", site.root(aws), "CREATE"))["Data"]
    values = describe(aws, data["ChangeSetId"], IncludePropertyValues=True)
    after = json.loads(changes(values)["Where"]["AfterContext"])["Properties"]
    assert after["Value"] == "{{changeSet:KNOWN_AFTER_APPLY}}"


def test_a_missing_export_of_a_single_stack_warns(aws):
    root = plan(aws, "one", {"Resources": {"Foo": site.parameter(site.imported("gone"))}}, "CREATE", nested=False)
    assert (root["Status"], root.get("StatusReason")) == ("CREATE_COMPLETE", None)
    values = describe(aws, root["ChangeSetId"], IncludePropertyValues=True)
    assert values["StatusReason"] == (
        "[WARN] --include-property-values option can return incomplete ChangeSet data because: ChangeSet creation failed "
        "for resource [Foo] because: No export named gone")
    assert execute(aws, root) == "ROLLBACK_COMPLETE"


def test_an_unchanged_child_is_failed_and_no_failure(aws):
    execute(aws, plan(aws, "site", site.root(aws), "CREATE"))
    root = plan(aws, "site", site.root(aws, "2", app_=site.app("v2")), "UPDATE", "second")
    assert root["Status"] == "CREATE_COMPLETE" and list(changes(root)) == ["App"]
    change = changes(root)["App"]
    assert (change["Action"], change["Replacement"], change["Details"][0]["ChangeSource"]) == ("Modify", "False", "Automatic")
    data = aws.resource("site", "Data")["PhysicalResourceId"]
    sets = {s["ChangeSetId"]: s for s in aws.cfn.list_change_sets(StackName=data)["Summaries"]}
    mine = [s for s in sets.values() if s["RootChangeSetId"] == root["ChangeSetId"]]
    assert [(s["Status"], s["StatusReason"]) for s in mine] == [("FAILED", NO_CHANGE)]
    assert execute(aws, root) == "UPDATE_COMPLETE"


def test_outputs_alone_are_a_change(aws):
    aws.create("site", site.root(aws))
    more = site.network()
    more["Outputs"]["Cidr"] = {"Value": "10.0.0.0/16", "Export": {"Name": "site-Cidr"}}
    root = plan(aws, "site", site.root(aws, "2", network_=more), "UPDATE")
    assert (root["Status"], root["ExecutionStatus"], set(changes(root))) == ("CREATE_COMPLETE", "AVAILABLE", {"Network"})
    child = children(aws, root)["Network"]
    assert (child["Status"], child["Changes"]) == ("CREATE_COMPLETE", [])
    assert execute(aws, root) == "UPDATE_COMPLETE"
    assert {e["Name"] for e in aws.cfn.list_exports()["Exports"]} == {"site-VpcId", "site-Where", "site-Cidr"}


def test_nothing_changed_at_all(aws):
    execute(aws, plan(aws, "site", site.root(aws), "CREATE"))
    root = plan(aws, "site", site.root(aws), "UPDATE", "second")
    assert (root["Status"], root["ExecutionStatus"], root["StatusReason"]) == ("FAILED", "UNAVAILABLE", NO_CHANGE)
    flat = plan(aws, "site", site.root(aws), "UPDATE", "third", nested=False)
    assert {c["Action"] for c in changes(flat).values()} == {"Modify"} and len(changes(flat)) == 3


@pytest.mark.parametrize("declaration,reason", [
    ({"Type": "String", "AllowedPattern": "[a-z]+"}, "failed to satisfy constraint"),
    ({"Type": "AWS::SSM::Parameter::Value<String>"}, "Unable to fetch parameters"),
    ({"Type": "CommaDelimitedList"}, "failed to satisfy constraint")])
def test_a_failing_child_fails_the_root(aws, declaration, reason):
    template = site.root(aws, app_={**site.app(), "Parameters": {"Given": declaration}})
    template["Resources"]["App"]["Properties"]["Parameters"] = {"Given": {"Fn::GetAtt": ["Data", "Outputs.Name"]}}
    root = plan(aws, "site", template, "CREATE")
    bad = children(aws, root)["App"]
    assert root["Status"] == "FAILED"
    assert root["StatusReason"] == f"Nested change set {bad['ChangeSetId']} was not successfully created: Currently in FAILED."
    assert bad["Status"] == "FAILED" and reason in bad["StatusReason"]
    assert "{{IntrinsicFunction:site/Data.Outputs.Name/" in bad["StatusReason"]


def test_a_nested_change_set_fails_as_it_was_told_to_and_the_root_alone_does_not(aws):
    reason = "No export named site-data-Name found"
    aws.settings(change_set_fail={"site/App": reason})
    root = plan(aws, "site", site.root(aws), "CREATE")
    kids = children(aws, root)
    assert root["Status"] == "FAILED" and kids["App"]["StatusReason"] == reason
    assert kids["Data"]["Status"] == "CREATE_COMPLETE" and changes(kids["App"])
    aws.cfn.delete_change_set(ChangeSetName=root["ChangeSetId"])
    alone = plan(aws, "site", site.root(aws), "CREATE", "alone", nested=False)
    assert {c["Action"] for c in changes(alone).values()} == {"Add"} and children(aws, alone) == {}
    assert execute(aws, alone) == "CREATE_COMPLETE"
    aws.settings(change_set_fail={})
    assert plan(aws, "site", site.root(aws, app_=site.app("v2")), "UPDATE", "second")["Status"] == "CREATE_COMPLETE"


def test_an_import_into_a_child_parameter_is_not_allowed(aws):
    template = site.root(aws, app_={**site.app(), "Parameters": {"Given": {"Type": "String"}}})
    template["Resources"]["App"]["Properties"]["Parameters"] = {"Given": site.imported("site-Where")}
    bad = children(aws, plan(aws, "site", template, "CREATE"))["App"]
    assert "Fn::ImportValue}} is not allowed" in bad["StatusReason"]


def test_a_plain_sibling_value_passes(aws):
    template = site.root(aws, app_={**site.app(), "Parameters": {"Given": {"Type": "String"}}})
    template["Resources"]["App"]["Properties"]["Parameters"] = {"Given": {"Fn::GetAtt": ["Data", "Outputs.Name"]}}
    assert execute(aws, plan(aws, "site", template, "CREATE")) == "CREATE_COMPLETE"


def test_deleting_the_root_set_takes_the_children_along(aws):
    root = plan(aws, "site", site.root(aws), "CREATE")
    kids = children(aws, root)
    with pytest.raises(ClientError, match="root change set"):
        aws.cfn.delete_change_set(ChangeSetName=kids["App"]["ChangeSetId"])
    aws.cfn.delete_change_set(ChangeSetName=root["ChangeSetId"])
    for child in kids.values():
        with pytest.raises(ClientError, match="ChangeSetNotFound"):
            describe(aws, child["ChangeSetId"])
        with pytest.raises(ClientError, match="does not exist"):
            aws.status(child["StackId"])
    assert aws.status("site") == "REVIEW_IN_PROGRESS"


def test_a_second_create_set_is_of_the_same_stack(aws):
    first = plan(aws, "site", site.root(aws), "CREATE")
    second = plan(aws, "site", site.root(aws, "2"), "CREATE", "other")
    assert first["StackId"] == second["StackId"]
    assert len(aws.cfn.list_change_sets(StackName=first["StackId"])["Summaries"]) == 2


def test_an_update_in_between_makes_the_plan_obsolete(aws):
    aws.create("one", site.app_alone("v1"))
    planned = plan(aws, "one", site.app_alone("v2"), "UPDATE")
    aws.update("one", site.app_alone("v3"))
    assert describe(aws, planned["ChangeSetId"])["ExecutionStatus"] == "OBSOLETE"


def test_values_before_and_after(aws):
    def topics(name, display):
        return {"Resources": {
            "Topic1": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "DisplayName": display}},
            "Topic2": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Topic1"}}}}}
    aws.create("t", topics("a", "one"))
    plain = plan(aws, "t", topics("a", "two"), "UPDATE", "p1", nested=False)
    values = changes(describe(aws, plain["ChangeSetId"], IncludePropertyValues=True))
    target = values["Topic1"]["Details"][0]["Target"]
    assert (target["Path"], target["BeforeValue"], target["AfterValue"], target["AttributeChangeType"]) == (
        "/Properties/DisplayName", "one", "two", "Modify")
    assert json.loads(values["Topic1"]["BeforeContext"])["Properties"] == {"TopicName": "a", "DisplayName": "one"}
    replacing = plan(aws, "t", topics("b", "one"), "UPDATE", "p2", nested=False)
    topic = changes(replacing)["Topic1"]
    assert (topic["Replacement"], topic["PolicyAction"], topic["Details"][0]["Target"]["RequiresRecreation"]) == (
        "True", "ReplaceAndDelete", "Always")
    assert changes(replacing)["Topic2"]["Details"][0]["ChangeSource"] == "ResourceReference"
    values = changes(describe(aws, replacing["ChangeSetId"], IncludePropertyValues=True))
    assert json.loads(values["Topic2"]["AfterContext"])["Properties"]["DisplayName"] == "{{changeSet:KNOWN_AFTER_APPLY}}"


def test_removed_says_what_becomes_of_it(aws):
    kept = {**site.parameter("x"), "DeletionPolicy": "Retain"}
    aws.create("one", {"Resources": {"A": site.parameter("a"), "B": kept, "C": site.parameter("b")}})
    planned = plan(aws, "one", {"Resources": {"C": site.parameter("b")}}, "UPDATE")
    assert {lid: c["PolicyAction"] for lid, c in changes(planned).items()} == {"A": "Delete", "B": "Retain"}


def test_secrets_are_hidden_in_values(aws):
    template = {"Parameters": {"Secret": {"Type": "String", "NoEcho": True}},
                "Resources": {"A": site.parameter({"Ref": "Secret"})}}
    planned = plan(aws, "one", template, "CREATE", Parameters=[{"ParameterKey": "Secret", "ParameterValue": "hunter2"}])
    assert "hunter2" not in json.dumps(describe(aws, planned["ChangeSetId"], IncludePropertyValues=True), default=str)


def test_the_root_fails_while_a_sibling_still_runs(aws):
    aws.settings(change_set_ms=400)
    template = site.root(aws, data_={**site.data(), "Parameters": {"Given": {"Type": "CommaDelimitedList"}}})
    template["Resources"]["Data"]["Properties"]["Parameters"] = {"Given": {"Fn::GetAtt": ["Network", "Outputs.VpcId"]}}
    root = plan(aws, "site", template, "CREATE")
    assert (root["Status"], root["ExecutionStatus"]) == ("CREATE_IN_PROGRESS", "UNAVAILABLE")
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        aws.cfn.execute_change_set(ChangeSetName=root["ChangeSetId"])
    seen = set()
    while not {"FAILED"} <= {root["Status"]}:
        root = describe(aws, root["ChangeSetId"])
    for child in children(aws, root).values():
        seen.add(child["Status"])
    assert "CREATE_IN_PROGRESS" in seen


def test_values_hide_a_change_that_another_causes(aws):
    def two(value):
        return {"Resources": {"A": site.parameter(value), "B": site.parameter({"Fn::GetAtt": ["A", "Value"]})}}
    aws.create("one", two("x"))
    planned = plan(aws, "one", two("y"), "UPDATE", nested=False)
    assert set(changes(planned)) == {"A", "B"} and changes(planned)["B"]["Details"][0]["Evaluation"] == "Dynamic"
    assert set(changes(describe(aws, planned["ChangeSetId"], IncludePropertyValues=True))) == {"A"}
    assert execute(aws, planned) == "UPDATE_COMPLETE"
    assert ("B", "UPDATE_COMPLETE") in aws.statuses("one")


def test_an_add_may_say_replacement(aws):
    """Recorded in add-says-replacement.json, with property values only."""
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "a"}}}}
    planned = plan(aws, "one", template, "CREATE", nested=False)
    assert "Replacement" not in changes(planned)["T"]
    assert changes(describe(aws, planned["ChangeSetId"], IncludePropertyValues=True))["T"]["Replacement"] == "True"


def test_deleting_a_planned_stack_takes_its_planned_children_along(aws):
    kids = children(aws, plan(aws, "site", site.root(aws), "CREATE"))
    aws.delete("site")
    with pytest.raises(ClientError, match="does not exist"):
        aws.status(kids["App"]["StackId"])


def test_a_grandchild(aws):
    def tree(value):
        inner = {"Resources": {"Inner": site.nested(aws.upload(f"{value}/inner.json", site.app_alone(value)))}}
        return {"Resources": {"Outer": site.nested(aws.upload(f"{value}/outer.json", inner))}}
    root = plan(aws, "tree", tree("1"), "CREATE")
    outer = children(aws, root)["Outer"]
    inner = children(aws, outer)["Inner"]
    assert (inner["ParentChangeSetId"], inner["RootChangeSetId"]) == (outer["ChangeSetId"], root["ChangeSetId"])
    assert execute(aws, root) == "CREATE_COMPLETE" and aws.status(inner["StackId"]) == "CREATE_COMPLETE"
    described = aws.cfn.describe_stacks(StackName=inner["StackId"])["Stacks"][0]
    assert (described["ParentId"], described["RootId"]) == (outer["StackId"], root["StackId"])
    aws.settings(fail={"Version": 1})
    root = plan(aws, "tree", tree("2"), "UPDATE", "two")
    assert list(changes(children(aws, children(aws, root)["Outer"])["Inner"])) == ["Version"]
    assert execute(aws, root) == "UPDATE_ROLLBACK_COMPLETE"
    assert {aws.status(s) for s in (outer["StackId"], inner["StackId"])} == {"UPDATE_ROLLBACK_COMPLETE"}
    assert execute(aws, plan(aws, "tree", tree("3"), "UPDATE", "three")) == "UPDATE_COMPLETE"
    assert aws.delete("tree") == "DELETE_COMPLETE" and aws.status(inner["StackId"]) == "DELETE_COMPLETE"


@pytest.mark.parametrize("broken,reason", [
    ({"Resources": {"A": {"Type": "AWS::Nope::Thing"}}}, "Unrecognized resource types"),
    ({"Resources": {"A": site.parameter({"Ref": "Nobody"})}}, "Unresolved resource dependencies"),
    ("not: [a template", "Template format error")])
def test_a_childs_broken_template_fails_its_set(aws, broken, reason):
    bad = children(aws, plan(aws, "site", site.root(aws, app_=broken), "CREATE"))["App"]
    assert bad["Status"] == "FAILED" and reason in bad["StatusReason"]
