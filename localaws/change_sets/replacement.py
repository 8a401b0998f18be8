"""Which property's change replaces its resource: RequiresRecreation and Replacement in change sets, and in updates.

From the schemas' createOnlyProperties and conditionalCreateOnlyProperties (schema.py), which the resource reference
prints as "Update requires: Replacement":
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
For a type that the table lacks ministack's own table answers, and "Conditionally" where it knows nothing.
"""
from .. import patching, schema

DOCUMENTED = {  # in the resource reference, not in the schema
    ("AWS::IAM::Policy", "PolicyName"): "Always",
    ("AWS::Route53::RecordSet", "Name"): "Always",
}


def _wrap(original):
    def recreation(rtype, name):
        return DOCUMENTED.get((rtype, name)) or schema.recreation(rtype, name) or original(rtype, name)
    return recreation


def install():
    patching.replace("_property_recreation", _wrap)
