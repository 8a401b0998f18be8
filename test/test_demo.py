"""The demo, as make demo runs it."""
import os
import subprocess

import pytest

from site_harness import ROOT


# The demo needs loopback only, so a proxy that does not answer must not disturb it.
PROXY = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")}


@pytest.mark.usefixtures("programs")  # downloads the Go modules first, which do need the proxy
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_demo_shows_what_it_says(environment):
    env = {**os.environ, "DEMO_RESOURCE_MS": "0", **PROXY, "NO_PROXY": "", "no_proxy": ""}
    done = subprocess.run([ROOT / "test" / "demo.sh", environment], env=env, text=True, timeout=180,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"shown: moodle-{environment} generated, deployed, unchanged, read back, changed in place, a replacement stopped, destroyed" in done.stdout
