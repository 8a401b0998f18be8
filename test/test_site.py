"""A deployed site, read back through each service's own API."""
import ipaddress
import json

import pytest

ANYONE = ("0.0.0.0/0", "::/0")


def is_prod(site):
    return site.manifest["production"]


def groups(site):
    """The site's security groups by their short name: LoadBalancer, Application, …"""
    ids = {r["id"].removesuffix("SecurityGroup"): site.id("Network", r["id"])
           for r in site.manifest["resources"] if r["type"] == "AWS::EC2::SecurityGroup"}
    found = {g["GroupId"]: g for g in site.client("ec2").describe_security_groups(GroupIds=list(ids.values()))["SecurityGroups"]}
    return {name: found[group] for name, group in ids.items()}


def doors(permissions, names):
    """(who, port) for each thing that a list of rules lets through; ports are ranges when they are not one."""
    for rule in permissions:
        ports = rule.get("FromPort") if rule.get("FromPort") == rule.get("ToPort") else (rule.get("FromPort"), rule.get("ToPort"))
        port = "all" if rule["IpProtocol"] == "-1" else ports
        for item in rule.get("IpRanges", []):
            yield item["CidrIp"], port
        for item in rule.get("Ipv6Ranges", []):
            yield item["CidrIpv6"], port
        for item in rule.get("UserIdGroupPairs", []):
            yield names[item["GroupId"]], port


def test_who_can_reach_which_port(site):
    by_name = groups(site)
    names = {g["GroupId"]: name for name, g in by_name.items()}
    reached = {name: set(doors(g["IpPermissions"], names)) for name, g in by_name.items()}
    wanted = {
        "LoadBalancer": {(who, port) for who in ANYONE for port in ((80, 443) if is_prod(site) else (80,))},
        "Application": {("LoadBalancer", 80)},
        "FileSystem": {("Application", 2049)},
        "Database": {("Application", 5432)},
    }
    if is_prod(site):
        wanted |= {"Cache": {("Application", 6379)}, "Endpoint": {("Application", 443)}}
    assert reached == wanted


def test_what_holds_data_reaches_nothing(site):
    by_name = groups(site)
    names = {g["GroupId"]: name for name, g in by_name.items()}
    for name in set(by_name) - {"Application", "LoadBalancer"}:
        assert set(doors(by_name[name]["IpPermissionsEgress"], names)) == {("127.0.0.1/32", "all")}, name
    assert set(doors(by_name["LoadBalancer"]["IpPermissionsEgress"], names)) == {("Application", 80)}
    out = set(doors(by_name["Application"]["IpPermissionsEgress"], names))
    assert {("FileSystem", 2049), ("Database", 5432), ("0.0.0.0/0", 443), ("0.0.0.0/0", 80)} <= out


def test_every_rule_says_why(site):
    for name, group in groups(site).items():
        for rule in group["IpPermissions"]:
            for item in (*rule.get("IpRanges", []), *rule.get("Ipv6Ranges", []), *rule.get("UserIdGroupPairs", [])):
                assert item.get("Description"), (name, rule)


def routes_of(site, tier):
    """The routes of each subnet of a tier, by destination."""
    ec2 = site.client("ec2")
    for resource in site.manifest["resources"]:
        if resource["type"] == "AWS::EC2::Subnet" and resource["id"].startswith(tier):
            subnet = site.id("Network", resource["id"])
            tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["RouteTables"]
            assert len(tables) == 1, resource["id"]
            yield {r.get("DestinationCidrBlock") or r.get("DestinationIpv6CidrBlock"): r for r in tables[0]["Routes"]}


def test_routes(site):
    public, application, data = (list(routes_of(site, tier)) for tier in ("Public", "Application", "Data"))
    assert len(public) == len(application) == len(data) >= 2
    assert all(r["0.0.0.0/0"].get("GatewayId", "").startswith("igw-") and "::/0" in r for r in public)
    assert all("NatGatewayId" in r["0.0.0.0/0"] for r in application)
    assert not any(anyone in r for r in data for anyone in ANYONE)
    assert len({r["0.0.0.0/0"]["NatGatewayId"] for r in application}) == (3 if is_prod(site) else 1)


