"""AWS::RDS::DBCluster and AWS::RDS::DBInstance: what ministack's handlers leave out of them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbcluster.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html (ManageMasterUserPassword)
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.CloudWatch.html: the log groups that RDS
makes, without retention or key, and that outlive the cluster; with enhanced monitoring RDSOSMetrics
(…/AuroraUserGuide/USER_Monitoring.OS.CloudWatchLogs.html)
What is in use: "it still contains DB instances in non-deleting state" is AWS's guide's own, the subnet group's text is in
many public teardown notes, the parameter group's is from memory.
"""
import json
import secrets

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudformation as cfn
from ministack.services import cloudwatch_logs, rds, secretsmanager

from .. import patching
from . import windows
from .extra_members import xml
from .registry import Refused, extend
from .service_calls import target

CLUSTER, INSTANCE = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"


def _is_true(value):
    return str(value).lower() == "true"


def _master_secret(cluster_id, props):
    """Creates the secret of ManageMasterUserPassword, which is deleted with the cluster."""
    value = {"username": props.get("MasterUsername", "admin"), "password": secrets.token_urlsafe(24)}
    arn = secretsmanager.create_secret_in_process(f"rds!cluster-{new_uuid()}", json.dumps(value),
                                                  description=f"Secret managed by RDS for DB cluster {cluster_id}")
    default = f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/secretsmanager"
    key = props.get("MasterUserSecret", {}).get("KmsKeyId") or default
    return {"SecretArn": arn, "SecretStatus": "active", "KmsKeyId": key}


def check_cluster(props):
    windows.check_database(props)
    snapshot = props.get("SnapshotIdentifier")
    if snapshot and snapshot.split(":")[-1] not in rds._db_cluster_snapshots:
        raise Refused(f"DBClusterSnapshot not found: {snapshot}", "Rds", 404, "DBClusterSnapshotNotFoundFault")


def check_family(props, version):
    """A parameter group is of the family of one major version: that of the version that runs, where a rollback has another.
    The text is in many public reports."""
    name = props.get("DBClusterParameterGroupName")
    family = rds._db_cluster_param_groups.get(name, {}).get("DBParameterGroupFamily")
    wanted = f"{props.get('Engine')}{_major(props.get('Engine'), version or '')}"
    if family and version and family != wanted:
        raise Refused(f"The Parameter Group {name} with DBParameterGroupFamily {family} can't be used for this instance. Use a "
                      f"Parameter Group with DBParameterGroupFamily {wanted}.", "Rds", 400, "InvalidParameterCombination")


def _major(engine, version):
    return ".".join(version.split(".")[:1 if "postgres" in (engine or "") else 2])


def check_cluster_update(cluster_id, props):
    """RDS never goes back to an older version. CloudFormation's handler knows that, and sends no version in a rollback, but
    the parameter group that the old template has (modifyDbClusterRequest of
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds, aws-rds-dbcluster, Translator)."""
    cluster, wanted = rds._clusters[cluster_id], props.get("EngineVersion")
    runs = cluster["EngineVersion"]
    if not wanted or not _older(wanted, runs):
        return check_cluster(props)
    if not _rolls_back(cluster_id):
        raise Refused(f"Cannot upgrade {cluster['Engine']} from {runs} to {wanted}", "Rds", 400, "InvalidParameterCombination")
    check_family(props, runs)
    cluster["_localaws_keeps"] = runs


def _older(a, b):
    try:
        return [int(n) for n in a.split(".")] < [int(n) for n in b.split(".")]
    except ValueError:
        return False


def _rolls_back(physical_id):
    return any(resource.get("PhysicalResourceId") == physical_id and "ROLLBACK" in stack["StackStatus"]
               for stack in cfn._stacks.values() for resource in stack["_resources"].values())


def complete_cluster(cluster_id, props):
    cluster = rds._clusters[cluster_id]
    cluster["EngineVersion"] = cluster.pop("_localaws_keeps", cluster["EngineVersion"])
    engine, version = cluster["Engine"], cluster["EngineVersion"].split(".")[0]
    cluster.update(
        PreferredBackupWindow=props.get("PreferredBackupWindow") or cluster.get("PreferredBackupWindow"),
        PreferredMaintenanceWindow=props.get("PreferredMaintenanceWindow") or cluster.get("PreferredMaintenanceWindow"),
        DBClusterParameterGroup=props.get("DBClusterParameterGroupName") or f"default.{engine}{version}",
        KmsKeyId=props.get("KmsKeyId") or "", TagList=props.get("Tags") or [],
        _localaws={"EnabledCloudwatchLogsExports": props.get("EnableCloudwatchLogsExports") or [],
                   "DatabaseInsightsMode": props.get("DatabaseInsightsMode"),
                   "PerformanceInsightsEnabled": _is_true(props.get("PerformanceInsightsEnabled"))})
    if _is_true(props.get("ManageMasterUserPassword")) and not cluster.get("MasterUserSecret"):
        cluster["MasterUserSecret"] = _master_secret(cluster_id, props)
    make_log_groups(cluster)
    secret = cluster.get("MasterUserSecret")
    return {"MasterUserSecret.SecretArn": secret["SecretArn"]} if secret else {}


