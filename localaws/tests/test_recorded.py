"""Repeats the steps that were recorded on AWS and compares the whole answers, without ids and times.

The recordings are not part of this repository: SHARED names the folder that has aws-recorded/.
"""
import datetime
import json
import os
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

FOLDER = Path(os.environ.get("SHARED", "")) / "aws-recorded"
pytestmark = pytest.mark.skipif(not os.environ.get("SHARED"), reason="SHARED does not name the folder of aws-recorded/")
STACK, SET = "stack-name-1", "change-set"
IDS = ((r"arn:aws:cloudformation:[^:]+:\d+:stack/[^ \]]+", "STACK"),
       (r"arn:aws:cloudformation:[^:]+:\d+:changeSet/[^ \]]+", "SET"),
       (r"^(stack|change-set)-id-\d$", "ID"), (r"eu-west-1|us-east-1", "REGION"))


def recorded(file, test):
    found = json.loads((FOLDER / file).read_text())
    return next(v["answers"] for name, v in found.items() if name.split("::")[-1] == test)


def plain(value, key=""):
    """A comparable form: ids and times by their kind, contexts parsed, what only the recorder or boto3 adds left
    out."""
    if isinstance(value, dict):
        if value.get("Action") == "Add":  # Replacement there in April 2025, no more in August (add-says-replacement.json)
            value = {k: v for k, v in value.items() if k != "Replacement"}
        return {k: plain(v, k) for k, v in value.items() if k not in ("ResponseMetadata", "EventId")}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, datetime.datetime) or key.endswith("Time") or key == "Timestamp":
        return "TIME"
    if key in ("ChangeSetName", "ChangeSetId", "StackId", "Id"):
        return key
    if key in ("BeforeContext", "AfterContext", "StackPolicyBody"):
        return plain(json.loads(value))
    if isinstance(value, str):
        for pattern, kind in IDS:
            value = re.sub(pattern, kind, value)
    return value


class Replay:
    """The recorder's own steps: plan, describe with and without values, execute, describe the stack."""

    def __init__(self, aws, capabilities=()):
        self.aws, self.cfn, self.capabilities, self.number = aws, aws.cfn, list(capabilities), 0

    def step(self, template, kind):
        """{step: answer} of one change set, named as the recorder names them."""
        self.number += 1
        made = self.cfn.create_change_set(StackName=STACK, ChangeSetName=f"{SET}-{self.number}", ChangeSetType=kind,
                                          TemplateBody=json.dumps(template), Capabilities=self.capabilities)
        asked = {"ChangeSetName": made["Id"]}
        answers = {f"describe-change-set-{self.number}-prop-values":
                   self.cfn.describe_change_set(**asked, IncludePropertyValues=True),
                   f"describe-change-set-{self.number}": self.cfn.describe_change_set(**asked)}
        if answers[f"describe-change-set-{self.number}"]["ExecutionStatus"] == "AVAILABLE":
            self.cfn.execute_change_set(**asked)
            self.arn = made["StackId"]
            self.aws.wait(self.arn)
            answers[f"post-create-{self.number}-describe"] = self.stack()
        return answers

    def stack(self):
        return self.cfn.describe_stacks(StackName=self.arn)["Stacks"][0]

    def delete(self):
        self.cfn.delete_stack(StackName=STACK)
        self.aws.wait(self.arn)
        return {"delete-describe": self.stack()}

    def statuses(self, logical_id):
        """Statuses of one resource as the recorder keeps them: with a physical id, without the cleanup, each once in a
        row."""
        own = [e for e in self.aws.events(self.arn) if e["LogicalResourceId"] == logical_id and e.get("PhysicalResourceId")]
        statuses = [e["ResourceStatus"] for e in own if "CLEANUP" not in e["ResourceStatus"]]
        return [s for n, s in enumerate(statuses) if n == 0 or statuses[n - 1] != s]


def topic(**props):
    return {"Type": "AWS::SNS::Topic", "Properties": props}


def pair(first, second_is):
    return {"Resources": {"Topic1": first, "Topic2": topic(TopicName="topic-name-2", DisplayName=second_is)}}


CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
DISPLAY = {"Fn::GetAtt": ["Topic1", "DisplayName"]}
BY_CHANGE_SET = [
    ("update-in-place.json", "test_direct_update", CAPABILITIES,
     {"Resources": {"Foo": topic(TopicName="topic-1")}}, {"Resources": {"Foo": topic(TopicName="topic-2")}}),
    ("values-hide-a-change.json", "test_direct_attribute_value_change", (),
     pair(topic(TopicName="topic-name-1", DisplayName="display-value-1"), DISPLAY),
     pair(topic(TopicName="topic-name-1", DisplayName="display-value-2"), DISPLAY)),
    ("replacement.json", "test_immutable_property_update_causes_resource_replacement", (),
     pair(topic(TopicName="topic-name-1", DisplayName="value"), {"Ref": "Topic1"}),
     pair(topic(TopicName="updated-topic-name-1", DisplayName="new_value"), {"Ref": "Topic1"})),
    ("add-says-replacement.json", "test_condition_update_adds_resource", (),
     {"Resources": {"TopicPlaceholder": topic(TopicName="topic-name-2")}},
     {"Resources": {"TopicPlaceholder": topic(TopicName="topic-name-2"), "SNSTopic": topic(TopicName="topic-name-1")}}),
]


@pytest.mark.parametrize("file,test,capabilities,one,two", BY_CHANGE_SET, ids=[row[1] for row in BY_CHANGE_SET])
def test_change_sets(aws, file, test, capabilities, one, two):
    replay = Replay(aws, capabilities)
    answers = {**replay.step(one, "CREATE"), **replay.step(two, "UPDATE"), **replay.delete()}
    wanted = recorded(file, test)
    for step, answer in answers.items():
        assert plain(answer) == plain(wanted[step]), step
    for logical_id, events in wanted["per-resource-events"].items():
        if logical_id in two["Resources"]:  # sorted by the recorder, and some of them before the deletion had ended
            assert {e["ResourceStatus"] for e in events} <= set(replay.statuses(logical_id)), logical_id


def test_events_of_a_replacement(aws):
    replay, wanted = Replay(aws), recorded("update-in-place.json", "test_direct_update")["per-resource-events"]["Foo"]
    for name, kind in (("topic-1", "CREATE"), ("topic-2", "UPDATE")):
        replay.step({"Resources": {"Foo": topic(TopicName=name)}}, kind)
    replay.delete()
    assert replay.statuses("Foo") == [e["ResourceStatus"] for e in wanted]


PARAMETER = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}


def test_no_changes(aws):
    replay, template = Replay(aws), {"Resources": {"A": PARAMETER}}
    replay.step(template, "CREATE")
    answer = replay.step(template, "UPDATE")["describe-change-set-2"]
    assert plain(answer) == plain(recorded("no-change.json", "test_create_change_set_no_changes")["change-set-description"])
    with pytest.raises(ClientError) as refused:
        aws.cfn.execute_change_set(ChangeSetName=answer["ChangeSetId"])
    assert plain(str(refused.value)) == plain(recorded("no-change.json", "test_empty_changeset")["error_execute_failed"])
    with pytest.raises(ClientError, match="No updates are to be performed."):
        aws.cfn.update_stack(StackName=STACK, TemplateBody=json.dumps(template))


@pytest.mark.parametrize("test,export_comes", [
    ("test_describe_change_set_import_non_existent_export", False),
    ("test_describe_change_set_import_non_existent_export_then_create", True)])
