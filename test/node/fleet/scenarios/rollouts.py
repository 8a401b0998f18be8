"""Nodes are replaced: by a new bundle, by a bundle that fails, by another version of Moodle."""
import re
import tarfile
import time

from ..harness import aws, commands
from ..harness.ec2 import settings_of
from ..harness.layout import RUN, SHARE
from ..harness.processes import say, until
from ..harness.testbed import login_page, steps


def replace(testbed):
    """All nodes are replaced one after the other, by a new bundle, while people read and post; each learns that it is being terminated, however old it is."""
    before = dict(testbed.ec2.machines)
    for machine in before.values():  # a node must not wait for a run of cron that has failed
        machine.sh("mkdir -p /run/systemd/system/moodle-cron@failed.service.d && printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' "
                   ">/run/systemd/system/moodle-cron@failed.service.d/fails.conf && systemctl daemon-reload && systemctl start --no-block moodle-cron@failed.service")
        until("several tokens have ended", lambda machine=machine: machine.refused_tokens() > 3, 120)
    with testbed.crowd() as people:
        commands.generate(nodes=3, site_name="Node test, renamed")
        code, said = commands.deployed(commands.deploy(), 900, testbed.ec2.broken)
        testbed.read_settings()
        testbed.healthy(3)
    say(f"all nodes replaced: {people.summary()}")
    left = before.keys() & testbed.ec2.machines.keys()
    if code != 0 or left:
        raise RuntimeError(f"deploy up: exit {code}; old nodes left: {left}\n{said}")
    until("the old nodes are gone", lambda: all(m.gone for m in before.values()), 180)
    if not_notified := before.keys() & set(testbed.ec2.not_notified):
        raise RuntimeError(f"nodes that did not learn that they are being terminated: {not_notified}")
    testbed.unharmed(people)


def _rolled_back(testbed, name, reason, seconds=900, **what):
    """Deploys something whose node must fail for that reason: the deployment is rolled back, and no visitor notices."""
    launched = len(testbed.ec2.launched)
    with testbed.crowd() as people:
        commands.generate(nodes=3, **what)
        code, said = commands.deployed(commands.deploy(), seconds)
    machine = testbed.ec2.launched[launched]
    found = next((line for line in machine.log().splitlines() if reason in line), None)
    kept = any(reason in message for message in aws.messages(testbed.settings["LOG_GROUP"], f"{machine.instance}/boot"))
    say(f"{name}: deploy up exits {code}; the node says: {found}; in the log group: {kept}; meanwhile {people.summary()}")
    if code != 4 or not found or not kept:
        raise RuntimeError(f"deploy up: exit {code}\n{said}\n{machine.log()[-2000:]}")
    testbed.unharmed(people)
    testbed.ec2.before_launch, testbed.ec2.share = None, SHARE  # the cause is gone
    testbed.ec2.fail(machine)  # the group finds it ill and puts another in its place, as the template is that it went back to
    testbed.healthy(3)
    if settings_of(testbed.ec2.user_data())["BUNDLE"] != testbed.settings["BUNDLE"]:
        raise RuntimeError("the group did not go back to the bundle that serves")


def wrong(testbed):
    """The bundle in the bucket is not the reviewed one: its node refuses it, the deployment is rolled back, the others serve."""
    def tamper(settings):
        aws.client("s3").put_object(Bucket=settings["BUCKET"], Key=f"node/{settings['BUNDLE']}.tar", Body=b"something else")
    testbed.ec2.before_launch = tamper
    _rolled_back(testbed, "wrong digest", "not what was reviewed", site_name="Node test, tampered")


def broken(testbed):
    """A bundle that can't boot (a plugin's archive that holds two folders): its node says so, the old ones stay."""
    archive = RUN / "two.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for folder in ("one", "two"):
            tar.add(__file__, f"{folder}/version.php")
    _rolled_back(testbed, "a bundle that fails", "not one folder at its top", plugin=archive)


def absent(testbed):
    """The shared file system is absent when a new node boots: it never serves from the empty folder, and the old ones stay."""
    testbed.ec2.share = None
    _rolled_back(testbed, "file system absent", "could not be mounted", site_name="Node test, without files")


def slow_metadata(testbed):
    """A node fails at once, and the metadata service of the one in its place takes three seconds for each answer."""
    victim, launched = testbed.machines[0], len(testbed.ec2.launched)
    testbed.ec2.delay = 3
    try:
        with testbed.crowd() as people:
            until("a hundred requests", lambda: people.requests > 100, 240)
            testbed.ec2.fail(victim)
            successor = until("another node starts", lambda: testbed.ec2.launched[launched:], 60)[0]
            began = time.monotonic()
            until("it is healthy", lambda: "health done" in successor.log() or "boot failed" in successor.log(), 600)
            testbed.healthy(3)
    finally:
        testbed.ec2.delay = 0
    say(f"a node killed, its successor's metadata service slow: healthy after {time.monotonic() - began:.0f} s {steps(successor)}; {people.summary()}")
    if "boot failed" in successor.log():
        raise RuntimeError(successor.log()[-2000:])
    testbed.kept(people)


RAISED = 2030101000.00  # a version that is newer than any


def upgrade(testbed):
    """A newer Moodle: without --upgrade nothing happens; with it everybody sees the maintenance page, and then the new version."""
    commands.generate(nodes=3, archive=_raised())
    launched = len(testbed.ec2.launched)
    code, said = commands.deployed(commands.deploy(), 300)
    say(f"newer code without --upgrade: deploy up exits {code}, {len(testbed.ec2.launched) - launched} machines started")
    if code == 0 or len(testbed.ec2.launched) != launched:
        raise RuntimeError(said)
    with testbed.crowd() as people:
        began = time.monotonic()
        code, said = commands.deployed(commands.deploy("--upgrade"), 900, testbed.ec2.broken)
        testbed.read_settings()
        testbed.healthy(3)
        say(f"upgrade: {time.monotonic() - began:.0f} s; {people.mark()}")
        until("two hundred requests afterwards", lambda: people.requests > 200, 300)
    version = testbed.data.sql("SELECT value FROM mdl_config WHERE name = 'version'", "moodle")
    say(f"upgrade, afterwards: version {version}; {people.summary()}")
    if code != 0 or float(version) != RAISED or people.failed:
        raise RuntimeError(f"deploy up: exit {code}\n{said}\n{testbed.logs()}")
    testbed.kept(people)
    login_page(testbed)


def _raised():
    """Moodle's archive with a raised version, as moodle-5.1.1.tgz."""
    target, changed = RUN / "moodle-5.1.1.tgz", RUN / "version.php"
    with tarfile.open(commands.ARCHIVE) as old, tarfile.open(target, "w:gz", compresslevel=1) as new:
        for member in old:
            content = old.extractfile(member) if member.isfile() else None
            if member.name.endswith(("moodle/version.php", "moodle/public/version.php")):
                text = re.sub(rb"^(\$version\s*=\s*)[0-9.]+", rb"\g<1>%.2f" % RAISED, content.read(), flags=re.M)
                changed.write_bytes(text)
                member.size, content = len(text), open(changed, "rb")
            new.addfile(member, content)
    if not changed.exists():
        raise RuntimeError(f"{commands.ARCHIVE} has no version.php")
    return target