def make_log_groups(cluster):
    """RDS makes the groups of exported logs as soon as an instance writes some."""
    if cluster["DBClusterMembers"]:
        for log in cluster.get("_localaws", {}).get("EnabledCloudwatchLogsExports", []):
            _make_log_group(f"/aws/rds/cluster/{cluster['DBClusterIdentifier']}/{log}")


def _make_log_group(name):
    if name not in cloudwatch_logs._log_groups:
        target("cloudwatch_logs", "Logs_20140328", "CreateLogGroup", {"logGroupName": name})


def delete_subnet_group(delete, name, props):
    users = [i for i, r in rds._instances.items() if (r.get("DBSubnetGroup") or {}).get("DBSubnetGroupName") == name]
    kind = "instance" if users else "cluster"
    users = users or [c for c, r in rds._clusters.items() if r.get("DBSubnetGroup") == name]
    if users:
        raise Refused(f"Cannot delete the subnet group '{name}' because at least one database {kind}: {users[0]} is still using it.", "Rds",
                      400, "InvalidDBSubnetGroupStateFault")
    delete(name, props)


def delete_parameter_group(delete, name, props):
    users = [c for c, r in rds._clusters.items() if r.get("DBClusterParameterGroup") == name] + [
        i for i, r in rds._instances.items() if any(g.get("DBParameterGroupName") == name for g in r.get("DBParameterGroups") or [])]
    if users:
        raise Refused(f"One or more database instances are still members of this parameter group {name}, so the group cannot be deleted",
                      "Rds", 400, "InvalidDBParameterGroupState")
    delete(name, props)


def delete_cluster(delete, cluster_id, props):
    cluster = rds._clusters.get(cluster_id, {})
    if cluster.get("DBClusterMembers"):
        raise Refused("Cluster cannot be deleted, it still contains DB instances in non-deleting state.", "Rds", 400,
                      "InvalidDBClusterStateFault")
    if _is_true(cluster.get("DeletionProtection")):
        raise Refused("Cannot delete protected Cluster, please disable deletion protection and try again.", "Rds", 400,
                      "InvalidParameterCombination")
    delete(cluster_id, props)
    if cluster.get("MasterUserSecret"):
        target("secretsmanager", "secretsmanager", "DeleteSecret",
               {"SecretId": cluster["MasterUserSecret"]["SecretArn"], "ForceDeleteWithoutRecovery": True})


def _wrap_snapshot_id(original):
    """STACK-snapshot-LOGICALID-RANDOM in lower case, as CloudFormation's own handler names it
    (https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds, aws-rds-dbcluster,
    DeleteHandler)."""
    def name(physical_id):
        for stack in cfn._stacks.values():
            held = {r.get("PhysicalResourceId"): logical_id for logical_id, r in stack["_resources"].items()}
            logical_id = held.get(physical_id) or stack.get("_going", {}).get(physical_id)
            if logical_id and stack["StackStatus"] != "DELETE_COMPLETE":
                return f"{stack['StackName']}-snapshot-{logical_id}-{new_uuid().replace('-', '')[:12]}".lower()
        return original(physical_id)
    return name


def check_instance(props):
    """Its window must not overlap the backups, which are its cluster's
    (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html)."""
    cluster = rds._clusters.get(props.get("DBClusterIdentifier") or "", {})
    backup = props.get("PreferredBackupWindow") or cluster.get("PreferredBackupWindow")
    windows.check_database({**props, "PreferredBackupWindow": backup})


def complete_instance(instance_id, props):
    """An Aurora instance has its storage, version, network and backups from its cluster; the first one writes."""
    instance = rds._instances[instance_id]
    if props.get("PreferredMaintenanceWindow"):
        instance["PreferredMaintenanceWindow"] = props["PreferredMaintenanceWindow"]
    if int(props.get("MonitoringInterval") or 0):
        _make_log_group("RDSOSMetrics")
    cluster = rds._clusters.get(instance.get("DBClusterIdentifier") or "")
    if cluster is None:
        return
    for name in ("EngineVersion", "StorageEncrypted", "KmsKeyId", "VpcSecurityGroups", "BackupRetentionPeriod",
                 "PreferredBackupWindow", "IAMDatabaseAuthenticationEnabled"):
        instance[name] = cluster.get(name)
    instance["DBSubnetGroup"] = rds._subnet_groups.get(cluster["DBSubnetGroup"], instance["DBSubnetGroup"])
    for number, member in enumerate(cluster["DBClusterMembers"]):
        member["IsClusterWriter"] = number == 0
    make_log_groups(cluster)


def _wrap_cluster_xml(original):
    def fields(cluster):
        return original(cluster) + xml(cluster.get("_localaws", {}), "member")
    return fields


def install():
    patching.replace("_snapshot_id", _wrap_snapshot_id)
    rds._cluster_xml = _wrap_cluster_xml(rds._cluster_xml)
    extend(CLUSTER, complete_cluster, check_cluster, delete_cluster, check_cluster_update)
    extend(INSTANCE, complete_instance, check_instance)
    extend("AWS::RDS::DBSubnetGroup", lambda name, props: {}, delete=delete_subnet_group)
    for rtype in ("AWS::RDS::DBClusterParameterGroup", "AWS::RDS::DBParameterGroup"):
        extend(rtype, lambda name, props: {}, delete=delete_parameter_group)
