"""What keeps a network from being deleted. Sources: resources/dependents.py, services/network_interfaces.py."""
import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness.service_rules import VPC, att, failures, made, ref, res

GROUP = {"Group": res("EC2::SecurityGroup", GroupDescription="Interfaces", VpcId=ref("Vpc"))}
GROUPS, SUBNETS = [ref("Group")], [ref("A"), ref("B")]
OWNERS = {
    "a load balancer": {"Owner": res("ElasticLoadBalancingV2::LoadBalancer", Subnets=SUBNETS, SecurityGroups=GROUPS)},
    "a mount target": {"Files": res("EFS::FileSystem"), "Owner": res("EFS::MountTarget", FileSystemId=ref("Files"), SubnetId=ref("A"),
                                                                    SecurityGroups=GROUPS)},
    "an interface endpoint": {"Owner": res("EC2::VPCEndpoint", VpcId=ref("Vpc"), ServiceName="com.amazonaws.eu-west-1.ssm", SubnetIds=SUBNETS,
                                           VpcEndpointType="Interface", SecurityGroupIds=GROUPS)},
    "a database": {
        "Subnets": res("RDS::DBSubnetGroup", DBSubnetGroupDescription="Data", SubnetIds=SUBNETS),
        "Cluster": res("RDS::DBCluster", Engine="aurora-postgresql", MasterUsername="moodle", ManageMasterUserPassword=True,
                       ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 1},
                       DBSubnetGroupName=ref("Subnets"), VpcSecurityGroupIds=GROUPS),
        "Owner": res("RDS::DBInstance", Engine="aurora-postgresql", DBClusterIdentifier=ref("Cluster"), DBInstanceClass="db.serverless")},
    "a cache": {
        "Subnets": res("ElastiCache::SubnetGroup", Description="Cache", SubnetIds=SUBNETS),
        "Owner": res("ElastiCache::ReplicationGroup", ReplicationGroupDescription="Cache", CacheNodeType="cache.t4g.small", Engine="valkey",
                     CacheSubnetGroupName=ref("Subnets"), SecurityGroupIds=GROUPS, NumCacheClusters=1, AutomaticFailoverEnabled=False)},
    "an instance": {
        "Template": res("EC2::LaunchTemplate", LaunchTemplateData={"InstanceType": "t4g.small", "SecurityGroupIds": GROUPS}),
        "Owner": res("AutoScaling::AutoScalingGroup", MinSize="1", MaxSize="1", VPCZoneIdentifier=SUBNETS, LaunchTemplate={
            "LaunchTemplateId": ref("Template"), "Version": att("Template", "LatestVersionNumber")})},
}


def physical(aws, name):
    return aws.resource("one", name)["PhysicalResourceId"]


def refused(call, code, text="", **params):
    with pytest.raises(ClientError, match=rf"\({code}\).*{text}"):
        call(**params)


@pytest.mark.parametrize("owner", OWNERS)
def test_an_interface_holds_its_subnet_group_and_vpc(aws, owner):
    made(aws, {**VPC, **GROUP, **OWNERS[owner]})
    ec2, group, subnet = aws.client("ec2"), physical(aws, "Group"), physical(aws, "A")
    (there, *_) = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group]}])["NetworkInterfaces"]
    assert (there["SubnetId"], there["VpcId"], there["Status"]) == (subnet, physical(aws, "Vpc"), "in-use")
    refused(ec2.delete_security_group, "DependencyViolation", f"resource {group} has a dependent object", GroupId=group)
    refused(ec2.delete_subnet, "DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted", SubnetId=subnet)
    assert aws.delete("one") == "DELETE_COMPLETE", "each resource goes before what it needs"
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []


@pytest.mark.parametrize("owner", OWNERS)
def test_a_retained_owner_holds_the_network_of_its_stack(aws, owner):
    kept = {**OWNERS[owner], "Owner": {**OWNERS[owner]["Owner"], "DeletionPolicy": "Retain"}}
    arn = made(aws, {**VPC, **GROUP, **kept})
    assert aws.delete("one") == "DELETE_FAILED"
    said = failures(aws, arn)
    assert "has a dependent object (Service: Ec2, Status Code: 400, Error Code: DependencyViolation)" in said["Group"]
    assert "has dependencies and cannot be deleted" in said["A"] and "has dependencies and cannot be deleted" in said["Vpc"]


def test_a_load_balancer_s_interfaces_go_after_it(aws):
    aws.settings(interface_ms=600000)
    made(aws, {**VPC, **GROUP, **OWNERS["a load balancer"]})
    elb, ec2, group = aws.client("elbv2"), aws.client("ec2"), physical(aws, "Group")
    elb.delete_load_balancer(LoadBalancerArn=physical(aws, "Owner"))
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    assert len(ec2.describe_network_interfaces()["NetworkInterfaces"]) == 2
    refused(ec2.delete_security_group, "DependencyViolation", GroupId=group)


