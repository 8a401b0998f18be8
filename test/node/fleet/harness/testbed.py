"""The testbed of one run: network, local AWS, database and cache, load balancer, machines."""
import json
import re
import time

from . import aws, balancer, certificates, commands, network
from .ec2 import Ec2, settings_of
from .layout import RUN
from .processes import later, say, until
from .visitors import Crowd, Visitor, curl


class Testbed:
    """Network, local AWS, and an EC2 that has no machine yet."""

    def __init__(self, **how):
        network.up()
        certificates.authority()
        aws.up()
        self.ec2 = Ec2(**how)
        later(self.ec2.close)

    @property
    def machines(self):
        """The running machines, in the order of their start."""
        return list(self.ec2.machines.values())

    @property
    def data(self):
        return self.ec2.data

    def first_deployment(self, seconds=900, **what):
        commands.generate(**what)
        began = time.monotonic()
        code, said = commands.deployed(commands.deploy(), seconds, self.ec2.broken)
        if code != 0:
            raise RuntimeError(f"deploy up: exit {code}\n{said}\n{self.logs()}")
        say(f"deploy up is done after {time.monotonic() - began:.0f} s: CloudFormation has every node's signal")
        self.read_settings()

    def read_settings(self):
        """Reads what the launch template tells the nodes now."""
        self.settings = settings_of(self.ec2.user_data())
        self.address = self.settings["ADDRESS"].lower()

    def logs(self):
        """Returns the last lines of each running machine's log, and of the last machine that ended. The whole logs are
        kept beside the others."""
        for machine in self.ec2.launched:
            (RUN / f"{machine.instance}.boot.log").write_text(machine.log())
        ended = [m for m in self.ec2.launched if m not in self.machines][-1:]
        return "\n".join(f"--- {m.instance}\n" + "\n".join(m.log().splitlines()[-12:]) for m in self.machines + ended)

    def administrator(self):
        return json.loads(aws.client("secretsmanager").get_secret_value(SecretId=self.settings["ADMINISTRATOR_SECRET"])["SecretString"])

    def crowd(self):
        """Four visitors who never stop reading and posting: with testbed.crowd() as people: …"""
        administrator = self.administrator()
        return Crowd(self.address, administrator["username"], administrator["password"])

    def visitor(self, name="visitor", host=None):
        """Somebody who is logged in as the administrator; raises when Moodle does not let them in."""
        administrator, visitor = self.administrator(), Visitor(self.address, name, host)
        if not visitor.log_in(administrator["username"], administrator["password"]):
            raise RuntimeError(f"the administrator can't log in on {host or 'the load balancer'}")
        return visitor

    def anonymous(self, path, host=None):
        """Fetches a page without logging in."""
        return curl(self.address + path, host=host)

    def healthy(self, count, seconds=240):
        until(f"{count} healthy nodes", lambda: len(balancer.healthy()) == count, seconds)

    def unharmed(self, people):
        """Raises unless every request succeeded and every confirmed post is there."""
        if people.failed or people.requests < 50:
            raise RuntimeError("requests were lost")
        self.kept(people)

    def kept(self, people):
        """Raises unless every post that Moodle confirmed is in the database."""
        there = set(re.findall(r"post-[0-9a-f]{16}", str(self.data.sql("SELECT string_agg(fullmessage, ' ') FROM mdl_messages", "moodle"))))
        if missing := set(people.posted) - there:
            raise RuntimeError(f"{len(missing)} of {len(people.posted)} confirmed posts are not in the database")
        if not people.posted:
            raise RuntimeError("nobody has posted anything")


def login_page(testbed):
    until("a node is healthy", balancer.healthy, 90)
    status, head, body = Visitor(testbed.address).get("/login/index.php")
    if status != 200 or 'name="logintoken"' not in body:
        raise RuntimeError(f"no login page: {head}\n{body[:2000]}")
    say(f"the login page of {testbed.address} answers through the load balancer: {re.search('<title>(.*?)</title>', body)[1]}")


def steps(machine):
    """Returns the boot's steps with their milliseconds, from the boot's log."""
    return {name: int(ms) for name, ms in re.findall(r"node: \S+ (\w+) done in (\d+) ms", machine.log())}
