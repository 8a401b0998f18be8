"""What is tried, in order; each a function that says what was seen and raises where it isn't what was wanted."""
import json
import os
import re
import time

from . import aws, balancer, certificates, network, site
from .ec2 import Ec2, settings_of
from .place import SHARE, later, say, until
from .visitor import Visitor


class World:
    """Network, AWS and an EC2 with nothing in it yet."""

    def __init__(self, **how):
        network.up()
        certificates.authority()
        aws.up()
        self.ec2 = Ec2(site.staged, **how)
        later(self.ec2.close)

    def first_deployment(self, seconds=600, **what):
        site.generate(**what)
        began = time.monotonic()
        process = site.deploy()
        code, said = site.deployed(process, seconds, self.ec2.broken)
        if code != 0:
            raise RuntimeError(f"deploy up: exit {code}\n{said}\n{self.logs()}")
        say(f"deploy up is done after {time.monotonic() - began:.0f} s: CloudFormation has every node's signal")
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


def main(verb):
    try:
        world = World(warm=verb != "one-cold")
        one(world)
    except Exception as exc:
        say(f"FAILED: {exc}")
        if "world" in locals():
            print(world.logs())
        if os.environ.get("KEEP"):
            say("kept for a look, for KEEP seconds")
            time.sleep(int(os.environ["KEEP"]))
        raise
    return 0
