"""Reads each resource of a deployed site back through its own service's API. test_network_access.py holds who reaches
what."""
import base64
import json

import pytest


def is_prod(site):
    return site.manifest["production"]


def statements(policy):
    return json.loads(policy)["Statement"] if isinstance(policy, str) else policy["Statement"]


def refuses_plain_text(policy):
    return any(s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in statements(policy))


def test_file_system(site):
    efs, files = site.client("efs"), site.id("Data", "FileSystem")
    fs = efs.describe_file_systems(FileSystemId=files)["FileSystems"][0]
    assert fs["Encrypted"] and fs["ThroughputMode"] == "elastic" and "AvailabilityZoneName" not in fs
    assert fs["KmsKeyId"].endswith(site.id("Data", "DataKey"))
    policy = efs.describe_file_system_policy(FileSystemId=files)["Policy"]
    allowed = [s for s in statements(policy) if s["Effect"] == "Allow"]
    assert refuses_plain_text(policy)
    assert [s["Condition"] for s in allowed] == [{"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}]
    assert efs.describe_backup_policy(FileSystemId=files)["BackupPolicy"]["Status"] == "ENABLED"
    assert efs.describe_lifecycle_configuration(FileSystemId=files)["LifecyclePolicies"] == [
        {"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToArchive": f"AFTER_{180 if is_prod(site) else 90}_DAYS"},
        {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}]
    point = efs.describe_access_points(FileSystemId=files)["AccessPoints"][0]
    assert point["PosixUser"] == {"Uid": 33, "Gid": 33} and point["RootDirectory"]["Path"] == "/moodledata"
    assert point["RootDirectory"]["CreationInfo"] == {"OwnerUid": 33, "OwnerGid": 33, "Permissions": "0770"}


def test_database(site):
    rds = site.client("rds")
    cluster = rds.describe_db_clusters(DBClusterIdentifier=site.id("Data", "Database"))["DBClusters"][0]
    assert (cluster["Engine"], cluster["EngineVersion"]) == ("aurora-postgresql", "17.11")
    assert cluster["StorageEncrypted"] and cluster["KmsKeyId"].endswith(site.id("Data", "DataKey"))
    assert cluster["DeletionProtection"] is is_prod(site)
    assert cluster["IAMDatabaseAuthenticationEnabled"] and cluster["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert cluster["BackupRetentionPeriod"] == (14 if is_prod(site) else 7) and cluster["CopyTagsToSnapshot"]
    scaling = cluster["ServerlessV2ScalingConfiguration"]
    assert (scaling["MinCapacity"], scaling["MaxCapacity"]) == ((1, 16) if is_prod(site) else (0.5, 4))
    assert cluster["DBClusterParameterGroup"] == site.id("Data", "DatabaseParameters")
    parameters = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=cluster["DBClusterParameterGroup"])["Parameters"]
    assert {p["ParameterName"]: p.get("ParameterValue") for p in parameters}["rds.force_ssl"] == "1"


def test_database_instances(site):
    found = site.client("rds").describe_db_instances()["DBInstances"]
    instances = [i for i in found if i["DBClusterIdentifier"] == site.id("Data", "Database")]
    assert len(instances) == (2 if is_prod(site) else 1)
    assert all(i["DBInstanceClass"] == "db.serverless" and not i["PubliclyAccessible"] for i in instances)
    assert len({i["AvailabilityZone"] for i in instances}) == len(instances)
    assert all(i["MonitoringInterval"] == 60 and i["MonitoringRoleArn"] for i in instances)
    assert sorted(i["PromotionTier"] for i in instances) == [0, 1][:len(instances)]


def test_secrets(site):
    """AWS makes the passwords and keeps them: no generated file holds one, and the deployer printed none."""
    secrets = site.client("secretsmanager")
    rds = site.client("rds").describe_db_clusters(DBClusterIdentifier=site.id("Data", "Database"))["DBClusters"][0]
    ids = [site.id("Data", r["id"]) for r in site.manifest["resources"] if r["type"] == "AWS::SecretsManager::Secret"]
    values = [json.loads(secrets.get_secret_value(SecretId=i)["SecretString"])
              for i in [*ids, rds["MasterUserSecret"]["SecretArn"]]]
    assert sorted(v["username"] for v in values if "username" in v) == ["admin", "master_of_moodle", "moodle_a"]
    assert [len(v["password"]) >= 20 for v in values] == [True] * (4 if is_prod(site) else 3)
    seen = site.said + "".join(p.read_text() for p in site.folder.rglob("*") if p.is_file())
    assert not [v["password"] for v in values if v["password"] in seen]
    assert all(secrets.describe_secret(SecretId=i)["KmsKeyId"].endswith(site.id("Data", "DataKey")) for i in ids)


def test_cache(site):
    if not is_prod(site):
        assert not any(r["type"].startswith("AWS::ElastiCache") for r in site.manifest["resources"])
        return
    group = site.client("elasticache").describe_replication_groups(ReplicationGroupId=site.id("Data", "Cache"))["ReplicationGroups"][0]
    assert group["TransitEncryptionEnabled"] and group["AtRestEncryptionEnabled"] and group["AuthTokenEnabled"]
    assert group["MultiAZ"] == "enabled" and group["AutomaticFailover"] == "enabled"
    assert group["CacheNodeType"] == "cache.t4g.small" and len(group["MemberClusters"]) == 2
    parameters = site.client("elasticache").describe_cache_parameters(CacheParameterGroupName=site.id("Data", "CacheParameters"))["Parameters"]
    assert [p["ParameterValue"] for p in parameters if p["ParameterName"] == "maxmemory-policy"] == ["allkeys-lru"]


def test_load_balancer(site):
    elb, arn = site.client("elbv2"), site.id("App", "LoadBalancer")
    balancer = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    assert (balancer["Scheme"], balancer["Type"], balancer["IpAddressType"]) == ("internet-facing", "application", "dualstack")
    attributes = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["routing.http.desync_mitigation_mode"] == "defensive"
    assert (attributes["access_logs.s3.enabled"], attributes["access_logs.s3.bucket"]) == ("true", site.id("App", "AccessLogs"))
    assert attributes["deletion_protection.enabled"] == str(is_prod(site)).lower()
    group = elb.describe_target_groups(TargetGroupArns=[site.id("App", "TargetGroup")])["TargetGroups"][0]
    assert (group["HealthCheckPath"], group["Matcher"]["HttpCode"], group["Port"]) == ("/healthz", "200", 80)


def test_listeners(site):
    elb = site.client("elbv2")
    listeners = {item["Port"]: item for item in elb.describe_listeners(LoadBalancerArn=site.id("App", "LoadBalancer"))["Listeners"]}
    forwards = [{"Type": "forward", "TargetGroupArn": site.id("App", "TargetGroup")}]
    actions = {port: [{k: a[k] for k in ("Type", "TargetGroupArn") if k in a} for a in item["DefaultActions"]]
               for port, item in listeners.items()}
    if not is_prod(site):
        assert actions == {80: forwards}
        return
    assert actions == {443: forwards, 80: [{"Type": "redirect"}]}
    redirect = listeners[80]["DefaultActions"][0]["RedirectConfig"]
    assert (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == ("HTTPS", "443", "HTTP_301")
    assert listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13")
    assert listeners[443]["Certificates"][0]["CertificateArn"] == site.id("App", "Certificate")


def test_name_and_certificate(site):
    if not is_prod(site):
        return
    certificate = site.client("acm").describe_certificate(CertificateArn=site.id("App", "Certificate"))["Certificate"]
    assert (certificate["DomainName"], certificate["Status"]) == ("moodle.example.edu", "ISSUED")
    records = site.client("route53").list_resource_record_sets(HostedZoneId="Z0123456789ABCDEFGHIJ")["ResourceRecordSets"]
    balancer = site.client("elbv2").describe_load_balancers(LoadBalancerArns=[site.id("App", "LoadBalancer")])["LoadBalancers"][0]
    aliases = {r["Type"]: r["AliasTarget"]["DNSName"].rstrip(".") for r in records if r["Name"] == "moodle.example.edu."}
    assert aliases == {kind: balancer["DNSName"] for kind in ("A", "AAAA")}


def test_nodes_start_as_reviewed(site):
    versions = site.client("ec2").describe_launch_template_versions(LaunchTemplateId=site.id("App", "NodeTemplate"), Versions=["$Latest"])
    node = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    assert node["MetadataOptions"]["HttpTokens"] == "required" and node["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert "KeyName" not in node
    disk = node["BlockDeviceMappings"][0]["Ebs"]
    assert (disk["Encrypted"], disk["VolumeType"], disk["VolumeSize"]) == (True, "gp3", 30 if is_prod(site) else 20)
    assert [i["AssociatePublicIpAddress"] for i in node["NetworkInterfaces"]] == [False]
    text = base64.b64decode(node["UserData"]).decode()
    assert f"BUNDLE={site.manifest['node']['sha256']}\n" in text and "${" not in text.split("END\n")[0]
    assert f"FILE_SYSTEM={site.id('Data', 'FileSystem')}\n" in text


def test_group_of_nodes(site):
    scaling, name = site.client("autoscaling"), site.id("App", "NodeGroup")
    group = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
    assert (group["MinSize"], group["MaxSize"]) == ((2, 8) if is_prod(site) else (1, 2))
    assert len(group["Instances"]) == group["MinSize"]
    assert (group["HealthCheckType"], group["HealthCheckGracePeriod"]) == ("ELB", 1800)
    assert group["InstanceMaintenancePolicy"] == {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150}
    assert group["TargetGroupARNs"] == [site.id("App", "TargetGroup")]
    kinds = [o["InstanceType"] for o in group["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"]]
    assert kinds == (["m7g.large", "m8g.large", "m6g.large"] if is_prod(site) else ["t4g.medium"])
    targets = {p["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]["PredefinedMetricType"]:
               p["TargetTrackingConfiguration"]["TargetValue"] for p in scaling.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]}
    assert targets == ({"ASGAverageCPUUtilization": 50, "ALBRequestCountPerTarget": 1200} if is_prod(site) else {"ASGAverageCPUUtilization": 50})
    actions = scaling.describe_scheduled_actions(AutoScalingGroupName=name)["ScheduledUpdateGroupActions"]
    assert sorted((a.get("Recurrence") or "once", a.get("TimeZone") or "UTC", a["MinSize"], a["MaxSize"]) for a in actions) == ([
        ("0 22 * * *", "Europe/Berlin", 2, 4), ("30 6 * * *", "Europe/Berlin", 2, 8), ("45 6 1-5 2 *", "Europe/Berlin", 6, 12),
        ("45 6 15 2 *", "Europe/Berlin", 4, 12)] if is_prod(site) else [])
    hook, = scaling.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"]
    assert (hook["LifecycleHookName"], hook["LifecycleTransition"]) == ("drain", "autoscaling:EC2_INSTANCE_TERMINATING")
    assert (hook["HeartbeatTimeout"], hook["DefaultResult"]) == (300, "CONTINUE")


def test_what_nodes_may_do(site):
    iam, role = site.client("iam"), site.id("App", "NodeRole")
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert [s["Principal"] for s in statements(trust)] == [{"Service": "ec2.amazonaws.com"}]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    policies = {name: statements(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
                for name in iam.list_role_policies(RoleName=role)["PolicyNames"]}
    assert sorted(policies) == ["boot", "run", "session"]
    allowed = {s["Sid"]: s for p in policies.values() for s in p}
    for sid, s in allowed.items():
        actions = s["Action"] if isinstance(s["Action"], list) else [s["Action"]]
        assert s["Effect"] == "Allow" and not any("*" in a for a in actions), sid
    readable = allowed["ReadSecrets"]["Resource"]
    assert site.id("Data", "DatabaseSecret") in readable and not any("*" in r for r in readable)
    assert allowed["DecryptSecrets"]["Resource"].endswith(site.id("Data", "DataKey"))
    assert site.id("Data", "FileSystem") in allowed["MountMoodleData"]["Resource"]
    assert site.id("Data", "MoodleData") in allowed["MountMoodleData"]["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"]
    profile = iam.get_instance_profile(InstanceProfileName=site.id("App", "NodeProfile"))["InstanceProfile"]
    assert [r["RoleName"] for r in profile["Roles"]] == [role]


@pytest.mark.parametrize("which", ["the site's own", "access logs"])
def test_buckets(site, which):
    s3 = site.client("s3")
    bucket = site.id("App", "AccessLogs") if which == "access logs" else site.bucket
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert len(blocked) == 4 and all(blocked.values())
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
    assert refuses_plain_text(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert [r["ObjectOwnership"] for r in ownership] == ["BucketOwnerEnforced"]
    if which != "access logs":
        keys = {o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]}
        assert {f"templates/{s['template']['sha256']}.yaml" for s in site.manifest["stacks"]} <= keys
        assert f"node/{site.manifest['node']['sha256']}.tar" in keys


def test_logs_and_keys(site):
    days = 90 if is_prod(site) else 30
    groups = {g["logGroupName"]: g for g in site.client("logs").describe_log_groups()["logGroups"]}
    for stack, name in (("Network", "FlowLogGroup"), ("App", "NodeLogs")):
        group = groups[site.id(stack, name)]
        assert group["retentionInDays"] == days and group["kmsKeyId"].endswith(site.id("Network", "LogKey"))
    flow = site.client("ec2").describe_flow_logs(FlowLogIds=[site.id("Network", "FlowLog")])["FlowLogs"][0]
    assert flow["TrafficType"] == "ALL" and flow["LogGroupName"] == site.id("Network", "FlowLogGroup")
    for stack, key in (("Network", "LogKey"), ("Data", "DataKey")):
        assert site.client("kms").get_key_rotation_status(KeyId=site.id(stack, key))["KeyRotationEnabled"]


def test_stacks(site):
    cfn = site.client("cloudformation")
    root = cfn.describe_stacks(StackName=site.manifest["site"])["Stacks"][0]
    assert root["EnableTerminationProtection"] is is_prod(site)
    assert {t["Key"]: t["Value"] for t in root["Tags"]}.items() >= site.manifest["tags"].items()
    exports = {e["Name"] for page in cfn.get_paginator("list_exports").paginate() for e in page["Exports"]}
    for stack in site.manifest["stacks"]:
        assert set(stack.get("exports", [])) <= exports
    importers = cfn.list_imports(ExportName=f"{site.manifest['site']}-network-DataSubnetAId")["Imports"]
    assert importers == [site.stack("Data").split("/")[1]]
    importers = cfn.list_imports(ExportName=f"{site.manifest['site']}-network-VpcId")["Imports"]
    assert importers == [site.stack("App").split("/")[1]]
