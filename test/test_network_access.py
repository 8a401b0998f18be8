"""Who reaches which port of a deployed site, by EC2's own description of its security groups, and in which subnet each
resource is."""
import ipaddress

INTERNET = "internet"
EVERYWHERE = ("0.0.0.0/0", "::/0")


def groups(site):
    """The site's security groups by their short name: LoadBalancer, Application, …"""
    ids = {r["id"].removesuffix("SecurityGroup"): site.id("Network", r["id"])
           for r in site.manifest["resources"] if r["type"] == "AWS::EC2::SecurityGroup"}
    found = {g["GroupId"]: g for g in site.client("ec2").describe_security_groups(GroupIds=list(ids.values()))["SecurityGroups"]}
    return {name: found[group] for name, group in ids.items()}


def doors(site, direction):
    """Returns (group, peer, port) for all that the rules of a direction allow. A peer is a group, the internet or a
    range. A range of ports is a pair; all ports are (0, 65535)."""
    by_name = groups(site)
    names = {g["GroupId"]: name for name, g in by_name.items()}
    for name, group in by_name.items():
        for rule in group[direction]:
            first, last = (0, 65535) if rule["IpProtocol"] == "-1" else (rule["FromPort"], rule["ToPort"])
            peers = [names[p["GroupId"]] for p in rule["UserIdGroupPairs"]]
            ranges = [r["CidrIp"] for r in rule["IpRanges"]] + [r["CidrIpv6"] for r in rule["Ipv6Ranges"]]
            for peer in peers + [INTERNET if r in EVERYWHERE else r for r in ranges]:
                yield name, peer, first if first == last else (first, last)


def reach(site):
    """Returns {(from, to, port)}: an egress rule of one side allows it, to there or to anywhere, and an ingress rule of
    the other side."""
    out = set(doors(site, "IpPermissionsEgress"))
    return {(peer, group, port) for group, peer, port in doors(site, "IpPermissions")
            if peer == INTERNET or {(peer, group, port), (peer, INTERNET, port)} & out}


def test_the_chain_from_visitor_to_data(site):
    wanted = {(INTERNET, "LoadBalancer", 80), ("LoadBalancer", "Application", 80),
              ("Application", "FileSystem", 2049), ("Application", "Database", 5432), ("Application", "Cache", 6379)}
    if site.manifest["production"]:
        wanted |= {(INTERNET, "LoadBalancer", 443), ("Application", "Endpoint", 443)}
    assert reach(site) == wanted
    # Nobody is let in who is not let out: a rule for nothing would only hide what counts.
    assert {(peer, group, port) for group, peer, port in doors(site, "IpPermissions")} == wanted


def test_nobody_types_a_password_at_a_port(site):
    for group, peer, port in [*doors(site, "IpPermissions"), *doors(site, "IpPermissionsEgress")]:
        assert peer == "127.0.0.1/32" or not isinstance(port, tuple), (group, peer, port)
        assert port != 22, (group, peer)


def test_ways_out(site):
    out = {}
    for group, peer, port in doors(site, "IpPermissionsEgress"):
        out.setdefault(group, set()).add((peer, port))
    nodes = {("FileSystem", 2049), ("Database", 5432), ("Cache", 6379), (INTERNET, 443), (INTERNET, 80)}
    if site.manifest["production"]:
        nodes |= {(INTERNET, 587)}  # mail
    assert out.pop("Application") == nodes
    assert out.pop("LoadBalancer") == {("Application", 80)}
    assert all(ways == {("127.0.0.1/32", (0, 65535))} for ways in out.values()), out


def test_every_rule_says_why(site):
    for name, group in groups(site).items():
        for rule in group["IpPermissions"] + group["IpPermissionsEgress"]:
            for peer in rule["IpRanges"] + rule["Ipv6Ranges"] + rule["UserIdGroupPairs"]:
                assert peer.get("Description"), (name, rule)