def test_cloudformation_waits_for_them(aws):
    aws.settings(interface_ms=300)
    made(aws, {**VPC, **GROUP, **OWNERS["a load balancer"]})
    assert aws.delete("one") == "DELETE_COMPLETE"


GATEWAYS = {
    "Gateway": res("EC2::InternetGateway"), "Attachment": res("EC2::VPCGatewayAttachment", VpcId=ref("Vpc"), InternetGatewayId=ref("Gateway")),
    "Address": res("EC2::EIP", ["Attachment"], Domain="vpc"),
    "Nat": res("EC2::NatGateway", AllocationId=att("Address", "AllocationId"), SubnetId=ref("A")),
    "Routes": res("EC2::RouteTable", VpcId=ref("Vpc")),
    "RoutesOfA": res("EC2::SubnetRouteTableAssociation", SubnetId=ref("A"), RouteTableId=ref("Routes")),
}


def test_gateways_addresses_and_route_tables_in_use(aws):
    made(aws, {**VPC, **GATEWAYS})
    ec2, vpc, gateway = aws.client("ec2"), physical(aws, "Vpc"), physical(aws, "Gateway")
    address = ec2.describe_addresses()["Addresses"][0]
    refused(ec2.release_address, "InvalidIPAddress.InUse", address["PublicIp"], AllocationId=address["AllocationId"])
    refused(ec2.detach_internet_gateway, "DependencyViolation", rf"Network {vpc} has some mapped public address\(es\)",
            InternetGatewayId=gateway, VpcId=vpc)
    refused(ec2.delete_internet_gateway, "DependencyViolation", f"The internetGateway '{gateway}' has dep", InternetGatewayId=gateway)
    refused(ec2.delete_route_table, "DependencyViolation", "The routeTable 'rtb-", RouteTableId=physical(aws, "Routes"))
    refused(ec2.delete_vpc, "DependencyViolation", f"The vpc '{vpc}' has dep", VpcId=vpc)
    ec2.delete_nat_gateway(NatGatewayId=physical(aws, "Nat"))
    ec2.release_address(AllocationId=address["AllocationId"])
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


def test_a_public_load_balancer_keeps_the_gateway_attached(aws):
    balancer = {"Owner": {**OWNERS["a load balancer"]["Owner"], "DeletionPolicy": "Retain"}}
    arn = made(aws, {**VPC, **GROUP, "Gateway": GATEWAYS["Gateway"], "Attachment": GATEWAYS["Attachment"], **balancer})
    assert aws.delete("one") == "DELETE_FAILED"
    assert "Please unmap those public address(es) before detaching the gateway" in failures(aws, arn)["Attachment"]


@pytest.mark.parametrize("more", [{"Routes": res("EC2::RouteTable", VpcId=ref("Vpc"))}, {"Acl": res("EC2::NetworkAcl", VpcId=ref("Vpc"))},
                                  {"Out": res("EC2::EgressOnlyInternetGateway", VpcId=ref("Vpc"))}, GROUP])
def test_what_stands_in_a_vpc_holds_it(aws, more):
    kept = {name: {**r, "DeletionPolicy": "Retain"} for name, r in more.items()}
    arn = made(aws, {"Vpc": VPC["Vpc"], **kept})
    assert aws.delete("one") == "DELETE_FAILED"
    assert "has dependencies and cannot be deleted" in failures(aws, arn)["Vpc"]


def test_filters_of_interfaces(aws):
    made(aws, {**VPC, **GROUP, **OWNERS["a mount target"], "Other": res("EFS::MountTarget", FileSystemId=ref("Files"), SubnetId=ref("B"),
                                                                        SecurityGroups=GROUPS)})
    ec2 = aws.client("ec2")

    def found(**filters):
        given = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
        return len(ec2.describe_network_interfaces(Filters=given)["NetworkInterfaces"])
    assert (found(subnet_id=physical(aws, "A")), found(vpc_id=physical(aws, "Vpc")), found(vpc_id="vpc-0")) == (1, 2, 0)
    assert found(description="EFS mount target for *") == 2
    refused(ec2.describe_network_interfaces, "InvalidParameterValue", Filters=[{"Name": "status", "Values": ["in-use"]}])
    refused(ec2.describe_network_interfaces, "InvalidNetworkInterfaceID.NotFound", NetworkInterfaceIds=["eni-00000000000000000"])


