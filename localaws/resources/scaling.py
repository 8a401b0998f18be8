"""AWS::AutoScaling::AutoScalingGroup: what ministack leaves out of it, and its simulated nodes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-autoscaling-autoscalinggroup.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
The instances of a group are only names in its description, as many as its desired capacity; nothing boots.
"""
from ministack.services import autoscaling, ec2

from .. import patching
from .extra_members import add_members
from .registry import Refused, extend

GROUP = "AWS::AutoScaling::AutoScalingGroup"
SAID_AS_GIVEN = ("MixedInstancesPolicy", "PlacementGroup", "DefaultInstanceWarmup", "InstanceMaintenancePolicy",
                 "ServiceLinkedRoleARN", "DesiredCapacityType", "AvailabilityZoneDistribution", "DeletionProtection")
NUMBERS = ("MaxInstanceLifetime",)


def _template_of(props):
    mixed = props.get("MixedInstancesPolicy") or {}
    return props.get("LaunchTemplate") or mixed.get("LaunchTemplate", {}).get("LaunchTemplateSpecification") or {}


def template_data(props):
    """The launch template's data that a group's properties name, of its newest version; {} where there is none."""
    named = _template_of(props)
    found = next((t for t in ec2._launch_templates.values() if named.get("LaunchTemplateId") == t["LaunchTemplateId"]
                  or named.get("LaunchTemplateName") == t["LaunchTemplateName"]), None)
    return found["Versions"][-1]["LaunchTemplateData"] if found else {}


def check(props):
    template = _template_of(props)
    known = {i for t in ec2._launch_templates.values() for i in (t["LaunchTemplateId"], t["LaunchTemplateName"])}
    named = template.get("LaunchTemplateId") or template.get("LaunchTemplateName")
    if named and named not in known:
        raise Refused("You must use a valid fully-formed launch template. The specified launch template, with template ID "
                      f"{named}, does not exist.", "AutoScaling", 400, "ValidationError")


def complete(name, props):
    group = autoscaling._asgs[name]
    subnets = [s for s in group["VPCZoneIdentifier"].split(",") if s in ec2._subnets]
    if subnets:
        group["AvailabilityZones"] = sorted({ec2._subnets[s]["AvailabilityZone"] for s in subnets})
    group["_localaws"] = {
        **{member: props[member] for member in SAID_AS_GIVEN if member in props},
        **{member: int(props[member]) for member in NUMBERS if member in props},
        "TargetGroupARNs": props.get("TargetGroupARNs") or [], "CapacityRebalance": props.get("CapacityRebalance", False)}
    autoscaling._reconcile_instances(group)


def _wrap_stack_tags(original):
    """Tags of the stack reach the group with PropagateAtLaunch, which ministack leaves out (not recorded)."""
    def with_stack_tags(rtype, props, *rest):
        tagged = original(rtype, props, *rest)
        if rtype != GROUP:
            return tagged
        own = {t.get("Key") for t in props.get("Tags") or []}
        return {**tagged, "Tags": [t if t.get("Key") in own else {**t, "PropagateAtLaunch": True} for t in tagged["Tags"]]}
    return with_stack_tags


def instances_of(name):
    """The ids of a group's instances, without those that only wait for their nodes to let them go."""
    return [i["InstanceId"] for i in autoscaling._asgs.get(name, {}).get("Instances", []) if not i["LifecycleState"].startswith("Terminating")]


def install():
    patching.replace("_with_stack_tags", _wrap_stack_tags)
    extend(GROUP, complete, check)
    add_members(autoscaling._ACTION_MAP, "DescribeAutoScalingGroups", "AutoScalingGroupName", autoscaling._asgs,
             lambda group: group.get("_localaws", {}), "member")
