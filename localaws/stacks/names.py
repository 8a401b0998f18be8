"""Refuses the creation of a resource whose name is taken.

By a resource of a stack of the account: "NAME already exists in stack ARN", in many public logs (kinetics, a table;
observe-collection, a role; payment-api, a repository). By one that no stack holds, as the resource handlers say it:
"Resource of type '…' with identifier '{"/properties/LogGroupName":"x"}' already exists."
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-customname.html (names are unique)
"""
import json

from ministack.services import ssm
from ministack.services import cloudformation as cfn

from .. import patching
from ..services import cloud_control
from . import events

# Their Name, or TYPEName, is unique within something else only, or names something else: an association's document.
NOT_ALONE = ("AWS::AutoScaling::LifecycleHook", "AWS::IAM::Policy", "AWS::Logs::LogStream", "AWS::Logs::QueryDefinition",
             "AWS::Route53::HostedZone", "AWS::Route53::RecordSet", "AWS::SSM::Association", "AWS::WAFv2::IPSet", "AWS::WAFv2::WebACL",
             "AWS::S3::Bucket")  # of a bucket ministack says it before anything is made
OTHER_NAMES = {"AWS::ElastiCache::ParameterGroup": "CacheParameterGroupName", "AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
               "AWS::ElastiCache::SubnetGroup": "CacheSubnetGroupName", "AWS::RDS::DBCluster": "DBClusterIdentifier",
               "AWS::RDS::DBInstance": "DBInstanceIdentifier"}
SERVICES = {**cloud_control.FOUND, "AWS::SSM::Parameter": lambda name: ssm._parameters.get(name)}  # by a name, which is the physical id


def _property(rtype, props):
    """Returns the property that names the resource; None when it has no name of its own."""
    if rtype in NOT_ALONE:
        return None
    named = (OTHER_NAMES.get(rtype), f"{rtype.split('::')[-1]}Name", "Name")
    return next((n for n in named if isinstance(props.get(n), str) and props[n]), None)


def _holder(rtype, name, value, stack, logical_id):
    """Returns the id of the stack that has a resource of this type and name, other than this very resource."""
    for other in list(cfn._stacks.values()):
        for lid, held in list(other["_resources"].items()):
            if held.get("ResourceType") == rtype and (held.get("Properties") or {}).get(name) == value \
                    and other["StackStatus"] != "DELETE_COMPLETE" and (other is not stack or lid != logical_id):
                return other["StackId"]
    return None


def check(rtype, logical_id, props, stack):
    name = _property(rtype, props)
    if not name or events.existed(stack, logical_id):
        return
    holder = _holder(rtype, name, props[name], stack, logical_id)
    if holder:
        raise ValueError(f"{props[name]} already exists in stack {holder}")
    if SERVICES.get(rtype, lambda _: None)(props[name]):
        identifier = json.dumps({f"/properties/{name}": props[name]}, separators=(",", ":"))
        raise ValueError(f"Resource handler returned message: \"Resource of type '{rtype}' with identifier '{identifier}' already exists.\" "
                         "(RequestToken: 00000000-0000-0000-0000-000000000000, HandlerErrorCode: AlreadyExists)")


def _wrap(original):
    def provision(rtype, logical_id, props, stack_name):
        check(rtype, logical_id, props, cfn._stacks[stack_name])
        return original(rtype, logical_id, props, stack_name)
    return provision


def install():
    patching.replace("_provision_resource", _wrap)
