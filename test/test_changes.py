"""What happens to a deployed site: no change, a change in place, a failure, a deletion. Each test leaves the site as
its environment file describes it."""
import contextlib
import json
import re
import urllib.request

import botocore.exceptions
import pytest

from site_harness import UNSTAGED, Site


def break_next(site, **logical_ids):
    """The next creations or updates of these logical ids fail."""
    urllib.request.urlopen(f"{site.endpoint}/_localaws/settings", json.dumps({"fail": logical_ids}).encode(), timeout=10).close()


@contextlib.contextmanager
def changed(site, old, new):
    """Changes the environment file and generates; takes the change back afterwards and generates again, but does not
    deploy."""
    text = site.file.read_text()
    site.change(old, new)
    yield
    site.file.write_text(text)
    site.gen()


def lifecycle(site):
    policies = site.client("efs").describe_lifecycle_configuration(FileSystemId=site.id("Data", "FileSystem"))["LifecyclePolicies"]
    return policies[0]["TransitionToIA"]


COLDER = {"dev": ("\nmoodle:", "\nfilesystem:\n  infrequentAccessDays: 60\n\nmoodle:"),
          "prod": ("infrequentAccessDays: 30", "infrequentAccessDays: 60")}


def test_no_change(site):
    before = site.id("Data", "FileSystem")
    assert "no changes" in site.deploy("up", site.name, "--yes")
    plans = site.client("cloudformation").list_change_sets(StackName=site.manifest["site"])["Summaries"]
    assert [p["ExecutionStatus"] for p in plans] in ([], ["EXECUTE_COMPLETE"])  # no second plan was made
    assert site.id("Data", "FileSystem") == before


def test_a_change_in_place(site):
    before = site.id("Data", "FileSystem")
    with changed(site, *COLDER[site.name]):
        said = site.up()
        assert "~ FileSystem" in said and "unchanged: Network, App" in said and "is deployed" in said
        assert lifecycle(site) == "AFTER_60_DAYS"
    site.up()
    assert lifecycle(site) == "AFTER_30_DAYS" and site.id("Data", "FileSystem") == before


def test_a_failing_child_is_named_with_its_cause_and_taken_back(site):
    break_next(site, FileSystem=1)
    with changed(site, *COLDER[site.name]):
        said = site.up(exits=4)
    cause = said[said.index("the first cause:"):]
    assert "stack     Data\n" in cause and "resource  FileSystem  AWS::EFS::FileSystem" in cause and "Injected by localaws" in cause
    # What follows from the failure is no cause: neither the parent's words, nor the other resources' cancellation.
    assert "Embedded stack" not in cause and "cancelled" not in cause
    assert lifecycle(site) == "AFTER_30_DAYS"
    assert "no changes" in site.deploy("up", site.name, "--yes")


def test_an_edited_folder_is_refused(site):
    template = site.folder / "out" / site.name / "network.yaml"
    text = template.read_text()
    template.write_text(text.replace("10.", "11.", 1))
    said = site.deploy("up", site.name, "--yes", exits=3)
    template.write_text(text)
    assert "network.yaml" in said and "manifest" in said


def kept(site):
    """Returns, by type, what must remain after the site is destroyed, as each service lists it."""
    efs, s3, kms = site.client("efs"), site.client("s3"), site.client("kms")
    return {"file systems": [f["FileSystemId"] for f in efs.describe_file_systems()["FileSystems"]],
            "buckets": sorted(b["Name"] for b in s3.list_buckets()["Buckets"] if b["Name"].startswith(site.manifest["site"])),
            "keys": [kms.describe_key(KeyId=k)["KeyMetadata"]["KeyState"] for k in site.keys],
            "secrets": sorted(s["ARN"] for s in site.client("secretsmanager").list_secrets()["SecretList"] if "rds!" not in s["ARN"]),
            "snapshots": len(site.client("rds").describe_db_cluster_snapshots()["DBClusterSnapshots"])}


