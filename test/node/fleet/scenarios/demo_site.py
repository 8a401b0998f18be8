"""A site for people to look at. It runs until stop()."""
import json
import os
import signal
import sys

from ..harness.layout import BALANCER, NODE_TESTS, WORK
from ..harness.processes import later, run, say, start, until
from . import installation

NOTE = WORK / "demo.json"   # process, address, password: this user's alone to read
ADDRESS = "127.0.0.77"      # loopback, and nobody else's
HOST = 9                    # the run script has this machine's own network open as this file
HOST_NETWORK = ["nsenter", f"--net=/proc/self/fd/{HOST}"]


def serve(testbed):
    """Two nodes, reachable from this machine's own browser."""
    installation.two(testbed)
    start("relay", *HOST_NETWORK, sys.executable, "-m", "fleet.harness.relay", ADDRESS, 80, "/run/netns/mn-balancer", BALANCER, cwd=NODE_TESTS, pass_fds=[HOST])
    until("the way in from this machine", lambda: run(*HOST_NETWORK, "curl", "--fail", "--silent", f"http://{ADDRESS}/healthz", pass_fds=[HOST]), 20)
    administrator = testbed.administrator()
    later(lambda: NOTE.unlink(missing_ok=True))
    new = os.open(f"{NOTE}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(new, "w") as note:
        json.dump({"process": os.getpid(), "address": testbed.address, **administrator}, note)
    os.rename(f"{NOTE}.new", NOTE)
    say("ready")
    while True:
        signal.pause()


def show():
    """What a person needs to know."""
    note = json.loads(NOTE.read_text())
    name = note["address"].removeprefix("http://")
    print(f"""
{note['address']}/
  user {note['username']}, password {note['password']}

The name is the load balancer's, which only this machine's Moodle knows. Either of these leads there:
  curl --resolve {name}:80:{ADDRESS} {note['address']}/login/index.php
  chromium --host-resolver-rules="MAP {name} {ADDRESS}" {note['address']}/
  echo "{ADDRESS} {name}" >> /etc/hosts
It runs until: make demo-site-stop""")


def stop():
    if not NOTE.exists():
        print("no demo site runs")
        return 0
    process = json.loads(NOTE.read_text())["process"]
    os.kill(process, signal.SIGTERM)
    until("the demo site's end", lambda: not _lives(process), 120)
    (WORK / "demo.log").unlink(missing_ok=True)
    print("the demo site is gone")
    return 0


def _lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