def test_subnets_lie_in_the_vpc_and_apart(site):
    ec2 = site.client("ec2")
    vpc = ec2.describe_vpcs(VpcIds=[site.id("Network", "Vpc")])["Vpcs"][0]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    ranges = [ipaddress.ip_network(s["CidrBlock"]) for s in subnets]
    assert all(r.subnet_of(ipaddress.ip_network(vpc["CidrBlock"])) for r in ranges)
    assert not any(a.overlaps(b) for i, a in enumerate(ranges) for b in ranges[:i])
    assert not any(s["MapPublicIpOnLaunch"] for s in subnets)


def test_file_system(site):
    efs = site.client("efs")
    fs = efs.describe_file_systems(FileSystemId=site.id("Data", "FileSystem"))["FileSystems"][0]
    assert fs["Encrypted"] and fs["ThroughputMode"] == "elastic"
    policy = json.loads(efs.describe_file_system_policy(FileSystemId=fs["FileSystemId"])["Policy"])
    assert any(s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in policy["Statement"])
    assert efs.describe_backup_policy(FileSystemId=fs["FileSystemId"])["BackupPolicy"]["Status"] == "ENABLED"
    assert {"TransitionToIA": "AFTER_30_DAYS"} in efs.describe_lifecycle_configuration(FileSystemId=fs["FileSystemId"])["LifecyclePolicies"]
    point = efs.describe_access_points(FileSystemId=fs["FileSystemId"])["AccessPoints"][0]
    assert point["PosixUser"] == {"Uid": 33, "Gid": 33} and point["RootDirectory"]["Path"] == "/moodledata"
    targets = efs.describe_mount_targets(FileSystemId=fs["FileSystemId"])["MountTargets"]
    assert len(targets) == (3 if is_prod(site) else 2)


def test_database(site):
    rds = site.client("rds")
    cluster = rds.describe_db_clusters(DBClusterIdentifier=site.id("Data", "Database"))["DBClusters"][0]
    assert cluster["Engine"] == "aurora-postgresql" and cluster["StorageEncrypted"]
    assert cluster["DeletionProtection"] is is_prod(site)
    assert cluster["IAMDatabaseAuthenticationEnabled"] and cluster["MasterUserSecret"]["SecretArn"]
    assert cluster["ServerlessV2ScalingConfiguration"]["MaxCapacity"] == (16 if is_prod(site) else 4)
    instances = [i for i in rds.describe_db_instances()["DBInstances"] if i["DBClusterIdentifier"] == cluster["DBClusterIdentifier"]]
    assert len(instances) == (2 if is_prod(site) else 1)
    assert all(i["DBInstanceClass"] == "db.serverless" and not i["PubliclyAccessible"] for i in instances)
    assert len({i["AvailabilityZone"] for i in instances}) == len(instances)
    parameters = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=site.id("Data", "DatabaseParameters"))["Parameters"]
    assert {p["ParameterName"]: p.get("ParameterValue") for p in parameters}["rds.force_ssl"] == "1"


def test_cache(site):
    if not is_prod(site):
        assert not any(r["type"].startswith("AWS::ElastiCache") for r in site.manifest["resources"])
        return
    group = site.client("elasticache").describe_replication_groups(ReplicationGroupId=site.id("Data", "Cache"))["ReplicationGroups"][0]
    assert group["TransitEncryptionEnabled"] and group["AtRestEncryptionEnabled"]
    assert group["MultiAZ"] == "enabled" and group["AutomaticFailover"] == "enabled"


