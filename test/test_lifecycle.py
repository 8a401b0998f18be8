"""Each kind of site is created, changed and destroyed. What a change must not replace keeps its physical id."""
import json
import re

import pytest
import yaml

from site_harness import ROOT, Site

ZONE = "Z0123456789ABCDEFGHIJ"  # of example.edu, which the local AWS hosts: site_harness.ZONES
DUAL_STACK, IPV4 = {"network": {"ip": "dualStack"}}, {"network": {"ip": "ipv4"}}
CACHE = {"cache": {"type": "valkey", "nodeType": "cache.t4g.micro", "replicas": 0}}
SMTP = {"mail": {"transport": "smtp", "host": "smtp.example.edu", "port": 587, "sender": "moodle@example.edu",
                 "secret": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:smtp-AbCdEf"}}
THREE_ZONES = {"network": {"zones": ["eu-central-1a", "eu-central-1b", "eu-central-1c"]}}

# By name: what the file says beside environments/dev.yaml, and what it says after the change.
# FINDINGS has what the gates say to the one or the other, beside that no node can have its files here.
LIVES = {
    "http": ({}, {"filesystem": {"infrequentAccessDays": 60}}),
    "certificate-by-zone": ({"domain": {"name": "moodle.example.edu", "zone": ZONE}}, {"access": {"from": ["192.0.2.0/24", "2001:db8::/32"]}}),
    "certificate-by-arn": ({"domain": {"name": "moodle.example.edu", "certificate": "CERTIFICATE"}}, {"application": {"targetCPU": 40}}),
    "one-zone": ({"filesystem": {"type": "oneZone", "zone": "eu-central-1b"}}, {"filesystem": {"infrequentAccessDays": 60}}),
    "from-a-snapshot": ({"database": {"snapshot": "SNAPSHOT"}}, {"database": {"backupDays": 14}}),
    "with-a-cache": (CACHE, {"cache": {"nodeType": "cache.t4g.small"}}),
    "a-cache-is-added": ({}, CACHE),
    "smtp": (SMTP, {"mail": {"port": 465}}),
    "smtp-on-https-port": ({"mail": {**SMTP["mail"], "port": 443}}, {"mail": {"sender": "other@example.edu"}}),
    "ipv4-gains-ipv6": (IPV4, DUAL_STACK),
    "ipv6-goes": (DUAL_STACK, IPV4),
    "a-third-zone": ({}, THREE_ZONES),
    "three-zones": (THREE_ZONES, {"network": {"nat": "perZone"}}),
    "schedules": ({"application": {"schedules": [{"name": name, "recurrence": at, "minimum": 1, "maximum": 2} for name, at in
                                                 (("Night", "0 22 * * *"), ("Morning", "30 6 * * *"), ("Noon", "0 12 * * *"))]}},
                  {"application": {"schedules": [{"name": "Night", "recurrence": "0 23 * * *", "minimum": 1, "maximum": 2}]}}),
}

DNS = {"certificate/App/Certificate"}  # found where this machine has a DNS, which knows that the example's domain is delegated elsewhere

FINDINGS = {
    "a-cache-is-added": {"iam-widened/App/NodeRole"},
    "ipv6-goes": {"one-way/Network/Ipv6Range"},
    "ipv4-gains-ipv6": {"access-widened/Network/LoadBalancerSecurityGroup"},
}


def merged(base, change):
    """Merges change into base, key by key; lists are replaced."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    return {**base, **{key: merged(base.get(key), value) for key, value in change.items()}}


class Life(Site):
    """A site whose environment file is dev's with changes."""

    def __init__(self, name, folder, programs, endpoint):
        super().__init__("dev", folder, programs, endpoint)
        (folder / "out" / "dev" / "logical-ids.txt").unlink()  # this is another site, from its first day on
        self.values = merged(yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text()), {"site": f"life-{name}"})

    def says(self, change):
        text = json.dumps(merged(self.values, change), indent=2)
        self.values = json.loads(text.replace("CERTIFICATE", self.certificate()) if "CERTIFICATE" in text else
                                 text.replace("SNAPSHOT", self.snapshot()) if '"SNAPSHOT"' in text else text)
        self.file.write_text(json.dumps(self.values, indent=2))
        self.gen()

    def certificate(self):
        return self.client("acm").request_certificate(DomainName="moodle.example.edu", ValidationMethod="DNS")["CertificateArn"]

    def snapshot(self):
        rds = self.client("rds")
        rds.create_db_cluster(DBClusterIdentifier="before", Engine="aurora-postgresql", MasterUsername="moodle", MasterUserPassword="not-used-again")
        taken = rds.create_db_cluster_snapshot(DBClusterIdentifier="before", DBClusterSnapshotIdentifier="kept")["DBClusterSnapshot"]
        rds.delete_db_cluster(DBClusterIdentifier="before", SkipFinalSnapshot=True)
        return taken["DBClusterSnapshotArn"]

    def up(self, exits=0):
        """Deploys and accepts each finding by name. Returns the findings and the deployment's output."""
        refused = self.run("deploy", "plan", "dev", exits=(2, 3))
        findings = re.findall(r"^ +--accept (\S+)=\"…\"$", refused, re.M)
        accepted = [word for finding in findings for word in ("--accept", f"{finding}=the test expects it")]
        return set(findings) - {"not-staged/nodes"}, self.deploy("up", "dev", "--yes", *accepted, exits=exits)

    def ids(self):
        """Returns the physical id of each resource that keeps data or that others depend on, by stack and logical
        id."""
        lasting = ("AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::AutoScaling::AutoScalingGroup")
        return {(r["stack"], r["id"]): self.id(r["stack"].capitalize(), r["id"]) for r in self.manifest["resources"]
                if r.get("stateful") or r["type"] in lasting}

    def subnets_with_ipv6(self):
        subnets = self.client("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [self.id("Network", "Vpc")]}])["Subnets"]
        return len([s for s in subnets if s["Ipv6CidrBlockAssociationSet"]])


@pytest.mark.parametrize("name", LIVES)
def test_a_site_is_created_changed_and_destroyed(name, tmp_path, programs, endpoint):
    start, change = LIVES[name]
    site = Life(name, tmp_path, programs, endpoint)
    site.says(start)
    findings, _ = site.up()
    before = site.ids()
    site.says(change)
    more, said = site.up()
    assert f"life-{name} is deployed" in said
    assert (findings | more) - DNS == FINDINGS.get(name, set())
    assert before.items() <= site.ids().items()
    assert site.subnets_with_ipv6() == (0 if site.values["network"].get("ip") == "ipv4" else len(site.values["network"]["zones"]))
    assert "no changes" in site.deploy("up", "dev", "--yes")
    assert f"life-{name} is destroyed" in site.deploy("destroy", "dev", "--yes")
