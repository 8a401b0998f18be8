"""What the services themselves say of the whole site's resources: one reading a name, each by the service's own API."""
import base64
import json


def network(aws, ids):
    ec2, logs = aws.client("ec2"), aws.client("logs")
    endpoints = {e["VpcEndpointId"]: e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"]}
    flow = ec2.describe_flow_logs()["FlowLogs"][0]
    subnet = ec2.describe_subnets(SubnetIds=[ids["PublicSubnet1"]])["Subnets"][0]
    vpc = ec2.describe_vpcs(VpcIds=[ids["Vpc"]])["Vpcs"][0]
    nat = ec2.describe_nat_gateways()["NatGateways"][0]
    routes = ec2.describe_route_tables(RouteTableIds=[ids["AppRoutes"]])["RouteTables"][0]["Routes"]
    return {
        "vpc name": [t["Value"] for t in vpc["Tags"] if t["Key"] == "Name"],
        "vpc blocks": (vpc["CidrBlock"], vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"][-5:]),
        "subnet": (subnet["CidrBlock"], subnet["AvailabilityZone"], subnet["AssignIpv6AddressOnCreation"],
                   subnet["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"][-5:]),
        "nat": (nat["SubnetId"] == ids["PublicSubnet1"], nat["NatGatewayAddresses"][0]["PublicIp"] == ids["NatAddress"]),
        "routes": sorted((r.get("DestinationCidrBlock") or r["DestinationIpv6CidrBlock"],
                          (r.get("NatGatewayId") or r.get("EgressOnlyInternetGatewayId") or r["GatewayId"]).split("-")[0])
                         for r in routes),
        "gateway endpoint": (endpoints[ids["S3Endpoint"]]["RouteTableIds"] == [ids["AppRoutes"]],
                             "s3:GetObject" in endpoints[ids["S3Endpoint"]]["PolicyDocument"]),
        "interface endpoint": (endpoints[ids["SsmEndpoint"]]["Groups"] == [{"GroupId": ids["AppGroup"]}],
                               endpoints[ids["SsmEndpoint"]]["PrivateDnsEnabled"],
                               len(endpoints[ids["SsmEndpoint"]]["NetworkInterfaceIds"])),
        "flow log": (flow["LogGroupName"] == ids["FlowLogGroup"], flow["TrafficType"],
                     flow["DeliverLogsPermissionArn"].endswith(ids["FlowLogRole"]), flow["DeliverLogsStatus"]),
        "log retention": logs.describe_log_groups()["logGroups"][0]["retentionInDays"],
    }


def data(aws, ids):
    efs, rds, cache, files = aws.client("efs"), aws.client("rds"), aws.client("elasticache"), ids["Files"]
    system = efs.describe_file_systems(FileSystemId=files)["FileSystems"][0]
    point = efs.describe_access_points(FileSystemId=files)["AccessPoints"][0]
    cluster = rds.describe_db_clusters()["DBClusters"][0]
    writer = rds.describe_db_instances(DBInstanceIdentifier=ids["Writer"])["DBInstances"][0]
    group = cache.describe_replication_groups()["ReplicationGroups"][0]
    secret = aws.client("secretsmanager").get_secret_value(SecretId=ids["AdministratorSecret"])["SecretString"]
    rules = aws.client("backup").get_backup_plan(BackupPlanId=ids["Plan"])["BackupPlan"]["Rules"]
    return {
        "file system": (system["Encrypted"], system["KmsKeyId"].endswith(ids["DataKey"]), system["ThroughputMode"]),
        "lifecycle": efs.describe_lifecycle_configuration(FileSystemId=files)["LifecyclePolicies"],
        "backup policy": efs.describe_backup_policy(FileSystemId=files)["BackupPolicy"]["Status"],
        "file system policy": "aws:SecureTransport" in efs.describe_file_system_policy(FileSystemId=files)["Policy"],
        "access point": (point["PosixUser"]["Uid"], point["RootDirectory"]["Path"]),
        "mount targets": efs.describe_mount_target_security_groups(MountTargetId=ids["Mount1"])["SecurityGroups"] ==
        [ids["MountGroup"]],
        "cluster": (cluster["EngineVersion"], cluster["StorageEncrypted"], cluster["KmsKeyId"].endswith(ids["DataKey"]),
                    cluster["DBClusterParameterGroup"] == ids["DatabaseParameters"], cluster["IAMDatabaseAuthenticationEnabled"]),
        "scaling": cluster["ServerlessV2ScalingConfiguration"],
        "backups": cluster["BackupRetentionPeriod"],
        "log exports": cluster["EnabledCloudwatchLogsExports"],
        "members": [m["IsClusterWriter"] for m in cluster["DBClusterMembers"]],
        "writer": (writer["EngineVersion"], writer["StorageEncrypted"], writer["PromotionTier"]),
        "cluster parameters": [p["ParameterValue"] for p in rds.describe_db_cluster_parameters(
            DBClusterParameterGroupName=ids["DatabaseParameters"], Source="user")["Parameters"]],
        "cache": (group["Engine"], group["TransitEncryptionEnabled"], group["MultiAZ"], len(group["MemberClusters"]),
                  group["SnapshotRetentionLimit"]),
        "cache user": cache.describe_users()["Users"][0]["Authentication"]["Type"],
        "cache parameters": [p["ParameterValue"] for p in cache.describe_cache_parameters(
            CacheParameterGroupName=ids["CacheParameters"])["Parameters"] if p["ParameterName"] == "maxmemory-policy"],
        "secret length": len(json.loads(secret)["password"]),
        "key rotation": aws.client("kms").get_key_rotation_status(KeyId=ids["DataKey"])["KeyRotationEnabled"],
        "backup rule": rules[0]["Lifecycle"]["DeleteAfterDays"],
    }


def app(aws, ids):
    return {**_balancer(aws, ids), **_fleet(aws, ids), **_rest(aws, ids)}


def _balancer(aws, ids):
    elb = aws.client("elbv2")
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]
    attributes = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(
        LoadBalancerArn=ids["Balancer"])["Attributes"]}
    targets = elb.describe_target_groups()["TargetGroups"][0]
    delay = elb.describe_target_group_attributes(TargetGroupArn=ids["Targets"])["Attributes"]
    listeners = {x["Port"]: x for x in elb.describe_listeners(LoadBalancerArn=ids["Balancer"])["Listeners"]}
    rule = [r for r in elb.describe_rules(ListenerArn=ids["Https"])["Rules"] if not r["IsDefault"]][0]
    zone = aws.client("route53").list_resource_record_sets(HostedZoneId=ids["_zone"])["ResourceRecordSets"]
    return {
        "balancer": (balancer["VpcId"] == ids["Vpc"], sorted(z["ZoneName"] for z in balancer["AvailabilityZones"]),
                     balancer["SecurityGroups"] == [ids["BalancerGroup"]], balancer["IpAddressType"]),
        "desync": attributes["routing.http.desync_mitigation_mode"],
        "access logs": attributes["access_logs.s3.bucket"] == ids["AccessLogs"],
        "health check": targets["HealthCheckPath"],
        "deregistration": [a["Value"] for a in delay if a["Key"] == "deregistration_delay.timeout_seconds"],
        "tls policy": listeners[443]["SslPolicy"],
        "redirect": listeners[80]["DefaultActions"][0]["RedirectConfig"]["StatusCode"],
        "rule": rule["Actions"][0]["FixedResponseConfig"]["StatusCode"],
        "alias": [r["AliasTarget"]["EvaluateTargetHealth"] for r in zone if r["Type"] == "A"],
    }


