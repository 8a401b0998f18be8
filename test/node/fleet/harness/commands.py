"""The administrator's commands: writes an environment file, runs gen, deploy stage and deploy up."""
import hashlib
import json
import os
import re

from . import aws, certificates
from .layout import ENVIRONMENT, IMAGE, REPOSITORY, RUN
from .processes import Hopeless, run, say, start, until

ENVIRONMENTS, OUT = RUN / "environments", RUN / "out"
ARCHIVE = os.environ.get("MOODLE_ARCHIVE", "")
DEPLOY = RUN / "deploy"


def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def _given(path):
    """Puts a link to the file beside the environment file; returns the name by which that file refers to it."""
    place = ENVIRONMENTS / os.path.basename(path)
    if not place.exists():
        place.symlink_to(path)
    return place.name


def generate(nodes=1, cache="valkey", archive=ARCHIVE, site_name="Node test", plugin=None):
    """Writes the environment file and generates. What only AWS has is replaced by its stand-in here, with its digest.
    plugin: an archive, as the plugin local/extra."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    version = re.search(r"moodle-([0-9.]+)\.tgz", str(archive))[1]
    plugins = f"\n  plugins: [{{path: local/extra, url: {_given(plugin)}, sha256: {digest(plugin)}}}]" if plugin else ""
    (ENVIRONMENTS / f"{ENVIRONMENT}.yaml").write_text(f"""site: node-test
region: eu-central-1
network:
  cidr: 10.77.0.0/20
  zones: [eu-central-1a, eu-central-1b]
cache:
  type: {cache}
application:
  architecture: amd64
  capacity: {{minimum: {nodes}, maximum: {max(4, nodes + 1)}}}
moodle:
  version: "{version}"
  archive: {{url: {_given(archive)}, sha256: {digest(archive)}}}
  siteName: {site_name}
  administrator: admin@example.edu
  timeZone: Europe/Berlin
  settings: {{forcelogin: "0"}}{plugins}
""")
    (ENVIRONMENTS / f"{ENVIRONMENT}.lock").write_text(json.dumps([
        _locked("efs-utils", "https://stand-in.example.com/amazon-efs-utils.deb", EFS_UTILS.read_bytes(), version="3.0-stand-in", architecture="amd64"),
        _locked("database-certificates", "https://stand-in.example.com/bundle.pem", certificates.CA.read_bytes(), region="eu-central-1",
                certificates=[certificates.CA.read_text()]),
    ]))
    run("go", "run", "./cmd/gen", "--environments", ENVIRONMENTS, "--out", OUT, cwd=REPOSITORY)


EFS_UTILS = IMAGE / "amazon-efs-utils.deb"


def _locked(thing, address, content, **more):
    """An entry of the lock (JSON is YAML)."""
    return {"thing": thing, "address": address, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "date": "2026-11-28",
            "verified": "a stand-in of the node test"} | more


def tool(verb, *arguments):
    """Runs a command of the deployer to its end; returns its output."""
    if not DEPLOY.exists():
        run("go", "build", "-o", DEPLOY, "./cmd/deploy", cwd=REPOSITORY)
    return run(DEPLOY, verb, ENVIRONMENT, "--folder", OUT, *arguments, env=aws.environ(), cwd=REPOSITORY).strip()


def deploy(*arguments):
    """Stages everything, then starts deploy up in the background; returns its process."""
    tool("stage", "--from", IMAGE)
    say("deploy up begins")
    return start("deploy", DEPLOY, "up", ENVIRONMENT, "--yes", "--folder", OUT, *arguments, env=aws.environ(), cwd=REPOSITORY)


def deployed(process, seconds, broken=lambda: None):
    """Waits for deploy up; returns its exit code and output. broken() returns why waiting is useless, or None."""
    until("deploy up", lambda: process.poll() is not None or broken(), seconds)
    if process.poll() is None:
        raise Hopeless(f"{broken()}\n{said()}")
    return process.returncode, said()


def said():
    return (RUN / "deploy.log").read_text(errors="replace")[-3000:]