def test_destroy_keeps_what_holds_data_and_says_so(site):
    """Runs last, because it destroys the site; a production site by the steps that the refusal prints."""
    cfn = site.client("cloudformation")
    site.keys = [site.id("Network", "LogKey"), site.id("Data", "DataKey")]
    if site.manifest["production"]:
        said = site.deploy("destroy", site.name, "--yes", exits=3)
        assert "take production: true out of environments/prod.yaml" in said
        assert f"update-termination-protection --no-enable-termination-protection --region eu-central-1 --stack-name {site.manifest['site']}" in said
        site.change("production: true ", "production: false ")
        meant = ["--yes-i-mean", site.manifest["site"]]  # the stack is still protected, so it counts as one in production
        refused = site.deploy("up", site.name, *meant, exits=3)
        accepted = [word for line in refused.splitlines() if line.strip().startswith("--accept ")
                    for word in ("--accept", line.strip().removeprefix("--accept ").replace("…", "the site goes"))]
        assert accepted
        assert "pass --yes-i-mean" in site.deploy("up", site.name, "--yes", *accepted, exits=3)
        site.deploy("up", site.name, *meant, *accepted)
        cfn.update_termination_protection(StackName=site.manifest["site"], EnableTerminationProtection=False)
    before = kept(site)
    names = [site.id("Data", "FileSystem"), site.id("App", "AccessLogs"), site.id("Data", "DataKey"), site.id("Data", "DatabaseSecret")]
    said = site.deploy("destroy", site.name, "--yes")
    stays = said[said.index("stays in the account"):]
    assert all(name in stays for name in names) and f"{site.manifest['site']} is destroyed" in stays
    assert kept(site) == {**before, "snapshots": before["snapshots"] + 1}
    with pytest.raises(botocore.exceptions.ClientError, match="does not exist"):
        cfn.describe_stacks(StackName=site.manifest["site"])
    assert site.client("rds").describe_db_clusters()["DBClusters"] == []


def test_a_first_deployment_that_fails_is_cleared_away_and_done_again(tmp_path, programs, endpoint):
    """When the database cannot be created, the whole creation is rolled back: nothing of it runs, and the message says
    what to do."""
    site = Site("dev", tmp_path, programs, endpoint)
    site.change("site: moodle-dev", "site: moodle-second")
    break_next(site, DatabaseWriter=1)
    said = site.up(exits=4)
    cause = said[said.index("the first cause:"):]
    assert "resource  DatabaseWriter  AWS::RDS::DBInstance" in cause and "deploy recover dev" in cause
    assert "ROLLBACK_COMPLETE" in site.up(exits=5)
    site.deploy("destroy", "dev", "--yes")
    assert "moodle-second is deployed" in site.up()
    site.deploy("destroy", "dev", "--yes")


def test_a_newer_moodle_is_deployed_once_there_is_a_snapshot(tmp_path, programs, endpoint):
    """Without --upgrade it is refused. With it the database's snapshot exists before the new nodes may upgrade the
    database."""
    site = Site("dev", tmp_path, programs, endpoint)
    newer = site.file.read_text().replace("site: moodle-dev", "site: moodle-third")
    site.file.write_text(newer.replace("5.3", "5.2"))
    site.gen()
    site.up()
    site.file.write_text(newer)
    site.gen()
    refused = site.deploy("up", "dev", "--yes", *UNSTAGED, exits=3)
    assert "Moodle goes from 5.2 to 5.3" in refused and "\n    --upgrade\n" in refused
    said = site.deploy("up", "dev", "--yes", "--upgrade", *UNSTAGED)
    name = re.search(r"snapshot (moodle-third-before-upgrade-\S+) is there", said)[1]
    snapshot = site.client("rds").describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)["DBClusterSnapshots"][0]
    assert (snapshot["DBClusterIdentifier"], snapshot["Status"]) == (site.id("Data", "Database"), "available")
    allowed = site.client("s3").list_objects_v2(Bucket=site.bucket, Prefix="upgrade/")["Contents"]
    assert [o["Key"] for o in allowed] == ["upgrade/" + site.manifest["node"]["sha256"]]
    site.deploy("destroy", "dev", "--yes")
