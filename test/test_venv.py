"""The virtual environments that make makes: complete or not at all, and made again where something is wrong with
one."""
import os
import shutil
import subprocess
import sys

import pytest

from site_harness import ROOT


def folder_of(top):
    """A folder with the build and one environment that needs nothing from outside."""
    (top / "x").mkdir(parents=True)
    (top / "x" / "requirements.txt").write_text("# nothing\n")
    shutil.copytree(ROOT / "tools", top / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", top)
    return top


def make(top, *, exits=0, **variables):
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("MAKE")}, "PYTHON": sys.executable, **variables}
    done = subprocess.run(["make", ".venv/x/bin/python"], cwd=top, env=env, text=True, timeout=120, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == exits, done.stderr
    assert "making" not in done.stdout  # a shell may evaluate it
    return done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    top = folder_of(tmp_path_factory.mktemp("made") / "für alle")
    said = make(top)
    assert "it is not there" in said and "making the virtual environment .venv/x" in said
    return top


def killed(environment):
    shutil.rmtree(next(environment.glob("lib/python*/site-packages/pip")))
    (environment / ".installed").unlink()


def gone(environment):
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").symlink_to("/nonexistent/python3")


def noted(old, new):
    def change(environment):
        note = environment / ".installed"
        assert old in note.read_text()
        note.write_text(note.read_text().replace(old, new))
    return change


def emptied(environment):
    shutil.rmtree(environment / "lib")


def without_a_package(environment):
    shutil.rmtree(next(environment.glob("lib/python*/site-packages/pip")))


BROKEN = {
    "its libraries are gone": (emptied, "now it is with 0 packages"),
    "a package is gone": (without_a_package, "it was not left as it was made"),
    "pip was killed": (killed, "it was not made to its end"),
    "the interpreter is gone": (gone, "its interpreter is gone"),
    "another Python": (noted("made by ", "made by /usr/bin/elsewhere"), "it was made by /usr/bin/elsewhere"),
    "copied from elsewhere": (noted("at ", "at /elsewhere"), "it was at /elsewhere"),
    "other requirements": (lambda environment: (environment.parent.parent / "x" / "requirements.txt").write_text("# another nothing\n"),
                           "it was from requirements with"),
}


@pytest.mark.parametrize("breaks, why", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_made_again(made, breaks, why):
    assert "making" not in make(made)
    breaks(made / ".venv" / "x")
    assert why in make(made)
    subprocess.run([made / ".venv/x/bin/python", "-m", "pip", "--version"], check=True, stdout=subprocess.DEVNULL)
    assert "making" not in make(made)


def test_the_interpreter_that_made_it_is_not_touched(tmp_path):
    top, system = folder_of(tmp_path / "top"), os.path.realpath(sys.executable)
    before = os.stat(system).st_mtime_ns
    make(top)
    assert os.stat(system).st_mtime_ns == before


def test_what_could_not_be_installed_is_not_taken_for_whole(tmp_path):
    top = folder_of(tmp_path / "top")
    (top / "x" / "requirements.txt").write_text("no hash at all\n")
    for _ in range(2):
        assert "failed, with exit code" in make(top, exits=2)


def test_two_at_once_make_it_once(tmp_path):
    top = folder_of(tmp_path / "top")
    both = [subprocess.Popen([sys.executable, "tools/venv.py", "x"], cwd=top, text=True, stderr=subprocess.PIPE) for _ in range(2)]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted("making the virtual environment" in text for text in said) == [False, True]


# A Python that says of itself what no Python here is.
PRETENDS = """#!/bin/sh
exec {python} -c '
import importlib.util, runpy, sys
sys.path.insert(0, "tools")
{pretence}
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")' "$@"
"""


@pytest.mark.parametrize("pretence, said, exits", [
    ("sys.version_info = (3, 10, 13)", "is Python 3.10; this needs Python 3.11 or newer", 2),
    ("sys.version_info = (3, 14, 0)", "is Python 3.14, which was not tried", 0),
    ("importlib.util.find_spec = lambda name: None", "its module ensurepip is missing", 2),
])
def test_a_python_that_does_not_do_is_refused_by_name(tmp_path, pretence, said, exits):
    python = tmp_path / "python3"
    python.write_text(PRETENDS.format(python=sys.executable, pretence=pretence))
    python.chmod(0o755)
    assert said in make(folder_of(tmp_path / "top"), PYTHON=str(python), exits=exits)


def test_without_python_make_says_what_to_install(tmp_path):
    assert "apt install python3-venv" in make(folder_of(tmp_path / "top"), PYTHON="python3-of-nobody", exits=2)


def test_a_command_without_a_word_is_said_to_be_at_it():
    script = "import sys; sys.path.insert(0, 'tools'); import patiently; patiently.SECONDS = 0.2; " \
             "sys.exit(patiently.run('waiting', ['sh', '-c', 'printf half; sleep 1; echo whole >&2; exit 7']))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, text=True, capture_output=True, timeout=60)
    assert done.returncode == 7
    lines = done.stdout.splitlines()
    assert lines[:2] == ["waiting …", "half"] and lines[2].startswith("  … still at it after ") and lines[-1] == "whole"
