"""A clone works whatever the settings of git and the shell: out/ matches its manifest, and is generated the same."""
import os
import subprocess

import pytest

from site_harness import ACCOUNT, OUTSIDE, ROOT, UNSTAGED

SETTINGS = {
    "as Git for Windows sets it": ("[core]\n autocrlf = true\n", {}),
    "carriage returns wanted, modes unknown": ("[core]\n eol = crlf\n autocrlf = true\n fileMode = false\n", {}),
    "C locale, nothing for others": ("", {"LC_ALL": "C", "LANG": "C", "umask": "077"}),
}


@pytest.fixture(params=SETTINGS.items(), ids=lambda param: param[0])
def clone(request, tmp_path):
    """Clones the last commit by a git with such settings; returns a function that runs a program in the clone."""
    settings, around = request.param[1]
    if subprocess.run(["git", "rev-parse", "--verify", "--quiet", "HEAD"], cwd=ROOT, check=False, capture_output=True).returncode:
        pytest.skip("git does not know this folder as a repository, so there is nothing to clone")
    config, folder, umask = tmp_path / "gitconfig", tmp_path / "für alle" / "clone", int(around.get("umask", "022"), 8)
    config.write_text(settings + "[safe]\n directory = *\n")
    env = {**{k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GIT_"))}, **around, "GIT_CONFIG_GLOBAL": str(config)}

    def run(*command, exits=0, **more):
        done = subprocess.run(command, cwd=folder if folder.exists() else tmp_path, env={**env, **more}, umask=umask, text=True, timeout=300,
                              encoding="utf-8", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == exits, done.stdout[-4000:]
        return done.stdout
    run("git", "clone", "--quiet", ROOT, folder)
    return run


def test_what_was_committed_is_what_is_generated_and_deployed(clone, programs, endpoint):
    assert clone("git", "status", "--porcelain") == ""
    clone("go", "run", "./cmd/gen", "--check")
    said = clone(programs / "deploy", "plan", "dev", *UNSTAGED, AWS_ENDPOINT_URL=endpoint, AWS_ACCESS_KEY_ID=ACCOUNT,
                 AWS_SECRET_ACCESS_KEY="local", **OUTSIDE, exits=2)  # 2: changes are waiting
    assert "+ Network" in said
    clone("bash", "-n", "test/demo.sh")
