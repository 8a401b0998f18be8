"""A site, generated and deployed into a local AWS of this run by the two programs that people use."""
import json
import os
import pathlib
import re
import subprocess
import sys

import boto3
import pytest

from localaws.loopback import without_proxy

os.environ.update(without_proxy(os.environ))
ROOT = pathlib.Path(__file__).resolve().parent.parent
ZONES = '{"Z0123456789ABCDEFGHIJ": "example.edu"}'  # what prod's domain needs to be there before
OUTSIDE = {"HTTPS_PROXY": "http://127.0.0.1:9"}  # there is none, on any machine: no node boots here, and Moodle's archive is large
UNSTAGED = ["--accept", 'not-staged/nodes="on the local AWS no node boots"']
ACCOUNT, REGION = "111122223333", "eu-central-1"


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """The folder with gen and deploy, built once."""
    folder = tmp_path_factory.mktemp("bin")
    subprocess.run(["go", "build", "-o", folder, "./cmd/gen", "./cmd/deploy"], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def endpoint():
    """A local AWS with one empty account; it ends when its standard input closes."""
    server = subprocess.Popen([sys.executable, "-m", "localaws", "--port", "0", "--until-stdin-closes"], cwd=ROOT, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "LOCALAWS_HOSTED_ZONES": ZONES})
    yield re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)\n", server.stdout.readline())[1]
    server.stdin.close()
    assert server.wait(timeout=30) == 0


class Site:
    """One environment in a folder of its own, so that a test can change its file."""

    def __init__(self, name, folder, programs, endpoint):
        self.name, self.folder, self.programs, self.endpoint = name, folder, programs, endpoint
        self.file = folder / "environments" / f"{name}.yaml"
        self.file.parent.mkdir(parents=True)
        self.file.write_text((ROOT / "environments" / f"{name}.yaml").read_text())
        self.said = ""  # all that the programs printed
        self.gen()

    @property
    def manifest(self):
        return json.loads((self.folder / "out" / self.name / "site.json").read_text())

    def run(self, program, *args, exits=0):
        """Run gen or deploy, which ends with the exit code, or one of the codes, in exits; returns what it said."""
        env = {**{k: v for k, v in os.environ.items() if not k.startswith("AWS_")}, "AWS_ENDPOINT_URL": self.endpoint,
               "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "local", **OUTSIDE}
        done = subprocess.run([self.programs / program, *args], cwd=self.folder, env=env, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said += done.stdout
        assert done.returncode in (exits if isinstance(exits, tuple) else (exits,)), done.stdout
        return done.stdout

    def up(self, exits=0):
        """Deploy as somebody who has made up their mind. On the first deployment gates say that nodes can't have their files
        from outside, and that prod's domain is an example."""
        production = self.manifest["production"]
        first = [] if self.deployed else UNSTAGED
        if first and production:
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
        assert old in text
        self.file.write_text(text.replace(old, new, 1))
        self.gen()

    def client(self, service):
        return boto3.client(service, REGION, endpoint_url=self.endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="local")

    def stack(self, logical_id):
        """The nested stack's own id."""
        cfn = self.client("cloudformation")
        found = cfn.describe_stack_resource(StackName=self.manifest["site"], LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def id(self, stack, logical_id):
        """The id that a resource of a nested stack has in AWS."""
        found = self.client("cloudformation").describe_stack_resource(StackName=self.stack(stack), LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]


@pytest.fixture(scope="module", params=["dev", "prod"])
def site(request, tmp_path_factory, programs, endpoint):
    """The committed environment, deployed."""
    deployed = Site(request.param, tmp_path_factory.mktemp(request.param), programs, endpoint)
    deployed.up()
    return deployed
