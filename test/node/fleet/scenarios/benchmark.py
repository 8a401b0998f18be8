"""A node's pages under three configurations in turn, on one machine with one database and one shared file system:
ratios, for docs/node.md."""
import json
import os
import re
import statistics
import time

from ..harness import commands, processes
from ..harness.layout import DATA, NODE_TESTS, RUN, SHARE
from ..harness.processes import inside, run, say, start, until
from ..harness.testbed import steps

ROUNDS, SECONDS, CLIENTS = 3, 4, 4
FAR = "10.77.0.11"  # where the database and the cache are behind a network of some milliseconds
SIM = NODE_TESTS / "sim"

# Takes away what the node's config.php sets for speed: Moodle's own defaults, all of them on the shared file system.
DEFAULTS = """<?php
unset($CFG->localcachedir, $CFG->localrequestdir, $CFG->altcacheconfigpath, $CFG->alternative_component_cache, $CFG->session_handler_class, $CFG->lock_factory,
    $CFG->xsendfile, $CFG->xsendfilealiases, $CFG->skiplangupgrade);
$CFG->routerconfigured = true;
"""
POOL = """[global]
error_log = syslog
[moodle]
user = www-data
group = www-data
listen = /run/php/moodle.sock
listen.owner = www-data
listen.group = www-data
pm = dynamic
pm.max_children = {0}
pm.start_servers = {1}
pm.min_spare_servers = {2}
pm.max_spare_servers = {3}
[health]
user = www-data
group = www-data
listen = /run/php/health.sock
listen.owner = www-data
listen.group = www-data
pm = static
pm.max_children = 2
"""
# debian: php.ini and the pool as its packages bring them. reference: what aws-refarch-moodle sets, on Amazon Linux's
# pool.
VARIANTS = {
    "ours": None,
    "debian": {"php.ini": "", "pool": POOL.format(5, 2, 1, 3), "config": DEFAULTS},
    "reference": {"php.ini": "opcache.file_cache=/var/local/moodle/opcache\nopcache.file_cache_only=1\nopcache.max_accelerated_files=8000\n",
                  "pool": POOL.format(50, 5, 5, 35), "config": DEFAULTS},
}

SUMMARY = """done = function(summary, latency)
  io.write(string.format('{"requests": %d, "seconds": %f, "p50": %f, "p95": %f, "errors": %d}\\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


class Bench:
    def __init__(self, testbed):
        self.testbed, self.machine = testbed, testbed.machines[0]
        root, php = self.machine.root, self.machine.sh("php -r 'echo PHP_MAJOR_VERSION, \".\", PHP_MINOR_VERSION;'")
        self.fpm = f"php{php}-fpm"
        self.files = {"php.ini": root / f"etc/php/{php}/fpm/conf.d/90-moodle.ini", "pool": root / f"etc/php/{php}/fpm/pool.d/moodle.conf",
                      "config": root / "etc/moodle/variant.php"}
        self.ours = {"php.ini": self.files["php.ini"].read_text(), "pool": self.files["pool"].read_text(), "config": "<?php\n"}
        self.files["config"].write_text(self.ours["config"])
        self.machine.sh("sed -i \"s#^require_once .*lib/setup.php.*#require '/etc/moodle/variant.php'; &#\" $(dirname $(readlink -f /srv/moodle/root))/config.php"
                        " && install -d -o www-data /var/local/moodle/opcache && systemctl stop moodle-cron.timer node-check.timer node-secrets.timer")
        (RUN / "summary.lua").write_text(SUMMARY)

    def use(self, variant):
        for name, path in self.files.items():
            path.write_text((VARIANTS[variant] or self.ours)[name])
        self.machine.sh(f"systemctl restart {self.fpm}")
        self.visitor = self.testbed.visitor("bench", self.machine.address)
        self.pages = {"login": ("/login/index.php", "logintoken", False), "front": ("/?redirect=0", "Node test", False),
                      "course": (f"/course/view.php?id={self.course}", "Test course", True)}

    def make_course(self):
        self.machine.sh("cd /srv/moodle/root && setpriv --reuid www-data --regid www-data --clear-groups env HOME=/nonexistent php admin/tool/generator/cli/maketestcourse.php "
                        "--shortname=bench1 --size=S --bypasscheck", timeout=300)
        self.course = self.testbed.data.sql("SELECT id FROM mdl_course WHERE shortname = 'bench1'", "moodle")

    def cell(self, page, clients=CLIENTS, seconds=SECONDS):
        """One page for some seconds: requests, p50, p95, and CPU of the whole machine per request in ms."""
        path, marker, logged_in = self.pages[page]
        for _ in range(6):  # each PHP process has compiled it, or found it compiled
            status, _, body = self.visitor.get(path) if logged_in else self.testbed.anonymous(path, self.machine.address)
            if status != 200 or marker not in body:
                raise RuntimeError(f"{page}: {status} {body[:500]}")
        cookie = "; ".join(f"{f[5]}={f[6]}" for f in (line.split("\t") for line in self.visitor.jar.read_text().splitlines()) if len(f) == 7)
        name = self.testbed.address.removeprefix("http://")
        before = self.cpu()
        said = run(*inside("client", "wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", RUN / "summary.lua", "-H", f"Host: {name}",
                           *(["-H", f"Cookie: {cookie}"] if logged_in else []), f"http://{self.machine.address}{path}"))
        answer = json.loads(re.search(r"^\{.*\}$", said, re.M)[0])
        if answer["errors"] or not answer["requests"]:
            raise RuntimeError(f"{page}: {said}")
        return {"rate": answer["requests"] / answer["seconds"], "p50": answer["p50"], "p95": answer["p95"], "cpu": (self.cpu() - before) / answer["requests"]}

    def cpu(self):
        """Milliseconds of CPU that the machine's control group has used."""
        stat = next(g / "cpu.stat" for g in self.machine.groups if (g / "cpu.stat").exists())
        return int(re.search(r"usage_usec (\d+)", stat.read_text())[1]) / 1000

    def turns(self, rounds, **how):
        """Each configuration in turn, each page, as often as rounds: the median of each number."""
        cells = {}
        for _ in range(rounds):
            for variant in VARIANTS:
                self.use(variant)
                for page in self.pages:
                    cells.setdefault((page, variant), []).append(self.cell(page, **how))
        return {key: {what: statistics.median(c[what] for c in some) for what in some[0]} | {"least": min(c["rate"] for c in some), "most": max(c["rate"] for c in some)}
                for key, some in cells.items()}