def test_load_balancer(site):
    elb = site.client("elbv2")
    balancer = site.id("App", "LoadBalancer")
    attributes = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]}
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true" and attributes["access_logs.s3.enabled"] == "true"
    assert attributes["deletion_protection.enabled"] == str(is_prod(site)).lower()
    listeners = {item["Port"]: item for item in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]}
    health = elb.describe_target_groups(TargetGroupArns=[site.id("App", "TargetGroup")])["TargetGroups"][0]
    assert health["HealthCheckPath"] == "/healthz"
    if not is_prod(site):
        assert set(listeners) == {80} and listeners[80]["DefaultActions"][0]["Type"] == "forward"
        return
    assert listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13") and listeners[443]["DefaultActions"][0]["Type"] == "forward"
    assert listeners[80]["DefaultActions"][0]["Type"] == "redirect"


def test_nodes(site):
    ec2, scaling = site.client("ec2"), site.client("autoscaling")
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=site.id("App", "NodeTemplate"), Versions=["$Latest"])
    data = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    assert data["MetadataOptions"]["HttpTokens"] == "required" and "KeyName" not in data
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert data["NetworkInterfaces"][0]["AssociatePublicIpAddress"] is False
    group = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[site.id("App", "NodeGroup")])["AutoScalingGroups"][0]
    assert (group["MinSize"], group["MaxSize"]) == ((2, 8) if is_prod(site) else (1, 2))
    assert group["HealthCheckType"] == "ELB"
    actions = scaling.describe_scheduled_actions(AutoScalingGroupName=group["AutoScalingGroupName"])["ScheduledUpdateGroupActions"]
    assert len(actions) == (4 if is_prod(site) else 0)


def test_the_site_s_own_bucket(site):
    s3 = site.client("s3")
    bucket = f"{site.manifest['site']}-artifacts-111122223333-eu-central-1"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert '"aws:SecureTransport"' in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    keys = {o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert {f"templates/{s['template']['sha256']}.yaml" for s in site.manifest["stacks"]} <= keys
    assert f"node/{site.manifest['node']['sha256']}.tar" in keys


def test_imports_are_what_the_manifest_says(site):
    cfn = site.client("cloudformation")
    exports = {e["Name"] for page in cfn.get_paginator("list_exports").paginate() for e in page["Exports"]}
    for stack in site.manifest["stacks"]:
        assert set(stack.get("exports", [])) <= exports
    users = cfn.list_imports(ExportName=f"{site.manifest['site']}-network-VpcId")["Imports"]
    assert users == [site.stack("App").split("/")[1]]


def test_no_change_then_a_change_in_place(site):
    assert "no changes" in site.up()
    before = site.id("Data", "FileSystem")
    text = site.file.read_text()
    old, new = ("infrequentAccessDays: 30", "infrequentAccessDays: 60") if is_prod(site) else ("\nmoodle:", "\nfilesystem:\n  infrequentAccessDays: 60\n\nmoodle:")
    site.change(old, new)
    said = site.up()
    assert "FileSystem" in said and "is deployed" in said
    assert site.id("Data", "FileSystem") == before
    efs = site.client("efs")
    assert {"TransitionToIA": "AFTER_60_DAYS"} in efs.describe_lifecycle_configuration(FileSystemId=before)["LifecyclePolicies"]
    site.file.write_text(text)
    site.gen()
    site.up()


def test_an_edited_folder_is_refused(site):
    template = site.folder / "out" / site.name / "network.yaml"
    text = template.read_text()
    template.write_text(text.replace("10.", "11.", 1))
    try:
        said = site.deploy("up", site.name, "--yes", exits=3)
    finally:
        template.write_text(text)
    assert "network.yaml" in said and "manifest" in said


def test_destroy_keeps_what_holds_data(site):
    """Last: it takes the site away."""
    if is_prod(site):
        assert "protected" in site.deploy("destroy", site.name, "--yes", exits=3)
        return
    files = site.id("Data", "FileSystem")
    said = site.deploy("destroy", site.name, "--yes")
    assert "Data/FileSystem" in said and "is destroyed" in said
    assert site.client("efs").describe_file_systems(FileSystemId=files)["FileSystems"][0]["LifeCycleState"] == "available"
    with pytest.raises(Exception, match="does not exist"):
        site.client("cloudformation").describe_stacks(StackName=site.manifest["site"])
