"""A resource whose condition is false is in neither side of a change set's comparison: one whose condition turns false is
removed, one whose condition turns true is added.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html: "At stack creation or
stack update, CloudFormation evaluates all the conditions … any resources that are no longer associated with a true
condition are deleted."
ministack compares all that a template names.
"""
from ministack.services.cloudformation import changesets
from ministack.services.cloudformation.engine import _evaluate_conditions


def wanted(template, conditions):
    """Returns the resources of a template whose conditions hold."""
    return {lid: r for lid, r in template.get("Resources", {}).items() if conditions.get(r.get("Condition"), True)}


def _wrap(original):
    def resolve(template, params, stack_name, stack_id):
        resolved = original(template, params, stack_name, stack_id)
        if not resolved:
            return resolved
        there = wanted(template, _evaluate_conditions(template, params))
        return {"Resources": {lid: r for lid, r in resolved["Resources"].items() if lid in there}}
    return resolve


def install():
    changesets._resolve_props_for_diff = _wrap(changesets._resolve_props_for_diff)
