"""Delays and injected failures: an operation on a resource takes as long as the settings say, and fails when they say
so.

Every type then runs on a worker thread, because a wait on ministack's event loop would stop every service.
A CancelUpdateStack ends a wait at once, as AWS does: "Resource update cancelled", or "Resource creation cancelled".
"""
import time

from ministack.services import cloudformation as cfn

from .. import patching
from ..stacks import events, operations
from ..stacks.records import STACK
from . import settings


def _milliseconds(rtype, logical_id):
    slow = settings.values["slow"]
    return slow.get(logical_id, slow.get(rtype, settings.values["resource_ms"]))


def wait(stack, rtype, logical_id, verb, can_cancel=True):
    end = time.monotonic() + _milliseconds(rtype, logical_id) / 1000
    while time.monotonic() < end or settings.is_held(logical_id, rtype):
        if can_cancel and operations.is_cancelled(stack) and not stack.get("_rolls_back_now"):
            raise ValueError(f"Resource {verb} cancelled")
        if cfn._stacks.get(stack["StackName"]) is not stack:
            raise ValueError("localaws was reset")
        time.sleep(0.01)


def _fail(table, rtype, logical_id, verb):
    if settings.use_up(table, logical_id, rtype):
        raise ValueError(f'Resource handler returned message: "Injected by localaws" '
                         f"(RequestToken: 00000000-0000-0000-0000-000000000000, HandlerErrorCode: {verb}Failed)")


def _wrap_provision(original):
    def provision(rtype, logical_id, props, stack_name):
        if rtype == STACK:  # a nested stack takes as long as its resources
            return original(rtype, logical_id, props, stack_name)
        stack = cfn._stacks[stack_name]
        if events.existed(stack, logical_id):  # a replacement: the update around it has been delayed already
            pid, attrs = original(rtype, logical_id, props, stack_name)
            events.initiated(stack, logical_id, rtype, "CREATE", pid)
            return pid, attrs
        _fail("fail", rtype, logical_id, "Create")
        pid, attrs = original(rtype, logical_id, props, stack_name)
        if stack.get("_deploying"):
            events.initiated(stack, logical_id, rtype, "CREATE", pid)
        try:
            wait(stack, rtype, logical_id, "creation")
        except ValueError:
            cfn_delete(rtype, pid, props, stack_name, logical_id)
            raise
        return pid, attrs
    return provision


def cfn_delete(*args):
    """Delete what was half created, without an event."""
    from ministack.services.cloudformation import provisioners
    provisioners._delete_resource(*args)


def _wrap_update(original):
    def update(rtype, pid, old, new, stack_name, logical_id=None, old_attrs=None):
        if rtype == STACK or old == new:
            return original(rtype, pid, old, new, stack_name, logical_id, old_attrs)
        stack = cfn._stacks[stack_name]
        events.release(stack, logical_id)
        reverts = events.is_reverting(stack)
        _fail("fail_rollback" if reverts else "fail", rtype, logical_id, "Update")
        wait(stack, rtype, logical_id, "update", can_cancel=not reverts)
        return original(rtype, pid, old, new, stack_name, logical_id, old_attrs)
    return update


def _wrap_delete(original):
    def delete(rtype, pid, props, stack_name=None, logical_id=None):
        stack = cfn._stacks.get(stack_name)
        if stack and rtype != STACK:
            _fail("fail_delete", rtype, logical_id, "Delete")
            wait(stack, rtype, logical_id, "deletion", can_cancel=False)
        original(rtype, pid, props, stack_name, logical_id)
    return delete


def install():
    from ministack.services.cloudformation import stacks
    patching.replace("_runs_on_worker_thread", lambda _: lambda rtype: True)
    patching.replace("_provision_resource", _wrap_provision)
    patching.replace("_update_resource", _wrap_update)
    stacks._delete_resource = _wrap_delete(stacks._delete_resource)
