"""Refuses a property, an attribute or a name that does not exist, as AWS does.

- Resources are validated against the type's schema before their handler runs ("Properties validation failed for
  resource X with message: #: extraneous key [Y] is not permitted"):
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
- A template that refers to what it does not have is refused ("Unresolved resource dependencies"), where ministack takes
  the name for the value.
- Fn::GetAtt of an attribute that the type lacks is refused ("Template error: resource X does not support attribute type
  Y in Fn::GetAtt"):
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-getatt.html
"""
from ministack.services.cloudformation.engine import _intrinsic_references

from .. import patching, schema


def check_template(template):
    if "Transform" in template:
        return  # a macro may bring what is missing
    resources = template.get("Resources", {})
    if not all(isinstance(resource, dict) for resource in resources.values()):
        raise ValueError("Template format error: Any Resources member must be an object.")
    known = {*resources, *template.get("Parameters", {})}
    for section in ("Resources", "Outputs"):
        references = list(_references(template.get(section) or {}))
        missing = sorted({n for n, _ in references if n not in known and not n.startswith("AWS::")})
        if missing:
            raise ValueError(f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
                             f"in the {section} block of the template")
        for name, attribute in references:
            if attribute and not schema.has_attribute(resources.get(name, {}).get("Type"), attribute):
                raise ValueError(f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt")


def _references(block):
    """(name, attribute or None) of Ref, Fn::GetAtt, Fn::Sub and DependsOn."""
    for item in block.values():
        yield from _intrinsic_references(item)
        after = item.get("DependsOn", []) if isinstance(item, dict) else []
        yield from ((name, None) for name in ([after] if isinstance(after, str) else after))


def check_properties(rtype, logical_id, props):
    found = list(schema.problems(rtype, props))
    if found:
        raise ValueError(f"Properties validation failed for resource {logical_id} with message:\n" + "\n".join(found))


def _wrap_template(original):
    def validate(template, conditions, params=None):
        check_template(template)
        return original(template, conditions, params=params)
    return validate


def _wrap_provision(original):
    def provision(rtype, logical_id, props, stack_name):
        check_properties(rtype, logical_id, props)
        return original(rtype, logical_id, props, stack_name)
    return provision


def _wrap_update(original):
    def update(rtype, pid, old, new, stack_name, logical_id=None, old_attrs=None):
        if old != new:
            check_properties(rtype, logical_id, new)
        return original(rtype, pid, old, new, stack_name, logical_id, old_attrs)
    return update


def install():
    patching.replace("validate_template_support", _wrap_template)
    patching.replace("_provision_resource", _wrap_provision)
    patching.replace("_update_resource", _wrap_update)
