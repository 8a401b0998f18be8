"""A site's whole life on a local AWS that refuses what AWS refuses: a first creation that fails at the nodes, a second one,
a life with objects, logs and backups, a change, and its destruction. The kinds of site are those of test_lifecycle.py; a
few stand for all, and ALL_LIVES=1 runs each."""
import os
import urllib.request

import pytest

from test_changes import break_next
from test_lifecycle import LIVES, Life

FEW = ("http", "one-zone", "with-a-cache", "ipv6-goes")
VAULT = "aws/efs/automatic-backup-vault"
ROLE = "arn:aws:iam::111122223333:role/backup"


def of_type(site, rtype):
    """Returns the physical id of the site's resource of a type in stack Data."""
    (logical_id,) = [r["id"] for r in site.manifest["resources"] if r["type"] == rtype]
    return site.id("Data", logical_id)


def live(site):
    """What a site's users, nodes and services leave behind in a night."""
    s3, logs, files = site.client("s3"), site.client("logs"), of_type(site, "AWS::EFS::FileSystem")
    for hour in range(3):
        s3.put_object(Bucket=site.id("App", "AccessLogs"), Key=f"AWSLogs/111122223333/elasticloadbalancing/eu-central-1/2026/11/28/{hour}.log.gz", Body=b"x")
    system = site.client("efs").describe_file_systems(FileSystemId=files)["FileSystems"][0]["FileSystemArn"]
    site.client("backup").start_backup_job(BackupVaultName=VAULT, ResourceArn=system, IamRoleArn=ROLE)
    for group in (g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]):
        logs.create_log_stream(logGroupName=group, logStreamName="one")
        logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=[{"timestamp": 1795860000000, "message": "a line"}])


def left(site):
    """What is in the account after a site: nothing that runs, and what holds data."""
    ec2, rds, backup = site.client("ec2"), site.client("rds"), site.client("backup")
    running = [*site.client("elbv2").describe_load_balancers()["LoadBalancers"], *rds.describe_db_clusters()["DBClusters"],
               *site.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"], *ec2.describe_network_interfaces()["NetworkInterfaces"],
               *ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"], *ec2.describe_addresses()["Addresses"]]
    return {"running": running, "points": len(backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT)["RecoveryPoints"])}


def database_log(site):
    """(name, days) of the log group that RDS made."""
    name = f"/aws/rds/cluster/{of_type(site, 'AWS::RDS::DBCluster')}/postgresql"
    (group,) = site.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return name, group.get("retentionInDays")


@pytest.fixture
def fresh(endpoint):
    """An empty account: what is left is this site's."""
    for path in ("/_ministack/reset", "/_localaws/reset"):
        urllib.request.urlopen(urllib.request.Request(endpoint + path, b"{}", method="POST"), timeout=10).close()
    return endpoint


@pytest.mark.parametrize("name", LIVES if os.environ.get("ALL_LIVES") else FEW)
def test_a_whole_life(name, tmp_path, programs, fresh):
    start, change = LIVES[name]
    site = Life(name, tmp_path, programs, fresh)
    site.says(start)

    break_next(site, NodeGroup=1)
    _, said = site.up(exits=4)
    assert "resource  NodeGroup  AWS::AutoScaling::AutoScalingGroup" in said and "ROLLBACK_FAILED" not in said, said
    assert "dev" in site.deploy("recover", "dev", "--yes")
    assert left(site)["running"] == []

    site.up()
    assert database_log(site)[1], "deploy up sets how long RDS's logs are kept"
    live(site)
    site.says(change)
    _, said = site.up()
    assert f"life-{name} is deployed" in said
    bucket, group = site.id("App", "AccessLogs"), database_log(site)
    said = site.deploy("destroy", "dev", "--yes")
    assert f"life-{name} is destroyed" in said and bucket in said
    assert left(site) == {"running": [], "points": 1}
    assert site.client("logs").describe_log_groups(logGroupNamePrefix=group[0])["logGroups"][0]["retentionInDays"] == group[1]
