"""The answers of CreateChangeSet, DescribeChangeSet, ListChangeSets, ExecuteChangeSet and DeleteChangeSet, with the
members of botocore's model only."""
import copy
import re
import time

from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import changesets
from ministack.services.cloudformation.helpers import _error, _p, _page, _xml

from .. import patching
from ..change_sets import nested_plan, property_values
from ..stacks.records import descendants, stack_of
from .xml import to_xml

SUMMARY = ("StackId", "StackName", "ChangeSetId", "ChangeSetName", "ExecutionStatus", "Status", "StatusReason",
           "CreationTime", "Description", "IncludeNestedStacks", "ParentChangeSetId", "RootChangeSetId",
           "ImportExistingResources")
DESCRIPTION = (*SUMMARY, "Parameters", "Tags", "Capabilities", "OnStackFailure")
LEFT_OUT_WHEN_EMPTY = ("Tags", "ImportExistingResources")  # recorded


def is_pending(change_set):
    return time.monotonic() < change_set.get("_ready_at", 0)


def seen(change_set):
    """Returns the change set as DescribeChangeSet shows it now."""
    if is_pending(change_set):
        return {**change_set, "Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE", "StatusReason": "",
                "Changes": []}
    return change_set


def find(params):
    """Returns (change set, error) for ChangeSetName and StackName; either may be an ARN."""
    name, stack_name = _p(params, "ChangeSetName"), _p(params, "StackName")
    if not name.startswith("arn:"):
        if not stack_name:
            return None, _error("ValidationError", "StackName must be specified if ChangeSetName is not specified as an ARN.")
        stack = stack_of(stack_name)
        if not stack or stack["StackStatus"] == "DELETE_COMPLETE":
            return None, _error("ValidationError", f"Stack [{stack_name}] does not exist")
        stack_name = stack["StackName"]
    _, found = changesets._find_change_set(name, stack_name if not name.startswith("arn:") else "")
    return (found, None) if found else (None, _error("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404))


def _keep_reviewed_stack(before, change_set):
    """A second CREATE set on a stack in REVIEW_IN_PROGRESS is of the same stack (recorded); ministack makes a new
    one."""
    new = cfn._stacks[before["StackName"]]
    cfn._stack_events.pop(new["StackId"], None)
    cfn._stacks[before["StackName"]] = before
    change_set["StackId"] = before["StackId"]


def _wrap_create(original):
    def create(params):
        before = stack_of(_p(params, "StackName"))
        status, headers, body = original(params)
        if status != 200:
            return status, headers, body
        change_set = cfn._change_sets[re.search(rb"<Id>(.+?)</Id>", body)[1].decode()]
        if before and before["StackStatus"] == "REVIEW_IN_PROGRESS":
            _keep_reviewed_stack(before, change_set)
        change_set["IncludeNestedStacks"] = _p(params, "IncludeNestedStacks", "false").lower() == "true"
        stack = cfn._stacks[change_set["StackName"]]
        if change_set["ChangeSetType"] != "IMPORT" and not nested_plan.is_real_failure(change_set):
            if change_set["IncludeNestedStacks"]:
                nested_plan.plan(change_set, stack)
            elif change_set["ChangeSetType"] == "UPDATE":
                nested_plan.always_modified(change_set, stack)
                nested_plan.conclude(change_set)
        nested_plan.take_time(change_set)
        result = to_xml({"Id": change_set["ChangeSetId"], "StackId": change_set["StackId"]})
        return _xml(200, "CreateChangeSetResponse", f"<CreateChangeSetResult>{result}</CreateChangeSetResult>")
    return create


def _parameters(change_set):
    secret = {k for k, v in change_set["_resolved_params"].items() if v.get("NoEcho")}
    return [{**p, "ParameterValue": "****"} if p["ParameterKey"] in secret else p for p in change_set["Parameters"]]


def _describe(params):
    change_set, err = find(params)
    if err:
        return err
    change_set = seen(change_set)
    changes = [{"Type": "Resource", **copy.deepcopy(c)} for c in change_set["Changes"]]
    warning = ""
    if _p(params, "IncludePropertyValues", "false").lower() == "true" and changes:
        changes, warning = property_values.add(changes, change_set, stack_of(change_set["StackId"]))
    for change in changes:  # AWS answers with both, also when they are empty
        change["ResourceChange"] = {"Scope": [], "Details": [], **change["ResourceChange"]}
    page, token, err = _page(changes, params, "DescribeChangeSet")
    if err:
        return err
    answer = {k: change_set.get(k) for k in DESCRIPTION}
    answer["Tags"] = [{"Key": t["Key"], "Value": t["Value"]} for t in answer["Tags"]]
    answer.update({k: answer[k] or None for k in LEFT_OUT_WHEN_EMPTY})
    answer.update(IncludeNestedStacks=bool(change_set.get("IncludeNestedStacks")), Parameters=_parameters(change_set) or None,
                  Changes=page, NotificationARNs=[], RollbackConfiguration={},
                  StatusReason=change_set.get("StatusReason") or warning)
    return _xml(200, "DescribeChangeSetResponse",
                f"<DescribeChangeSetResult>{to_xml(answer)}{token}</DescribeChangeSetResult>")


def _list(params):
    stack = stack_of(_p(params, "StackName"))
    if not stack or stack["StackStatus"] == "DELETE_COMPLETE":
        return _error("ValidationError", f"Stack [{_p(params, 'StackName')}] does not exist")
    own = [seen(c) for c in cfn._change_sets.values() if c["StackId"] == stack["StackId"]]
    page, token, err = _page(own, params, "ListChangeSets")
    summaries = [{**{k: c.get(k) for k in SUMMARY}, "IncludeNestedStacks": bool(c.get("IncludeNestedStacks"))} for c in page]
    return err or _xml(200, "ListChangeSetsResponse", "<ListChangeSetsResult>"
                       f"{to_xml({'Summaries': summaries})}{token}</ListChangeSetsResult>")


def _wrap_execute(original):
    def execute(params):
        change_set, err = find(params)
        if err:
            return err
        now = seen(change_set)
        if now["ExecutionStatus"] != "AVAILABLE":
            state = now["Status"] if now["Status"] != "CREATE_COMPLETE" else now["ExecutionStatus"]
            why = f". {now['StatusReason']}" if change_set.get("ParentChangeSetId") else ""
            return _error("InvalidChangeSetStatus", f"ChangeSet [{change_set['ChangeSetId']}] cannot be executed in its "
                                                    f"current status of [{state}]{why}")
        change_set["_executed"] = True
        return original({**params, "ChangeSetName": [change_set["ChangeSetId"]], "StackName": [change_set["StackName"]]})
    return execute


def _wrap_delete(original):
    def delete(params):
        change_set, err = find(params)
        if err and b"ChangeSetNotFound" not in err[2]:
            return err
        if change_set is None:
            return original(params)
        if change_set.get("ParentChangeSetId"):
            return _error("InvalidChangeSetStatus", f"ChangeSet [{change_set['ChangeSetId']}] can only be deleted from the "
                                                    "root change set.")
        for child in list(nested_plan.descendants(change_set)):
            stack = stack_of(child["StackId"])
            if stack and stack["StackStatus"] == "REVIEW_IN_PROGRESS":
                cfn._stacks.pop(stack["StackName"], None)
            cfn._change_sets.pop(child["ChangeSetId"], None)
        return original({**params, "ChangeSetName": [change_set["ChangeSetId"]], "StackName": [change_set["StackName"]]})
    return delete


def _wrap_delete_stack(original):
    """Deleting a stack also removes the nested stacks that exist only in its change sets (REVIEW_IN_PROGRESS)."""
    def delete(params):
        stack = stack_of(_p(params, "StackName"))
        planned = [c for c in descendants(stack) if c["StackStatus"] == "REVIEW_IN_PROGRESS"] if stack else []
        answer = original(params)
        for child in planned if answer[0] == 200 else ():
            cfn._stacks.pop(child["StackName"], None)
            for arn in [a for a, c in cfn._change_sets.items() if c["StackId"] == child["StackId"]]:
                cfn._change_sets.pop(arn, None)
        return answer
    return delete


def install():
    patching.replace_action("CreateChangeSet", _wrap_create)
    patching.replace_action("DescribeChangeSet", lambda _: _describe)
    patching.replace_action("ListChangeSets", lambda _: _list)
    patching.replace_action("ExecuteChangeSet", _wrap_execute)
    patching.replace_action("DeleteChangeSet", _wrap_delete)
    patching.replace_action("DeleteStack", _wrap_delete_stack)
