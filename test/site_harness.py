"""What the tests of the whole site share: Site, which generates one environment and deploys it by the two programs that
people use."""
import json
import os
import pathlib
import subprocess

import boto3

ROOT = pathlib.Path(__file__).resolve().parent.parent
ZONES = '{"Z0123456789ABCDEFGHIJ": "example.edu"}'  # prod's domain needs this hosted zone before its first deployment
OUTSIDE = {"HTTPS_PROXY": "http://127.0.0.1:9"}  # nothing answers there: no node boots in these tests, and Moodle's archive is large
UNSTAGED = ["--accept", 'not-staged/nodes="on the local AWS no node boots"']
ACCOUNT, REGION = "111122223333", "eu-central-1"


class Site:
    """One environment in a folder of its own, so that a test can change its environment file."""

    def __init__(self, name, folder, programs, endpoint):
        self.name, self.folder, self.programs, self.endpoint = name, folder, programs, endpoint
        self.file = folder / "environments" / f"{name}.yaml"
        self.file.parent.mkdir(parents=True)
        self.file.write_text((ROOT / "environments" / f"{name}.yaml").read_text())
        self.said = ""  # all output of the programs
        self.gen()

    @property
    def manifest(self):
        return json.loads((self.folder / "out" / self.name / "site.json").read_text())

    @property
    def bucket(self):
        """The site's bucket, as manifest.BucketOf names it."""
        return f"{self.manifest['site']}-artifacts-{ACCOUNT}-{self.manifest['region']}"

    def run(self, program, *args, exits=0):
        """Runs gen or deploy; its exit code must be exits, or one of them. Returns its output."""
        env = {**{k: v for k, v in os.environ.items() if not k.startswith("AWS_")}, "AWS_ENDPOINT_URL": self.endpoint,
               "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "local", **OUTSIDE}
        done = subprocess.run([self.programs / program, *args], cwd=self.folder, env=env, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said += done.stdout
        assert done.returncode in (exits if isinstance(exits, tuple) else (exits,)), done.stdout
        return done.stdout

    def up(self, exits=0):
        """Deploys without a question. On the first deployment it passes two gates: nodes lack their files from outside,
        and prod's domain is an example, which this machine's DNS, if it has one, finds to be delegated elsewhere or nowhere."""
        production = self.manifest["production"]
        first = [] if self.deployed else UNSTAGED
        if first and production and "--accept certificate/App/Certificate=" in self.deploy("plan", self.name, *first, exits=(2, 3)):
            first = [*first, "--accept", 'certificate/App/Certificate="the domain is an example"']
        return self.deploy("up", self.name, *(["--yes-i-mean", self.manifest["site"]] if production else ["--yes"]), *first, exits=exits)

    @property
    def deployed(self):
        there = self.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])["StackSummaries"]
        return self.manifest["site"] in [s["StackName"] for s in there]

    def gen(self, exits=0):
        return self.run("gen", self.name, exits=exits)

    def deploy(self, *args, exits=0):
        return self.run("deploy", *args, exits=exits)

    def change(self, old, new):
        text = self.file.read_text()
        assert old in text, f"{self.file} does not hold {old!r}"
        self.file.write_text(text.replace(old, new, 1))
        self.gen()

    def client(self, service):
        return boto3.client(service, REGION, endpoint_url=self.endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="local")

    def stack(self, logical_id):
        """Returns the nested stack's id."""
        cfn = self.client("cloudformation")
        found = cfn.describe_stack_resource(StackName=self.manifest["site"], LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def id(self, stack, logical_id):
        """Returns the physical id of a resource of a nested stack."""
        found = self.client("cloudformation").describe_stack_resource(StackName=self.stack(stack), LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]