def slow_share():
    """Mounts the shared folder with the latency that is assumed of EFS; returns where."""
    run("go", "build", "-o", RUN / "sim", "./...", cwd=_folder(RUN / "sim") and SIM)
    target = _folder(RUN / "slow")
    start("slowfs", RUN / "sim/slowfs", SHARE, target)
    processes.later(lambda: run("umount", "-l", target))
    until("the slow file system", lambda: os.path.ismount(target), 20)
    return target


def _folder(path):
    path.mkdir(exist_ok=True)
    return path


def bench(testbed):
    """One node; login, front page and a generated course under three configurations in turn; the same again with database and cache some milliseconds away."""
    testbed.ec2.share = slow_share()
    testbed.first_deployment(nodes=1)
    testbed.healthy(1)
    bench_of = Bench(testbed)
    bench_of.make_course()
    near = bench_of.turns(ROUNDS)
    _table(near)
    run(*inside("data", "ip", "addr", "add", f"{FAR}/24", "dev", "eth0"))
    for port in (5432, 6379):
        start(f"lag-{port}", *inside("data", RUN / "sim/lag", "-listen", f"{FAR}:{port}", "-to", f"{DATA}:{port}", "-one-way", "500us"))
    bench_of.machine.sh(f"sed -i 's/^{DATA} /{FAR} /' /etc/hosts")
    say(f"round trip to the cache: {_round_trip(bench_of.machine):.2f} ms")
    far = bench_of.turns(1, clients=1, seconds=6)
    say("one visitor, ms for a page (median): " + json.dumps({f"{page} {variant}": round(cell["p50"]) for (page, variant), cell in far.items()}))
    slower = [page for page in bench_of.pages if far[page, "ours"]["p50"] >= far[page, "debian"]["p50"]]
    if slower:
        raise RuntimeError(f"with a far cache slower than Debian's defaults: {slower}")


def _table(cells):
    print("| page | configuration | requests/s (least–most) | p95 ms | CPU ms a request | ours to it: requests/s, CPU |\n| --- | --- | --- | --- | --- | --- |")
    for (page, variant), cell in cells.items():
        ours = cells[page, "ours"]
        print(f"| {page} | {variant} | {cell['rate']:.1f} ({cell['least']:.1f}–{cell['most']:.1f}) | {cell['p95']:.0f} | {cell['cpu']:.1f} | "
              f"{ours['rate'] / cell['rate']:.1f}×, {cell['cpu'] / ours['cpu']:.1f}× less |", flush=True)


def _round_trip(machine):
    """Milliseconds from the node to the cache and back."""
    return float(machine.sh("""php -r '
        $site = require "/etc/moodle/site.php"; $secrets = json_decode(file_get_contents("/run/moodle/secrets.json"), true);
        $redis = new Redis(); $redis->connect("tls://" . $site["cacheHost"], 6379, 2.0, null, 0, 2.0, ["stream" => ["cafile" => "/etc/ssl/certs/moodle-cache.pem"]]);
        $redis->auth($secrets["cache"]["password"]); $start = hrtime(true); for ($i = 0; $i < 100; $i++) { $redis->ping(); } echo (hrtime(true) - $start) / 1e8;'"""))


def boot(testbed):
    """A second node on the site: how long until it is healthy, without the installation."""
    launched = len(testbed.ec2.launched)
    commands.generate(nodes=1, site_name="Node test, anew")
    began = time.monotonic()
    code, said = commands.deployed(commands.deploy(), 900, testbed.ec2.broken)
    successor = testbed.ec2.launched[launched]
    took = steps(successor)
    own = sum(ms for name, ms in took.items() if name not in ("packages", "health"))
    say(f"a node without the installation: deploy up took {time.monotonic() - began:.0f} s, its steps in ms {took}; the project's own, without packages and "
        f"the load balancer's checks: {own / 1000:.1f} s; exit {code}")
    if code != 0:
        raise RuntimeError(said)
