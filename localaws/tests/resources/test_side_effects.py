"""What services make by themselves, and what deletions find of it. Sources: services/recovery_points.py,
resources/databases.py; the load balancer's object is in test_log_delivery.py, interfaces in test_dependents.py."""
import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness.service_rules import VPC, failures, made, ref, res

AUTOMATIC = "aws/efs/automatic-backup-vault"
CLUSTER = {
    "Subnets": res("RDS::DBSubnetGroup", DBSubnetGroupDescription="Data", SubnetIds=[ref("A"), ref("B")]),
    "Parameters": res("RDS::DBClusterParameterGroup", Family="aurora-postgresql16", Description="x", Parameters={"rds.force_ssl": "1"}),
    "Cluster": {**res("RDS::DBCluster", Engine="aurora-postgresql", EngineVersion="16.9", MasterUsername="moodle", ManageMasterUserPassword=True,
                      EnableCloudwatchLogsExports=["postgresql"], DBSubnetGroupName=ref("Subnets"),
                      ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 1},
                      DBClusterParameterGroupName=ref("Parameters")), "DeletionPolicy": "Delete"}}
WRITER = {"Writer": res("RDS::DBInstance", Engine="aurora-postgresql", DBClusterIdentifier=ref("Cluster"), DBInstanceClass="db.serverless",
                        MonitoringInterval=60, MonitoringRoleArn="arn:aws:iam::123456789012:role/monitoring")}


def groups(aws):
    return {g["logGroupName"]: g.get("retentionInDays") for g in aws.client("logs").describe_log_groups()["logGroups"]}


def test_rds_makes_its_log_groups_when_an_instance_is_there_and_leaves_them(aws):
    made(aws, {**VPC, **CLUSTER})
    assert groups(aws) == {}
    assert aws.update("one", {"Resources": {**VPC, **CLUSTER, **WRITER}}) == "UPDATE_COMPLETE"
    name = f"/aws/rds/cluster/{aws.resource('one', 'Cluster')['PhysicalResourceId']}/postgresql"
    assert groups(aws) == {name: None, "RDSOSMetrics": None}
    aws.client("logs").put_retention_policy(logGroupName=name, retentionInDays=30)
    assert aws.delete("one") == "DELETE_COMPLETE"
    assert groups(aws) == {name: 30, "RDSOSMetrics": None}


def test_exporting_logs_later_makes_the_group_then_and_one_that_is_there_stays_as_it_is(aws):
    silent = {name: r for name, r in CLUSTER["Cluster"]["Properties"].items() if name != "EnableCloudwatchLogsExports"}
    made(aws, {**VPC, **CLUSTER, **WRITER, "Cluster": {**CLUSTER["Cluster"], "Properties": silent}})
    assert list(groups(aws)) == ["RDSOSMetrics"]
    name = f"/aws/rds/cluster/{aws.resource('one', 'Cluster')['PhysicalResourceId']}/postgresql"
    aws.client("logs").create_log_group(logGroupName=name)
    aws.client("logs").put_retention_policy(logGroupName=name, retentionInDays=7)
    assert aws.update("one", {"Resources": {**VPC, **CLUSTER, **WRITER}}) == "UPDATE_COMPLETE"
    assert groups(aws)[name] == 7


@pytest.mark.parametrize("kept,held,text", [
    ("Writer", "Cluster", "it still contains DB instances in non-deleting state"),
    ("Cluster", "Subnets", "because at least one database cluster: one-cluster-"), ("Cluster", "Parameters", "so the group cannot be deleted")])
def test_a_database_holds_what_it_is_made_of(aws, kept, held, text):
    resources = {**VPC, **CLUSTER, **(WRITER if kept == "Writer" else {})}
    arn = made(aws, {**resources, kept: {**resources[kept], "DeletionPolicy": "Retain"}})
    assert aws.delete("one") == "DELETE_FAILED"
    assert text in failures(aws, arn)[held].lower() or text in failures(aws, arn)[held]


