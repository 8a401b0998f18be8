"""What AWS has no way back from: a newer engine, the first replica of the cache, throughput while files are archived."""
import re

import pytest

from site_harness import UNSTAGED, Site

ALONE = ["--accept", 'one-way/Data/Database="tried on a copy"']
WITH_CACHE = ("\nmoodle:", '\ndatabase: {version: "17.10"}\ncache: {type: valkey}\nfilesystem: {archiveDays: 90}\n\nmoodle:')


@pytest.fixture(scope="module")
def deployed(tmp_path_factory, programs, endpoint):
    """A site like dev with a cache and an archive, of its own name."""
    site = Site("dev", tmp_path_factory.mktemp("one-way"), programs, endpoint)
    site.change("site: moodle-dev", "site: moodle-onward")
    site.change(*WITH_CACHE)
    site.up()
    yield site
    site.deploy("destroy", "dev", "--yes")


def found(said):
    """Returns what gates found, as it is named to --accept."""
    return re.findall(r'^    --accept (\S+)="…"$', said, re.M)


def snapshots(site):
    cluster = site.id("Data", "Database")
    return site.client("rds").describe_db_cluster_snapshots(DBClusterIdentifier=cluster, SnapshotType="manual")["DBClusterSnapshots"]


@pytest.mark.parametrize("old, new, names, words", [
    ("{type: valkey}", "{type: valkey, replicas: 1}", ["one-way/Data/Cache"], "keep cache.replicas as it was in environments/dev.yaml"),
    ("{archiveDays: 90}", "{throughput: bursting}", ["one-way/Data/FileSystem"], "keep filesystem.throughput as it was in environments/dev.yaml"),
    ('"17.10"', '"17.11"', ["one-way/Data/Database"], "a minor version"),
], ids=["a first replica", "throughput", "a minor version"])
def test_a_one_way_change_is_refused_and_is_the_only_finding(deployed, old, new, names, words):
    text = deployed.file.read_text()
    deployed.change(old, new)
    said = deployed.deploy("up", "dev", "--yes", exits=3)
    deployed.file.write_text(text)
    deployed.gen()
    assert found(said) == names and words in said
    assert snapshots(deployed) == []


def test_a_major_version_goes_alone_and_after_a_snapshot(deployed):
    site = deployed
    site.change('"17.10"', '"18.4"')
    before = site.file.read_text()
    site.change("\nmoodle:", "\napplication: {capacity: {maximum: 3}}\n\nmoodle:")
    said = site.deploy("up", "dev", "--yes", *ALONE, *UNSTAGED, exits=3)
    assert found(said) == ["one-way/App"] and "take the change of NodeGroup out of environments/dev.yaml" in said
    assert snapshots(site) == []  # nothing was accepted, nothing was made

    site.file.write_text(before)
    site.gen()
    said = site.deploy("up", "dev", "--yes", exits=3)
    assert found(said) == ["one-way/Data/Database"], said
    assert "the engine goes from 17.10 to 18.4, a major version" in said and "restore the snapshot from before it into a new site" in said
    said = site.deploy("up", "dev", "--yes", *ALONE)
    name = re.search(r"snapshot (moodle-onward-before-upgrade-\S+) is there", said)[1]
    assert [s["DBClusterSnapshotIdentifier"] for s in snapshots(site)] == [name]
    cluster = site.client("rds").describe_db_clusters(DBClusterIdentifier=site.id("Data", "Database"))["DBClusters"][0]
    assert cluster["EngineVersion"] == "18.4"
    assert "no changes" in site.deploy("up", "dev", "--yes")

    back = site.file.read_text()
    site.change('"18.4"', '"17.10"')
    assert "goes back from 18.4 to 17.10" in site.deploy("up", "dev", "--yes", exits=3)
    site.file.write_text(back)
    site.gen()
