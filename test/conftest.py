"""The fixtures of the whole site's tests: the two programs, a local AWS of the run, and a deployed site."""
import os
import re
import subprocess
import sys

import pytest

from localaws.loopback import without_proxy
from site_harness import ROOT, ZONES, Site

os.environ.update(without_proxy(os.environ))


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """Builds gen and deploy, once; returns their folder."""
    folder = tmp_path_factory.mktemp("bin")
    subprocess.run(["go", "build", "-o", folder, "./cmd/gen", "./cmd/deploy"], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def endpoint():
    """Starts a local AWS with one empty account; returns its address. It ends when its standard input closes."""
    server = subprocess.Popen([sys.executable, "-m", "localaws", "--port", "0", "--until-stdin-closes"], cwd=ROOT, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "LOCALAWS_HOSTED_ZONES": ZONES})
    yield re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)\n", server.stdout.readline())[1]
    server.stdin.close()
    assert server.wait(timeout=30) == 0


@pytest.fixture(scope="module", params=["dev", "prod"])
def site(request, tmp_path_factory, programs, endpoint):
    """The committed environment, deployed."""
    deployed = Site(request.param, tmp_path_factory.mktemp(request.param), programs, endpoint)
    deployed.up()
    return deployed
