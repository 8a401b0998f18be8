"""One instance: an overlay over the image, systemd as its first process, cloud-init with the user data."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from . import aws, certificates
from .layout import AWS, DATA, IMAGE, NODES, RUN, SHARE
from .processes import end, later, run, start


class Machine:
    def __init__(self, number, instance, user_data, settings, warm=True, delay=0, share=SHARE):
        self.number, self.instance, self.name, self.address = number, instance, f"node{number}", NODES[number]
        self.settings, self.folder = settings, RUN / f"{instance}-{time.monotonic_ns()}"
        self.root = self.folder / "root"
        self.gone = False  # its number and address are free for the next
        self._lay(user_data, warm)
        (RUN / "metadata").mkdir(exist_ok=True)
        self.metadata(delay=delay)
        self._boot(share)

    def _lay(self, user_data, warm):
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        lower = f"{IMAGE}/warm:{IMAGE}/base" if warm else f"{IMAGE}/base"
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={self.folder}/upper,workdir={self.folder}/work", self.root)
        (self.root / "etc/hostname").write_text(f"{self.instance}\n")
        seed = self.root / "var/lib/cloud/seed/nocloud"
        seed.mkdir(parents=True)
        (seed / "user-data").write_text(user_data)
        (seed / "meta-data").write_text(f"instance-id: {self.instance}\n")
        data = " ".join({self.settings[k] for k in ("DATABASE_HOST", "DATABASE_READER_HOST", "CACHE_HOST") if k in self.settings})
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost {self.instance}\n{AWS} {' '.join(aws.NAMES)} deb.debian.org\n{DATA} {data}\n")
        (self.root / "usr/local/share/ca-certificates/test.crt").write_text(certificates.CA.read_text())
        run("chroot", self.root, "update-ca-certificates")
        (self.root / "etc/machine-id").write_text("")

    def metadata(self, **state):
        """Sets what the machine's metadata service answers from now on."""
        new = RUN / "metadata" / f"{self.address}.new"
        new.write_text(json.dumps({"instance-id": self.instance} | state))
        new.rename(new.with_suffix(".json"))

    def refused_tokens(self):
        """Returns how often this machine used a token that had expired; its program then had to get another."""
        return sum(line.startswith(f"{self.address} GET ") and line.endswith(" 401") for line in (RUN / "metadata.log").read_text().splitlines())

    def _boot(self, share):
        binds = [f"--bind={share}:/efs-share"] if share else []
        self.groups = [g / f"mn-{self.folder.name}" for g in (Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")) if (g / "cgroup.procs").exists()]
        for group in self.groups:  # of its own: two systemds in one control group end each other's services
            group.mkdir()
        enter = "".join(f"echo $$ > {group}/cgroup.procs; " for group in self.groups)
        self.process = start(f"{self.folder.name}.console", "sh", "-c", enter + 'exec "$@"', "sh", "systemd-nspawn", "-q", "-b", "-D", self.root, "--register=no", "--keep-unit",
                             f"--network-namespace-path=/run/netns/mn-{self.name}", "--capability=CAP_NET_ADMIN", "--bind=/dev/fuse",
                             *binds, "--console=pipe")
        later(self.kill)

    def leader(self):
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False).stdout.split()
        return int(children[0]) if children else None

    def sh(self, command, check=True, timeout=120):
        """Run a command line inside, as root; its output."""
        leader = self.leader()
        if leader is None:
            raise RuntimeError(f"{self.instance} does not run")
        result = subprocess.run(["nsenter", "-t", str(leader), "-m", "-u", "-i", "-n", "-p", "bash", "-c", command],
                                capture_output=True, text=True, check=False, timeout=timeout)
        if check and result.returncode != 0:
            raise RuntimeError(f"{self.instance}: {command}: exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    def log(self):
        """Returns the output of cloud-init and of the boot."""
        path = self.folder / "upper/var/log/cloud-init-output.log"  # which stays when the machine is gone
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self):
        """As EC2 terminates: a clean shutdown, with a time limit."""
        if self.process.poll() is None and self.leader():
            self.sh("systemctl --no-block poweroff", check=False)  # it may be gone before it has answered
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self):
        """As a host that fails: at once."""
        if leader := self.leader():
            os.kill(leader, signal.SIGKILL)
        end(self.process, 5)
        for group in self.groups:
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)
        if self.root.exists() and os.path.ismount(self.root):
            run("umount", "-l", self.root)
