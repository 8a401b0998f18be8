"""IPv6 in a VPC, which ministack's EC2 does not model: AWS::EC2::VPCCidrBlock, AWS::EC2::SubnetCidrBlock, a subnet's
Ipv6CidrBlock, AWS::EC2::EgressOnlyInternetGateway, and how DescribeVpcs and DescribeSubnets say it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpccidrblock.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnetcidrblock.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-egressonlyinternetgateway.html
The block that AWS would choose is derived from the VPC's id, in the range for documentation (RFC 3849).

What EC2 refuses, in texts that people quoted from it: a range outside the VPC's
(hashicorp/terraform-provider-aws#31913), of another length (#28775) or of another subnet
(telia-oss/terraform-aws-vpc#33); a VPC's range with a subnet in it (#29077); assign-ipv6-address-on-creation without a
range (#46795), and the range's removal while it is set (#1519). A second range
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSubnetCidrBlock.html) is worded from memory.
"""
import hashlib
import ipaddress
import secrets

from ministack.services import cloudformation as cfn
from ministack.services import ec2

from .registry import Refused, add, extend
from .service_calls import first, query

LENGTHS = range(44, 65, 4)  # https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
OWN, ASSIGNS = "_localaws_own_block", "_localaws_assign_ipv6"  # on a subnet's record: what its own properties say
BLOCKS = "_localaws_blocks"  # on a VPC's or a subnet's record: {association id: CIDR}


def _set(record, member):
    """The record's blocks of one IP version as DescribeVpcs and DescribeSubnets list them."""
    blocks = [(a, c) for a, c in record.get(BLOCKS, {}).items() if (":" in c) == (member == "ipv6CidrBlock")]
    return "".join(f"<item><{member}>{cidr}</{member}><associationId>{association}</associationId>"
                   f"<{member}State><state>associated</state></{member}State></item>" for association, cidr in blocks)


def _wrap_vpc(original):
    def fields(vpc, tag="item"):
        text = original(vpc, tag)
        text = text.replace("</cidrBlockAssociationSet>", _set(vpc, "cidrBlock") + "</cidrBlockAssociationSet>")
        return text.replace("<dhcpOptionsId>", f"<ipv6CidrBlockAssociationSet>{_set(vpc, 'ipv6CidrBlock')}"
                                               "</ipv6CidrBlockAssociationSet><dhcpOptionsId>")
    return fields


def _wrap_subnet(original):
    def fields(subnet, tag="item"):
        assigns = str(_assigns(subnet)).lower()
        blocks = f"<ipv6CidrBlockAssociationSet>{_set(subnet, 'ipv6CidrBlock')}</ipv6CidrBlockAssociationSet>"
        return original(subnet, tag).replace(
            "<assignIpv6AddressOnCreation>false</assignIpv6AddressOnCreation>",
            f"<assignIpv6AddressOnCreation>{assigns}</assignIpv6AddressOnCreation>{blocks}")
    return fields


def _assigns(subnet):
    return str(subnet.get(ASSIGNS, "false")).lower() == "true"


def _refused(message, code):
    return Refused(message, "Ec2", 400, code)


def _tell(physical_id, attribute, blocks):
    """Fn::GetAtt reads the VPC or subnet as it is now, not as it was when it was created."""
    for stack in cfn._stacks.values():
        for resource in list(stack.get("_resources", {}).values()):
            if resource.get("PhysicalResourceId") == physical_id:
                resource.setdefault("Attributes", {})[attribute] = blocks


def ranges(record, version=6):
    """The blocks of one IP version that a VPC or a subnet has beside its first IPv4 range."""
    return [cidr for cidr in record.get(BLOCKS, {}).values() if (":" in cidr) == (version == 6)]


def _associate(record, prefix, cidr):
    association = prefix + secrets.token_hex(9)[:17]
    record.setdefault(BLOCKS, {})[association] = cidr
    return association


def _provided(vpc_id):
    number = hashlib.sha256(vpc_id.encode()).hexdigest()[:6]
    return f"2001:db8:{number[:4]}:{number[4:]}00::/56"


def create_vpc_block(logical_id, props, stack_name):
    vpc = ec2._vpcs.get(props["VpcId"])
    if vpc is None:
        raise ValueError(f"The vpc ID '{props['VpcId']}' does not exist")
    provided = str(props.get("AmazonProvidedIpv6CidrBlock")).lower() == "true"
    cidr = props.get("CidrBlock") or props.get("Ipv6CidrBlock") or (_provided(props["VpcId"]) if provided else "")
    if not cidr:
        raise ValueError("localaws knows CidrBlock, Ipv6CidrBlock and AmazonProvidedIpv6CidrBlock of AWS::EC2::VPCCidrBlock only")
    association = _associate(vpc, "vpc-cidr-assoc-", cidr)
    _tell(props["VpcId"], "Ipv6CidrBlocks", ranges(vpc))
    return association, {"Id": association, "IpSource": "amazon", "Ipv6AddressAttribute": "public"}


def delete_vpc_block(association, props):
    vpc = ec2._vpcs.get(props["VpcId"])
    cidr = vpc and vpc.get(BLOCKS, {}).get(association)
    if cidr:
        if any(_is_within(block, [cidr]) for s in ec2._subnets.values() if s["VpcId"] == props["VpcId"]
               for block in (s["CidrBlock"], *ranges(s))):
            raise _refused(f"The vpc {props['VpcId']} currently has a subnet within CIDR block {cidr}", "InvalidCidrBlock.InUse")
        del vpc[BLOCKS][association]
        _tell(props["VpcId"], "Ipv6CidrBlocks", ranges(vpc))


