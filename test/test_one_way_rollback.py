"""What the runbook says about a newer engine that something else in its deployment spoils."""
import json
import urllib.request

from site_harness import UNSTAGED, Site

ACCEPTED = ["--accept", 'one-way/Data/Database="a test"', "--accept", 'one-way/App="a test"']


def test_a_rollback_that_a_newer_engine_blocks_is_continued_without_it(tmp_path, programs, endpoint):
    site = Site("dev", tmp_path, programs, endpoint)
    site.change("site: moodle-dev", "site: moodle-blocked")
    site.change("\nmoodle:", '\ndatabase: {version: "17.11"}\n\nmoodle:')
    site.up()
    site.change('"17.11"', '"18.4"')
    newer = site.file.read_text()
    site.change("\nmoodle:", "\napplication: {capacity: {maximum: 3}}\n\nmoodle:")
    urllib.request.urlopen(f"{endpoint}/_localaws/settings", json.dumps({"fail": {"NodeGroup": 1}}).encode(), timeout=10).close()
    said = site.deploy("up", "dev", "--yes", *ACCEPTED, *UNSTAGED, exits=5)
    assert "the database as it was before the upgrade is snapshot moodle-blocked-before-upgrade-" in said
    assert "can't be used for this instance" in said

    said = site.deploy("recover", "dev", "--yes", "--skip", "Data/Database")
    assert "UPDATE_ROLLBACK_COMPLETE" in site.deploy("status", "dev")
    site.file.write_text(newer)
    site.gen()
    site.deploy("up", "dev", "--yes", *ACCEPTED[:2])
    cluster = site.client("rds").describe_db_clusters(DBClusterIdentifier=site.id("Data", "Database"))["DBClusters"][0]
    assert cluster["EngineVersion"] == "18.4"
    site.deploy("destroy", "dev", "--yes")
