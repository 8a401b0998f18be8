"""The answers of DescribeStacks, DescribeStackEvents and DescribeStackResources. A deleted stack keeps its id when its
name is used again.

Recorded (update-in-place.json, review-in-progress-and-names.json): what is empty is left out, but NotificationARNs,
RollbackConfiguration and Tags never are; LastUpdatedTime is there once a change set or an update was executed; with
DeletionTime, which a rolled back creation has too, EnableTerminationProtection and ChangeSetId are gone; a deleted
stack answers to its id only; CreateStack on a stack in REVIEW_IN_PROGRESS creates that very stack.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html
"""
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import handlers
from ministack.services.cloudformation.helpers import _error, _p, _page, _xml

from .. import patching
from ..stacks.records import stack_of
from .xml import to_xml

ALWAYS = ("StackId", "StackName", "StackStatus", "CreationTime", "DisableRollback", "Tags")
UNLESS_EMPTY = ("Description", "Parameters", "Capabilities", "Outputs", "StackStatusReason", "ParentId", "RootId",
                "DeletionMode")


def _end_of(stack):
    """Returns when the deletion, or the rollback of the creation, began; None for any other stack."""
    if not stack["StackStatus"].startswith(("DELETE_", "ROLLBACK_")):
        return None
    return next((e["Timestamp"] for e in cfn._stack_events.get(stack["StackId"], ()) if e["ResourceStatus"] in
                 ("DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS") and e["LogicalResourceId"] == stack["StackName"]), None)


def _said(stack):
    said = {name: stack.get(name) for name in ALWAYS}
    said.update({name: stack.get(name) or None for name in UNLESS_EMPTY})
    said["Tags"] = [{"Key": t["Key"], "Value": t.get("Value", "")} for t in stack.get("Tags") or []]
    said["Parameters"] = [{"ParameterKey": p["ParameterKey"], "ParameterValue": "****" if p.get("NoEcho") else
                           p.get("ParameterValue", "")} for p in stack.get("Parameters") or []] or None
    said["DeletionTime"] = _end_of(stack)
    if not said["DeletionTime"]:
        said.update(EnableTerminationProtection=bool(stack.get("EnableTerminationProtection")),
                    ChangeSetId=stack.get("ChangeSetId"))
    if stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        said["StackStatusReason"] = "User Initiated"
    if stack.get("_was_updated"):
        said["LastUpdatedTime"] = stack["LastUpdatedTime"]
    return {**said, "NotificationARNs": [], "RollbackConfiguration": {}}


def _describe_stacks(params):
    name = _p(params, "StackName")
    found = cfn._stacks.get(name) or stack_of(name)
    if name and (not found or found["StackStatus"] == "DELETE_COMPLETE" and name != found["StackId"]):
        return _error("ValidationError", f"Stack with id {name} does not exist")
    listed = [found] if name else [s for s in cfn._stacks.values() if s["StackStatus"] != "DELETE_COMPLETE"]
    page, token, err = _page(listed, params, "DescribeStacks")
    members = "".join(f"<member>{to_xml(_said(stack))}{handlers._stack_drift_information_xml(stack)}</member>" for stack in page)
    result = f"<DescribeStacksResult><Stacks>{members}</Stacks>{token}</DescribeStacksResult>"
    return err or _xml(200, "DescribeStacksResponse", result)


def _wrap_resources(original):
    """By PhysicalResourceId: the stack, nested or not, that holds a resource. AWS answers with one resource alone
    (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/998); ministack wants a stack's
    name."""
    def describe(params):
        physical = _p(params, "PhysicalResourceId")
        if not physical:
            return original(params)
        if _p(params, "StackName"):
            return _error("ValidationError", "StackName and PhysicalResourceId cannot both be specified")
        for stack in [s for s in cfn._stacks.values() if s["StackStatus"] != "DELETE_COMPLETE"]:
            for logical_id, resource in stack["_resources"].items():
                if (resource.get("PhysicalResourceId") == physical
                        and resource.get("ResourceStatus") not in ("DELETE_COMPLETE", "DELETE_SKIPPED")):
                    return original({"StackName": [stack["StackId"]], "LogicalResourceId": [logical_id]})
        return _error("ValidationError", f"Stack for {physical} does not exist")
    return describe


def _wrap_events(original):
    def describe(params):
        name = _p(params, "StackName")
        stack = stack_of(name)
        if stack and stack["StackStatus"] == "DELETE_COMPLETE" and name != stack["StackId"]:
            return _error("ValidationError", f"Stack [{name}] does not exist")
        status, headers, body = original(params)
        return status, headers, body.replace(b"<ResourceStatusReason></ResourceStatusReason>", b"")
    return describe


def _wrap_create(original):
    """ministack keeps stacks by their name and forgets a deleted one when its name comes again."""
    def create(params):
        before = cfn._stacks.get(_p(params, "StackName"))
        if before and before["StackStatus"] == "DELETE_COMPLETE":
            cfn._stacks[before["StackId"]] = cfn._stacks.pop(before["StackName"])
        return original(params)
    return create


def _wrap_create_in_review(original):
    """CreateStack on a stack that a change set created (REVIEW_IN_PROGRESS) keeps its id and its first event."""
    def create(params):
        before = cfn._stacks.get(_p(params, "StackName"))
        if not before or before["StackStatus"] != "REVIEW_IN_PROGRESS":
            return original(params)
        del cfn._stacks[before["StackName"]]
        events, own_id, new_uuid = cfn._stack_events[before["StackId"]], before["StackId"].split("/")[-1], handlers.new_uuid
        handlers.new_uuid = lambda: own_id  # the handler uses it for the stack's id only
        try:
            answer = original(params)
        finally:
            handlers.new_uuid = new_uuid
        if answer[0] == 200:
            cfn._stack_events[before["StackId"]][:0] = events
        else:
            cfn._stacks[before["StackName"]] = before
        return answer
    return create


def install():
    patching.replace_action("DescribeStacks", lambda _: _describe_stacks)
    patching.replace_action("DescribeStackEvents", _wrap_events)
    patching.replace_action("DescribeStackResources", _wrap_resources)
    patching.replace_action("CreateStack", _wrap_create_in_review)
    for action in ("CreateStack", "CreateChangeSet"):
        patching.replace_action(action, _wrap_create)
