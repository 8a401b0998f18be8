"""The whole shape of a site as four YAML files (whole_site/), deployed as the deployer does it: templates by content in
the site's bucket, one nested change set."""
import hashlib
from pathlib import Path

ACCOUNT, REGION = "123456789012", "eu-west-1"
BUCKET = f"school-artifacts-{ACCOUNT}-{REGION}"
CHILDREN = ("network", "data", "app")
FOLDER = Path(__file__).parent / "whole_site"


class Site:
    """One site on one local AWS."""

    def __init__(self, aws):
        self.aws, self.number = aws, 0
        aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        made = aws.client("route53").create_hosted_zone(Name="school.example", CallerReference="1")
        self.zone = made["HostedZone"]["Id"].split("/")[-1]

    def template(self, name, edits=()):
        """Returns a template's text with (old, new) edits; each old text must be in it."""
        text = (FOLDER / f"{name}.yaml").read_text().replace("{zone}", self.zone)
        for old, new in edits:
            assert old in text, f"{name}.yaml has no {old!r}"
            text = text.replace(old, new, 1)
        return text

    def root(self, edits):
        text = self.template("site")
        for name in CHILDREN:
            body = self.template(name, edits.get(name, ()))
            digest = hashlib.sha256(body.encode()).hexdigest()
            self.aws.client("s3").put_object(Bucket=BUCKET, Key=f"templates/{digest}.yaml", Body=body)
            text = text.replace(f"{{{name}}}", digest)
        return text

    def plan(self, edits=None):
        """The root change set, described."""
        self.number += 1
        kind = "CREATE" if self.number == 1 else "UPDATE"
        made = self.aws.cfn.create_change_set(StackName="school", ChangeSetName=f"plan-{self.number}", ChangeSetType=kind,
                                              IncludeNestedStacks=True, TemplateBody=self.root(edits or {}),
                                              Capabilities=["CAPABILITY_IAM"])
        return self.aws.cfn.describe_change_set(ChangeSetName=made["Id"])

    def children(self, planned):
        """{logical id: described change set} of a planned root."""
        sets = [c["ResourceChange"] for c in planned["Changes"]]
        return {c["LogicalResourceId"]: self.aws.cfn.describe_change_set(ChangeSetName=c["ChangeSetId"]) for c in sets}

    def deploy(self, edits=None):
        """Plan and execute; returns the root's status."""
        planned = self.plan(edits)
        assert planned["ExecutionStatus"] == "AVAILABLE", [c.get("StatusReason") for c in self.children(planned).values()]
        self.aws.cfn.execute_change_set(ChangeSetName=planned["ChangeSetId"])
        return self.aws.wait("school")

    def stacks(self):
        return {s["StackName"].split("-")[1] if "-" in s["StackName"] else "Root": s
                for s in self.aws.cfn.describe_stacks()["Stacks"]}

    def outputs(self, stack):
        return {o["OutputKey"]: o["OutputValue"] for o in self.stacks()[stack]["Outputs"]}

    def ids(self):
        """{logical id: physical id} of all resources of all stacks."""
        return {r["LogicalResourceId"]: r["PhysicalResourceId"] for s in self.stacks().values()
                for r in self.aws.cfn.describe_stack_resources(StackName=s["StackId"])["StackResources"]}

    def failures(self):
        return [(e["LogicalResourceId"], e.get("ResourceStatusReason")) for s in self.stacks().values()
                for e in self.aws.events(s["StackId"]) if e["ResourceStatus"].endswith("_FAILED")]