def test_a_vault_with_recovery_points_is_not_deleted(aws):
    files = res("EFS::FileSystem")
    arn = made(aws, {"Vault": res("Backup::BackupVault", BackupVaultName="mine"), "Files": files})
    backup, system = aws.client("backup"), aws.client("efs").describe_file_systems()["FileSystems"][0]["FileSystemArn"]
    role = "arn:aws:iam::123456789012:role/backup"
    point = backup.start_backup_job(BackupVaultName="mine", ResourceArn=system, IamRoleArn=role)["RecoveryPointArn"]
    listed = backup.list_recovery_points_by_backup_vault(BackupVaultName="mine")["RecoveryPoints"]
    assert [(p["RecoveryPointArn"], p["ResourceArn"], p["ResourceType"]) for p in listed] == [(point, system, "EFS")]
    with pytest.raises(ClientError, match=r"\(InvalidRequestException\).*it contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="mine")
    assert aws.delete("one") == "DELETE_FAILED"
    assert "Backup vault cannot be deleted because it contains recovery points." in failures(aws, arn)["Vault"]
    assert aws.client("efs").describe_file_systems()["FileSystems"] == [], "the file system goes, its point stays"
    assert backup.list_recovery_points_by_resource(ResourceArn=system)["RecoveryPoints"][0]["RecoveryPointArn"] == point
    backup.delete_recovery_point(BackupVaultName="mine", RecoveryPointArn=point)
    assert aws.delete("one") == "DELETE_COMPLETE"


def test_automatic_backups_have_a_vault_that_nobody_empties(aws):
    backup = aws.client("backup")
    made(aws, {"Files": res("EFS::FileSystem", BackupPolicy={"Status": "DISABLED"})})
    assert backup.list_backup_vaults()["BackupVaultList"] == []
    aws.update("one", {"Resources": {"Files": res("EFS::FileSystem", BackupPolicy={"Status": "ENABLED"})}})
    assert [v["BackupVaultName"] for v in backup.list_backup_vaults()["BackupVaultList"]] == [AUTOMATIC]
    system = aws.client("efs").describe_file_systems()["FileSystems"][0]["FileSystemArn"]
    role = "arn:aws:iam::123456789012:role/backup"
    point = backup.start_backup_job(BackupVaultName=AUTOMATIC, ResourceArn=system, IamRoleArn=role)["RecoveryPointArn"]
    for refused in (lambda: backup.delete_recovery_point(BackupVaultName=AUTOMATIC, RecoveryPointArn=point),
                    lambda: backup.delete_backup_vault(BackupVaultName=AUTOMATIC)):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            refused()
    assert aws.delete("one") == "DELETE_COMPLETE"
    assert backup.describe_recovery_point(BackupVaultName=AUTOMATIC, RecoveryPointArn=point)["Status"] == "COMPLETED"
    assert backup.describe_backup_vault(BackupVaultName=AUTOMATIC)["NumberOfRecoveryPoints"] == 1


def test_a_plan_with_selections_is_not_deleted(aws):
    plan = res("Backup::BackupPlan", BackupPlan={"BackupPlanName": "daily", "BackupPlanRule": [
        {"RuleName": "daily", "TargetBackupVault": "Default", "ScheduleExpression": "cron(0 3 * * ? *)"}]})
    selection = res("Backup::BackupSelection", BackupPlanId=ref("Plan"), BackupSelection={
        "SelectionName": "all", "IamRoleArn": "arn:aws:iam::123456789012:role/backup", "Resources": ["*"]})
    arn = made(aws, {"Plan": plan, "Selection": {**selection, "DeletionPolicy": "Retain"}})
    assert aws.delete("one") == "DELETE_FAILED"
    assert "Related backup plan selections must be deleted prior to backup plan deletion" in failures(aws, arn)["Plan"]


def test_a_service_makes_its_role_with_its_first_resource_and_leaves_it(aws):
    iam, name = aws.client("iam"), "AWSServiceRoleForAmazonElasticFileSystem"

    def roles():
        return [r["RoleName"] for r in iam.list_roles(PathPrefix="/aws-service-role/")["Roles"]]
    assert roles() == []
    made(aws, {"Files": res("EFS::FileSystem"), "More": res("EFS::FileSystem")})
    assert roles() == [name]
    assert aws.delete("one") == "DELETE_COMPLETE" and roles() == [name]
    with pytest.raises(ClientError, match="has been taken in this account"):
        iam.create_service_linked_role(AWSServiceName="elasticfilesystem.amazonaws.com")
    made_role = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]
    assert made_role["Arn"].endswith(":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")
    assert iam.get_role(RoleName="AWSServiceRoleForAutoScaling")["Role"]["Path"] == "/aws-service-role/autoscaling.amazonaws.com/"