def test_each_thing_is_in_its_own_group(site):
    """Each resource has exactly its own security group: no other, and not the VPC's default one."""
    def ids(*names):
        return sorted(by_name[name]["GroupId"] for name in names)
    by_name = groups(site)
    efs, ec2, rds = site.client("efs"), site.client("ec2"), site.client("rds")
    balancer = site.client("elbv2").describe_load_balancers(LoadBalancerArns=[site.id("App", "LoadBalancer")])["LoadBalancers"][0]
    assert balancer["SecurityGroups"] == ids("LoadBalancer")
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=site.id("App", "NodeTemplate"), Versions=["$Latest"])
    node = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    assert [i["Groups"] for i in node["NetworkInterfaces"]] == [ids("Application")] and not node.get("SecurityGroupIds")
    for target in efs.describe_mount_targets(FileSystemId=site.id("Data", "FileSystem"))["MountTargets"]:
        assert efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"] == ids("FileSystem")
    cluster = rds.describe_db_clusters(DBClusterIdentifier=site.id("Data", "Database"))["DBClusters"][0]
    assert [g["VpcSecurityGroupId"] for g in cluster["VpcSecurityGroups"]] == ids("Database")
    if site.manifest["production"]:
        cache = site.client("elasticache").describe_cache_clusters()["CacheClusters"]
        assert [[g["SecurityGroupId"] for g in c["SecurityGroups"]] for c in cache] == [ids("Cache")] * 2
        inner = [e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["VpcEndpointType"] == "Interface"]
        assert [[g["GroupId"] for g in e["Groups"]] for e in inner] == [ids("Endpoint")] * 4


def subnets(site, tier):
    return {site.id("Network", r["id"]) for r in site.manifest["resources"]
            if r["type"] == "AWS::EC2::Subnet" and r["id"].startswith(tier)}


def test_each_thing_is_in_its_own_tier(site):
    balancer = site.client("elbv2").describe_load_balancers(LoadBalancerArns=[site.id("App", "LoadBalancer")])["LoadBalancers"][0]
    assert {z["SubnetId"] for z in balancer["AvailabilityZones"]} == subnets(site, "Public")
    group = site.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[site.id("App", "NodeGroup")])
    assert set(group["AutoScalingGroups"][0]["VPCZoneIdentifier"].split(",")) == subnets(site, "Application")
    targets = site.client("efs").describe_mount_targets(FileSystemId=site.id("Data", "FileSystem"))["MountTargets"]
    assert {t["SubnetId"] for t in targets} == subnets(site, "Data")
    database = site.client("rds").describe_db_subnet_groups(DBSubnetGroupName=site.id("Data", "DatabaseSubnets"))["DBSubnetGroups"][0]
    assert {s["SubnetIdentifier"] for s in database["Subnets"]} == subnets(site, "Data")
    if site.manifest["production"]:
        cache = site.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=site.id("Data", "CacheSubnets"))
        assert {s["SubnetIdentifier"] for s in cache["CacheSubnetGroups"][0]["Subnets"]} == subnets(site, "Data")


def ways(site, tier):
    """Returns, for each subnet of a tier, its routes by destination, without the VPC's own ranges."""
    ec2 = site.client("ec2")
    for subnet in sorted(subnets(site, tier)):
        tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["RouteTables"]
        assert len(tables) == 1, subnet
        routes = [r for r in tables[0]["Routes"] if r.get("GatewayId") != "local"]
        yield {r.get("DestinationCidrBlock") or r.get("DestinationIpv6CidrBlock") or "S3": r.get("NatGatewayId") or r["GatewayId"]
               for r in routes}


def test_routes(site):
    ec2, gateway = site.client("ec2"), site.id("Network", "InternetGateway")
    public, application, data = (list(ways(site, tier)) for tier in ("Public", "Application", "Data"))
    assert len(public) == len(application) == len(data) == (3 if site.manifest["production"] else 2)
    assert all(w == {"0.0.0.0/0": gateway, "::/0": gateway} for w in public)
    assert all(w == {} for w in data)
    assert all(set(w) - {"S3"} == {"0.0.0.0/0"} and w["0.0.0.0/0"].startswith("nat-") for w in application)
    used = {w["0.0.0.0/0"] for w in application}
    assert len(used) == (3 if site.manifest["production"] else 1)
    gateways = ec2.describe_nat_gateways(NatGatewayIds=sorted(used))["NatGateways"]
    assert {g["SubnetId"] for g in gateways} <= subnets(site, "Public")
    s3 = ec2.describe_vpc_endpoints(VpcEndpointIds=[site.id("Network", "S3Endpoint")])["VpcEndpoints"][0]
    tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": sorted(subnets(site, "Application"))}])
    assert sorted(s3["RouteTableIds"]) == sorted(t["RouteTableId"] for t in tables["RouteTables"])


def test_subnets_lie_in_the_vpc_and_apart(site):
    ec2 = site.client("ec2")
    vpc = ec2.describe_vpcs(VpcIds=[site.id("Network", "Vpc")])["Vpcs"][0]
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    assert {s["SubnetId"] for s in found} == subnets(site, "")
    ranges = [ipaddress.ip_network(s["CidrBlock"]) for s in found]
    assert all(r.subnet_of(ipaddress.ip_network(vpc["CidrBlock"])) for r in ranges)
    assert not any(a.overlaps(b) for i, a in enumerate(ranges) for b in ranges[:i])
    assert not any(s["MapPublicIpOnLaunch"] for s in found)
