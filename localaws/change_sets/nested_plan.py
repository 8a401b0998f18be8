"""CreateChangeSet with IncludeNestedStacks: a change set for each child, as nested-shape.json and FACTS.md say.

- a child that will be new is put in REVIEW_IN_PROGRESS; its set is CREATE_COMPLETE and UNAVAILABLE,
  "Only executable from the root change set.";
- an unchanged child's set is FAILED with the no-change reason and is no failure of the root;
- a child that really fails makes its parent FAILED: "Nested change set ARN was not successfully created: Currently in
  FAILED." Nothing else tells the root's reader why.
"""
import time

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import changesets
from ministack.services.cloudformation import stacks as stk
from ministack.services.cloudformation.engine import _resolve_parameters

from ..controls import settings
from ..stacks import nested
from ..stacks.records import STACK, stack_of
from ..templates import capabilities, resource_types
from . import values

NO_CHANGE = ("The submitted information didn't contain changes. "
             "Submit different information to create a change set.")
FROM_ROOT = "Only executable from the root change set."
AUTOMATIC = {"Target": {"Attribute": "Properties", "RequiresRecreation": "Never"},
             "Evaluation": "Dynamic", "ChangeSource": "Automatic"}


def _changes_outputs(change_set):
    """Changed outputs alone are a change too, without an entry in Changes (aws-cdk #2029)."""
    stack = stack_of(change_set["StackId"])
    return change_set["ChangeSetType"] == "UPDATE" and \
        stack.get("_template", {}).get("Outputs") != change_set["_template"].get("Outputs")


def conclude(change_set, reason=""):
    """Sets Status, ExecutionStatus and StatusReason of a change set whose changes are known."""
    if reason or not change_set["Changes"] and not _changes_outputs(change_set):
        state = ("FAILED", "UNAVAILABLE", reason or NO_CHANGE)
    elif change_set.get("ParentChangeSetId"):
        state = ("CREATE_COMPLETE", "UNAVAILABLE", FROM_ROOT)
    else:
        state = ("CREATE_COMPLETE", "AVAILABLE", "")
    change_set["Status"], change_set["ExecutionStatus"], change_set["StatusReason"] = state


def is_real_failure(change_set):
    return change_set["Status"] == "FAILED" and change_set["StatusReason"] != NO_CHANGE


def _record(parent_set, child, logical_id, operation):
    name = f"{parent_set['ChangeSetName'][:80]}-{logical_id}-{new_uuid()[:8]}"
    arn = f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:changeSet/{name}/{new_uuid()}"
    record = {
        "ChangeSetId": arn, "ChangeSetName": name, "StackId": child["StackId"], "StackName": child["StackName"],
        "ChangeSetType": operation, "CreationTime": now_iso(), "Description": "", "Changes": [], "Parameters": [],
        "Tags": parent_set.get("Tags", []), "Capabilities": parent_set.get("Capabilities", []),
        "ParentChangeSetId": parent_set["ChangeSetId"], "IncludeNestedStacks": True,
        "RootChangeSetId": parent_set.get("RootChangeSetId") or parent_set["ChangeSetId"],
        "_template": {}, "_template_body": "", "_resolved_params": {}, "_children": [], "_resources_to_import": [],
        "Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE", "StatusReason": ""}
    cfn._change_sets[arn] = record
    return record


def _diff(stack, template, params, retags=False):
    """ministack's own comparison, with parameters resolved on both sides. Other tags modify all that takes tags."""
    old_params = stack.get("_resolved_params", {})
    name, arn = stack["StackName"], stack["StackId"]
    old = changesets._resolve_props_for_diff(stack.get("_template", {}), old_params, name, arn)
    new = changesets._resolve_props_for_diff(template, params, name, arn)
    changed = {k for k, v in params.items() if old_params.get(k, {}).get("Value") != v.get("Value")}
    resources = stack.get("_resources")
    return stk._diff_resources(old, new, resources, template, changed, resources if retags else ())


def _parameters(scope, template, props):
    declared = template.get("Parameters", {})
    given = {name: values.child_parameter(scope, name, node, declared.get(name, {}))
             for name, node in (props.get("Parameters") or {}).items()}
    return nested.checked(template, _resolve_parameters(template, [{"Key": k, "Value": str(v)} for k, v in given.items()]))


