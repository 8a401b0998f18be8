"""Runs the commands of README's "When things go wrong" on a local AWS in which new nodes never come up, and compares
each line with the output."""
import json
import os
import re
import subprocess
import sys
import urllib.request

import pytest

from site_harness import ROOT, UNSTAGED, Site

# What differs from run to run: a time, a date, how long something took.
VARYING = [(r"^ +\d+:\d\d  ", "  0:00  "), (r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-01-01 00:00"), (r"00:00:\d\d", "00:00:00"), (r"after \d+(\.\d+)?m?s", "after 0s")]


def without_times(line):
    for pattern, same in VARYING:
        line = re.sub(pattern, same, line)
    return line.rstrip()


def journeys():
    """Returns the section's commands, each with the lines that README shows of its output."""
    section = (ROOT / "README.md").read_text().split("## When things go wrong\n", 1)[1].split("\n## ", 1)[0]
    shown, found = [line[4:] if line.startswith("    ") else line for line in section.splitlines() if not line or line.startswith("    ")], []
    for line in shown:
        if line.startswith("$ "):
            found.append((line[2:].split(), []))
        elif found:
            found[-1][1].append(line)
    return found


def missing(wanted, said):
    """Returns the first wanted line that is not in its place: right after the line before it, or anywhere after an
    ellipsis."""
    said, at, anywhere = [without_times(line) for line in said.splitlines()], 0, False
    while wanted and not wanted[-1]:
        wanted = wanted[:-1]
    for line in map(without_times, wanted):
        if line == "…":
            anywhere = True
            continue
        if anywhere and line in said[at:]:
            at = said.index(line, at)
        elif at >= len(said) or said[at] != line:
            return line
        at, anywhere = at + 1, False
    return None if anywhere or at == len(said) else f"the end, before {said[at]!r}"


@pytest.fixture
def broken(tmp_path, programs):
    """Deploys the committed dev into an account in which new nodes never signal."""
    env = {**os.environ, "LOCALAWS_TIME_SCALE": "0.001"}
    server = subprocess.Popen([sys.executable, "-m", "localaws", "--port", "0", "--until-stdin-closes"], cwd=ROOT, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
    site = Site("dev", tmp_path, programs, re.fullmatch(r"ready (\S+)\n", server.stdout.readline())[1])
    site.up()
    body = json.dumps({"simulated_nodes": 0}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{site.endpoint}/_localaws/settings", data=body, method="POST"), timeout=30).close()
    site.file.write_text(site.file.read_text() + "\napplication:\n  instanceTypes: [t4g.large]\n")
    site.gen()
    yield site
    server.stdin.close()
    assert server.wait(timeout=30) == 0


def test_readme_shows_what_a_failure_prints(broken):
    shown = journeys()
    assert [" ".join(command[:2]) for command, _ in shown] == ["deploy up", "deploy status", "deploy diagnose", "deploy logs"]
    for command, wanted in shown:
        up = command[1] == "up"  # of a real site everything is staged
        said = broken.run(*command, *UNSTAGED * up, exits=4 if up else 0)
        assert missing(wanted, said) is None, f"{' '.join(command)} does not print what README shows: {missing(wanted, said)}\n{said}"


def test_a_line_that_is_not_printed_is_found():
    assert missing(["a", "…", "c"], "a\nb\nc\n") is None
    assert missing(["a", "c"], "a\nb\nc\n") == "c"
    assert missing(["a", "…", "d"], "a\nb\nc\n") == "d"
    assert missing(["a"], "a\nb\n") == "the end, before 'b'"
    assert missing(["  0:00  X  2026-01-01 00:00:00, after 0s"], "  3:12  X  2027-05-06 07:08:09, after 4.5s\n") is None