def _is_within(cidr, blocks):
    network = ipaddress.ip_network(cidr)
    return any(network.version == block.version and network.subnet_of(block) for block in map(ipaddress.ip_network, blocks))


def _check_range(cidr, vpc_id, subnet_id=None):
    """A range that a subnet of the VPC may have beside the other subnets'."""
    network = ipaddress.ip_network(cidr)
    if network.prefixlen not in LENGTHS:
        raise _refused(f"invalid value for parameter ipv6-cidr-block: {cidr}", "InvalidParameterValue")
    if not _is_within(cidr, ranges(ec2._vpcs[vpc_id])):
        raise _refused(f"The IPv6 CIDR '{cidr}' is invalid.", "InvalidSubnet.Range")
    others = [r for s in ec2._subnets.values() if s["VpcId"] == vpc_id and s["SubnetId"] != subnet_id for r in ranges(s)]
    if any(network.overlaps(ipaddress.ip_network(other)) for other in others):
        raise _refused(f"The IPv6 CIDR '{cidr}' conflicts with another subnet", "InvalidSubnet.Conflict")


def create_subnet_block(logical_id, props, stack_name):
    subnet = ec2._subnets.get(props["SubnetId"])
    if subnet is None:
        raise _refused(f"The subnet ID '{props['SubnetId']}' does not exist", "InvalidSubnetID.NotFound")
    if not props.get("Ipv6CidrBlock"):
        raise ValueError("localaws knows Ipv6CidrBlock of AWS::EC2::SubnetCidrBlock only, no pool of addresses")
    if ranges(subnet):
        raise _refused(f"The subnet '{props['SubnetId']}' already has an associated IPv6 CIDR block", "InvalidSubnet.Conflict")
    _check_range(props["Ipv6CidrBlock"], subnet["VpcId"])
    association = _associate(subnet, "subnet-cidr-assoc-", props["Ipv6CidrBlock"])
    _tell(props["SubnetId"], "Ipv6CidrBlocks", ranges(subnet))
    return association, {"Id": association, "IpSource": "amazon", "Ipv6AddressAttribute": "public"}


def delete_subnet_block(association, props):
    subnet = ec2._subnets.get(props["SubnetId"])
    if subnet and association in subnet.get(BLOCKS, {}):
        if _assigns(subnet):
            raise _refused(f"The subnet IPv6 CIDR block with association ID {association} may not be disassociated, because its "
                           "subnet has assign-ipv6-address-on-creation set to true.", "InvalidCidrBlock.InUse")
        del subnet[BLOCKS][association]
        _tell(props["SubnetId"], "Ipv6CidrBlocks", ranges(subnet))


def _check_subnet(props, subnet_id=None):
    """Before the subnet is made, or changed."""
    subnet = ec2._subnets.get(subnet_id, {})
    cidr = props.get("Ipv6CidrBlock")
    if cidr and cidr not in ranges(subnet) and props.get("VpcId") in ec2._vpcs:
        _check_range(cidr, props["VpcId"], subnet_id)
    if _assigns({ASSIGNS: props.get("AssignIpv6AddressOnCreation", "false")}) and not cidr and not ranges(subnet):
        named = subnet_id or f"subnet-{secrets.token_hex(9)[:17]}"
        raise _refused("Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation to true "
                       f"unless the subnet ({named}) has an IPv6 CIDR block associated with it.", "InvalidParameterValue")


def _complete_subnet(subnet_id, props):
    """Adds what ministack's handler leaves out of AWS::EC2::Subnet. A range of an AWS::EC2::SubnetCidrBlock is not the
    subnet's own."""
    subnet = ec2._subnets[subnet_id]
    subnet[ASSIGNS] = props.get("AssignIpv6AddressOnCreation", False)
    cidr = props.get("Ipv6CidrBlock")
    if cidr != subnet.get(BLOCKS, {}).get(subnet.get(OWN)):
        subnet.setdefault(BLOCKS, {}).pop(subnet.pop(OWN, None), None)
        if cidr:
            subnet[OWN] = _associate(subnet, "subnet-cidr-assoc-", cidr)
    return {"Ipv6CidrBlocks": ranges(subnet), "NetworkAclAssociationId": f"aclassoc-{subnet_id[7:]}"}


def create_egress_only_gateway(logical_id, props, stack_name):
    tags = [{"Key": t["Key"], "Value": t["Value"]} for t in props.get("Tags") or []]
    gateway = first("egressOnlyInternetGatewayId", query("ec2", "CreateEgressOnlyInternetGateway", {
        "VpcId": props["VpcId"],
        "TagSpecification": [{"ResourceType": "egress-only-internet-gateway", "Tag": tags}] if tags else []}))
    return gateway, {"Id": gateway}


def delete_egress_only_gateway(gateway, props):
    query("ec2", "DeleteEgressOnlyInternetGateway", {"EgressOnlyInternetGatewayId": gateway})


def install():
    ec2._vpc_fields_xml = _wrap_vpc(ec2._vpc_fields_xml)
    ec2._subnet_fields_xml = _wrap_subnet(ec2._subnet_fields_xml)
    add("AWS::EC2::VPCCidrBlock", create_vpc_block, delete_vpc_block)
    add("AWS::EC2::SubnetCidrBlock", create_subnet_block, delete_subnet_block)
    add("AWS::EC2::EgressOnlyInternetGateway", create_egress_only_gateway, delete_egress_only_gateway)
    extend("AWS::EC2::Subnet", _complete_subnet, _check_subnet, check_update=lambda subnet, props: _check_subnet(props, subnet))
    extend("AWS::EC2::VPC", lambda vpc_id, props: {"Ipv6CidrBlocks": ranges(ec2._vpcs[vpc_id])})
