"""AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress on the EC2 API, what EC2 refuses in groups and rules
(security_group_rules.py). What keeps a group from being deleted: dependents.py.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupegress.html
A rule that the group has already fails (InvalidPermission.Duplicate), where ministack's API takes it silently; so does
a rule whose other group does not exist: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html

The same permission twice in the rules of one AWS::EC2::SecurityGroup does not fail it: EC2 refuses the second, and
CloudFormation goes on and says so in the reason of its COMPLETE event. So seen in three public reports, one of them
with two descriptions: aws-cloudformation/cloudformation-coverage-roadmap#612, #1532 (the text) and #1534.
"""
from html import escape

from ministack.services import cloudformation as cfn, ec2
from ministack.services.cloudformation import provisioners as prov

from ..stacks import events
from . import security_group_rules
from .registry import Refused, add, extend, guarded
from .service_calls import first, query

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
    def check(props, present):
        rules = prov._ec2_sg_permissions([props])
        security_group_rules.check_call(rules, present)

    def create(logical_id, props, stack_name):
        _refuse_unknown_peer(direction, props)
        check(props, ec2._security_groups.get(props["GroupId"], {}).get(STORE[direction], []))
        rule = first("securityGroupRuleId", _authorize(direction, props))
        return rule, {"Id": rule}

    def delete(rule, props):
        query("ec2", f"RevokeSecurityGroup{direction}", {"GroupId": props["GroupId"], "SecurityGroupRuleId": [rule]})

    def update(rule, props):
        """Only the description changes in place; the rule's id comes from what it allows."""
        check(props, [])
        delete(rule, props)
        _authorize(direction, props)

    add(f"AWS::EC2::SecurityGroup{direction}", create, delete, update=update)


def referrers(group_id):
    """Yields the other groups whose rules name the group."""
    for other in ec2._security_groups.values():
        rules = other["IpPermissions"] + other["IpPermissionsEgress"]
        peers = {peer.get("GroupId") for rule in rules for peer in rule.get("UserIdGroupPairs", [])}
        if group_id in peers and other["GroupId"] != group_id:
            yield other["GroupId"]


def check_group(props):
    security_group_rules.check_group_description(props["GroupDescription"])
    for direction in STORE:
        security_group_rules.check_descriptions(prov._ec2_sg_permissions(props.get(f"SecurityGroup{direction}")))


def _once(direction, props, stack_name, logical_id):
    """The group's own rules without those that EC2 refuses since it has them; the event of the group names one."""
    seen, kept = set(), []
    for rule in props.get(f"SecurityGroup{direction}") or []:
        permissions = set(security_group_rules.permissions(prov._ec2_sg_permissions([rule])))
        for permission in permissions & seen:
            message = security_group_rules.duplicate(permission).message.replace('"', '\\"')
            events.remark(cfn._stacks[stack_name], logical_id, (
                f"Received response status from AuthorizeSecurityGroup{direction} with Client.InvalidPermission.Duplicate: "
                f'"{message}". You might defined a duplicate rule.'))
        if not permissions & seen:
            kept.append(rule)
        seen |= permissions
    return kept


def _wrap_group(handler):
    """A permission that a group's rules give twice reaches EC2 once."""
    create, update = handler["create"], handler["update"]

    def unique(props, stack_name, logical_id):
        own = {f"SecurityGroup{d}": _once(d, props, stack_name, logical_id) for d in STORE if props.get(f"SecurityGroup{d}")}
        return {**props, **own}

    def create_once(logical_id, props, stack_name):
        return create(logical_id, unique(props, stack_name, logical_id), stack_name)

    def update_once(physical_id, old_props, new_props, stack_name, logical_id=None):
        return update(physical_id, old_props, unique(new_props, stack_name, logical_id), stack_name, logical_id)
    handler.update(create=create_once, update=update_once)


def _error(code, message, status):
    return ec2._error(code, escape(message), status)


def _check_authorize(direction):
    def check(params):
        group = ec2._security_groups.get(ec2._p(params, "GroupId"), {})
        security_group_rules.check_call(ec2._parse_ip_permissions(params, "IpPermissions"), group.get(STORE[direction], []))
    return check


def _check_modify(params):
    number = 1
    while ec2._p(params, f"SecurityGroupRule.{number}.SecurityGroupRuleId"):
        security_group_rules.check_rule_description(ec2._p(params, f"SecurityGroupRule.{number}.SecurityGroupRule.Description") or "")
        number += 1


def install():
    extend("AWS::EC2::SecurityGroup", lambda group, props: {"Id": group}, check_group)
    _wrap_group(prov._RESOURCE_HANDLERS["AWS::EC2::SecurityGroup"])
    checks = {"CreateSecurityGroup": lambda params: security_group_rules.check_group_description(ec2._p(params, "GroupDescription") or ""),
              "ModifySecurityGroupRules": _check_modify, **{f"AuthorizeSecurityGroup{d}": _check_authorize(d) for d in STORE}}
    for action, check in checks.items():
        ec2._ACTION_MAP[action] = guarded(ec2._ACTION_MAP[action], check, _error)
    for direction in STORE:
        _rule_type(direction)
