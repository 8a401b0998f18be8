"""A site for people to look at: it stays until stop()."""
import json
import os
import signal
import sys

from .place import BALANCER, HERE, WORK, later, say, start, until

NOTE = WORK / "demo.json"   # process, address, password: this user's alone to read
ADDRESS = "127.0.0.77"      # loopback, and nobody else's


def serve(world):
    """Two nodes, reachable from this machine's own browser."""
    from . import scenarios
    world.first_deployment(nodes=2)
    scenarios.login_page(world)
    start("relay", "nsenter", "--net=/proc/1/ns/net", sys.executable, "-m", "fleet.relay", ADDRESS, 80, "/run/netns/mn-balancer", BALANCER, cwd=HERE.parent)
    administrator = world.administrator()
    later(lambda: NOTE.unlink(missing_ok=True))
    new = os.open(f"{NOTE}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(new, "w") as note:
        json.dump({"process": os.getpid(), "address": world.address, **administrator}, note)
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
    print("the demo site is gone")
    return 0


def _lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
