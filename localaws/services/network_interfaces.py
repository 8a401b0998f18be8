"""The network interfaces that services put into a VPC, read from the services' own records: while one is there, its
subnet, its groups and the VPC cannot go (resources/dependents.py).

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html (one a subnet),
https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html (one a mount target),
https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html (one a subnet),
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html,
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VPCs.html. Which subnet of its group a database or a node is in
AWS chooses; here it is the first one of its zone, or the first.
A load balancer's interfaces go some time after it (hashicorp/terraform-provider-aws waits for them): setting
`interface_ms`.
"""
import hashlib
import time
from dataclasses import dataclass

from ministack.core.responses import AccountRegionScopedDict, get_account_id
from ministack.services import alb, autoscaling, ec2, efs, elasticache, rds

from ..controls import settings
from ..resources import scaling

GROUPS = "_localaws_groups"  # on an instance's record
_late = AccountRegionScopedDict()  # id -> (the interface of an owner that is gone, when it goes)


@dataclass(frozen=True)
class Interface:
    """One interface, and what keeps it."""
    id: str
    subnet: str
    groups: tuple
    owner: str
    description: str
    has_public_address: bool = False

    @property
    def vpc(self):
        return ec2._subnets.get(self.subnet, {}).get("VpcId", "")


def _id(*of):
    return f"eni-{hashlib.sha256(' '.join(of).encode()).hexdigest()[:17]}"


def _of_load_balancers():
    for arn, balancer in alb._lbs.items():
        name, public = arn.split(":loadbalancer/")[-1], balancer.get("Scheme", "internet-facing") == "internet-facing"
        for subnet in balancer["Subnets"]:
            yield Interface(_id(arn, subnet), subnet, tuple(balancer.get("SecurityGroups", [])), arn, f"ELB {name}", public)


def _of_mount_targets():
    for target, record in efs._mount_targets.items():
        yield Interface(record["NetworkInterfaceId"], record["SubnetId"], tuple(record.get("SecurityGroups", [])), target,
                        f"EFS mount target for {record['FileSystemId']} ({target})")


def _of_endpoints():
    for endpoint, record in ec2._vpc_endpoints.items():
        for interface, subnet in zip(record.get("NetworkInterfaceIds", []), record.get("SubnetIds", [])):
            yield Interface(interface, subnet, tuple(record.get("SecurityGroupIds", [])), endpoint, f"VPC Endpoint Interface {endpoint}")


def _of_nat_gateways():
    for gateway, record in ec2._nat_gateways.items():
        if record["State"] != "deleted":
            addresses = record.get("_localaws", {}).get("natGatewayAddressSet", [])
            interface = addresses[0]["networkInterfaceId"] if addresses else _id(gateway)
            yield Interface(interface, record["SubnetId"], (), gateway, f"Interface for NAT Gateway {gateway}", bool(addresses))


def _in_zone(subnets, zone):
    known = [s for s in subnets if s in ec2._subnets]
    return next((s for s in known if ec2._subnets[s]["AvailabilityZone"] == zone), known[0] if known else None)


def _of_databases():
    for name, instance in rds._instances.items():
        group = instance.get("DBSubnetGroup") or {}
        subnets = [s.get("SubnetIdentifier") for s in group.get("Subnets", [])]
        groups = tuple(g["VpcSecurityGroupId"] for g in instance.get("VpcSecurityGroups") or [])
        if subnet := _in_zone(subnets, instance.get("AvailabilityZone")):
            yield Interface(_id(name, subnet), subnet, groups, name, "RDSNetworkInterface")


def _of_caches():
    for name, cluster in elasticache._clusters.items():
        group = elasticache._subnet_groups.get(cluster.get("CacheSubnetGroupName") or "", {})
        subnets = [s.get("SubnetIdentifier") for s in group.get("Subnets", [])]
        groups = tuple(g["SecurityGroupId"] for g in cluster.get("SecurityGroups") or [])
        if subnet := _in_zone(subnets, cluster.get("PreferredAvailabilityZone")):
            yield Interface(_id(name, subnet), subnet, groups, name, f"ElastiCache {name}")
    for name, cache in elasticache._serverless_caches.items():
        for subnet in cache.get("SubnetIds") or []:
            yield Interface(_id(name, subnet), subnet, tuple(cache.get("SecurityGroupIds") or ()), name, f"ElastiCache {name}")


