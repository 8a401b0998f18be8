"""The demo, as make demo runs it."""
import os
import subprocess

import pytest

from conftest import ROOT


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_demo_shows_what_it_says(environment):
    done = subprocess.run([ROOT / "test" / "demo.sh", environment], env={**os.environ, "DEMO_RESOURCE_MS": "0"}, text=True, timeout=180,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"shown: moodle-{environment} generated, deployed, unchanged, read back, changed in place, a replacement stopped, destroyed" in done.stdout
