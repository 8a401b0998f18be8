"""Refuses a property, an attribute or a name that does not exist, as AWS does.

- Resources are validated against the type's schema before their handler runs ("Properties validation failed for
  resource X with message: #: extraneous key [Y] is not permitted"):
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
- A template that refers to what it does not have is refused ("Unresolved resource dependencies"), where ministack takes
  the name for the value. So is one that refers to a resource whose condition is false, in a branch that counts
  (cfn-lint's W1001 warns of it).
- Fn::GetAtt of an attribute that the type lacks is refused ("Template error: resource X does not support attribute type
  Y in Fn::GetAtt"):
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-getatt.html
"""
from ministack.services.cloudformation.engine import _intrinsic_references

from .. import patching, schema
from ..change_sets.conditions import wanted


def check_template(template, conditions):
    if "Transform" in template:
        return  # a macro may bring what is missing
    resources = template.get("Resources", {})
    if not all(isinstance(resource, dict) for resource in resources.values()):
        raise ValueError("Template format error: Any Resources member must be an object.")
    known = {*resources, *template.get("Parameters", {})}
    _refuse_missing("Resources", _references(_chosen(wanted(template, conditions), conditions), depends_on=False),
                    {*wanted(template, conditions), *template.get("Parameters", {})})
    for section in ("Resources", "Outputs"):
        references = list(_references(template.get(section) or {}))
        _refuse_missing(section, references, known)
        for name, attribute in references:
            if attribute and not schema.has_attribute(resources.get(name, {}).get("Type"), attribute):
                raise ValueError(f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt")


def _refuse_missing(section, references, known):
    missing = sorted({n for n, _ in references if n not in known and not n.startswith("AWS::")})
    if missing:
        raise ValueError(f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
                         f"in the {section} block of the template")


def _chosen(node, conditions):
    """Returns the value with the branch that counts in the place of each Fn::If."""
    if isinstance(node, list):
        return [_chosen(item, conditions) for item in node]
    if not isinstance(node, dict):
        return node
    choice = node.get("Fn::If")
    if isinstance(choice, list) and len(choice) == 3:
        return _chosen(choice[1 if conditions.get(choice[0]) else 2], conditions)
    return {key: _chosen(item, conditions) for key, item in node.items()}


def _references(block, depends_on=True):
    """(name, attribute or None) of Ref, Fn::GetAtt, Fn::Sub and DependsOn. A DependsOn of a resource whose condition is
    false is passed over, as AWS does."""
    for item in block.values():
        yield from _intrinsic_references(item)
        if not depends_on:
            continue
        after = item.get("DependsOn", []) if isinstance(item, dict) else []
        yield from ((name, None) for name in ([after] if isinstance(after, str) else after))


def check_properties(rtype, logical_id, props):
    found = list(schema.problems(rtype, props))
    if found:
        raise ValueError(f"Properties validation failed for resource {logical_id} with message:\n" + "\n".join(found))


def _wrap_template(original):
    def validate(template, conditions, params=None):
        check_template(template, conditions)
        return original(template, conditions, params=params)
    return validate


def install():
    patching.replace("validate_template_support", _wrap_template)
    patching.check_first(check_properties)
