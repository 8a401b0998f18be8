"""Stands in for EC2: runs one machine for each instance of the local AWS's Auto Scaling group, as the launch template
describes it."""
import base64
import re
import sys
import threading
import time

from . import aws, balancer, database_and_cache, shared_file_system
from .layout import NODE_TESTS, NODES, RUN, SHARE
from .machine import Machine
from .processes import say, start, until


def settings_of(user_data):
    """What the launch template tells a node, from the user data itself."""
    block = re.search(r"/etc/node\.env <<'END'\n(.*?)\nEND\n", user_data, re.S)[1]
    return dict(line.split("=", 1) for line in block.splitlines())


class Ec2:
    """One group's machines."""

    def __init__(self, warm=True):
        self.warm, self.share, self.delay = warm, SHARE, 0  # share: the file system of the next machines, or None
        self.machines = {}          # by instance id
        self.data = None
        self.error = None
        self.launched = []          # machines in their order, gone ones too
        self.not_notified = []      # machines that were terminated and did not report in time that they had finished
        self._ending = []           # threads of machines that are being terminated
        self.before_launch = None   # a fault may change something before the next machine starts
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        shared_file_system.make()
        (RUN / "metadata").mkdir(exist_ok=True)
        start("metadata", sys.executable, "-m", "fleet.harness.metadata_service", RUN / "metadata", cwd=NODE_TESTS)
        self._thread.start()

    def close(self):
        self._stop.set()
        self._thread.join(30)

    def wait_for_terminations(self):
        """Waits until all machines that are being terminated have ended."""
        for thread in self._ending:
            thread.join(180)

    def broken(self):
        """Returns why waiting is useless (a machine ended by itself, or this loop failed), or None."""
        dead = [m.instance for m in list(self.machines.values()) if m.process.poll() is not None]
        return f"EC2: {self.error or ', '.join(dead) + ' ended by itself'}" if self.error or dead else None

    def _watch(self):
        while not self._stop.wait(0.5):
            try:
                self.reconcile()
            except Exception as exc:
                self.error = exc
                say(f"EC2: {type(exc).__name__}: {exc}")
                self._stop.wait(5)

    def reconcile(self):
        with self._lock:
            self._reconcile()

    def _reconcile(self):
        groups = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        wanted = [i["InstanceId"] for g in groups for i in g["Instances"] if not i["LifecycleState"].startswith("Terminating")]
        for instance in [i for i in self.machines if i not in wanted]:
            machine = self.machines.pop(instance)
            say(f"EC2: {instance} ({machine.name}) is terminated")
            self._ending.append(threading.Thread(target=self.terminate, args=(machine,), daemon=True))
            self._ending[-1].start()
        for instance in [i for i in wanted if i not in self.machines]:
            self._launch(instance)

    def _launch(self, instance):
        user_data = self.user_data()
        settings = settings_of(user_data)
        if self.data is None:
            self.data = database_and_cache.Data(settings)
            self.data.up()
            elb = aws.client("elbv2")
            arn = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
            attributes = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
            balancer.up(elb.describe_target_groups()["TargetGroups"][0], attributes["idle_timeout.timeout_seconds"])
        if self.before_launch:
            self.before_launch(settings)
        number = next(n for n in range(len(NODES)) if n not in {m.number for m in self.launched if not m.gone})
        say(f"EC2: {instance} starts as node{number} ({NODES[number]})")
        machine = Machine(number, instance, user_data, settings, self.warm, self.delay, self.share)
        self.machines[instance] = machine
        self.launched.append(machine)
        balancer.register(machine.name)

    def fail(self, machine):
        """Fails a machine's host at once. The group starts another machine, which takes over the instance's id here."""
        machine.kill()
        balancer.forget(machine.name)
        machine.instance += "-dead"
        machine.gone = True
        with self._lock:
            self.machines = {i: m for i, m in self.machines.items() if m is not machine}

    @staticmethod
    def user_data():
        """The very user data of the launch template's newest version: the group names it, also after a rollback, which
        makes one more (the local AWS leaves the group of a failed update as it was)."""
        ec2 = aws.client("ec2")
        template = ec2.describe_launch_templates()["LaunchTemplates"][0]
        version = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"], Versions=["$Latest"])
        return base64.b64decode(version["LaunchTemplateVersions"][0]["LaunchTemplateData"]["UserData"]).decode()

    def terminate(self, machine):
        """Terminates a machine as the group does: the load balancer drains it, requests finish, the node's lifecycle
        hook runs, the machine stops."""
        balancer.drain(machine.name)
        deadline = time.monotonic() + 60
        while balancer.sessions(machine.name) and time.monotonic() < deadline:
            time.sleep(0.5)
        if machine.leader() and machine.sh("systemctl is-enabled node-drain.service", check=False).strip() == "enabled":  # else it has not come as far as to serve
            self._hook(machine)
        machine.stop()
        balancer.forget(machine.name)
        machine.gone = True

    def _hook(self, machine):
        expired = machine.refused_tokens()
        machine.metadata(lifecycle="Terminated")
        try:
            until("it has nothing left to do", lambda: "nothing left to do" in machine.sh("journalctl -q -u node-drain"), 60)
            say(f"EC2: {machine.instance} has heard that it is to go, after {expired} of its tokens had ended")
        except RuntimeError as exc:  # after one heartbeat the group goes on as well
            self.not_notified.append(machine.instance)
            say(f"EC2: {machine.instance}: {exc}")