def test_a_missing_export(aws, test, export_comes):
    wanted = recorded("import-missing-export.json", test)
    template = {"Resources": {"MyFoo": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": {"Fn::ImportValue": "export-name"}}}}}
    made = aws.cfn.create_change_set(StackName=STACK, ChangeSetName=SET, ChangeSetType="CREATE",
                                     TemplateBody=json.dumps(template))
    asked = {"ChangeSetName": made["Id"]}
    assert plain(aws.cfn.describe_change_set(**asked)) == plain(wanted["describe"])
    assert plain(aws.cfn.describe_change_set(**asked, IncludePropertyValues=True)) == plain(wanted["describe_with_values"])
    if export_comes:
        aws.create("exporter", {"Resources": {"A": PARAMETER},
                                "Outputs": {"A": {"Value": "1", "Export": {"Name": "export-name"}}}})
    aws.cfn.execute_change_set(**asked)
    aws.wait(made["StackId"])
    stack = aws.cfn.describe_stacks(StackName=made["StackId"])["Stacks"][0]
    if not export_comes:  # the recorder had deleted it meanwhile
        assert stack["StackStatus"] == wanted["post-deploy-stack-describe"]["StackStatus"]
    else:
        assert plain(stack) == plain(wanted["post-deploy-stack-describe"])


def test_create_while_in_review(aws):
    wanted = recorded("review-in-progress-and-names.json", "test_create_while_in_review")
    template = json.dumps({"Resources": {"SimpleParam": PARAMETER}})
    made = aws.cfn.create_change_set(StackName=STACK, ChangeSetName=SET, ChangeSetType="CREATE", TemplateBody=template)
    in_review = aws.cfn.describe_stacks(StackName=STACK)["Stacks"]
    assert plain(in_review) == plain(recorded("review-in-progress-and-names.json", "test_create_changeset_with_stack_id")
                                     ["describe_stack"]["Stacks"])
    created = aws.cfn.create_stack(StackName=STACK, TemplateBody=template)
    assert created["StackId"] == made["StackId"] and aws.wait(STACK) == "CREATE_COMPLETE"
    assert plain(aws.cfn.describe_stacks(StackName=STACK)["Stacks"]) == plain(wanted["describe_stack"]["Stacks"])
    assert plain(aws.cfn.describe_change_set(ChangeSetName=made["Id"])) == plain(wanted["describe_change_set"])


def test_names(aws):
    wanted = recorded("review-in-progress-and-names.json", "test_name_conflicts")
    arn, _ = aws.create(STACK, {"Resources": {"A": PARAMETER}})

    def refusal(call, **asked):
        with pytest.raises(ClientError) as refused:
            call(**asked)
        return plain(refused.value.response["Error"])
    assert refusal(aws.cfn.create_stack, StackName=STACK, TemplateBody=json.dumps({"Resources": {"A": PARAMETER}})) == \
        wanted["create_stack_already_exists_exc"]["Error"]
    aws.delete(STACK)
    assert refusal(aws.cfn.describe_stacks, StackName=STACK) == wanted["deleted_stack_not_found_exc"]["Error"]
    assert refusal(aws.cfn.describe_stack_events, StackName=STACK) == wanted["deleted_stack_events_not_found_by_name"]["Error"]
    assert plain(aws.cfn.describe_stacks(StackName=arn)["Stacks"]) == plain(wanted["deleted_stack_desc"]["Stacks"])
    again, _ = aws.create(STACK, {"Resources": {"A": PARAMETER}})
    assert again != arn
    assert plain(aws.cfn.describe_stacks(StackName=STACK)["Stacks"]) == plain(wanted["new_stack_desc"]["Stacks"])
    assert plain(aws.cfn.describe_stacks(StackName=arn)["Stacks"]) == plain(wanted["stack_id_desc"]["Stacks"])


@pytest.mark.parametrize("names", ["ABC", "CBA"])
def test_order_of_creation_and_deletion(aws, names):
    """B needs A and C needs B, in whatever order the template has them."""
    wanted = recorded("lifecycle-events.json", f"test_stack_deploy_order[{'-'.join(names)}]")["events"]
    values = {"A": "root", "B": {"Ref": "A"}, "C": {"Ref": "B"}}
    arn, _ = aws.create(STACK, {"Resources": {n: {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": values[n]}} for n in names}})
    aws.delete(STACK)
    own = [e for e in aws.events(arn) if e["LogicalResourceId"] in names and e["ResourceStatus"].endswith("_COMPLETE")]
    assert [(e["LogicalResourceId"], e["ResourceStatus"]) for e in own] == [
        (e["LogicalResourceId"], e["ResourceStatus"]) for e in wanted]
    missing = {"ResourceProperties"}  # README.md, Still missing
    assert all(set(e) == set(wanted[0]) - missing for e in own)


def test_retained(aws):
    replay = Replay(aws)
    replay.step({"Resources": {"MyParameter": {**PARAMETER, "DeletionPolicy": "Retain"}}}, "CREATE")
    replay.delete()
    events = recorded("retain.json", "test_deletion_policy_with_retain")["per-resource-events"]
    assert replay.statuses("MyParameter") == [e["ResourceStatus"] for e in events["MyParameter"]]
    assert replay.statuses(STACK) == [e["ResourceStatus"] for e in events["Stack"]]


def _create_set(cfn, **asked):
    return cfn.create_change_set(**{"StackName": STACK, "ChangeSetName": SET, "ChangeSetType": "CREATE", **asked})


NO_INPUT = {"Parameters": {"Input": {"Type": "String"}}, "Resources": {"A": PARAMETER}}
ERRORS = [
    ("test_describe_change_set_nonexisting", "exception",
     lambda c: c.describe_change_set(StackName="somestack", ChangeSetName="p")),
    ("test_delete_change_set_exception", "e1", lambda c: c.delete_change_set(StackName="nostack", ChangeSetName="p")),
    ("test_delete_change_set_exception", "e2", lambda c: c.delete_change_set(ChangeSetName="p")),
    ("test_non_existing_stack_message", "Error", lambda c: c.describe_stacks(StackName="stack-name")),
    ("test_describe_non_existent_stack", "error",
     lambda c: c.describe_stack_resource(StackName="not-a-valid-stack", LogicalResourceId="x")),
    ("test_no_parameters_given", "deploy-error", lambda c: _create_set(c, TemplateBody=json.dumps(NO_INPUT))),
    ("test_linting_error_during_creation", "error",
     lambda c: c.create_stack(StackName=STACK, TemplateBody=json.dumps({"Resources": {"A": "x"}}))),
]


@pytest.mark.parametrize("test,step,call", ERRORS, ids=[f"{row[0]}-{row[1]}" for row in ERRORS])
def test_errors(aws, test, step, call):
    wanted = recorded("errors.json", test)[step]
    with pytest.raises(ClientError) as refused:
        call(aws.cfn)
    error = refused.value.response["Error"] if isinstance(wanted, dict) else str(refused.value)
    assert error == (wanted["Error"] if isinstance(wanted, dict) else wanted)


def test_exports(aws):
    wanted = recorded("exports.json", "test_cfn_with_exports")["exports"]
    outputs = {f"O{n}": {"Value": e["Value"], "Export": {"Name": e["Name"]}} for n, e in enumerate(wanted)}
    aws.create(STACK, {"Resources": {"A": PARAMETER}, "Outputs": outputs})
    assert [{**e, "ExportingStackId": "stack-id"} for e in aws.cfn.list_exports()["Exports"]] == wanted


def test_a_stack_policy(aws):
    wanted = recorded("stack-policy.json", "test_policy_lifecycle")
    aws.create(STACK, {"Resources": {"A": PARAMETER}})
    assert plain(aws.cfn.get_stack_policy(StackName=STACK)) == plain(wanted["initial_policy"])
    aws.cfn.set_stack_policy(StackName=STACK, StackPolicyBody=json.dumps(wanted["policy"]["StackPolicyBody"]))
    assert plain(aws.cfn.get_stack_policy(StackName=STACK)) == plain(wanted["policy"])


def test_the_shape_of_a_nested_change_set(aws):
    """nested-shape.json: from AWS's user guide, not recorded."""
    from localaws.tests.harness import site_templates as site
    wanted = json.loads((FOLDER / "nested-shape.json").read_text())
    aws.create("root", site.root(aws), Capabilities=["CAPABILITY_IAM"])
    made = aws.cfn.create_change_set(StackName="root", ChangeSetName="root-plan", IncludeNestedStacks=True,
                                     Capabilities=["CAPABILITY_IAM"],
                                     TemplateBody=json.dumps(site.root(aws, "2", app_=site.app("v2"))))
    root = aws.cfn.describe_change_set(ChangeSetName=made["Id"])
    change = root["Changes"][0]["ResourceChange"]
    child = aws.cfn.describe_change_set(ChangeSetName=change["ChangeSetId"])
    for answer, shape in ((root, wanted["root"]), (child, wanted["child"])):
        assert set(plain(answer)) - {"CreationTime"} == set(shape)
    assert change["Details"] == wanted["root"]["Changes"][0]["ResourceChange"]["Details"]
    assert set(change) == set(wanted["root"]["Changes"][0]["ResourceChange"])
    for key in ("Status", "ExecutionStatus", "StatusReason", "IncludeNestedStacks"):
        assert child[key] == wanted["child"][key], key
