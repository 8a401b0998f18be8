"""Fn::GetAtt of an attribute that is also a property: the value that the template gives.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-getatt.html
ministack's handlers know the attributes of the resource reference only; recorded: `Topic1.DisplayName` in
values-hide-a-change.json.
"""
from .. import patching, schema


def given(rtype, props):
    """Returns {attribute: value} of the properties that are attributes too."""
    found = {}
    for name in schema.attributes(rtype) or ():
        value = props
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            found[name] = value
    return found


def _wrap_provision(original):
    def provision(rtype, logical_id, props, stack_name):
        physical_id, attributes = original(rtype, logical_id, props, stack_name)
        return physical_id, {**given(rtype, props), **(attributes or {})}
    return provision


def _wrap_update(original):
    def update(rtype, pid, old, new, stack_name, logical_id=None, old_attrs=None):
        physical_id, attributes = original(rtype, pid, old, new, stack_name, logical_id, old_attrs)
        return physical_id, {**(attributes or {}), **given(rtype, new)} if physical_id == pid else attributes
    return update


def install():
    patching.replace("_provision_resource", _wrap_provision)
    patching.replace("_update_resource", _wrap_update)
