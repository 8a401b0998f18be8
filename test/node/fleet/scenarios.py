"""What is tried, in order; each a function that says what was seen and raises where it isn't what was wanted."""
import json
import os
import re
import time

from . import aws, balancer, certificates, demo, network, site
from .ec2 import Ec2, settings_of
from .place import RUN, later, say, until
from .visitor import Crowd, Visitor


class World:
    """Network, AWS and an EC2 with nothing in it yet."""

    def __init__(self, **how):
        network.up()
        certificates.authority()
        aws.up()
        self.ec2 = Ec2(**how)
        later(self.ec2.close)

    def first_deployment(self, seconds=600, **what):
        site.generate(**what)
        began = time.monotonic()
        process = site.deploy()
        code, said = site.deployed(process, seconds, self.ec2.broken)
        if code != 0:
            raise RuntimeError(f"deploy up: exit {code}\n{said}\n{self.logs()}")
        say(f"deploy up is done after {time.monotonic() - began:.0f} s: CloudFormation has every node's signal")
        self.settled()

    def settled(self):
        self.settings = settings_of(self.ec2.user_data())
        self.address = self.settings["ADDRESS"].lower()

    def logs(self):
        return "\n".join(f"--- {m.instance}\n{m.log()[-2500:]}" for m in self.ec2.launched)

    def administrator(self):
        return json.loads(aws.client("secretsmanager").get_secret_value(SecretId=self.settings["ADMINISTRATOR_SECRET"])["SecretString"])


def login_page(world):
    until("a node is healthy", balancer.healthy, 90)
    status, head, body = Visitor(world.address).get("/login/index.php")
    if status != 200 or 'name="logintoken"' not in body:
        raise RuntimeError(f"no login page: {head}\n{body[:2000]}")
    say(f"the login page of {world.address} answers through the load balancer: {re.search('<title>(.*?)</title>', body)[1]}")


def steps(machine):
    return dict(re.findall(r"node: \S+ (\w+) done in (\d+) ms", machine.log()))


def one(world):
    """One node on an empty database, from a bare image."""
    world.first_deployment(nodes=1)
    login_page(world)
    machine = world.ec2.launched[0]
    say(f"steps in ms: {steps(machine)}")


def three(world):
    """Three at once on an empty database; the one that installs is killed half-way."""
    site.generate(nodes=3)
    began = time.monotonic()
    process = site.deploy()

    def installer():
        if process.poll() is not None:
            raise SystemExit(f"deploy up: exit {process.returncode}\n{site.said()}")
        return next((m for m in list(world.ec2.machines.values()) if "has the lock: Install" in m.log()), None)
    victim = until("a node installs", installer, 120)
    until("half of the tables", lambda: int(world.ec2.data.sql("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'mdl%'", "moodle")) > 200, 120)
    say(f"{victim.instance} is killed in mid-install, with {world.ec2.data.sql(TABLES, 'moodle')} tables made")
    killed = time.monotonic()
    world.ec2.fail(victim)
    heir = until("another node takes over", lambda: next((m for m in list(world.ec2.machines.values()) if "has the lock: Redo" in m.log()), None), 60, 0.1)
    say(f"{heir.instance} has taken over after {time.monotonic() - killed:.1f} s")
    code, said = site.deployed(process, 420, world.ec2.broken)
    if code != 0:
        raise RuntimeError(f"deploy up: exit {code}\n{said}")
    say(f"deploy up is done after {time.monotonic() - began:.0f} s with a killed installer in it")
    world.settled()
    for machine in world.ec2.machines.values():
        say(f"  {machine.instance}: {steps(machine)}, {machine_decisions(machine)}")
    tables, complete = int(world.ec2.data.sql(TABLES, "moodle")), world.ec2.data.sql("SELECT value FROM mdl_config WHERE name = 'rolesactive'", "moodle")
    if tables < 400 or complete != "1":
        raise RuntimeError(f"{tables} tables, rolesactive {complete}")
    until("three healthy nodes", lambda: len(balancer.healthy()) == 3, 90)
    login_page(world)
    administrator = world.administrator()
    for machine in world.ec2.machines.values():
        if not Visitor(world.address, machine.name).log_in(administrator["username"], administrator["password"], host=machine.address):
            raise RuntimeError(f"the administrator can't log in on {machine.name}")
    say("the administrator logs in on each of the three, with the password of the secret")


