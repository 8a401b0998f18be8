"""What services refuse that no schema has: file systems, caches, IPv6 ranges, flow logs, Auto Scaling groups, target
groups."""
import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness.service_rules import IPV6, VPC, att, failures, ipv6_range, made, ref, refused, res

# EFS
ARCHIVE = [{"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToArchive": "AFTER_90_DAYS"}]
IA = [{"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}]
NOT_ELASTIC = "The ThroughputMode value for the file system does not support TransitionToArchive."
ONE_ZONE = {"AvailabilityZoneName": "eu-west-1a"}


@pytest.mark.parametrize("props,reason", [
    ({**ONE_ZONE, "ThroughputMode": "elastic", "LifecyclePolicies": ARCHIVE}, "One Zone storage does not support TransitionToArchive"),
    ({"LifecyclePolicies": ARCHIVE}, NOT_ELASTIC), ({"ThroughputMode": "bursting", "LifecyclePolicies": ARCHIVE}, NOT_ELASTIC),
    ({"ThroughputMode": "elastic", "LifecyclePolicies": ARCHIVE[1:]}, "must be later than TransitionToIA"),
    ({"ThroughputMode": "elastic", "LifecyclePolicies": [ARCHIVE[0], {"TransitionToArchive": "AFTER_30_DAYS"}]}, "must be later"),
    ({"LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS", "TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}]}, "only a single"),
    ({"LifecyclePolicies": [IA[0], {"TransitionToIA": "AFTER_60_DAYS"}]}, "stands once"),
    ({"PerformanceMode": "maxIO", "ThroughputMode": "elastic"}, "Elastic throughput is not available for file systems using MaxIO"),
    ({"PerformanceMode": "maxIO", **ONE_ZONE}, "Unsupported performance mode provided."),
    ({"ThroughputMode": "provisioned"}, "Provisioned throughput must be set for"),
    ({"ThroughputMode": "elastic", "ProvisionedThroughputInMibps": 10}, "can't be set for file systems that use elastic throughput mode."),
    ({"KmsKeyId": "alias/aws/elasticfilesystem"}, "The encrypted parameter must be set to true")])
def test_what_efs_refuses(aws, props, reason):
    why = refused(aws, {"Files": res("EFS::FileSystem", **props)}, "Files")
    assert reason in why and "(Service: Efs, Status Code: 400, Error Code: BadRequest)" in why
    assert aws.client("efs").describe_file_systems()["FileSystems"] == []


@pytest.mark.parametrize("props", [
    {"ThroughputMode": "elastic", "LifecyclePolicies": ARCHIVE}, {**ONE_ZONE, "ThroughputMode": "elastic", "LifecyclePolicies": IA},
    {**ONE_ZONE, "LifecyclePolicies": IA[:1]}, {"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": 10},
    {"FileSystemTags": [{"Key": "Träger", "Value": "Schule am Fluß 4/5: a_b+c@d=e-f.g"}]}, {"PerformanceMode": "maxIO"}, {"Encrypted": True, "KmsKeyId": "alias/aws/elasticfilesystem"}])
def test_what_efs_takes(aws, props):
    made(aws, {"Files": res("EFS::FileSystem", **props)})


def test_a_tag_outside_of_efs_alphabet_is_refused(aws):
    tagged = res("EFS::FileSystem", FileSystemTags=[{"Key": "Owner", "Value": "3×4"}])
    assert "Value '3×4' failed to satisfy constraint" in refused(aws, {"Files": tagged}, "Files")


def test_efs_refuses_archive_later_and_by_its_own_api(aws):
    made(aws, {"Files": res("EFS::FileSystem", LifecyclePolicies=IA, **ONE_ZONE)})
    worse = res("EFS::FileSystem", ThroughputMode="elastic", LifecyclePolicies=ARCHIVE, **ONE_ZONE)
    assert aws.update("one", {"Resources": {"Files": worse}}) == "UPDATE_ROLLBACK_COMPLETE"
    efs, system = aws.client("efs"), aws.resource("one", "Files")["PhysicalResourceId"]
    assert efs.describe_lifecycle_configuration(FileSystemId=system)["LifecyclePolicies"] == IA
    with pytest.raises(ClientError, match="BadRequest.*does not support TransitionToArchive"):
        efs.put_lifecycle_configuration(FileSystemId=system, LifecyclePolicies=ARCHIVE)


# ElastiCache
def parameters(family, policy="allkeys-lru"):
    return res("ElastiCache::ParameterGroup", Description="d", CacheParameterGroupFamily=family, Properties={"maxmemory-policy": policy})


def cache(parameter_group=None, engine="valkey", version="8.0", **props):
    named = {"CacheParameterGroupName": parameter_group} if parameter_group else {}
    return res("ElastiCache::ReplicationGroup", ReplicationGroupDescription="d", Engine=engine, EngineVersion=version,
               **{"CacheNodeType": "cache.t4g.micro", "NumCacheClusters": 1, "AutomaticFailoverEnabled": False, **named, **props})


@pytest.mark.parametrize("resources,reason", [
    ({"Cache": parameters("valkey8.0")}, "CacheParameterGroupFamily valkey8.0 is not a valid parameter group family"),
    ({"Cache": cache("nobodys")}, "CacheParameterGroup not found: nobodys (Service: ElastiCache, Status Code: 404"),
    ({"P": parameters("valkey7"), "Cache": cache(ref("P"))}, "Expected a parameter group of family valkey8 but found one of family valkey7"),
    ({"P": parameters("redis7"), "Cache": cache(ref("P"), "redis", "6.2")}, "Expected a parameter group of family redis6.x but found"),
    ({"Cache": cache(AutomaticFailoverEnabled=True)}, "Automatic failover requires 2 or more cache clusters."),
    ({"Cache": cache(CacheNodeType="cache.r6gd.xlarge")}, "When using the cache.r6gd.xlarge node type, you must enable data tiering.")])
def test_what_elasticache_refuses(aws, resources, reason):
    assert reason in refused(aws, resources, "Cache")
    assert aws.client("elasticache").describe_replication_groups()["ReplicationGroups"] == []


def test_a_cache_with_its_parameters(aws):
    two = {"NumCacheClusters": 2, "AutomaticFailoverEnabled": True}
    tiered = cache("default.valkey8", CacheNodeType="cache.r6gd.xlarge", DataTieringEnabled=True)
    made(aws, {"P": parameters("valkey8"), "Cache": cache(ref("P"), version="8.1", **two), "Tiered": tiered})
    elasticache, name = aws.client("elasticache"), aws.resource("one", "P")["PhysicalResourceId"]
    said = elasticache.describe_cache_parameters(CacheParameterGroupName=name)["Parameters"]
    assert [p["ParameterValue"] for p in said if p["ParameterName"] == "maxmemory-policy"] == ["allkeys-lru"]
    with pytest.raises(ClientError, match=f"still members of this parameter group {name}, so the group cannot be deleted."):
        elasticache.delete_cache_parameter_group(CacheParameterGroupName=name)
    assert aws.delete("one") == "DELETE_COMPLETE"


def test_a_parameter_group_in_use_stays_until_its_cache_lets_go(aws):
    made(aws, {"P": parameters("valkey8")}, "groups")
    name = aws.resource("groups", "P")["PhysicalResourceId"]
    made(aws, {"Cache": cache(name)})
    assert aws.delete("groups") == "DELETE_FAILED"
    assert "One or more cache clusters are still members of this parameter group" in failures(aws, "groups")["P"]
    assert aws.update("one", {"Resources": {"Cache": cache("default.valkey8")}}) == "UPDATE_COMPLETE"
    assert aws.delete("groups") == "DELETE_COMPLETE"


# IPv6
def blocks(aws, subnet):
    said = aws.client("ec2").describe_subnets(SubnetIds=[aws.resource("one", subnet)["PhysicalResourceId"]])["Subnets"][0]
    return [b["Ipv6CidrBlock"] for b in said["Ipv6CidrBlockAssociationSet"]]


def test_a_subnets_range_comes_and_goes_while_the_subnet_stays(aws):
    ranged = {**VPC, **IPV6, "RangeA": ipv6_range("A", 0), "RangeB": ipv6_range("B", 1)}
    made(aws, VPC)
    before = aws.resource("one", "A")["PhysicalResourceId"]
    assert blocks(aws, "A") == []
    assert aws.update("one", {"Resources": ranged}) == "UPDATE_COMPLETE"
    assert blocks(aws, "A")[0].endswith("::/64") and blocks(aws, "A") != blocks(aws, "B")
    assert aws.resource("one", "A")["PhysicalResourceId"] == before
    tagged = {**ranged, "A": res("EC2::Subnet", **{**VPC["A"]["Properties"], "MapPublicIpOnLaunch": True})}
    assert aws.update("one", {"Resources": tagged}) == "UPDATE_COMPLETE" and len(blocks(aws, "A")) == 1
    assert aws.update("one", {"Resources": VPC}) == "UPDATE_COMPLETE" and blocks(aws, "A") == []
    assert aws.delete("one") == "DELETE_COMPLETE"


def subnet(name, **props):
    return {name: res("EC2::Subnet", ["Ipv6"], **{**VPC[name]["Properties"], **props})}


def block(cidr, name="A"):
    return res("EC2::SubnetCidrBlock", ["Ipv6"], SubnetId=ref(name), Ipv6CidrBlock=cidr)


OWN_RANGE = ipv6_range("A", 0)["Properties"]["Ipv6CidrBlock"]
WHOLE = {"Fn::Select": [0, att("Vpc", "Ipv6CidrBlocks")]}


@pytest.mark.parametrize("resources,reason", [
    ({"X": block("2001:db8:ffff::/64")}, "The IPv6 CIDR '2001:db8:ffff::/64' is invalid. (Service: Ec2, Status Code: 400, "
                                         "Error Code: InvalidSubnet.Range)"),
    ({"X": block("2001:db8:ffff::/65")}, "invalid value for parameter ipv6-cidr-block: 2001:db8:ffff::/65"),
    ({"R": ipv6_range("B", 0), "X": {**ipv6_range("A", 0), "DependsOn": ["Ipv6", "R"]}}, "conflicts with another subnet"),
    ({"R": ipv6_range("A", 1), "X": {**ipv6_range("A", 0), "DependsOn": ["Ipv6", "R"]}}, "already has an associated IPv6 CIDR block"),
    ({"X": block(OWN_RANGE, "Vpc")}, "does not exist"),
    ({"X": res("EC2::Subnet", ["Ipv6"], **{**VPC["A"]["Properties"], "CidrBlock": "10.0.9.0/24", "Ipv6CidrBlock": "2001:db8:ffff::/64"})},
     "Error Code: InvalidSubnet.Range"),
    ({"X": res("EC2::Subnet", **{**VPC["A"]["Properties"], "CidrBlock": "10.0.9.0/24", "AssignIpv6AddressOnCreation": True})},
     "Cannot set assign-ipv6-address-on-creation to true unless the subnet (subnet-")])
def test_what_ec2_refuses_of_ranges(aws, resources, reason):
    assert reason in refused(aws, {**VPC, **IPV6, **resources}, "X")


def test_a_vpcs_range_stays_while_a_subnet_uses_it(aws):
    """The subnet's range is another stack's, so that no order of deletion could free it."""
    exported = {"A": {"Value": ref("A")}, "Cidr": {"Value": OWN_RANGE}}
    arn, status = aws.create("one", {"Resources": {**VPC, **IPV6}, "Outputs": exported})
    assert status == "CREATE_COMPLETE"
    outputs = {o["OutputKey"]: o["OutputValue"] for o in aws.cfn.describe_stacks(StackName=arn)["Stacks"][0]["Outputs"]}
    made(aws, {"X": res("EC2::SubnetCidrBlock", SubnetId=outputs["A"], Ipv6CidrBlock=outputs["Cidr"])}, "two")
    assert aws.update("one", {"Resources": VPC}) == "UPDATE_COMPLETE", "what an update cannot delete does not fail it"
    assert "currently has a subnet within CIDR block 2001:db8:" in failures(aws, arn)["Ipv6"]


def test_a_range_stays_while_the_subnet_gives_addresses_of_it(aws):
    made(aws, {**VPC, **IPV6, "X": ipv6_range("A", 0)})
    assigns = {**VPC, **subnet("A", AssignIpv6AddressOnCreation=True), **IPV6}
    assert aws.update("one", {"Resources": {**assigns, "X": ipv6_range("A", 0)}}) == "UPDATE_COMPLETE"
    assert aws.update("one", {"Resources": assigns}) == "UPDATE_COMPLETE"
    assert "because its subnet has assign-ipv6-address-on-creation set to true." in failures(aws, "one")["X"]


def balancer(*subnets, after=(), kind="dualstack"):
    return {"Balancer": res("ElasticLoadBalancingV2::LoadBalancer", after, IpAddressType=kind, Subnets=[ref(s) for s in subnets])}


def test_a_dual_stack_load_balancer_needs_ranges(aws):
    one = {**VPC, **IPV6, "RangeA": ipv6_range("A", 0), **balancer("A", "B", after=["RangeA"])}
    assert "You must specify subnets with an associated IPv6 CIDR block. (Service: ElasticLoadBalancingV2" in refused(aws, one, "Balancer")
    made(aws, {**one, "RangeB": ipv6_range("B", 1), **balancer("A", "B", after=["RangeA", "RangeB"])}, "two")
    made(aws, {**VPC, **balancer("A", "B", kind="ipv4")}, "three")


def listener(port, after=()):
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    return res("ElasticLoadBalancingV2::Listener", after, LoadBalancerArn=ref("Balancer"), Port=port, Protocol="HTTP", DefaultActions=[answer])


def test_a_load_balancer_listens_once_on_a_port(aws):
    one = {**VPC, **balancer("A", "B", kind="ipv4"), "L": listener(80)}
    assert "A listener already exists on this port" in refused(aws, {**one, "Again": listener(80, ["L"])}, "Again")
    made(aws, {**one, "Other": listener(81)}, "two")


def test_a_load_balancer_has_one_subnet_a_zone(aws):
    more = {"C": res("EC2::Subnet", **{**VPC["B"]["Properties"], "CidrBlock": "10.0.2.0/24"})}
    assert "cannot be attached to multiple subnets in the same Availability Zone" in refused(
        aws, {**VPC, **more, **balancer("A", "B", "C", kind="ipv4")}, "Balancer")