def test_nights_make_recovery_points_that_go_after_35_days(aws):
    aws.clock(now="2026-10-02T12:00:00Z")
    backup = aws.client("backup")
    made(aws, {"Files": res("EFS::FileSystem", BackupPolicy={"Status": "ENABLED"}), "Silent": res("EFS::FileSystem")})
    aws.clock(advance_seconds=17 * 3600 - 1)

    def points():
        return backup.list_recovery_points_by_backup_vault(BackupVaultName=AUTOMATIC)["RecoveryPoints"]
    assert points() == []
    aws.clock(advance_seconds=1)
    (point,) = points()
    assert point["CreationDate"].isoformat().startswith("2026-10-03T05:00:00")
    assert aws.delete("one") == "DELETE_COMPLETE" and len(points()) == 1
    aws.clock(advance_seconds=34 * 86400)
    assert len(points()) == 1
    aws.clock(advance_seconds=86400)
    assert points() == [] and backup.describe_backup_vault(BackupVaultName=AUTOMATIC)["NumberOfRecoveryPoints"] == 0


def snapshots(aws):
    return [s["DBClusterSnapshotIdentifier"] for s in aws.client("rds").describe_db_cluster_snapshots()["DBClusterSnapshots"]]


def cluster(name, **policies):
    return {**res("RDS::DBCluster", Engine="aurora-postgresql", EngineVersion="16.9", MasterUsername="moodle", ManageMasterUserPassword=True,
                  DBClusterIdentifier=name), **policies}


@pytest.mark.parametrize("policies,number", [({"UpdateReplacePolicy": "Snapshot"}, 1), ({}, 0), ({"UpdateReplacePolicy": "Delete"}, 0)])
def test_a_replaced_cluster_leaves_a_snapshot_when_its_policy_says_so(aws, policies, number):
    made(aws, {"Database": cluster("first", **policies)})
    assert aws.update("one", {"Resources": {"Database": cluster("second", **policies)}}) == "UPDATE_COMPLETE"
    assert [c["DBClusterIdentifier"] for c in aws.client("rds").describe_db_clusters()["DBClusters"]] == ["second"]
    assert len(snapshots(aws)) == number and all(s.startswith("one-snapshot-database-") for s in snapshots(aws))


@pytest.mark.parametrize("policies,number", [({"DeletionPolicy": "Snapshot"}, 1), ({}, 1), ({"DeletionPolicy": "Delete"}, 0)])
def test_a_failed_creation_leaves_a_snapshot_of_its_cluster(aws, policies, number):
    aws.settings(fail={"Last": 1})
    resources = {"Database": cluster("first", **policies), "Last": res("SNS::Topic", ["Database"])}
    _, status = aws.create("one", {"Resources": resources})
    assert status == "ROLLBACK_COMPLETE" and len(snapshots(aws)) == number
    assert all(s.startswith("one-snapshot-database-") for s in snapshots(aws))