TABLES = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'mdl%'"


def machine_decisions(machine):
    return re.findall(r"has the lock: (\w+)", machine.log())


def crowd(world):
    administrator = world.administrator()
    return Crowd(world.address, administrator["username"], administrator["password"])


def secret(world):
    """The database's password is changed while people read; nobody notices."""
    with crowd(world) as people:
        aws.client("secretsmanager").put_secret_value(
            SecretId=world.settings["DATABASE_SECRET"], SecretString=json.dumps({"username": "moodle_b", "password": "N" + os.urandom(20).hex()}))
        began = time.monotonic()
        until("every node uses the new role", lambda: all('"moodle_b"' in m.sh("cat /run/moodle/secrets.json") for m in world.ec2.machines.values()), 150)
        say(f"the new role is in use on every node after {time.monotonic() - began:.0f} s")
        time.sleep(10)
    used = (RUN / "postgresql.log").read_text(errors="replace").count("connection authorized: user=moodle_b")
    say(f"secret rotated: {people.summary()}; {used} sessions of moodle_b since")
    if not used:
        raise RuntimeError("nobody logged in to the database as the new role")
    if people.failed or people.requests < 50:
        raise RuntimeError("requests were lost")


def replace(world):
    """All nodes are replaced one after the other, by a new bundle, while people read."""
    before = set(world.ec2.machines)
    with crowd(world) as people:
        site.generate(nodes=3, site_name="Node test, renamed")
        code, said = site.deployed(site.deploy(), 420, world.ec2.broken)
        world.settled()
        until("three healthy nodes", lambda: len(balancer.healthy()) == 3, 120)
    say(f"all nodes replaced: {people.summary()}")
    if code != 0 or before & set(world.ec2.machines):
        raise RuntimeError(f"deploy up: exit {code}; old nodes left: {before & set(world.ec2.machines)}\n{said}")
    if people.failed or people.requests < 50:
        raise RuntimeError("requests were lost")


def wrong(world):
    """The bundle in the bucket is not the reviewed one: its node refuses it, the roll-out is taken back, the others serve."""
    def tamper(settings):
        aws.client("s3").put_object(Bucket=settings["BUCKET"], Key=f"node/{settings['BUNDLE']}.tar", Body=b"something else")
    world.ec2.before_launch = tamper
    launched = len(world.ec2.launched)
    with crowd(world) as people:
        site.generate(nodes=3, site_name="Node test, tampered")
        code, said = site.deployed(site.deploy(), 300)
    machine = world.ec2.launched[launched]
    reason = next((line for line in machine.log().splitlines() if "not what was reviewed" in line), None)
    events = aws.client("logs").filter_log_events(logGroupName=world.settings["LOG_GROUP"])["events"]
    kept = any("not what was reviewed" in e["message"] for e in events)
    say(f"wrong digest: deploy up exits {code}; the node says: {reason}; in the log group: {kept}; meanwhile {people.summary()}")
    if code != 4 or not reason or not kept or people.failed:
        raise RuntimeError(f"deploy up: exit {code}\n{said}")
    world.ec2.before_launch = None


def main(verb):
    plan = {"one": [one], "cold": [one], "test": [three, secret, replace, wrong], "demo-serve": [demo.serve]}
    if verb not in plan:
        raise SystemExit(f"node test: no verb {verb}; there are {', '.join(plan)}")
    try:
        world = World(warm=verb != "cold")
        for scenario in plan[verb]:
            say(f"=== {scenario.__name__}: {scenario.__doc__}")
            scenario(world)
    except (Exception, SystemExit) as exc:
        say(f"FAILED: {exc}")
        if "world" in locals():
            print(world.logs())
        if os.environ.get("KEEP"):
            say("kept for a look, for KEEP seconds")
            time.sleep(int(os.environ["KEEP"]))
        return 1
    say(f"{len(plan[verb])} passed, 0 failed")
    return 0
