"""IPv6 in a VPC, which ministack's EC2 does not model: AWS::EC2::VPCCidrBlock, AWS::EC2::SubnetCidrBlock, a subnet's
Ipv6CidrBlock, AWS::EC2::EgressOnlyInternetGateway, and how DescribeVpcs and DescribeSubnets say it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpccidrblock.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnetcidrblock.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-egressonlyinternetgateway.html
The block that AWS would choose is derived from the VPC's id, in the range for documentation (RFC 3849).
"""
import hashlib
import secrets

from ministack.services import cloudformation as cfn
from ministack.services import ec2

from .calling import first, query
from .registry import add, extend

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
        assigns = str(subnet.get("_localaws_assign_ipv6", "false")).lower()
        blocks = f"<ipv6CidrBlockAssociationSet>{_set(subnet, 'ipv6CidrBlock')}</ipv6CidrBlockAssociationSet>"
        return original(subnet, tag).replace(
            "<assignIpv6AddressOnCreation>false</assignIpv6AddressOnCreation>",
            f"<assignIpv6AddressOnCreation>{assigns}</assignIpv6AddressOnCreation>{blocks}")
    return fields


def _tell(physical_id, attribute, blocks):
    """Fn::GetAtt reads the VPC or subnet as it is now, not as it was when it was created."""
    for stack in cfn._stacks.values():
        for resource in list(stack.get("_resources", {}).values()):
            if resource.get("PhysicalResourceId") == physical_id:
                resource.setdefault("Attributes", {})[attribute] = blocks


def _of(record, version):
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
    _tell(props["VpcId"], "Ipv6CidrBlocks", _of(vpc, 6))
    return association, {"Id": association, "IpSource": "amazon", "Ipv6AddressAttribute": "public"}


def delete_vpc_block(association, props):
    vpc = ec2._vpcs.get(props["VpcId"])
    if vpc:
        vpc.get(BLOCKS, {}).pop(association, None)
        _tell(props["VpcId"], "Ipv6CidrBlocks", _of(vpc, 6))


def create_subnet_block(logical_id, props, stack_name):
    subnet = ec2._subnets.get(props["SubnetId"])
    if subnet is None or not props.get("Ipv6CidrBlock"):
        raise ValueError("localaws needs SubnetId of an existing subnet and Ipv6CidrBlock")
    association = _associate(subnet, "subnet-cidr-assoc-", props["Ipv6CidrBlock"])
    _tell(props["SubnetId"], "Ipv6CidrBlocks", _of(subnet, 6))
    return association, {"Id": association, "IpSource": "amazon", "Ipv6AddressAttribute": "public"}


def delete_subnet_block(association, props):
    subnet = ec2._subnets.get(props["SubnetId"])
    if subnet:
        subnet.get(BLOCKS, {}).pop(association, None)


def _extend_subnet(subnet_id, props):
    """What ministack's handler leaves out of AWS::EC2::Subnet; on create and on update."""
    subnet = ec2._subnets[subnet_id]
    subnet["_localaws_assign_ipv6"] = props.get("AssignIpv6AddressOnCreation", False)
    cidr = props.get("Ipv6CidrBlock")
    if cidr not in _of(subnet, 6):
        subnet[BLOCKS] = {}
        if cidr:
            _associate(subnet, "subnet-cidr-assoc-", cidr)
    return {"Ipv6CidrBlocks": _of(subnet, 6), "NetworkAclAssociationId": f"aclassoc-{subnet_id[7:]}"}


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
    extend("AWS::EC2::Subnet", _extend_subnet)
    extend("AWS::EC2::VPC", lambda vpc_id, props: {"Ipv6CidrBlocks": _of(ec2._vpcs[vpc_id], 6)})