def _plan_child(parent_set, scope, logical_id, definition):
    """Creates the child's change set, and those of its own children."""
    known = scope.stack.get("_resources", {}).get(logical_id)
    child = stack_of(known["PhysicalResourceId"]) if known else _in_review(scope.stack, logical_id)
    record = _record(parent_set, child, logical_id, "UPDATE" if known else "CREATE")
    props = definition.get("Properties") or {}
    try:
        url = scope.value(props.get("TemplateURL"))
        if values.UNKNOWN in str(url):
            raise ValueError("TemplateURL must be a supported URL.")
        body, template = nested.read_template({"TemplateURL": url})
        capabilities.check_nested(template, record["Capabilities"], macros=False)
        resource_types.check(child, template)
        params = _parameters(scope, template, props)
        record.update(_template=template, _template_body=body, _resolved_params=params, Parameters=[
            {"ParameterKey": k, "ParameterValue": v["Value"]} for k, v in values.hide_secrets(params).items()])
        record["Tags"] = nested.tags_of(parent_set if parent_set.get("_tags_given", True) else scope.stack, props)
        record["Changes"] = _diff(child, template, params, bool(known) and nested.differ(record["Tags"], child["Tags"]))
        plan(record, child)
        if reason := settings.values["change_set_fail"].get(f"{scope.stack['StackName']}/{logical_id}"):
            raise ValueError(reason)
    except ValueError as exc:
        conclude(record, str(exc))
    return record


def _in_review(parent, logical_id):
    child = nested.planned_child(parent, logical_id)
    if not child:
        child = nested.new_record(parent, logical_id, "REVIEW_IN_PROGRESS")
        stk._add_event(child["StackId"], child["StackName"], child["StackName"], STACK, "REVIEW_IN_PROGRESS", "",
                       child["StackId"])
    return child


def _change_of(child_set, scope, logical_id):
    known = scope.stack.get("_resources", {}).get(logical_id)
    change = {"Action": "Modify" if known else "Add", "LogicalResourceId": logical_id, "ResourceType": STACK,
              "ChangeSetId": child_set["ChangeSetId"]}
    if known:
        change.update(PhysicalResourceId=known["PhysicalResourceId"], Replacement="False", Scope=["Properties"],
                      Details=[AUTOMATIC])
    return {"ResourceChange": change}


def _replaced(changes):
    return [c["ResourceChange"]["LogicalResourceId"] for c in changes if c["ResourceChange"].get("Replacement") == "True"]


def scope_of(change_set, stack, hide=False):
    params = change_set["_resolved_params"]
    return values.Scope(stack, change_set["_template"], values.hide_secrets(params) if hide else params,
                        _replaced(change_set["Changes"]))


def plan(change_set, stack):
    """Creates the change sets of all nested stacks of this change set's stack, then sets its own status."""
    scope = scope_of(change_set, stack)
    children = {lid: r for lid, r in scope.declared().items() if r.get("Type") == STACK}
    changes = [c for c in change_set["Changes"] if c["ResourceChange"]["LogicalResourceId"] not in children]
    failed = None
    for logical_id, definition in children.items():
        child_set = _plan_child(change_set, scope, logical_id, definition)
        change_set.setdefault("_children", []).append(child_set["ChangeSetId"])
        if child_set["Status"] == "CREATE_COMPLETE" or is_real_failure(child_set):
            changes.append(_change_of(child_set, scope, logical_id))
        if is_real_failure(child_set):
            failed = failed or child_set
    change_set["Changes"] = sorted(changes, key=lambda c: c["ResourceChange"]["LogicalResourceId"])
    conclude(change_set, failed and f"Nested change set {failed['ChangeSetId']} was not successfully created: "
                                    "Currently in FAILED.")


def always_modified(change_set, stack):
    """Without IncludeNestedStacks CloudFormation does not look into children: each existing one is a Modify."""
    listed = {c["ResourceChange"]["LogicalResourceId"] for c in change_set["Changes"]}
    for logical_id, definition in change_set["_template"].get("Resources", {}).items():
        known = stack.get("_resources", {}).get(logical_id)
        if definition.get("Type") == STACK and known and logical_id not in listed:
            change_set["Changes"].append({"ResourceChange": {
                "Action": "Modify", "LogicalResourceId": logical_id, "ResourceType": STACK, "Scope": ["Properties"],
                "PhysicalResourceId": known["PhysicalResourceId"], "Replacement": "False", "Details": [AUTOMATIC]}})


def descendants(change_set):
    for arn in change_set.get("_children", []):
        child = cfn._change_sets.get(arn)
        if child:
            yield child
            yield from descendants(child)


def take_time(root):
    """Children become ready one after the other; a failing child fails the root while its siblings still run."""
    step, now = settings.values["change_set_ms"] / 1000, time.monotonic()
    children = list(descendants(root))
    for number, child in enumerate(children, 1):
        child["_ready_at"] = now + step * (1 + number / 2)
    failures = [c["_ready_at"] for c in children if is_real_failure(c)]
    ready = [c["_ready_at"] for c in children] or [now + step]
    root["_ready_at"] = min(failures) if failures else max(ready)
