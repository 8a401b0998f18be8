"""ContinueUpdateRollback over a tree: a child in UPDATE_ROLLBACK_FAILED is continued with its parent, and
ResourcesToSkip takes NESTEDSTACKNAME.LOGICALID as the API reference says; ministack knows the root's resources only."""
import asyncio

from ministack.services.cloudformation import stacks as stk
from ministack.services.cloudformation.helpers import _extract_string_members, _p

from .. import patching
from .records import lineage, stack_of

PREFIX = "ResourcesToSkip"


def is_continuing(stack):
    return list(lineage(stack))[-1].get("_continuing") is not None


def continue_child(child):
    """Continue a child's own rollback; it ends complete or raises."""
    skip = list(lineage(child))[-1].get("_continuing") or ()
    own = frozenset(s.split(".", 1)[1] for s in skip if s.split(".", 1)[0] == child["StackName"])
    asyncio.run(stk._continue_update_rollback_async(child["StackName"], child["StackId"], own))
    refuse_failed(child)


def refuse_failed(child):
    if child["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        raise ValueError(f"Embedded stack {child['StackId']} was not successfully updated. Currently in "
                         f"UPDATE_ROLLBACK_FAILED with reason: {child.get('StackStatusReason', '')}")


def _wrap_action(original):
    def handler(params):
        stack, skip = stack_of(_p(params, "StackName")), _extract_string_members(params, PREFIX)
        rest = {k: v for k, v in params.items() if not k.startswith(PREFIX)}
        for number, name in enumerate((s for s in skip if "." not in s), 1):
            rest[f"{PREFIX}.member.{number}"] = [name]
        if stack:
            stack["_continuing"] = skip
        return original(rest)
    return handler


def _wrap_run(original):
    async def run(stack_name, stack_id, skip):
        await original(stack_name, stack_id, skip)
        stack_of(stack_id)["_continuing"] = None
    return run


def install():
    patching.replace("_continue_update_rollback_async", _wrap_run)
    patching.replace_action("ContinueUpdateRollback", _wrap_action)
