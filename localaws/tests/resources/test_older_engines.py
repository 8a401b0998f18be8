"""Engines that never become older, and what a rollback makes of that. Sources: resources/databases.py, caches.py."""
import pytest

from localaws.tests.harness.service_rules import failures, made, ref, res

WRONG = {**res("ElastiCache::ReplicationGroup", ReplicationGroupDescription="d", Engine="valkey", CacheNodeType="cache.t4g.micro",
               NumCacheClusters=1, AutomaticFailoverEnabled=True), "DependsOn": "Cluster"}


def database(version, family=None):
    group = {"Settings": res("RDS::DBClusterParameterGroup", Family=family, Description="x", Parameters={"rds.force_ssl": "1"})} if family else {}
    named = {"DBClusterParameterGroupName": ref("Settings")} if family else {}
    return {**group, "Cluster": {**res("RDS::DBCluster", Engine="aurora-postgresql", EngineVersion=version, MasterUsername="moodle",
                                       ManageMasterUserPassword=True, **named), "DeletionPolicy": "Delete"}}


def runs(aws):
    return aws.client("rds").describe_db_clusters()["DBClusters"][0]["EngineVersion"]


def test_a_database_is_never_made_older(aws):
    arn = made(aws, database("17.11"))
    assert aws.update("one", {"Resources": database("17.9")}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Cannot upgrade aurora-postgresql from 17.11 to 17.9" in failures(aws, arn)["Cluster"] and runs(aws) == "17.11"


def test_a_group_of_another_family_is_refused(aws):
    arn = made(aws, database("17.11", "aurora-postgresql17"))
    newer = {**database("18.4"), "Settings": database("17.11", "aurora-postgresql17")["Settings"]}
    newer["Cluster"]["Properties"]["DBClusterParameterGroupName"] = ref("Settings")
    assert aws.update("one", {"Resources": newer}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot be used for this instance." in failures(aws, arn)["Cluster"]
    assert aws.update("one", {"Resources": database("18.4", "aurora-postgresql18")}) == "UPDATE_COMPLETE"
    assert runs(aws) == "18.4"


@pytest.mark.parametrize("before, after, status, reason", [
    (database("17.9"), database("17.11"), "UPDATE_ROLLBACK_COMPLETE", None),  # the stack has 17.9 again, the database does not
    (database("17.11", "aurora-postgresql17"), database("18.4", "aurora-postgresql18"), "UPDATE_ROLLBACK_FAILED", "aurora-postgresql17 can't be used"),
], ids=["a minor version", "a major version"])
def test_what_fails_beside_a_newer_engine_is_rolled_back_and_the_engine_is_not(aws, before, after, status, reason):
    arn = made(aws, before)
    assert aws.update("one", {"Resources": {**after, "Wrong": WRONG}}) == status
    assert runs(aws) == after["Cluster"]["Properties"]["EngineVersion"]
    if reason:
        assert reason in failures(aws, arn)["Cluster"]


def test_the_first_replica_does_not_come_with_failover(aws):
    def cache(nodes):
        return {"Cache": res("ElastiCache::ReplicationGroup", ReplicationGroupDescription="d", Engine="valkey", CacheNodeType="cache.t4g.micro",
                             NumCacheClusters=nodes, AutomaticFailoverEnabled=nodes > 1)}
    arn = made(aws, cache(1))
    assert aws.update("one", {"Resources": cache(2)}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "must have at least one read replica to enable autofailover" in failures(aws, arn)["Cache"]
