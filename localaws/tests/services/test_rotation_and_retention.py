"""What comes again after some days, and what goes."""
import json
import re
from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness.service_rules import made, ref, res

START = "2026-10-02T12:00:00Z"
DAY = 86400
CLUSTER = res("RDS::DBCluster", Engine="aurora-postgresql", EngineVersion="17.11", MasterUsername="moodle", ManageMasterUserPassword=True)


def value(aws, arn):
    return aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]


def test_a_managed_password_is_another_one_after_seven_days(aws):
    aws.clock(now=START)
    made(aws, {"Database": CLUSTER})
    arn = aws.client("rds").describe_db_clusters()["DBClusters"][0]["MasterUserSecret"]["SecretArn"]
    first = value(aws, arn)
    aws.clock(advance_seconds=7 * DAY - 1)
    assert value(aws, arn) == first
    aws.clock(advance_seconds=1)
    second = value(aws, arn)
    assert json.loads(second)["username"] == "moodle" and json.loads(second)["password"] != json.loads(first)["password"]
    previous = aws.client("secretsmanager").get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == first
    said = aws.client("secretsmanager").describe_secret(SecretId=arn)
    assert said["RotationRules"] == {"AutomaticallyAfterDays": 7} and said["LastRotatedDate"].isoformat() == "2026-10-09T12:00:00+00:00"
    aws.clock(advance_seconds=14 * DAY)
    previous = aws.client("secretsmanager").get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")
    assert len({first, second, previous["SecretString"], value(aws, arn)}) == 4, "it has rotated twice more"


@pytest.mark.parametrize("rules", [{"AutomaticallyAfterDays": 7}, {"ScheduleExpression": "rate(7 days)"},
                                   {"ScheduleExpression": "rate(168 hours)"}], ids=str)
def test_a_rotation_schedule_makes_versions(aws, rules):
    aws.clock(now=START)
    made(aws, {"Secret": res("SecretsManager::Secret", SecretString="x"), "Rotation": res(
        "SecretsManager::RotationSchedule", SecretId=ref("Secret"), RotationLambdaARN="arn:aws:lambda:eu-west-1:123456789012:function:r",
        RotationRules=rules)})
    arn = aws.resource("one", "Secret")["PhysicalResourceId"]

    def current():
        versions = aws.client("secretsmanager").describe_secret(SecretId=arn)["VersionIdsToStages"]
        return next(v for v, stages in versions.items() if "AWSCURRENT" in stages)
    first = current()
    aws.clock(advance_seconds=7 * DAY - 1)
    assert current() == first
    aws.clock(advance_seconds=1)
    assert current() != first


@pytest.mark.parametrize("settings, alphabet", [
    ({"ExcludePunctuation": True, "PasswordLength": 64}, "[A-Za-z0-9]{64}"), ({"ExcludePunctuation": "true", "ExcludeNumbers": True}, "[A-Za-z]{32}"),
    ({"ExcludePunctuation": True, "ExcludeUppercase": True, "ExcludeCharacters": "abc", "PasswordLength": "40"}, "[d-z0-9]{40}")])
def test_a_generated_password_keeps_to_its_settings(aws, settings, alphabet):
    aws.clock(now=START)
    made(aws, {"Secret": res("SecretsManager::Secret", GenerateSecretString={
        "SecretStringTemplate": '{"username": "moodle"}', "GenerateStringKey": "password", **settings})})
    arn = aws.resource("one", "Secret")["PhysicalResourceId"]
    said = json.loads(value(aws, arn))
    assert said["username"] == "moodle" and re.fullmatch(alphabet, said["password"])
    assert aws.client("secretsmanager").describe_secret(SecretId=arn)["CreatedDate"].isoformat() == "2026-10-02T12:00:00+00:00"


def test_log_events_go_after_their_retention(aws):
    aws.clock(now=START)
    logs = aws.client("logs")
    for group, days in (("short", 7), ("long", None)):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
        if days:
            logs.put_retention_policy(logGroupName=group, retentionInDays=days)

    def write(text):
        for group in ("short", "long"):
            now = int(datetime.fromisoformat(aws.clock(advance_seconds=0)["now"]).timestamp() * 1000)
            logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": now, "message": text}])

    def read(group):
        return [e["message"] for e in logs.filter_log_events(logGroupName=group)["events"]]
    write("first")
    aws.clock(advance_seconds=DAY)
    write("second")
    aws.clock(advance_seconds=6 * DAY)
    assert (read("short"), read("long")) == (["second"], ["first", "second"])
    aws.clock(advance_seconds=DAY)
    assert (read("short"), read("long")) == ([], ["first", "second"])


def test_a_deleted_stack_is_known_for_ninety_days(aws):
    aws.clock(now=START)
    arn, _ = aws.create("one", {"Resources": {"Topic": res("SNS::Topic")}})
    aws.delete("one")
    aws.clock(advance_seconds=90 * DAY - 1)
    assert aws.status(arn) == "DELETE_COMPLETE"
    aws.clock(advance_seconds=1)
    with pytest.raises(ClientError, match="does not exist"):
        aws.status(arn)


def test_a_deletion_s_waiting_period(aws):
    aws.clock(now=START)
    secrets, kms = aws.client("secretsmanager"), aws.client("kms")
    secrets.create_secret(Name="s", SecretString="x")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    aws.clock(advance_seconds=7 * DAY)
    with pytest.raises(ClientError, match="can't find the specified secret"):
        secrets.restore_secret(SecretId="s")
    kms.cancel_key_deletion(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    aws.clock(advance_seconds=7 * DAY)
    with pytest.raises(ClientError, match="NotFoundException"):
        kms.describe_key(KeyId=key)


def test_files_are_backed_up_each_night_for_35_days(aws):
    """https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html"""
    aws.clock(now=START)
    made(aws, {"Files": res("EFS::FileSystem", BackupPolicy={"Status": "ENABLED"})})

    def points():
        pages = aws.client("backup").get_paginator("list_recovery_points_by_backup_vault")
        return [p for page in pages.paginate(BackupVaultName="aws/efs/automatic-backup-vault") for p in page["RecoveryPoints"]]
    aws.clock(now="2026-10-03T04:59:59Z")
    assert points() == []
    aws.clock(advance_seconds=1)
    assert [p["CreationDate"].isoformat() for p in points()] == ["2026-10-03T05:00:00+00:00"]
    aws.clock(advance_seconds=34 * DAY)
    assert len(points()) == 35
    aws.clock(advance_seconds=DAY)
    assert len(points()) == 35 and min(p["CreationDate"] for p in points()).isoformat() == "2026-10-04T05:00:00+00:00"
