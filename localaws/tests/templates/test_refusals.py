"""What CloudFormation refuses of a template before anything is made: capabilities, other types, missing resources.

Sources: templates/capabilities.py, templates/resource_types.py, templates/validation.py, change_sets/conditions.py. The
conformance suite (internal/cfn/cfntest/conformance/strict.go) has the same by change sets, for both doubles.
"""
import json

import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness import site_templates as site

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
MACRO = {"Transform": "AWS::LanguageExtensions", "Resources": {"One": site.parameter("x")}}


def role(**props):
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **props}}


@pytest.mark.parametrize("resource,given,missing", [
    (role(), [], "CAPABILITY_IAM"), (role(), ["CAPABILITY_AUTO_EXPAND"], "CAPABILITY_IAM"),
    (role(RoleName="mine"), ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
    ({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": TRUST}}, [], "CAPABILITY_IAM"),
    (role(), ["CAPABILITY_NAMED_IAM"], None), (role(), ["CAPABILITY_IAM"], None), (site.parameter("x"), [], None)])
def test_iam_resources_are_acknowledged(aws, resource, given, missing):
    template = {"Resources": {"One": resource}}
    if not missing:
        assert aws.create("one", template, Capabilities=given)[1] == "CREATE_COMPLETE"
        return
    with pytest.raises(ClientError, match=rf"InsufficientCapabilitiesException.*Requires capabilities : \[{missing}\]"):
        aws.create("one", template, Capabilities=given)
    assert aws.cfn.list_stacks()["StackSummaries"] == []


def test_a_macro_is_acknowledged_unless_by_a_change_set(aws):
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_AUTO_EXPAND\]"):
        aws.create("one", MACRO)
    made = aws.cfn.create_change_set(StackName="one", ChangeSetName="set", ChangeSetType="CREATE", TemplateBody=json.dumps(MACRO))
    assert aws.cfn.describe_change_set(ChangeSetName=made["Id"])["Status"] == "CREATE_COMPLETE"


@pytest.mark.parametrize("child,given,missing", [
    ({"Resources": {"One": role()}}, ["CAPABILITY_AUTO_EXPAND"], "CAPABILITY_IAM"),
    ({"Resources": {"One": role(RoleName="mine")}}, ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
    (MACRO, ["CAPABILITY_IAM"], "CAPABILITY_AUTO_EXPAND"), (MACRO, ["CAPABILITY_AUTO_EXPAND"], None)])
def test_a_nested_template_is_acknowledged_by_the_root_s_call(aws, child, given, missing):
    root = {"Resources": {"Child": site.nested(aws.upload("child.json", child))}}
    arn, status = aws.create("one", root, Capabilities=given)
    assert status == ("ROLLBACK_COMPLETE" if missing else "CREATE_COMPLETE")
    said = ("Child", "CREATE_FAILED", f"Requires capabilities : [{missing}]")
    assert (said in aws.statuses(arn, reasons=True)) == bool(missing)


def test_a_nested_stack_s_update_is_acknowledged_too(aws):
    aws.create("site", site.root(aws))
    assert aws.update("site", site.root(aws, "2", app_=site.app(More=role()))) == "UPDATE_ROLLBACK_COMPLETE"
    assert aws.update("site", site.root(aws, "3", app_=site.app(More=role())), Capabilities=["CAPABILITY_IAM"]) == "UPDATE_COMPLETE"


def test_another_type_under_a_logical_id(aws):
    refusal = r"Update of resource type is not permitted.*following resources: \[Version\]"
    topic = {"Type": "AWS::SNS::Topic"}
    aws.create("site", site.root(aws))
    changed = site.root(aws, "2", app_={"Resources": {"Version": topic}})
    assert aws.update("site", changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert any(lid == "App" and "Update of resource type is not permitted" in why for lid, _, why in aws.statuses("site", reasons=True))
    aws.create("one", site.app_alone("x"))
    for call in (aws.cfn.update_stack, lambda **kw: aws.cfn.create_change_set(ChangeSetName="set", **kw)):
        with pytest.raises(ClientError, match=refusal):
            call(StackName="one", TemplateBody=json.dumps({"Resources": {"Version": topic}}))
    assert aws.status("one") == "CREATE_COMPLETE"


def optional(wanted, value):
    return {"Conditions": {"Wanted": {"Fn::Equals": [wanted, "yes"]}}, "Resources": {
        "Sometimes": {**site.parameter("x"), "Condition": "Wanted"}, "User": site.parameter(value)}}


def test_a_resource_whose_condition_turns_false_is_removed(aws):
    aws.create("one", optional("yes", "a"))
    made = aws.cfn.create_change_set(StackName="one", ChangeSetName="set", TemplateBody=json.dumps(optional("no", "a")))
    (change,) = aws.cfn.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    assert (change["ResourceChange"]["Action"], change["ResourceChange"]["LogicalResourceId"]) == ("Remove", "Sometimes")
    aws.cfn.execute_change_set(ChangeSetName=made["Id"])
    assert aws.wait("one") == "UPDATE_COMPLETE"
    assert [r["LogicalResourceId"] for r in aws.cfn.list_stack_resources(StackName="one")["StackResourceSummaries"]] == ["User"]
    assert len(aws.client("ssm").describe_parameters()["Parameters"]) == 1


def test_a_reference_in_a_branch_that_counts_needs_its_resource(aws):
    ref = {"Fn::If": ["Wanted", {"Ref": "Sometimes"}, "none"]}
    assert aws.create("one", optional("no", ref))[1] == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match=r"Unresolved resource dependencies \[Sometimes\] in the Resources block of the template"):
        aws.create("two", optional("no", {"Fn::Sub": "${Sometimes}"}))


def test_resources_that_an_update_leaves_alone_keep_their_status(aws):
    aws.create("one", {"Resources": {"A": site.parameter("1"), "B": site.parameter("1")}})
    aws.update("one", {"Resources": {"A": site.parameter("1"), "B": site.parameter("2"), "C": site.parameter("1")}})
    left = {r["LogicalResourceId"]: r["ResourceStatus"] for r in aws.cfn.list_stack_resources(StackName="one")["StackResourceSummaries"]}
    assert left == {"A": "CREATE_COMPLETE", "B": "UPDATE_COMPLETE", "C": "CREATE_COMPLETE"}
