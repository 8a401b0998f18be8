"""A whole site: deployed, read back through its services' own APIs, changed in place, and gone again."""
import pytest

from localaws.tests.harness import site_readings
from localaws.tests.harness.whole_site import Site

AFTER_CREATION = {
    "vpc name": ["school"], "vpc blocks": ("10.40.0.0/16", "::/56"), "subnet": ("10.40.0.0/24", "eu-west-1a", True, "::/64"),
    "nat": (True, True), "routes": [("0.0.0.0/0", "nat"), ("10.40.0.0/16", "local"), ("::/0", "eigw")],
    "gateway endpoint": (True, True), "interface endpoint": (True, True, 2), "flow log": (True, "ALL", True, "SUCCESS"), "log retention": 30,
    "file system": (True, True, "elastic"), "backup policy": "ENABLED", "file system policy": True,
    "lifecycle": [{"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}],
    "access point": (33, "/moodledata"), "mount targets": True, "cluster": ("16.9", True, True, True, True),
    "scaling": {"MinCapacity": 0.5, "MaxCapacity": 8.0}, "backups": 14, "log exports": ["postgresql"],
    "members": [True, False], "writer": ("16.9", True, 0), "cluster parameters": ["1"],
    "cache": ("valkey", True, "enabled", 2, 1), "cache user": "password", "cache parameters": ["volatile-lru"],
    "secret length": 24, "key rotation": True, "backup rule": 35,
    "balancer": (True, ["eu-west-1a", "eu-west-1b"], True, "dualstack"), "desync": "strictest", "access logs": True,
    "health check": "/health", "deregistration": ["60"], "tls policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "redirect": "HTTP_301", "rule": "404", "alias": [True], "group size": (2, 4, 2, 2),
    "group": (True, "ELB", 2592000, ["eu-west-1a", "eu-west-1b"]), "group's template": "1",
    "node": ("t4g.small", "required", "ami-", True, True), "cpu target": [50.0, 600.0], "schedule": [(4, "Europe/Berlin")],
    "hook": 120, "bucket": (True, "Enabled", "BucketOwnerEnforced"), "bucket lifecycle": 90,
    "role": ("elasticfilesystem:ClientMount", True), "alarm": 0.0, "topic": "alias/aws/sns", "document": True,
}
EDITS = {
    "network": [("RetentionInDays: 30", "RetentionInDays: 60"), ("Value: school}]", "Value: college}]"),
                ('Action: "s3:GetObject"', 'Action: "s3:*"')],
    "data": [("AFTER_30_DAYS", "AFTER_60_DAYS"), ("ThroughputMode: elastic", "ThroughputMode: bursting"),
             ("Status: ENABLED", "Status: DISABLED"), ("MaxCapacity: 8", "MaxCapacity: 16"),
             ("BackupRetentionPeriod: 14", "BackupRetentionPeriod: 21"), ("[postgresql]", "[postgresql, instance]"),
             ('rds.force_ssl: "1"', 'rds.force_ssl: "0"'), ("PromotionTier: 0", "PromotionTier: 2"),
             ("NumCacheClusters: 2", "NumCacheClusters: 3"), ("SnapshotRetentionLimit: 1", "SnapshotRetentionLimit: 5"),
             ("volatile-lru", "noeviction"), ("PasswordLength: 24", "PasswordLength: 25"),
             ("EnableKeyRotation: true", "EnableKeyRotation: false"), ("DeleteAfterDays: 35", "DeleteAfterDays: 40")],
    "app": [("strictest", "defensive"), ("HealthCheckPath: /health\n", "HealthCheckPath: /up\n"), ('Value: "60"', 'Value: "90"'),
            ("TLS13-1-2-2021-06", "TLS13-1-2-Res-2021-06"), ("HTTP_301", "HTTP_302"), ('StatusCode: "404"', 'StatusCode: "403"'),
            ("EvaluateTargetHealth: true", "EvaluateTargetHealth: false"), ('MaxSize: "4"', 'MaxSize: "6"'),
            ('DesiredCapacity: "2"', 'DesiredCapacity: "3"'), ("InstanceType: t4g.small\n", "InstanceType: t4g.medium\n"),
            ("TargetValue: 50", "TargetValue: 60"), ("MinSize: 4", "MinSize: 3"),
            ("HeartbeatTimeout: 120", "HeartbeatTimeout: 180"),
            ("ExpirationInDays: 90", "ExpirationInDays: 10"), ("Threshold: 0", "Threshold: 1"),
            ("elasticfilesystem:ClientMount\n", "elasticfilesystem:ClientWrite\n"),
            ("KmsMasterKeyId: alias/aws/sns", "DisplayName: x"),
            ('Timeout: "20"', 'Timeout: "10"')],
}
AFTER_CHANGE = {
    **AFTER_CREATION,
    "vpc name": ["college"], "gateway endpoint": (True, False), "log retention": 60, "file system": (True, True, "bursting"),
    "lifecycle": [{"TransitionToIA": "AFTER_60_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}],
    "backup policy": "DISABLED", "scaling": {"MinCapacity": 0.5, "MaxCapacity": 16.0}, "backups": 21,
    "log exports": ["postgresql", "instance"], "cluster parameters": ["0"], "writer": ("16.9", True, 2),
    "cache": ("valkey", True, "enabled", 3, 5), "cache parameters": ["noeviction"], "secret length": 25, "key rotation": False,
    "backup rule": 40, "desync": "defensive", "health check": "/up", "deregistration": ["90"],
    "tls policy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "redirect": "HTTP_302", "rule": "403", "alias": [False],
    "group size": (2, 6, 3, 3), "group's template": "2", "node": ("t4g.medium", "required", "ami-", True, True),
    "cpu target": [60.0, 600.0], "schedule": [(3, "Europe/Berlin")], "hook": 180, "bucket lifecycle": 10,
    "role": ("elasticfilesystem:ClientWrite", True), "alarm": 1.0, "topic": None, "document": False,
}


@pytest.fixture
def site(aws):
    return Site(aws)


def readings(site):
    ids = {**site.ids(), "_zone": site.zone}
    said = {}
    for part in (site_readings.network, site_readings.data, site_readings.app):
        said.update(part(site.aws, ids))
    return ids, said


def test_deployed_changed_in_place_and_gone(site):
    assert site.deploy() == "CREATE_COMPLETE", site.failures()
    ids, said = readings(site)
    user_data = said.pop("user data")
    assert user_data == [f"FILES={ids['Files']}", f"cfn-signal --stack {site.stacks()['App']['StackId']} --resource Fleet "
                         "--region eu-west-1", 'echo "${HOME}"']
    assert said == AFTER_CREATION
    assert site.outputs("Root")["Address"].startswith("https://school-app-") and len(site.outputs("Data")) == 14
    assert all(site.outputs(stack)[key] for stack in ("Network", "Data", "App") for key in site.outputs(stack))
    assert site.deploy(EDITS) == "UPDATE_COMPLETE", site.failures()
    ids_now, said = readings(site)
    del said["user data"]
    assert said == AFTER_CHANGE and ids_now == ids
    arn = site.stacks()["Root"]["StackId"]
    site.aws.cfn.delete_stack(StackName="school")
    assert site.aws.wait(arn) == "DELETE_COMPLETE"
    assert left_behind(site.aws) == {"buckets": [ids["AccessLogs"]], "snapshots": 1, "keys": [ids["DataKey"]]}


def left_behind(aws):
    """Returns what remains after the stacks: what the templates retain, and the database's last snapshot."""
    kms, ec2 = aws.client("kms"), aws.client("ec2")
    keys = [k["KeyId"] for k in kms.list_keys()["Keys"]
            if kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"]
    assert ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"] == []
    assert aws.client("efs").describe_file_systems()["FileSystems"] == []
    assert aws.client("rds").describe_db_clusters()["DBClusters"] == []
    assert aws.client("secretsmanager").list_secrets()["SecretList"] == []
    return {"buckets": [b["Name"] for b in aws.client("s3").list_buckets()["Buckets"] if "accesslogs" in b["Name"]],
            "snapshots": len(aws.client("rds").describe_db_cluster_snapshots()["DBClusterSnapshots"]), "keys": keys}


def test_cloud_control_says_of_nothing_that_stands_that_it_is_not_there(site):
    assert site.deploy() == "CREATE_COMPLETE", site.failures()
    control, found, refused = site.aws.client("cloudcontrol"), set(), set()
    for stack in site.stacks().values():
        for resource in site.aws.cfn.list_stack_resources(StackName=stack["StackId"])["StackResourceSummaries"]:
            named = {"TypeName": resource["ResourceType"], "Identifier": resource["PhysicalResourceId"]}
            try:
                control.get_resource(**named)
                found.add(named["TypeName"])
            except control.exceptions.UnsupportedActionException:
                refused.add(named["TypeName"])
    assert not found & refused
    assert found >= {f"AWS::{kind}" for kind in (
        "AutoScaling::AutoScalingGroup", "EC2::FlowLog", "EC2::LaunchTemplate", "EC2::NatGateway", "EC2::SecurityGroup", "EC2::Subnet",
        "EC2::VPC", "EC2::VPCEndpoint", "EFS::AccessPoint", "EFS::FileSystem", "EFS::MountTarget", "ElastiCache::ReplicationGroup",
        "ElasticLoadBalancingV2::LoadBalancer", "ElasticLoadBalancingV2::TargetGroup", "IAM::Role", "KMS::Key", "Logs::LogGroup",
        "RDS::DBCluster", "RDS::DBInstance", "RDS::DBSubnetGroup", "S3::Bucket", "SecretsManager::Secret")}
    with pytest.raises(control.exceptions.UnsupportedActionException):
        control.delete_resource(TypeName="AWS::EC2::Nothing", Identifier="x")


def test_the_security_group_chain(site):
    """Who reaches which port, by EC2's own description: rules of the groups and rules that are resources of their
    own."""
    site.deploy()
    ids = site.ids()
    names = {ids[g]: g for g in ("BalancerGroup", "AppGroup", "MountGroup", "DatabaseGroup", "CacheGroup")}
    groups = site.aws.client("ec2").describe_security_groups(GroupIds=list(names))["SecurityGroups"]

    def reach(direction):
        for group in groups:
            for rule in group[direction]:
                peers = [(names[p["GroupId"]], p["Description"]) for p in rule["UserIdGroupPairs"]]
                peers += [(r["CidrIp"], r.get("Description")) for r in rule["IpRanges"]]
                peers += [(r["CidrIpv6"], r["Description"]) for r in rule["Ipv6Ranges"]]
                yield from ((peer, names[group["GroupId"]], rule.get("ToPort"), why) for peer, why in peers)
    assert set(reach("IpPermissions")) == {
        ("0.0.0.0/0", "BalancerGroup", 443, "Browsers, encrypted"), ("::/0", "BalancerGroup", 443, "Browsers, encrypted, IPv6"),
        ("BalancerGroup", "AppGroup", 80, "The load balancer"),
        ("AppGroup", "MountGroup", 2049, "The instances mount the file system"),
        ("AppGroup", "DatabaseGroup", 5432, "The instances"), ("AppGroup", "CacheGroup", 6379, "The instances")}
    assert ("AppGroup", "BalancerGroup", 80, "To the instances") in set(reach("IpPermissionsEgress"))


def test_rules_change_in_place(site):
    site.deploy()
    before = site.ids()
    edits = [("Description: To the instances", "Description: To the nodes"), ("FromPort: 5432\n          ToPort: 5432",
                                                                            "FromPort: 5433\n          ToPort: 5433")]
    assert site.deploy({"network": edits}) == "UPDATE_COMPLETE" and site.ids() == before
    ec2 = site.aws.client("ec2")

    def rules(group, direction):
        return ec2.describe_security_groups(GroupIds=[before[group]])["SecurityGroups"][0][direction]
    assert [r["ToPort"] for r in rules("DatabaseGroup", "IpPermissions")] == [5433]
    peers = [p for r in rules("BalancerGroup", "IpPermissionsEgress") for p in r["UserIdGroupPairs"]]
    assert [p["Description"] for p in peers] == ["To the nodes"]


def test_a_failed_first_creation_leaves_the_bucket_that_the_load_balancer_wrote_into(site):
    site.aws.settings(fail={"Fleet": 1})
    assert site.deploy({"app": [("DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Retain")]}) == "ROLLBACK_COMPLETE"
    left = left_behind(site.aws)
    assert (len(left.pop("buckets")), left) == (1, {"snapshots": 1, "keys": []})


def test_a_failed_first_creation_cannot_delete_the_bucket_that_the_load_balancer_wrote_into(site):
    site.aws.settings(fail={"Fleet": 1})
    assert site.deploy() == "ROLLBACK_FAILED"
    assert any(lid == "AccessLogs" and "The bucket you tried to delete is not empty" in why for lid, why in site.failures())
    arn = site.stacks()["Root"]["StackId"]
    site.aws.cfn.delete_stack(StackName="school")
    assert site.aws.wait(arn) == "DELETE_COMPLETE", site.failures()
    left = left_behind(site.aws)
    assert (len(left["buckets"]), len(left["keys"])) == (1, 1)


def test_a_replaced_file_system_is_shown_and_kept_by_its_importers(site):
    site.deploy()
    planned = site.plan({"data": [("PerformanceMode: generalPurpose", "PerformanceMode: maxIO"),
                                  ("ThroughputMode: elastic", "ThroughputMode: bursting")]})
    change = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in site.children(planned)["Data"]["Changes"]}
    assert (change["Files"]["Replacement"], change["Files"]["PolicyAction"]) == ("True", "ReplaceAndDelete")
    assert change["Mount1"]["Replacement"] == "True"
    before = site.ids()
    site.aws.cfn.execute_change_set(ChangeSetName=planned["ChangeSetId"])
    assert site.aws.wait("school") == "UPDATE_ROLLBACK_COMPLETE"
    assert any("Export school-data-FilesId cannot be updated as it is in use by" in (why or "") for _, why in [
        (e["LogicalResourceId"], e.get("ResourceStatusReason")) for e in site.aws.events(site.stacks()["Data"]["StackId"])])
    assert site.ids() == before


def test_what_is_protected_stays(site):
    protection = '\n        - {Key: deletion_protection.enabled, Value: "true"}'
    site.deploy({"data": [("DeletionProtection: false", "DeletionProtection: true")],
                 "app": [("LoadBalancerAttributes:", "LoadBalancerAttributes:" + protection)]})
    site.aws.cfn.delete_stack(StackName="school")
    assert site.aws.wait("school") == "DELETE_FAILED"
    assert any("deletion protection is enabled" in (why or "") for _, why in site.failures())
