"""Stack events as AWS orders and words them (recorded: aws-recorded/lifecycle-events.json, update-in-place.json).

- a resource has two IN_PROGRESS events, the second with its physical id and "Resource creation Initiated";
- a resource that an update leaves alone has no events (a nested stack always has);
- "User Initiated" is the reason of the first event of an operation on a root stack;
- a rolled back stack gives its reason once: "The following resource(s) failed to create: [X]. Rollback requested by
  user."
"""
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import stacks as stk

from .. import patching
from .records import STACK, parent_of

VERBS = {"CREATE": "creation", "UPDATE": "update", "DELETE": "deletion"}
add = None  # set by install: the replaced function, which all of ministack calls


def _is_own(stack_name, logical_id, physical_id):
    return logical_id == stack_name and (not physical_id or ":stack/" in physical_id)


def initiated(stack, logical_id, rtype, operation, physical_id):
    """Adds the second IN_PROGRESS event of a resource; in an update only for a resource that is new or replaced."""
    if operation == "CREATE" and existed(stack, logical_id) and stack.get("_replacing") != logical_id:
        return  # ministack updates a type without an update handler by creating it again
    release(stack, logical_id)
    add(stack["StackId"], stack["StackName"], logical_id, rtype, f"{operation}_IN_PROGRESS",
        f"Resource {VERBS[operation]} Initiated" if operation == "CREATE" else "", physical_id)


def existed(stack, logical_id):
    """Reports whether the resource existed before the running update."""
    return logical_id in (stack.get("_before") or {}).get("_resources", {})


def remark(stack, logical_id, text):
    """Sets the reason of the resource's next COMPLETE event, for a problem that does not fail the resource."""
    stack.setdefault("_remarks", {})[logical_id] = text


def is_reverting(stack):
    """Reports whether the stack is being rolled back, by its own rollback or by its root's."""
    return "ROLLBACK" in stack["StackStatus"]


def release(stack, logical_id):
    """Adds the UPDATE_IN_PROGRESS event that was held back until it is known that the resource changes."""
    held = stack.get("_held_events", {}).pop(logical_id, None)
    if held:
        held()


def _worded(stack, status, reason):
    """Returns the reason of an event of the stack itself."""
    if status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "REVIEW_IN_PROGRESS"):
        return reason or ("" if parent_of(stack) else "User Initiated")
    return "" if status == "ROLLBACK_COMPLETE" or reason == "Rollback requested" else reason


def _own_event(stack, status, reason, say):
    if status in ("CREATE_FAILED", "UPDATE_FAILED") and reason and stack.get("_rolls_back"):
        stack["_failure"] = reason  # the rollback's first event gives this reason
    else:
        say(reason=_worded(stack, status, reason))


def _resource_event(stack, logical_id, rtype, status, reason, physical_id, say):
    known, held = existed(stack, logical_id), stack.setdefault("_held_events", {})
    if reason.startswith("Requested update requires the creation"):
        stack["_replacing"] = logical_id  # this event replaces the plain one (replacement.json)
        held.pop(logical_id, None)
    if status == "UPDATE_IN_PROGRESS" and known and rtype != STACK and not reason and not physical_id:
        old = stack["_before"]["_resources"][logical_id].get("PhysicalResourceId", "")
        held[logical_id] = lambda: say(status, physical_id=old)
        return
    if status == "UPDATE_COMPLETE" and held.pop(logical_id, None):
        stack.setdefault("_left_alone", []).append(logical_id)
        return
    if known and status == "CREATE_IN_PROGRESS":  # a signal, or the creation of a replacement
        status = "UPDATE_IN_PROGRESS"
    if status.startswith("UPDATE_"):
        release(stack, logical_id)
        if stack.get("_before") and not known:  # new in this update: created, not updated
            status = status.replace("UPDATE_", "CREATE_", 1)
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        reason = reason or stack.get("_remarks", {}).pop(logical_id, "")
    say(status, reason=reason)


def _wrap_add_event(original):
    def add_event(stack_id, stack_name, logical_id, rtype, status, reason="", physical_id="", detailed_status=""):
        def say(status=status, reason=reason, physical_id=physical_id):
            original(stack_id, stack_name, logical_id, rtype, status, reason, physical_id, detailed_status)
        stack = cfn._stacks.get(stack_name)
        if not stack:
            say()
        elif detailed_status:  # of a validation before anything is made
            say()
        elif _is_own(stack_name, logical_id, physical_id):
            _own_event(stack, status, reason, say)
        else:
            _resource_event(stack, logical_id, rtype, status, reason, physical_id, say)
    return add_event


def install():
    global add
    patching.replace("_add_event", _wrap_add_event)
    add = stk._add_event
