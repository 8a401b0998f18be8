"""AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress on the EC2 API.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupegress.html
A rule that the group has already fails (InvalidPermission.Duplicate), where ministack's API takes it silently; so does a
rule whose other group does not exist: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""
from ministack.services import ec2

from .calling import first, query
from .registry import add

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
        raise ValueError(f"The security group '{group}' does not exist (Service: Ec2, Status Code: 400, "
                         "Error Code: InvalidGroup.NotFound)")


def _rule_type(direction):
    def create(logical_id, props, stack_name):
        _refuse_unknown_peer(direction, props)
        group = ec2._security_groups.get(props["GroupId"], {})
        before = len(group.get(STORE[direction], ()))
        answer = _authorize(direction, props)
        if len(group[STORE[direction]]) == before:
            raise ValueError("the specified rule already exists (Service: Ec2, Status Code: 400, "
                             "Error Code: InvalidPermission.Duplicate)")
        rule = first("securityGroupRuleId", answer)
        return rule, {"Id": rule}

    def delete(rule, props):
        query("ec2", f"RevokeSecurityGroup{direction}", {"GroupId": props["GroupId"], "SecurityGroupRuleId": [rule]})

    def update(rule, props):
        """Only the description changes in place; the rule's id comes from what it allows."""
        delete(rule, props)
        _authorize(direction, props)

    add(f"AWS::EC2::SecurityGroup{direction}", create, delete, update=update)


def install():
    _rule_type("Ingress")
    _rule_type("Egress")
