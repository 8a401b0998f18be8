"""The server: it reports when it is ready, and ends with the process that started it."""
import json
import os
import resource
import shlex
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from localaws.loopback import without_proxy

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def run(*arguments, port=None, **kw):
    env = {**os.environ, **({"LOCALAWS_PORT": str(port)} if port else {})}
    return subprocess.run([sys.executable, *arguments], cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=60, **kw)


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_it_listens_on_loopback_only_and_ends_when_its_input_closes():
    server = subprocess.Popen([sys.executable, "-m", "localaws", "--port", "0", "--until-stdin-closes"], cwd=REPOSITORY,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    word, _, url = server.stdout.readline().strip().partition(" ")
    assert word == "ready" and url.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(url + "/_localaws/health") as answer:
        assert json.load(answer) == {"pid": server.pid}
    with socket.socket() as elsewhere, pytest.raises(OSError):
        elsewhere.connect(("127.0.0.2", int(url.split(":")[-1])))
    server.stdin.close()
    assert server.wait(30) == 0


def test_an_ordinary_users_limit_of_open_files_is_raised():
    limited = ["sh", "-c", 'ulimit -Sn 256; exec "$@"', "sh"]
    server = subprocess.Popen([*limited, sys.executable, "-m", "localaws", "--port", "0", "--until-stdin-closes"], cwd=REPOSITORY,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout.readline().startswith("ready ")
    soft, hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    server.stdin.close()
    assert server.wait(30) == 0 and (soft == hard or soft == 65536)


def test_a_port_that_is_taken_is_said_in_one_sentence(taken):
    ended = run("-m", "localaws", "--port", str(taken))
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1] == (
        f"localaws: port {taken} of 127.0.0.1 is not free (Address already in use): stop what listens there, or set "
        "LOCALAWS_PORT to another port")


def stacks_as_exported(exports, around):
    """Runs the lines that start prints in a shell, then boto3; returns its output."""
    asks = "import boto3; print(boto3.client('cloudformation', 'eu-west-1').describe_stacks()['Stacks'])"
    script = f'eval "$1"; {shlex.quote(sys.executable)} -c {shlex.quote(asks)}'
    done = subprocess.run(["sh", "-c", script, "sh", exports], env={**os.environ, **around}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture
def clone(tmp_path):
    """A copy of the package in another clone, so that a running server of this clone is left alone."""
    (tmp_path / "localaws").symlink_to(REPOSITORY / "localaws")
    (tmp_path / "internal").symlink_to(REPOSITORY / "internal")
    return tmp_path


# A proxy that nobody answers at, by every name that a program may look for.
PROXY = {name: "http://127.0.0.1:9" for upper in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY") for name in (upper, upper.lower())}


@pytest.mark.parametrize("around", [{}, {**PROXY, "NO_PROXY": "", "no_proxy": "intern.example"}], ids=["plain", "behind a proxy"])
def test_started_and_stopped_in_the_background(clone, around):
    port = free_port()

    def service(verb):
        script = f"import sys, pathlib; sys.argv = ['service', {verb!r}]; sys.path.insert(0, '.'); " \
                 "from localaws import service; service.STATE = pathlib.Path('.localaws'); " \
                 "service.RUNNING, service.LOG = service.STATE / 'running.json', service.STATE / 'log'; service.main()"
        return subprocess.run([sys.executable, "-c", script], cwd=clone, env={**os.environ, "LOCALAWS_PORT": str(port), **around},
                              capture_output=True, text=True, timeout=60)
    assert service("status").returncode == 1
    started = service("start")
    try:
        assert started.returncode == 0, started.stderr
        assert stacks_as_exported(started.stdout, around) == "[]\n"
        assert started.stdout.startswith(f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port} AWS_ACCESS_KEY_ID=111122223333 ")
        pid = json.loads((clone / ".localaws" / "running.json").read_text())["pid"]
        assert f"already running at http://127.0.0.1:{port} (process {pid})" in service("start").stderr
        assert service("status").stdout == started.stdout
    finally:
        assert "stopped" in service("stop").stderr
    assert "not running" in service("stop").stderr
    with socket.socket() as gone:
        assert gone.connect_ex(("127.0.0.1", port)) != 0


def test_another_process_is_never_ended(clone):
    """A note of a server that has ended; another process has its process id now."""
    state = clone / ".localaws"
    state.mkdir()
    (state / "running.json").write_text(json.dumps({"pid": os.getpid(), "port": free_port()}))
    script = "import pathlib; from localaws import service; service.RUNNING = pathlib.Path('.localaws/running.json'); " \
             "service.stop()"
    ended = subprocess.run([sys.executable, "-c", script], cwd=clone, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0 and "not running" in ended.stderr and not (state / "running.json").exists()


def test_settings_are_checked(aws):
    for wrong in ({"resource_mss": 1}, {"resource_ms": "slow"}, {"fail": 1}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            aws.settings(**wrong)
    assert aws.settings(resource_ms=5)["resource_ms"] == 5


@pytest.mark.parametrize("environ, wanted", [
    ({}, "127.0.0.1,localhost"),
    ({"NO_PROXY": "a.example, .b.example", "no_proxy": "c.example"}, "127.0.0.1,localhost,c.example,a.example,.b.example"),
    ({"no_proxy": "localhost,a.example", "NO_PROXY": "localhost,a.example"}, "127.0.0.1,localhost,a.example"),
    ({"NO_PROXY": "*"}, "*"),
])
def test_loopback_stands_beside_what_is_excepted_from_the_proxy(environ, wanted):
    assert without_proxy(environ) == {"NO_PROXY": wanted, "no_proxy": wanted}
