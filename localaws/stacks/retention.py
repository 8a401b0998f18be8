"""DeletionPolicy RetainExceptOnCreate in a nested stack: the rollback deletes what the root's failed operation created.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html ("If the stack
operation that created the resource is rolled back, CloudFormation deletes the resource")
Nobody has recorded it for a nested stack that was complete when a sibling failed; here all is one operation, the
root's.
"""
from ministack.services import cloudformation as cfn

from .. import patching
from .records import parent_of


def is_undone(stack):
    """Reports whether the stack is deleted because its root rolls back the operation that created it."""
    parent = parent_of(stack)
    return bool(parent) and (parent["StackStatus"].endswith("ROLLBACK_IN_PROGRESS") or is_undone(parent))


def _wrap(original):
    def policy(definition, attribute, resources, params, conditions, mappings, stack_name, stack_id):
        found = original(definition, attribute, resources, params, conditions, mappings, stack_name, stack_id)
        stack = cfn._stacks.get(stack_name)
        undone = stack and stack["StackStatus"] == "DELETE_IN_PROGRESS" and is_undone(stack)
        return "Delete" if found == "RetainExceptOnCreate" and undone else found
    return policy


def install():
    patching.replace("_resource_policy", _wrap)
