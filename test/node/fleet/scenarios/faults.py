"""Faults of a site in service. Visitors send requests without a pause meanwhile, and each failure that they see is
counted."""
import json
import os
import threading
import time

from ..harness import aws, balancer, network
from ..harness.layout import RUN, SHARE
from ..harness.processes import run, say, until


def secret(testbed):
    """The database's password is changed while people read and post; nobody notices."""
    with testbed.crowd() as people:
        # As deploy rotate writes it, which wants ten minutes to have passed since the secret was made.
        aws.client("secretsmanager").put_secret_value(
            SecretId=testbed.settings["DATABASE_SECRET"], SecretString=json.dumps({"username": "moodle_b", "password": "N" + os.urandom(20).hex()}))
        began = time.monotonic()
        until("every node uses the new role", lambda: all('"moodle_b"' in m.sh("cat /run/moodle/secrets.json") for m in testbed.machines), 240)
        say(f"the new role is in use on every node after {time.monotonic() - began:.0f} s")
        served = people.requests
        until("a hundred more requests", lambda: people.requests > served + 100, 240)
    used = (RUN / "postgresql.log").read_text(errors="replace").count("connection authorized: user=moodle_b")
    say(f"secret rotated: {people.summary()}; {used} sessions of moodle_b since")
    if not used:
        raise RuntimeError("nobody logged in to the database as the new role")
    testbed.unharmed(people)


def _recovers(testbed, people, name, nodes):
    """Waits until the site works again and prints what visitors saw so far. From then on no request may fail."""
    began = time.monotonic()
    until("twenty requests without a failure", lambda: people.streak > 20, 240)
    say(f"{name}, back after {time.monotonic() - began:.0f} s: {people.mark()}")
    until("two hundred requests afterwards", lambda: people.requests > 200, 300)
    say(f"{name}, afterwards: {people.summary()}")
    if people.failed:
        raise RuntimeError("the site has not recovered by itself")
    testbed.healthy(nodes)


def link(testbed):
    """A node's cable is cut: the load balancer takes it out, and puts it back when it is reachable again."""
    with testbed.crowd() as people:
        until("a hundred requests", lambda: people.requests > 100, 240)
        victim, began = testbed.machines[0], time.monotonic()
        network.cut(victim.name)
        until("the load balancer leaves it out", lambda: victim.name not in balancer.healthy(), 150)
        say(f"{victim.name} is out after {time.monotonic() - began:.0f} s")
        until("requests that hung on it are over", lambda: not balancer.sessions(victim.name), 120)
        _recovers(testbed, people, "link cut", len(testbed.machines) - 1)
        network.plug(victim.name)
        testbed.healthy(len(testbed.machines))
    testbed.kept(people)


def database(testbed):
    """PostgreSQL is gone for twenty seconds: the nodes stay, and the site comes back by itself."""
    with testbed.crowd() as people:
        testbed.healthy(len(testbed.machines))
        until("a hundred requests", lambda: people.requests > 100, 240)
        testbed.data.stop_postgres()
        time.sleep(20)
        stayed = len(balancer.healthy())
        testbed.data.start_postgres()
        if stayed != len(testbed.machines):
            raise RuntimeError("nodes were taken out because the database was gone: no other node would do better")
        _recovers(testbed, people, "PostgreSQL gone for 20 s", len(testbed.machines))
    testbed.kept(people)


def cache(testbed):
    """The cache is killed and starts anew, empty: who was logged in logs in again."""
    with testbed.crowd() as people:
        until("a hundred requests", lambda: people.requests > 100, 240)
        testbed.data.restart_cache()
        until("requests with the new cache", lambda: people.requests > 160, 240)
        _recovers(testbed, people, "cache killed and started anew", len(testbed.machines))
    testbed.kept(people)


def full(testbed):
    """The shared file system is full: people still read and post, an upload is refused with the reason; with space again an upload works on every node."""
    repository = testbed.data.sql("SELECT i.id FROM mdl_repository_instances i JOIN mdl_repository r ON r.id = i.typeid WHERE r.type = 'upload'", "moodle")
    visitor = testbed.visitor("uploader", testbed.machines[0].address)
    with testbed.crowd() as people:
        filler = SHARE / "moodledata/filler"  # until dd fails, which is what it is for
        run("sh", "-c", f"dd if=/dev/zero of={filler} bs=1M 2>/dev/null; dd if=/dev/zero bs=4k >>{filler} 2>/dev/null; chown www-data {filler}")
        refused = _upload(visitor, repository)
        until("a hundred requests", lambda: people.requests > 100, 240)
        filler.unlink()
        uploaded = _upload(visitor, repository)
    say(f"shared file system full: {people.summary()}; an upload meanwhile: {refused.get('error')}")
    other = testbed.machines[-1]
    status, head, body = visitor.get(uploaded["url"].removeprefix(testbed.address), host=other.address)
    say(f"with room again: uploaded on {testbed.machines[0].name}, and {other.name} gives it back: {status}, {body!r}")
    if "error" not in refused or status != 200 or body != "content of a file":
        raise RuntimeError(f"{refused} {uploaded} {head}")
    testbed.unharmed(people)