def _fleet(aws, ids):
    asg = aws.client("autoscaling")
    group = asg.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    versions = aws.client("ec2").describe_launch_template_versions(LaunchTemplateId=ids["Node"])["LaunchTemplateVersions"]
    node = max(versions, key=lambda v: v["VersionNumber"])["LaunchTemplateData"]
    return {
        "group size": (group["MinSize"], group["MaxSize"], group["DesiredCapacity"], len(group["Instances"])),
        "group": (group["TargetGroupARNs"] == [ids["Targets"]], group["HealthCheckType"], group["MaxInstanceLifetime"],
                  group["AvailabilityZones"]),
        "group's template": group["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"]["Version"],
        "node": (node["InstanceType"], node["MetadataOptions"]["HttpTokens"], node["ImageId"][:4],
                 node["BlockDeviceMappings"][0]["Ebs"]["Encrypted"], node["NetworkInterfaces"][0]["Groups"] == [ids["AppGroup"]]),
        "user data": base64.b64decode(node["UserData"]).decode().splitlines()[1:],
        "cpu target": [p["TargetTrackingConfiguration"]["TargetValue"] for p in asg.describe_policies()["ScalingPolicies"]],
        "schedule": [(a["MinSize"], a["TimeZone"]) for a in asg.describe_scheduled_actions()["ScheduledUpdateGroupActions"]],
        "hook": asg.describe_lifecycle_hooks(AutoScalingGroupName=ids["Fleet"])["LifecycleHooks"][0]["HeartbeatTimeout"],
    }


def _rest(aws, ids):
    s3, iam, bucket = aws.client("s3"), aws.client("iam"), ids["AccessLogs"]
    alarms = aws.client("cloudwatch").describe_alarms(AlarmNames=[ids["Unhealthy"]])["MetricAlarms"]
    policy = iam.get_role_policy(RoleName=ids["Role"], PolicyName="mount")["PolicyDocument"]
    profile = iam.get_instance_profile(InstanceProfileName=ids["Profile"])["InstanceProfile"]
    return {
        "bucket": (all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()),
                   s3.get_bucket_versioning(Bucket=bucket)["Status"],
                   s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"][0]["ObjectOwnership"]),
        "bucket lifecycle": s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["Expiration"]["Days"],
        "role": (policy["Statement"][0]["Action"], profile["Roles"][0]["RoleName"] == ids["Role"]),
        "alarm": alarms[0]["Threshold"],
        "topic": aws.client("sns").get_topic_attributes(TopicArn=ids["Operators"])["Attributes"].get("KmsMasterKeyId"),
        "document": "idleSessionTimeout\": \"20" in aws.client("ssm").get_document(Name=ids["Session"])["Content"],
    }
