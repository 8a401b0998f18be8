"""A site of the choices that dev and prod don't make: created, changed and taken away."""
import re

import pytest

from conftest import ACCOUNT, REGION, UNSTAGED, Site

SNAPSHOT = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:before-exam"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:smtp-AbCdEf"
CHOICES = f"""
network:
  zones: [{REGION}a, {REGION}b]
  ip: ipv4
filesystem: {{type: oneZone, zone: {REGION}b}}
database: {{snapshot: "{SNAPSHOT}"}}
mail:
  {{transport: smtp, host: smtp.example.edu, port: 443, sender: moodle@example.edu, secret: "{SECRET}"}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, programs, endpoint):
    made = Site("dev", tmp_path_factory.mktemp("choices"), programs, endpoint)
    (made.folder / "out" / "dev" / "logical-ids.txt").unlink()  # it is another site from its first day on
    network, = re.findall(r"\nnetwork:\n  zones: .*\n", made.file.read_text())
    made.change(network, CHOICES)
    rds = made.client("rds")
    rds.create_db_cluster(DBClusterIdentifier="before", Engine="aurora-postgresql", MasterUsername="master_of_moodle", ManageMasterUserPassword=True)
    rds.create_db_cluster_snapshot(DBClusterIdentifier="before", DBClusterSnapshotIdentifier="before-exam")
    made.up()
    return made


def test_each_choice_has_ids_of_its_own(site):
    """Under those of the default, neither could ever stand beside it."""
    ids = {r["id"] for r in site.manifest["resources"] if r["stack"] == "data"}
    assert {"FileSystemOneZone", "MountTargetOneZoneB", "MoodleDataOneZone"} <= ids and not {"FileSystem", "MountTargetA", "Database"} & ids
    system, = site.client("efs").describe_file_systems(FileSystemId=site.id("Data", "FileSystemOneZone"))["FileSystems"]
    assert system["AvailabilityZoneName"] == f"{REGION}b"
    moves = site.client("efs").describe_lifecycle_configuration(FileSystemId=system["FileSystemId"])["LifecyclePolicies"]
    assert "TransitionToArchive" not in str(moves)
    assert len([i for i in ids if i.startswith("DatabaseFromSnapshot")]) == 2, ids  # the cluster, and its writer


STANDS = ("Vpc", "PublicSubnetA", "PublicSubnetB", "LoadBalancerSecurityGroup", "ApplicationSecurityGroup", "CacheSecurityGroup")


def ranges(site):
    """The IPv6 ranges of a public subnet."""
    return site.client("ec2").describe_subnets(SubnetIds=[site.id("Network", "PublicSubnetA")])["Subnets"][0]["Ipv6CidrBlockAssociationSet"]


def test_ipv6_comes_and_goes_and_a_cache_comes_while_the_network_stays(site):
    stands = {name: site.id("Network", name) for name in STANDS}
    assert ranges(site) == []
    accepted = [flag for what in ("access-widened/Network/LoadBalancerSecurityGroup", "iam-widened/App/NodeRole", "not-staged/nodes")
                for flag in ("--accept", f'{what}="for the test"')]
    site.change("  ip: ipv4\n", "  ip: dualStack\ncache: {type: valkey}\n")
    said = site.deploy("up", "dev", "--yes", *accepted)
    assert "+ PublicSubnetAIpv6" in said and "+ Cache " in said and "± " not in said, said
    assert len(ranges(site)) == 1 and stands == {name: site.id("Network", name) for name in STANDS}
    site.change("  ip: dualStack\n", "  ip: ipv4\n")
    said = site.deploy("up", "dev", "--yes", *UNSTAGED)
    assert "- PublicSubnetAIpv6" in said and "± " not in said, said
    assert ranges(site) == [] and stands == {name: site.id("Network", name) for name in STANDS}


def test_it_can_be_taken_away(site):
    site.deploy("destroy", "dev", "--yes")
    assert not site.deployed
