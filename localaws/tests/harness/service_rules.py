"""What the tests of the services' own rules share: small templates, and what one resource of them failed with."""


def ref(name):
    return {"Ref": name}


def att(name, attribute):
    return {"Fn::GetAtt": [name, attribute]}


def res(rtype, after=(), **props):
    return {"Type": f"AWS::{rtype}", "Properties": props, **({"DependsOn": list(after)} if after else {})}


def made(aws, resources, name="one"):
    """Creates a stack of the resources, which must succeed. Returns the stack's id."""
    arn, status = aws.create(name, {"Resources": resources}, Capabilities=["CAPABILITY_IAM"])
    assert status == "CREATE_COMPLETE", failures(aws, arn)
    return arn


def refused(aws, resources, logical_id, name="one"):
    """Creates a stack of the resources, of which one must fail. Returns its reason."""
    arn, status = aws.create(name, {"Resources": resources}, Capabilities=["CAPABILITY_IAM"])
    assert status.startswith("ROLLBACK_"), status
    found = failures(aws, arn)
    assert logical_id in found, found
    return found[logical_id]


def failures(aws, stack):
    return {lid: why for lid, status, why in aws.statuses(stack, reasons=True) if status.endswith("_FAILED") and lid != "one"}


VPC = {
    "Vpc": res("EC2::VPC", CidrBlock="10.0.0.0/16"),
    "A": res("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24", AvailabilityZone="eu-west-1a"),
    "B": res("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.1.0/24", AvailabilityZone="eu-west-1b"),
}
IPV6 = {"Ipv6": res("EC2::VPCCidrBlock", VpcId=ref("Vpc"), AmazonProvidedIpv6CidrBlock=True)}


def ipv6_range(subnet, number):
    """An AWS::EC2::SubnetCidrBlock with the numbered /64 of the VPC's range."""
    cidr = {"Fn::Select": [number, {"Fn::Cidr": [{"Fn::Select": [0, att("Vpc", "Ipv6CidrBlocks")]}, 4, 64]}]}
    return res("EC2::SubnetCidrBlock", ["Ipv6"], SubnetId=ref(subnet), Ipv6CidrBlock=cidr)
