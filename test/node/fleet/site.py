"""A site as its administrator makes it: an environment file, gen, deploy up."""
import hashlib
import json
import os
import shutil

from . import aws
from .place import ENVIRONMENT, IMAGE, REPOSITORY, RUN, run, say, start, until

ENVIRONMENTS, OUT = RUN / "environments", RUN / "out"
ARCHIVE = os.environ.get("MOODLE_ARCHIVE", "")
DEPLOY = RUN / "deploy"


def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def generate(nodes=1, cache="valkey", version="5.1", archive=ARCHIVE, site_name="Node test"):
    """Write the environment file and generate; what nobody but AWS has is replaced by what stands for it here, digests and all."""
    ENVIRONMENTS.mkdir(exist_ok=True)
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
  archive: {{url: {os.path.basename(archive)}, sha256: {digest(archive)}}}
  siteName: {site_name}
  administrator: admin@example.edu
  timeZone: Europe/Berlin
  settings: {{forcelogin: "0"}}
""")
    stand_ins = json.loads((REPOSITORY / "stacks/app/outside.json").read_text())
    for thing in stand_ins:
        thing["sha256"] = digest(STAGED[thing["name"]])
    (RUN / "outside.json").write_text(json.dumps(stand_ins))
    (RUN / "overlay.json").write_text(json.dumps({"Replace": {str(REPOSITORY / "stacks/app/outside.json"): str(RUN / "outside.json")}}))
    run("go", "run", "-overlay", RUN / "overlay.json", "./cmd/gen", "--environments", ENVIRONMENTS, "--out", OUT, cwd=REPOSITORY)


STAGED = {"efs-utils": IMAGE / "amazon-efs-utils.deb", "database-certificates": RUN / "ca.pem"}


def staged(settings, archives=(ARCHIVE,)):
    """Put into the site's bucket what the nodes fetch, as the deployer does before it changes anything."""
    s3 = aws.client("s3")
    for path in [*STAGED.values(), *archives]:
        s3.put_object(Bucket=settings["BUCKET"], Key=f"staged/{digest(path)}", Body=open(path, "rb").read())


def permit_upgrade(settings):
    """As deploy up --upgrade says, once it has a snapshot."""
    aws.client("s3").put_object(Bucket=settings["BUCKET"], Key=f"upgrade/{settings['BUNDLE']}", Body=b"")


def deploy():
    """deploy up, going on beside us."""
    if not DEPLOY.exists():
        run("go", "build", "-o", DEPLOY, "./cmd/deploy", cwd=REPOSITORY)
    say("deploy up begins")
    return start("deploy", DEPLOY, "up", ENVIRONMENT, "--yes", "--out", OUT, env=aws.environ(), cwd=REPOSITORY)


def deployed(process, seconds, broken=lambda: None):
    """Wait for deploy up; its exit code, and what it said. broken says what makes waiting pointless, or nothing."""
    until("deploy up", lambda: process.poll() is not None or broken(), seconds)
    if process.poll() is None:
        raise RuntimeError(f"{broken()}\n{said()}")
    return process.returncode, said()


def said():
    return (RUN / "deploy.log").read_text(errors="replace")[-3000:]


def forget():
    shutil.rmtree(OUT, ignore_errors=True)
