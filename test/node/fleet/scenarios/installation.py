"""Nodes on an empty database, and faults of the node that installs Moodle."""
import re
import time

from ..harness import commands, network
from ..harness.processes import Hopeless, say, until
from ..harness.testbed import login_page, steps

TABLES = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'mdl%'"
PLUGINS = "SELECT count(*) FROM mdl_config_plugins WHERE name = 'version'"
# After half of the tables Moodle's own version is already set; after the plugins nearly all is there, and the site not
# yet marked as installed.
EARLY, HALF, LATE = ("with its first tables", TABLES, 10), ("with half of the tables", TABLES, 250), ("with nearly all plugins", PLUGINS, 380)


def one(testbed):
    """One node on an empty database."""
    testbed.first_deployment(nodes=1)
    login_page(testbed)
    say(f"steps in ms: {steps(testbed.machines[0])}")


def two(testbed):
    """Two nodes on an empty database."""
    testbed.first_deployment(nodes=2)
    login_page(testbed)


def decisions(machine):
    return re.findall(r"has the lock: (\w+)", machine.log())


def _count(testbed, statement):
    return int(testbed.data.sql(statement, "moodle"))


def _installer(testbed, process, but=()):
    if process.poll() is not None:
        raise Hopeless(f"deploy up: exit {process.returncode}\n{commands.said()}")
    return next((m for m in testbed.machines if m not in but and decisions(m)[-1:] in (["Install"], ["Redo"])), None)


def _lose(testbed, process, moments, lose):
    """Removes the installing node at each of the moments; another must take over each time."""
    lost = []
    for what, statement, least in moments:
        victim = until("a node installs", lambda: _installer(testbed, process, lost), 180, 0.1)
        until(what, lambda statement=statement, least=least: _count(testbed, statement) > least, 400, 0.2)
        lost.append(victim)
        began = time.monotonic()
        lose(victim)
        successor = until("another node takes over", lambda: _installer(testbed, process, lost), 180, 0.1)
        say(f"{victim.instance} is lost in mid-install, {what}; {successor.instance} has taken over after {time.monotonic() - began:.1f} s")


def _finish(testbed, process, began, nodes):
    code, said = commands.deployed(process, 900)
    if code != 0:
        raise RuntimeError(f"deploy up: exit {code}\n{said}\n{testbed.logs()}")
    testbed.read_settings()
    say(f"deploy up is done after {time.monotonic() - began:.0f} s")
    for machine in testbed.machines:
        say(f"  {machine.name}: {steps(machine)}, {decisions(machine)}")
    if sorted(decisions(m)[-1] for m in testbed.machines) != ["Proceed"] * (nodes - 1) + ["Redo"]:
        raise RuntimeError("not exactly one node has installed in the end")
    login_page(testbed)
    testbed.healthy(nodes)
    for machine in testbed.machines:
        testbed.visitor(host=machine.address)
    say("the administrator logs in on each node, with the password of the secret")


def killed(testbed, *moments):
    """Three nodes at once on an empty database; the one that installs is killed half-way."""
    commands.generate(nodes=3)
    began, process = time.monotonic(), commands.deploy()
    _lose(testbed, process, moments or [HALF], testbed.ec2.fail)
    _finish(testbed, process, began, 3)


def killed_three_times(testbed):
    """Three nodes at once on an empty database; whoever installs is killed: early, half-way, and at the end."""
    killed(testbed, EARLY, HALF, LATE)


def cut_off(testbed):
    """Three nodes at once on an empty database; the one that installs loses its network and does not notice."""
    commands.generate(nodes=3)
    began, process = time.monotonic(), commands.deploy()

    def cut(victim):
        network.cut(victim.name)
        victim.cut = True
    _lose(testbed, process, [HALF], cut)
    for machine in [m for m in testbed.machines if getattr(m, "cut", False)]:
        machine.kill()
        network.plug(machine.name)
        testbed.ec2.fail(machine)  # the group has found it ill and puts another in its place
    _finish(testbed, process, began, 3)