def _groups_of(group):
    """The security groups that the newest version of a group's launch template gives an instance."""
    data = scaling.template_data({**group, **group.get("_localaws", {})})
    first = (data.get("NetworkInterfaces") or [{}])[0]
    return tuple(first.get("Groups") or data.get("SecurityGroupIds") or ())


def _wrap_reconcile(original):
    """An instance keeps the groups that it was launched with."""
    def reconcile(group):
        original(group)
        for instance in group["Instances"]:
            instance[GROUPS] = instance.get(GROUPS) or _groups_of(group)
    return reconcile


def _of_instances():
    for name, group in autoscaling._asgs.items():
        subnets = [s for s in group["VPCZoneIdentifier"].split(",") if s]
        for instance in group["Instances"]:
            if subnet := _in_zone(subnets, instance["AvailabilityZone"]):
                yield Interface(_id(instance["InstanceId"]), subnet, instance.get(GROUPS, ()), instance["InstanceId"], name)


def _of_users():
    for interface, record in ec2._network_interfaces.items():
        yield Interface(interface, record["SubnetId"], tuple(g["GroupId"] for g in record["Groups"]), interface, record["Description"])


def of_owners():
    """Yields the interfaces whose owners are there."""
    for source in (_of_load_balancers, _of_mount_targets, _of_endpoints, _of_nat_gateways, _of_databases, _of_caches, _of_instances, _of_users):
        yield from source()


def late():
    """Yields the interfaces that have outlived their owners so far."""
    for interface, (record, ends) in list(_late.items()):
        if time.monotonic() < ends:
            yield record
        else:
            _late.pop(interface, None)


def outlive(owner):
    """Called before an owner is deleted whose interfaces go later."""
    ends = time.monotonic() + settings.values["interface_ms"] / 1000
    for interface in [i for i in of_owners() if i.owner == owner]:
        _late[interface.id] = (interface, ends)


def _record(interface):
    """As ministack keeps one."""
    known = ec2._network_interfaces.get(interface.id)
    subnet, number = ec2._subnets.get(interface.subnet, {}), int(interface.id[-4:], 16)
    return known or {
        "NetworkInterfaceId": interface.id, "SubnetId": interface.subnet, "VpcId": interface.vpc, "OwnerId": get_account_id(),
        "AvailabilityZone": subnet.get("AvailabilityZone", ""), "Description": interface.description, "Status": "in-use",
        "PrivateIpAddress": f"{subnet.get('CidrBlock', '10.0.0.0').rsplit('.', 1)[0]}.{4 + number % 250}", "InterfaceType": "interface",
        "MacAddress": f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}",
        "Groups": [{"GroupId": g, "GroupName": ec2._security_groups.get(g, {}).get("GroupName", g)} for g in interface.groups]}


FILTERS = {"subnet-id": lambda i: [i.subnet], "vpc-id": lambda i: [i.vpc], "group-id": lambda i: i.groups,
           "description": lambda i: [i.description], "network-interface-id": lambda i: [i.id]}


def _describe(params):
    ids, filters = ec2._parse_member_list(params, "NetworkInterfaceId"), ec2._parse_filters(params)
    unknown = sorted(set(filters) - set(FILTERS))
    if unknown:
        return ec2._error("InvalidParameterValue", f"the local AWS has no filter {unknown[0]} of network interfaces", 400)
    found = [i for i in (*of_owners(), *late()) if (not ids or i.id in ids)
             and all(any(ec2._glob_match(wanted, has) for wanted in values for has in FILTERS[name](i)) for name, values in filters.items())]
    missing = sorted(set(ids) - {i.id for i in found})
    if missing:
        return ec2._error("InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{missing[0]}' does not exist", 400)
    items = "".join(ec2._eni_fields_xml(_record(i)) for i in found)
    return ec2._xml(200, "DescribeNetworkInterfacesResponse", f"<networkInterfaceSet>{items}</networkInterfaceSet>")


def _wrap_reset(original):
    def reset():
        original()
        _late.clear()
    return reset


def install():
    ec2._ACTION_MAP["DescribeNetworkInterfaces"] = _describe
    autoscaling._reconcile_instances = _wrap_reconcile(autoscaling._reconcile_instances)
    ec2.reset = _wrap_reset(ec2.reset)
