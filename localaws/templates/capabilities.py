"""Refuses a template with IAM resources or macros that the caller has not acknowledged, nested templates too.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html (Capabilities: the types, names of
their own, macros); https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html:
CAPABILITY_AUTO_EXPAND "doesn't apply to creating change sets", so that a template with macros and nested stacks "must"
be created by CreateStack or UpdateStack.
The text, "Requires capabilities : [CAPABILITY_IAM]": aws/serverless-application-model#51 and many others.
Nested templates are acknowledged by the root's call
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html). How
AWS words the failure of a nested one nobody has recorded: here it is the same text, of the nested stack's change set,
or of the nested stack's resource.

ministack has the rules and leaves them out unless its IAM is switched on.
"""
from ministack.services.cloudformation import handlers


def check_nested(template, given, macros=True):
    """Refuses a nested template whose capabilities the root's call has not given."""
    required = handlers._required_iam_capabilities(template)
    if macros and handlers._uses_macro(template):
        required.append("CAPABILITY_AUTO_EXPAND")
    missing = handlers._missing_capabilities(set(given), required)
    if missing:
        raise ValueError(handlers._insufficient_capabilities_message(missing))


def install():
    handlers._capabilities_enforced = lambda: True
