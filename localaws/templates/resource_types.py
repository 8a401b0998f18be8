"""Refuses another type under a logical id that the stack has.

"Update of resource type is not permitted. The new template modifies resource type of the following resources: [X]", an
error of the call itself, also of CreateChangeSet: quoted by a user of aws-cdk (handterm) and in the upgrade notes of
aripalo/aws-cdk-github-oidc. Of a nested stack it is taken to be the reason of that stack's change set, or update.
"""
from ministack.services.cloudformation import helpers
from ministack.services.cloudformation.engine import _parse_template
from ministack.services.cloudformation.helpers import _error, _p

from .. import patching
from ..stacks.records import stack_of


def check(stack, template):
    """Compares a template with what the stack has."""
    new = template.get("Resources", {})
    changed = sorted(name for name, old in stack.get("_resources", {}).items()
                     if name in new and new[name].get("Type") != old["ResourceType"])
    if changed:
        raise ValueError("Update of resource type is not permitted. The new template modifies resource type of the following "
                         f"resources: [{', '.join(changed)}]")


def _wrap(original):
    def update(params):
        stack = stack_of(_p(params, "StackName"))
        body, problem = helpers._resolve_template(params) if stack else ("", None)
        if body and not problem:
            try:
                template = _parse_template(body)
            except Exception:  # whatever a parser says: the action says it in its own words
                return original(params)
            try:
                check(stack, template)
            except ValueError as exc:
                return _error("ValidationError", str(exc))
        return original(params)
    return update


def install():
    for action in ("UpdateStack", "CreateChangeSet"):
        patching.replace_action(action, _wrap)