def _upload(visitor, repository):
    key, _ = visitor.page_key()
    content = RUN / "upload.txt"
    content.write_text("content of a file")
    fields = {"sesskey": key, "repo_id": repository, "itemid": str(int(time.time())), "title": "upload.txt", "author": "a", "license": "unknown", "savepath": "/",
              "ctx_id": "1", "accepted_types[]": "*"}
    _, head, body = visitor.get("/repository/repository_ajax.php?action=upload", "-F", f"repo_upload_file=@{content};type=text/plain",
                                *[a for name, value in fields.items() for a in ("-F", f"{name}={value}")])
    try:
        return json.loads(body)
    except ValueError:
        return {"error": f"{head} {body[:300]}"}


# A page that works for some seconds while it holds the session's lock. It first writes down its process id.
SLOW = """<?php
$site = require '/etc/moodle/site.php';
require $site['code'] . '/config.php';
require_login();
file_put_contents($CFG->dataroot . '/slow', getmypid());
for ($end = time() + $_GET['seconds']; time() < $end;) {
    usleep(100_000); // one long sleep would end with the signal that the process gets
}
echo 'finished';
"""
LONGEST = 600  # seconds of a request: application.longestRequestSeconds, whose default the test's site has


def processes(testbed):
    """PHP is stopped, and restarted, during a request, which is answered all the same. A killed process keeps its session locked no longer than a request may take."""
    machine = testbed.machines[0]
    fpm = machine.sh("basename /lib/systemd/system/php*-fpm.service").strip()
    page = machine.root / "srv/moodle/root-of-test.php"
    page.write_text(SLOW)
    machine.sh("mv /srv/moodle/root-of-test.php /srv/moodle/root/slow.php")
    for command in (f"systemctl stop {fpm} && systemctl start {fpm}", f"systemctl restart {fpm}"):
        with _Slow(testbed, machine, 8) as slow:
            machine.sh(command)
        say(f"{command}: the request on its way: {slow.answer}")
        if slow.answer != (200, "finished"):
            raise RuntimeError("a request was lost")
    before = set(_locks(machine))
    with _Slow(testbed, machine, 60) as slow:
        machine.sh(f"kill -9 {slow.process}")
    left = {lock: seconds for lock, seconds in _locks(machine).items() if lock not in before}
    say(f"a process killed at work: {slow.answer[0]} at once; the session's lock ends in {list(left.values())} s")
    machine.sh("rm /srv/moodle/root/slow.php /srv/moodledata/slow")
    testbed.healthy(len(testbed.machines))
    if slow.answer[0] != 502 or len(left) != 1 or not all(0 < seconds <= LONGEST for seconds in left.values()):
        raise RuntimeError(f"{slow.answer} {left}")


class _Slow:
    """with _Slow(…) as slow: inside the block the process slow.process works on the page; after it slow.answer is the
    page's answer."""

    def __init__(self, testbed, machine, seconds):
        self._mark = SHARE / "moodledata/slow"
        self._visitor, self.answer = testbed.visitor("slow", machine.address), None
        self._thread = threading.Thread(target=self._ask, args=(seconds,))

    def _ask(self, seconds):
        status, _, body = self._visitor.get(f"/slow.php?seconds={seconds}")
        self.answer = status, body if status == 200 else ""

    def __enter__(self):
        self._mark.unlink(missing_ok=True)
        self._thread.start()
        self.process = until("the page is at work", lambda: self._mark.exists() and self._mark.read_text(), 60, 0.1)
        return self

    def __exit__(self, *_):
        self._thread.join(100)


def _locks(machine):
    """Returns each session lock in the cache with the seconds until it expires."""
    return json.loads(machine.sh("""php -r '
        $site = require "/etc/moodle/site.php"; $secrets = json_decode(file_get_contents("/run/moodle/secrets.json"), true);
        $redis = new Redis(); $redis->connect("tls://" . $site["cacheHost"], 6379, 2.0, null, 0, 2.0, ["stream" => ["cafile" => "/etc/ssl/certs/moodle-cache.pem"]]);
        $redis->auth($secrets["cache"]["password"]); $locks = [];
        foreach ($redis->keys("*_s_*.lock") as $key) { $locks[$key] = $redis->ttl($key); }
        echo json_encode((object) $locks);'"""))
