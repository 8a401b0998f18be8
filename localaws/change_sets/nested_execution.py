"""Executing the root change set executes its children's change sets: their ExecutionStatus follows their stacks.

When an operation changes a stack, the stack's other pending change sets become OBSOLETE (recorded:
review-in-progress-and-names.json).
"""
from ministack.services import cloudformation as cfn

from .. import patching
from ..stacks import cleanup
from . import nested_plan


def _sets_of(stack_id):
    return [c for c in cfn._change_sets.values() if c["StackId"] == stack_id]


def _is_executing(change_set):
    root = cfn._change_sets.get(change_set.get("RootChangeSetId") or "", change_set)
    return bool(root.get("_executed")) and root["ExecutionStatus"] == "EXECUTE_IN_PROGRESS"


def _begin(stack_id):
    """Returns the child's change set that this operation executes; the stack's other pending ones become OBSOLETE."""
    executing = None
    for change_set in _sets_of(stack_id):
        if _is_executing(change_set) and change_set["ExecutionStatus"] == "UNAVAILABLE" \
                and change_set["Status"] == "CREATE_COMPLETE":
            executing = change_set
            change_set["ExecutionStatus"] = "EXECUTE_IN_PROGRESS"
        elif change_set["ExecutionStatus"] == "AVAILABLE":
            change_set["ExecutionStatus"] = "OBSOLETE"
            for child in nested_plan.descendants(change_set):
                child["ExecutionStatus"] = "OBSOLETE"
    return executing


def _wrap_deploy(original):
    async def deploy(stack_name, stack_id, *args, **kwargs):
        executing = _begin(stack_id)
        stack = cfn._stacks[stack_name]
        for change_set in _sets_of(stack_id):
            if _is_executing(change_set):
                stack.update(ChangeSetId=change_set["ChangeSetId"], _was_updated=True)
        await original(stack_name, stack_id, *args, **kwargs)
        if executing:
            good = stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE", cleanup.STATUS)
            executing["ExecutionStatus"] = "EXECUTE_COMPLETE" if good else "EXECUTE_FAILED"
    return deploy


def install():
    patching.replace("_deploy_stack_async", _wrap_deploy)
