"""What RDS offers for Aurora."""
import pytest
from botocore.exceptions import ClientError


def test_versions_of_aurora_postgresql(aws):
    rds = aws.client("rds")
    versions = [v["EngineVersion"] for v in rds.describe_db_engine_versions(Engine="aurora-postgresql")["DBEngineVersions"]]
    assert {"17.10", "17.11", "18.4"} <= set(versions) and "17.99" not in versions


def test_serverless_instances_in_all_zones(aws):
    rds = aws.client("rds")
    options = rds.describe_orderable_db_instance_options(Engine="aurora-postgresql", EngineVersion="17.11", DBInstanceClass="db.serverless")
    zones = [z["Name"] for o in options["OrderableDBInstanceOptions"] for z in o["AvailabilityZones"]]
    assert sorted(set(zones)) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert rds.describe_orderable_db_instance_options(Engine="aurora-postgresql", DBInstanceClass="db.m5.large")["OrderableDBInstanceOptions"] == []
    with pytest.raises(ClientError, match="Cannot find version 17.99 for aurora-postgresql"):
        rds.describe_orderable_db_instance_options(Engine="aurora-postgresql", EngineVersion="17.99")
