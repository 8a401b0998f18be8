"""DeletionPolicy where ministack loses it: in a nested stack that is rolled back with its root, and after a creation that failed.

RetainExceptOnCreate in a nested stack: what its root's failed operation created goes with the rollback.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html ("If the stack
operation that created the resource is rolled back, CloudFormation deletes the resource")
The deletion of a stack whose creation failed is another operation than the one that created: it keeps what the template keeps
("For all other stack operations, such as when the stack is deleted, CloudFormation retains the resource"). ministack knows a
stack's template only once the stack has come to be.
For a nested stack that was complete when a sibling failed nobody has recorded it: taken as the root's one operation.
"""
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation.engine import _parse_template

from . import patching
from .records import parent_of


def is_undone(stack):
    """Whether the stack is deleted because the operation that created it is rolled back above it."""
    parent = parent_of(stack)
    return bool(parent) and (parent["StackStatus"].endswith("ROLLBACK_IN_PROGRESS") or is_undone(parent))


def _wrap(original):
    def policy(definition, attribute, resources, params, conditions, mappings, stack_name, stack_id):
        found = original(definition, attribute, resources, params, conditions, mappings, stack_name, stack_id)
        stack = cfn._stacks.get(stack_name)
        undone = stack and stack["StackStatus"] == "DELETE_IN_PROGRESS" and is_undone(stack)
        return "Delete" if found == "RetainExceptOnCreate" and undone else found
    return policy


def _wrap_delete(original):
    async def delete(stack_name, *args, **kwargs):
        stack = cfn._stacks.get(stack_name)
        if stack and not stack.get("_template") and stack.get("_template_body"):
            stack["_template"] = _parse_template(stack["_template_body"])
        return await original(stack_name, *args, **kwargs)
    return delete


def install():
    patching.replace("_resource_policy", _wrap)
    patching.replace("_delete_stack_async", _wrap_delete)
