"""What EC2 does not delete while something else needs it: DependencyViolation, and the address of a gateway.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html: all gateways, groups and route tables of its
own first; https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html (InvalidIPAddress.InUse; of a NAT
gateway's address EC2 may say AuthFailure), and so on for each action below.
The texts, also with their events in a stack: of a VPC, a gateway and its attachment, in the teardown notes of several
public deployments; of subnets and groups in many more. The address's own text is from memory.

CloudFormation asks EC2 again while an interface is on its way out, as that of a load balancer that has just gone; here
its handlers wait for those, and fail at once for an interface whose owner is there.
"""
import time

from ministack.services import ec2

from ..services import network_interfaces
from . import security_groups
from .registry import Refused, extend, guarded
from .service_calls import query


def _refused(message, code="DependencyViolation"):
    return Refused(message, "Ec2", 400, code)


def _in_the_way(kind, identifier):
    return _refused(f"The {kind} '{identifier}' has dependencies and cannot be deleted.")


def _interfaces(matches):
    """Reports whether an interface that matches is there."""
    return any(matches(i) for i in (*network_interfaces.of_owners(), *network_interfaces.late()))


def check_subnet(subnet):
    if _interfaces(lambda i: i.subnet == subnet):
        raise _in_the_way("subnet", subnet)


def check_group(group):
    if next(security_groups.referrers(group), None) or _interfaces(lambda i: group in i.groups):
        raise _refused(f"resource {group} has a dependent object")


def check_address(allocation):
    for gateway in ec2._nat_gateways.values():
        addresses = gateway.get("_localaws", {}).get("natGatewayAddressSet", [])
        if gateway["State"] != "deleted" and any(a["allocationId"] == allocation for a in addresses):
            raise _refused(f"Address {addresses[0]['publicIp']} is in use.", "InvalidIPAddress.InUse")
    if ec2._addresses.get(allocation, {}).get("AssociationId"):
        raise _refused(f"Address {ec2._addresses[allocation]['PublicIp']} is in use.", "InvalidIPAddress.InUse")


def check_detachment(gateway, vpc):
    if gateway in ec2._internet_gateways and _interfaces(lambda i: i.vpc == vpc and i.has_public_address):
        raise _refused(f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.")


def check_internet_gateway(gateway):
    if ec2._internet_gateways.get(gateway, {}).get("Attachments"):
        raise _in_the_way("internetGateway", gateway)


def check_route_table(table):
    if any(not a.get("Main") for a in ec2._route_tables.get(table, {}).get("Associations", [])):
        raise _in_the_way("routeTable", table)


def check_vpc(vpc):
    record = ec2._vpcs.get(vpc, {})
    own = (record.get("DefaultSecurityGroupId"), record.get("MainRouteTableId"), record.get("DefaultNetworkAclId"))
    there = [r for table in (ec2._subnets, ec2._security_groups, ec2._route_tables, ec2._network_acls, ec2._vpc_endpoints)
             for name, r in table.items() if r.get("VpcId") == vpc and name not in own and r.get("GroupName") != "default"]
    attached = [a for gateways in (ec2._internet_gateways, ec2._egress_igws) for g in gateways.values()
                for a in g.get("Attachments") or [g] if a.get("VpcId") == vpc]
    if there or attached or _interfaces(lambda i: i.vpc == vpc):
        raise _in_the_way("vpc", vpc)


def _until_late_ones_are_gone(check, *args):
    """The check, again while only interfaces that are on their way out are in the way."""
    while True:
        was_late = list(network_interfaces.late())
        try:
            return check(*args)
        except Refused:
            if not was_late:
                raise
        time.sleep(0.01)


def _careful(check, of=lambda physical_id, props: (physical_id,)):
    """A delete of CloudFormation's with a check before it."""
    def delete(original, physical_id, props):
        _until_late_ones_are_gone(check, *of(physical_id, props))
        original(physical_id, props)
    return delete


def _delete_address(original, address, props):
    allocation = next((a["AllocationId"] for a in ec2._addresses.values() if a["PublicIp"] == address), "")
    _until_late_ones_are_gone(check_address, allocation)
    query("ec2", "ReleaseAddress", {"AllocationId": allocation})


ACTIONS = {  # of the API: the check, and the members of the call that it takes
    "DeleteSubnet": (check_subnet, "SubnetId"), "DeleteSecurityGroup": (check_group, "GroupId"),
    "ReleaseAddress": (check_address, "AllocationId"), "DetachInternetGateway": (check_detachment, "InternetGatewayId", "VpcId"),
    "DeleteInternetGateway": (check_internet_gateway, "InternetGatewayId"), "DeleteRouteTable": (check_route_table, "RouteTableId"),
    "DeleteVpc": (check_vpc, "VpcId"),
}


def _guard(action, check, *members):
    ec2._ACTION_MAP[action] = guarded(ec2._ACTION_MAP[action], lambda params: check(*(ec2._p(params, m) for m in members)), ec2._error)


def nothing(physical_id, props):
    """No more attributes."""


def install():
    extend("AWS::EC2::Subnet", nothing, delete=_careful(check_subnet))
    extend("AWS::EC2::SecurityGroup", nothing, delete=_careful(check_group))
    extend("AWS::EC2::InternetGateway", nothing, delete=_careful(check_internet_gateway))
    extend("AWS::EC2::VPCGatewayAttachment", nothing, delete=_careful(
        check_detachment, lambda _, props: (props.get("InternetGatewayId"), props.get("VpcId"))))
    extend("AWS::EC2::RouteTable", nothing, delete=_careful(check_route_table))
    extend("AWS::EC2::VPC", nothing, delete=_careful(check_vpc))
    extend("AWS::EC2::EIP", nothing, delete=_delete_address)
    for action, (check, *members) in ACTIONS.items():
        _guard(action, check, *members)
