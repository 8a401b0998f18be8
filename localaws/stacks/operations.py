"""Around one create, update or rollback of a stack: what ministack's own functions do not record or do.

- which template is being deployed, and the resources before it (for events.py and creation_policy.py);
- CancelUpdateStack cancels what is in progress in nested stacks too, not only the next resource of the root;
- the rollback's reason, and a nested stack that failed to create is deleted by its parent's rollback, as on AWS.
"""
import asyncio

from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import stacks as stk
from ministack.services.cloudformation.engine import _evaluate_conditions

from .. import patching
from . import cleanup, exports
from .records import STACK, children_of, descendants, lineage, parent_of, stack_of


def is_cancelled(stack):
    """Reports whether this stack, or one above it, has a CancelUpdateStack that is still pending."""
    return any(s.get("_cancel_requested") or s.get("_cancelled") for s in lineage(stack))


def _wrap_deploy(original):
    async def deploy(stack_name, stack_id, template, param_values, disable_rollback, tags,
                     is_update=False, previous_stack=None, **rest):
        stack = cfn._stacks[stack_name]
        stack.update(_deploying=template, _before=previous_stack or {}, _rolls_back=not disable_rollback,
                     _disable_rollback=disable_rollback, _held_events={}, _cancelled=False, _failure="",
                     _was_updated=is_update or stack.get("_was_updated", False),
                     _from=len(cfn._stack_events.get(stack_id, [])), StackStatusReason="")
        exports_before = {name for name, e in cfn._exports.items() if e["StackId"] == stack_id}
        try:
            await original(stack_name, stack_id, template, param_values, disable_rollback, tags,
                           is_update=is_update, previous_stack=previous_stack, **rest)
            _keep_statuses(stack)
        finally:
            for key in ("_left_alone", "_deploying", "_before", "_held_events", "_from", "_replacing", "_put_actions"):
                stack.pop(key, None)
        if stack["StackStatus"] == "CREATE_FAILED":
            _keep_template(stack, template, param_values)
        if stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE", cleanup.STATUS):
            exports.forget_dropped(stack, exports_before)
        if stack["StackStatus"] == cleanup.STATUS and not parent_of(stack):
            await stk.run_reentrant(cleanup.finish, stack)
    return deploy


def _keep_statuses(stack):
    """A resource that an update left alone keeps its status, and a new one is created; ministack calls all updated."""
    before = stack["_before"].get("_resources", {})
    for logical_id, resource in stack["_resources"].items():
        if before and logical_id not in before and resource["ResourceStatus"] == "UPDATE_COMPLETE":
            resource["ResourceStatus"] = "CREATE_COMPLETE"
        elif logical_id in stack.get("_left_alone", ()):
            resource.update({key: before[logical_id][key] for key in ("ResourceStatus", "Timestamp")})


def _reason(stack, operation):
    if operation["cancelled"]:
        return "User Initiated"
    if stack.get("_failure"):  # an output or an export that could not be: the stack's own reason
        return stack["_failure"]
    failed, is_update = operation.get("failed_logical_id"), operation["is_update"]
    if not failed:
        return ""
    verb = "update" if operation.get("failed_update") is not None else "create"
    tail = "" if is_update else " Rollback requested by user."
    return f"The following resource(s) failed to {verb}: [{failed}].{tail}"


def _adopt_failed_child(stack, operation):
    """Keeps a nested stack that failed to create, so that the rollback deletes it; ministack forgets failed
    resources."""
    failed = operation.get("failed_logical_id")
    for child in children_of(stack):
        if child.get("_logical_id") == failed and operation.get("failed_update") is None:
            stack["_resources"][failed] = {
                "PhysicalResourceId": child["StackId"], "ResourceType": STACK, "LogicalResourceId": failed,
                "ResourceStatus": "CREATE_FAILED", "Properties": {}, "Attributes": {}, "Timestamp": child["CreationTime"]}
            operation["created"].append(failed)


def _keep_template(stack, template, params):
    """Keeps the template of a failed creation, which ministack forgets: its DeletionPolicies hold for the stack's
    deletion too ("For all other stack operations, such as stack deletion, CloudFormation retains the resource", of
    RetainExceptOnCreate:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html)."""
    stack.update(_template=template, _resolved_params=params, _conditions=_evaluate_conditions(template, params))


def _keep_what_did_not_go(stack):
    """Keeps a resource that a creation's rollback could not delete, so that a later DeleteStack deletes it."""
    for logical_id, left in stack.get("_rollback_failed", {}).items():
        said = [e for e in cfn._stack_events.get(stack["StackId"], []) if e["LogicalResourceId"] == logical_id]
        stack["_resources"][logical_id] = {
            "LogicalResourceId": logical_id, "Attributes": {}, "Timestamp": stack["CreationTime"], **left,
            "ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": said[-1].get("ResourceStatusReason", "") if said else ""}


def _leave_what_cleanup_skips(stack):
    """An update's new resources are deleted in its cleanup, after the rollback: one that cannot be deleted is left behind, and
    holds no rollback up ("tries to delete a resource three times before CloudFormation skips the resource and continues":
    https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck). ministack counts it when something else could
    not be reverted."""
    failed = {lid: r for lid, r in stack["_rollback_failed"].items() if "RevertTo" in r}
    if failed and len(failed) < len(stack["_rollback_failed"]):
        stack["_rollback_failed"] = failed
        stack["StackStatusReason"] = stk._rollback_failure_reason(failed)
        cfn._stack_events[stack["StackId"]][-1]["ResourceStatusReason"] = stack["StackStatusReason"]


def _wrap_roll_back(original):
    async def roll_back(stack_name, stack_id, stack, operation, reason_override=""):
        operation["cancelled"] = operation["cancelled"] or bool(stack.pop("_cancel_requested", False)) or any(
            s.get("_cancelled") for s in lineage(stack))
        stack["_cancelled"] = operation["cancelled"]
        _adopt_failed_child(stack, operation)
        reason = reason_override or _reason(stack, operation)
        stack["StackStatusReason"] = reason
        await asyncio.sleep(0)
        stack["_rolls_back_now"] = True
        try:
            await original(stack_name, stack_id, stack, operation, reason)
        finally:
            stack["_cancelled"] = stack["_rolls_back_now"] = False
        if stack["StackStatus"].endswith("ROLLBACK_COMPLETE"):
            exports.restore(stack)
        if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
            _leave_what_cleanup_skips(stack)
        if stack["StackStatus"] == "ROLLBACK_FAILED":
            _keep_what_did_not_go(stack)
            _keep_template(stack, operation["template"], operation["param_values"])
    return roll_back


def _wrap_cancel(original):
    def cancel(params):
        answer = original(params)
        if answer[0] == 200:
            stack = stack_of(params["StackName"][0])
            for child in descendants(stack):
                if child["StackStatus"] == "UPDATE_IN_PROGRESS":
                    child["_cancel_requested"] = True
        return answer
    return cancel


def install():
    patching.replace("_deploy_stack_async", _wrap_deploy)
    patching.replace("_roll_back_operation", _wrap_roll_back)
    patching.replace_action("CancelUpdateStack", _wrap_cancel)
