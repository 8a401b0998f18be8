"""Where everything is: folders, and the addresses of the test's own network."""
import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[4]
NODE_TESTS = REPOSITORY / "test/node"
WORK = Path(os.environ.get("NODE_TEST_DIR", "/var/tmp/moodle-node-test"))
DISTRIBUTION = os.environ.get("NODE_TEST_IMAGE", "ubuntu")
IMAGE = WORK / f"image-{DISTRIBUTION}"  # made once
RUN = WORK / "run"   # of one run, removed with it
SHARE = RUN / "efs"  # what all nodes see as their file system

PREFIX = "mn-"
AWS, BALANCER, DATA, CLIENT = "10.77.0.2", "10.77.0.5", "10.77.0.10", "10.77.0.100"
METADATA = "169.254.169.254"
NODES = [f"10.77.0.{n}" for n in range(21, 29)]
ACCOUNT, REGION = "111122223333", "eu-central-1"
ENVIRONMENT = "nodetest"
