"""A policy of Snapshot, where ministack deletes without one: what an update replaced (UpdateReplacePolicy), and what a
failed operation had created (DeletionPolicy).

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html: "CloudFormation
creates a snapshot for the resource before deleting it". That a rollback is no exception the page does not say: it is the
side that leaves something behind (docs/verified.md).
"""
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import stacks as stk

from . import cleanup
from .records import definition


def _policy(stack, physical_id, logical_id):
    """The policy by which a resource goes that is no deletion by a template or of a stack; ministack knows those."""
    said = definition(stack, logical_id)
    now = stack["_resources"].get(logical_id, {}).get("PhysicalResourceId")
    if stack["StackStatus"] == cleanup.STATUS and now not in (None, physical_id):
        return said.get("UpdateReplacePolicy")
    before = (stack.get("_before") or {}).get("_resources", {})
    if "ROLLBACK" in stack["StackStatus"] and logical_id not in before:
        return said.get("DeletionPolicy") or stk._default_resource_policy(said, "DeletionPolicy")
    return None


def _wrap(original):
    def delete(rtype, physical_id, props, stack_name=None, logical_id=None):
        stack = cfn._stacks.get(stack_name)
        if stack and _policy(stack, physical_id, logical_id) == "Snapshot":
            stack.setdefault("_going", {})[physical_id] = logical_id  # for the snapshot's name
            stk._snapshot_resource(rtype, physical_id, props)
        original(rtype, physical_id, props, stack_name, logical_id)
    return delete


def install():
    stk._delete_resource = _wrap(stk._delete_resource)
