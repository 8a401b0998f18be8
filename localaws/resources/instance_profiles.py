"""AWS::IAM::InstanceProfile: Ref gives its name, where ministack gives its ARN.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-instanceprofile.html
"""
from ministack.services import iam
from ministack.services.cloudformation import provisioners as prov

PROFILE = "AWS::IAM::InstanceProfile"


def _arn(name):
    return (iam._instance_profiles.get(name) or {}).get("Arn", name)


def install():
    handler = prov._RESOURCE_HANDLERS[PROFILE]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def named(made):
        arn, attributes = made
        return arn.rsplit("/", 1)[-1], attributes

    def create_named(logical_id, props, stack_name):
        unknown = [role for role in props.get("Roles") or [] if role not in iam._roles]
        if unknown:
            raise ValueError(f"The role with name {unknown[0]} cannot be found.")
        return named(create(logical_id, props, stack_name))
    handler["create"] = create_named
    handler["update"] = lambda name, *rest: named(update(_arn(name), *rest))
    handler["delete"] = lambda name, props: delete(_arn(name), props)