def test_a_listener_holds_its_target_group_and_its_certificate(aws):
    zone = aws.client("route53").create_hosted_zone(Name="school.example", CallerReference="1")["HostedZone"]["Id"].split("/")[-1]
    kept = {
        **OWNERS["a load balancer"], "Targets": res("ElasticLoadBalancingV2::TargetGroup", Port=80, Protocol="HTTP", VpcId=ref("Vpc")),
        "Certificate": res("CertificateManager::Certificate", DomainName="school.example", ValidationMethod="DNS", DomainValidationOptions=[
            {"DomainName": "school.example", "HostedZoneId": zone}]),
        "Listener": res("ElasticLoadBalancingV2::Listener", LoadBalancerArn=ref("Owner"), Port=443, Protocol="HTTPS",
                        Certificates=[{"CertificateArn": ref("Certificate")}],
                        DefaultActions=[{"Type": "forward", "TargetGroupArn": ref("Targets")}])}
    kept = {name: {**r, "DeletionPolicy": "Retain"} if name in ("Owner", "Listener") else r for name, r in kept.items()}
    arn = made(aws, {**VPC, **GROUP, **kept})
    certificate, targets, balancer = (physical(aws, name) for name in ("Certificate", "Targets", "Owner"))
    refused(aws.client("acm").delete_certificate, "ResourceInUseException", "is in use", CertificateArn=certificate)
    refused(aws.client("elbv2").delete_target_group, "ResourceInUse", "is currently in use by a listener or a rule", TargetGroupArn=targets)
    assert aws.delete("one") == "DELETE_FAILED"
    said = failures(aws, arn)
    assert "is currently in use by a listener or a rule" in said["Targets"] and "is in use" in said["Certificate"]
    aws.client("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    assert aws.delete("one") == "DELETE_COMPLETE"


TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
READS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
ROLE = {"Held": res("IAM::Role", AssumeRolePolicyDocument=TRUST, Policies=[{"PolicyName": "own", "PolicyDocument": READS}])}
ZONE = {"Held": res("Route53::HostedZone", Name="school.example"), "Holder": res(
    "Route53::RecordSet", HostedZoneId=ref("Held"), Name="moodle.school.example", Type="A", TTL="60", ResourceRecords=["192.0.2.1"])}
ACL = {"Held": res("WAFv2::WebACL", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig={
    "SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"})}


@pytest.mark.parametrize("resources,code", [
    ({**ROLE, "Holder": res("IAM::InstanceProfile", Roles=[ref("Held")])}, "DeleteConflict"),
    ({**ROLE, "Holder": res("IAM::ManagedPolicy", PolicyDocument=READS, Roles=[ref("Held")])}, "DeleteConflict"),
    ({**ROLE, "Holder": res("IAM::Policy", PolicyName="more", PolicyDocument=READS, Roles=[ref("Held")])}, "DeleteConflict"),
    (ZONE, "HostedZoneNotEmpty"),
    ({**VPC, **GROUP, **OWNERS["a load balancer"], **ACL, "Holder": res(
        "WAFv2::WebACLAssociation", ResourceArn=ref("Owner"), WebACLArn=att("Held", "Arn"))}, "WAFAssociatedItemException"),
    ({**VPC, **GROUP, "Held": OWNERS["a cache"]["Subnets"], "Holder": {**OWNERS["a cache"]["Owner"], "Properties": {
        **OWNERS["a cache"]["Owner"]["Properties"], "CacheSubnetGroupName": ref("Held")}}}, "CacheSubnetGroupInUse"),
    ({**VPC, **GROUP, "Held": res("EFS::FileSystem"), "Holder": {**OWNERS["a mount target"]["Owner"], "Properties": {
        **OWNERS["a mount target"]["Owner"]["Properties"], "FileSystemId": ref("Held")}}}, "FileSystemInUse")],
    ids=lambda value: value if isinstance(value, str) else value["Holder"]["Type"])
def test_what_is_in_use_is_not_deleted(aws, resources, code):
    made(aws, resources)
    assert aws.delete("one") == "DELETE_COMPLETE", "each goes before what it needs"
    arn = made(aws, {**resources, "Holder": {**resources["Holder"], "DeletionPolicy": "Retain"}})
    assert aws.delete("one") == "DELETE_FAILED"
    assert f"Error Code: {code})" in failures(aws, arn)["Held"]


def test_a_policy_that_somebody_attached_holds_the_role(aws):
    arn = made(aws, {"Role": res("IAM::Role", AssumeRolePolicyDocument=TRUST)})
    iam, policy = aws.client("iam"), "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    iam.attach_role_policy(RoleName=physical(aws, "Role"), PolicyArn=policy)
    assert aws.delete("one") == "DELETE_FAILED"
    assert "Cannot delete entity, must detach all policies first." in failures(aws, arn)["Role"]
    iam.detach_role_policy(RoleName=physical(aws, "Role"), PolicyArn=policy)
    assert aws.delete("one") == "DELETE_COMPLETE"
