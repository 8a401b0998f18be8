"""AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress on the EC2 API; no group goes while another needs it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupegress.html
A rule that the group has already fails (InvalidPermission.Duplicate), where ministack's API takes it silently; so does a
rule whose other group does not exist: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""
from ministack.services import alb, ec2, efs

from .calling import first, query
from .registry import Refused, add, extend

STORE = {"Ingress": "IpPermissions", "Egress": "IpPermissionsEgress"}
PEER = {"Ingress": "Source", "Egress": "Destination"}


def _permission(direction, props):
    """The rule in the API's IpPermissions form."""
    described = {"Description": props.get("Description")}
    group, prefixes = (props.get(PEER[direction] + kind) for kind in ("SecurityGroupId", "PrefixListId"))
    return {"IpProtocol": str(props["IpProtocol"]), "FromPort": props.get("FromPort"), "ToPort": props.get("ToPort"),
            "IpRanges": [{"CidrIp": props["CidrIp"], **described}] if props.get("CidrIp") else [],
            "Ipv6Ranges": [{"CidrIpv6": props["CidrIpv6"], **described}] if props.get("CidrIpv6") else [],
            "PrefixListIds": [{"PrefixListId": prefixes, **described}] if prefixes else [],
            "Groups": [{"GroupId": group, **described}] if group else []}


def _authorize(direction, props):
    return query("ec2", f"AuthorizeSecurityGroup{direction}",
                 {"GroupId": props["GroupId"], "IpPermissions": [_permission(direction, props)]})


def _refuse_unknown_peer(direction, props):
    group = props.get(PEER[direction] + "SecurityGroupId")
    if group and group not in ec2._security_groups:
        raise Refused(f"The security group '{group}' does not exist", "Ec2", 400, "InvalidGroup.NotFound")


def _rule_type(direction):
    def create(logical_id, props, stack_name):
        _refuse_unknown_peer(direction, props)
        group = ec2._security_groups.get(props["GroupId"], {})
        before = len(group.get(STORE[direction], ()))
        answer = _authorize(direction, props)
        if len(group[STORE[direction]]) == before:
            raise Refused("the specified rule already exists", "Ec2", 400, "InvalidPermission.Duplicate")
        rule = first("securityGroupRuleId", answer)
        return rule, {"Id": rule}

    def delete(rule, props):
        query("ec2", f"RevokeSecurityGroup{direction}", {"GroupId": props["GroupId"], "SecurityGroupRuleId": [rule]})

    def update(rule, props):
        """Only the description changes in place; the rule's id comes from what it allows."""
        delete(rule, props)
        _authorize(direction, props)

    add(f"AWS::EC2::SecurityGroup{direction}", create, delete, update=update)


def _users(group_id):
    """What keeps a group from being deleted: rules of other groups, mount targets, load balancers."""
    for other in ec2._security_groups.values():
        rules = other["IpPermissions"] + other["IpPermissionsEgress"]
        peers = {peer.get("GroupId") for rule in rules for peer in rule.get("UserIdGroupPairs", [])}
        if group_id in peers and other["GroupId"] != group_id:
            yield other["GroupId"]
    yield from (m["MountTargetId"] for m in efs._mount_targets.values() if group_id in m.get("SecurityGroups", []))
    yield from (b["LoadBalancerArn"] for b in alb._lbs.values() if group_id in b.get("SecurityGroups", []))


def delete_group(original, group_id, props):
    if next(_users(group_id), None):
        raise Refused(f"resource {group_id} has a dependent object", "Ec2", 400, "DependencyViolation")
    original(group_id, props)


def install():
    extend("AWS::EC2::SecurityGroup", lambda group, props: {"Id": group}, delete=delete_group)
    _rule_type("Ingress")
    _rule_type("Egress")
