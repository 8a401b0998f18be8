"""The cleanup of an update: removed and replaced resources are deleted after the whole tree of stacks has succeeded.

Every update passes UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, an update in place too, and its DELETE_* events come then
(recorded: lifecycle-events.json, update-in-place.json). A nested stack that has done its part waits there for its root.
When a sibling fails instead, it is rolled back to the very resources that it had: nothing has been deleted yet.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-monitor-stack.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html: "doesn't start cleaning up nested
stack resources until all nested stacks have been updated or have rolled back". The order among several stacks is not
recorded.
"""
import asyncio

from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import stacks as stk
from ministack.services.cloudformation.engine import _evaluate_conditions, _topological_sort

from .. import patching
from . import events
from .records import STACK, descendants, parent_of

STATUS = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
_delete_now = None  # set by install


def _say(stack, status):
    events.add(stack["StackId"], stack["StackName"], stack["StackName"], STACK, status, "", stack["StackId"])


def _enter(stack):
    if stack["StackStatus"] == "UPDATE_IN_PROGRESS":
        stack["StackStatus"] = STATUS
        _say(stack, STATUS)


def _has_to_wait(stack):
    """Reports whether the stack must wait in cleanup: for its root, or for stacks below it."""
    return bool(parent_of(stack)) or any(s["StackStatus"] == STATUS for s in descendants(stack))


def finish(stack):
    """Cleans up the stacks below, then the stack itself, and completes them. Takes as long as the deletions take."""
    for below in [s for s in descendants(stack) if s["StackStatus"] == STATUS] + [stack]:
        for postponed in below.pop("_cleanup", []):
            _delete(below, *postponed)
        below.pop("_undo", None)
        below["StackStatus"] = "UPDATE_COMPLETE"
        _say(below, "UPDATE_COMPLETE")


def _delete(stack, rtype, physical_id, props, logical_id):
    def say(status, reason=""):
        events.add(stack["StackId"], stack["StackName"], logical_id, rtype, status, reason, physical_id)
    say("DELETE_IN_PROGRESS")
    try:
        _delete_now(rtype, physical_id, props, stack["StackName"], logical_id)
    except ValueError as exc:
        say("DELETE_FAILED", str(exc))
    else:
        say("DELETE_COMPLETE")


def note_undo(stack, template, params, previous):
    """Saves what its root's rollback needs after the update of a nested stack is done."""
    conditions = _evaluate_conditions(template, params)
    there = [lid for lid in _topological_sort(template.get("Resources", {}), conditions) if lid in stack["_resources"]]
    stack["_undo"] = stk._failed_operation(
        True, previous, there, None, None, [], False, template, params, False, stack.get("Tags"), previous.get("Tags"))


def undo(stack):
    """Rolls back a nested stack that waits for its root. It ends rolled back or in UPDATE_ROLLBACK_FAILED."""
    stack.pop("_cleanup", None)
    asyncio.run(stk._roll_back_operation(stack["StackName"], stack["StackId"], stack, stack.pop("_undo")))


def _wrap_delete(original):
    """Replaces ministack's own cleanup, which has no events: its stacks module calls this function during an update
    only to clean up."""
    def delete(rtype, physical_id, props, stack_name=None, logical_id=None):
        stack = cfn._stacks.get(stack_name) or {"StackStatus": ""}
        _enter(stack)
        if stack["StackStatus"] != STATUS:
            original(rtype, physical_id, props, stack_name, logical_id)
        elif parent_of(stack):
            stack.setdefault("_cleanup", []).append((rtype, physical_id, props, logical_id))
        else:
            _delete(stack, rtype, physical_id, props, logical_id)
    return delete


def _wrap_add_event(original):
    """ministack says UPDATE_COMPLETE at the end of its own cleanup."""
    def add_event(stack_id, stack_name, logical_id, rtype, status, reason="", physical_id="", detailed_status=""):
        stack = cfn._stacks.get(stack_name)
        if stack and status == "UPDATE_COMPLETE" and logical_id == stack_name and physical_id == stack_id:
            said = cfn._stack_events[stack_id][stack.get("_from", 0):]
            stack["StackStatus"] = STATUS if any(e["ResourceStatus"] == STATUS for e in said) else "UPDATE_IN_PROGRESS"
            _enter(stack)
            if _has_to_wait(stack):
                return  # finish() adds the event
            stack["StackStatus"] = "UPDATE_COMPLETE"
        original(stack_id, stack_name, logical_id, rtype, status, reason, physical_id, detailed_status)
    return add_event


def install():
    global _delete_now
    _delete_now = stk._delete_resource
    stk._delete_resource = _wrap_delete(_delete_now)
    patching.replace("_add_event", _wrap_add_event)
