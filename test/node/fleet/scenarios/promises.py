"""What every serving node promises: rights, hardening, health, headers, logs and metrics. Each node is asked itself."""
import html
import json
import re
import time

from ..harness import aws, metadata_service
from ..harness.processes import Hopeless, say, until
from ..harness.visitors import curl

WEB = "setpriv --reuid www-data --regid www-data --clear-groups "

# What is asked of a node as root; the answer must match.
KEPT = {
    "PHP's user can't reach the metadata service": (WEB + "curl -s -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token; echo $?", r"^(7|28)$"),
    "root can": ("curl -s -m 5 -o /dev/null -w '%{http_code}' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token", r"^200$"),
    "the secrets are root's, and PHP may read them": ("stat -c '%U %G %a' /run/moodle/secrets.json", r"^root www-data 640$"),
    "PHP's user can't change the code": (WEB + "sh -c 'touch /srv/moodle/root/x 2>&1'", r"(Permission denied|Read-only)"),
    "no file of the code is dated 1970": ("find -L /srv/moodle/root -newermt 1970-01-01 ! -newermt 2000-01-01 -name '*.php' | wc -l", r"^0$"),
    "the file system is mounted, with TLS, the role and the access point": ("grep -c '^fs-[^ ]* /srv/moodledata efs _netdev,noresvport,tls,iam,accesspoint=fsap-' /etc/fstab; mountpoint /srv/moodledata", r"^1\n.*is a mountpoint"),
    "few are trusted to be the database or the cache": ("grep -c BEGIN /etc/ssl/certs/moodle-database.pem /etc/ssl/certs/moodle-cache.pem", r"^\S+database.pem:1\n\S+cache.pem:[1-9]$"),
    "PHP speaks TLS 1.2 to the cache": ("""php -r '$site = require "/etc/moodle/site.php";
        $trust = stream_context_create(["ssl" => ["cafile" => "/etc/ssl/certs/moodle-cache.pem"]]);
        echo stream_get_meta_data(stream_socket_client("tls://" . $site["cacheHost"] . ":6379", $code, $why, 5, STREAM_CLIENT_CONNECT, $trust))["crypto"]["protocol"];'""", r"^TLSv1\.2$"),
    "nobody logs in by SSH": ("systemctl is-enabled ssh.service 2>&1; ss -ltn | grep -c ':22 '", r"^masked\n0$"),
    "the distribution's sites are gone": ("ls /etc/nginx/sites-enabled /etc/php/*/fpm/pool.d", r"^(?!.*(default|www\.conf)).*moodle\.conf.*$"),
    "security upgrades come by themselves": ("apt-config dump APT::Periodic::Unattended-Upgrade", r'"1"'),
    "PHP runs with its system read-only": ("systemctl show -p ProtectSystem -p NoNewPrivileges --value $(basename /lib/systemd/system/php*-fpm.service)", r"yes\nstrict|strict\nyes"),
    "PHP is stopped so that requests finish, and goes on when the kernel kills a process": (
        "systemctl show -p KillSignal -p KillMode -p OOMPolicy $(basename /lib/systemd/system/php*-fpm.service)", r"(?=.*KillSignal=3\b)(?=.*KillMode=mixed)(?=.*OOMPolicy=continue)"),
    "no secret in the process list": ("tr '\\0' ' ' < /proc/$(pgrep -o php-fpm)/environ; ps axww", r"^(?!.*" + "password=" + r").*$"),
    "no visitor has to make a folder of the local cache's locks": ("ls /var/local/moodle/muc/filelocks | wc -l", r"^256$"),
    "no unit has failed": ("systemctl --failed --no-legend --plain | grep -v run-rpc", r"^$"),
}


def promises(testbed):
    """Every node keeps its promises: rights, hardening, health, headers, logs and metrics."""
    testbed.healthy(len(testbed.machines))
    _write(testbed)
    broken = [f"{m.name}: {name}: {answer!r}" for m in testbed.machines for name, (ask, wanted) in KEPT.items()
              if not re.search(wanted, (answer := m.sh(ask, check=False).strip()), re.S)]
    for machine in testbed.machines:
        until(f"the deep check of {machine.name}", lambda machine=machine: _deep(machine), 180, 2)
        broken += _answers(testbed, machine)
    cron = int(testbed.data.sql("SELECT count(*) FROM node_cron", "moodle"))
    until("every part of every node has told CloudWatch that it is well", lambda: _metrics(testbed), 150, 5)
    events = until("each node's journal is in the log group", lambda: _journals(testbed), 60, 2)
    broken += [f"{m.name}: {unit} ended {count} times" for m in testbed.machines for unit in ("node-journal", "node-drain")
               if (count := m.sh(f"systemctl show -p NRestarts --value {unit}").strip()) != "0"]
    say(f"{len(KEPT)} promises checked on {len(testbed.machines)} nodes; cron has had {cron} minutes; {events} lines of the nodes in the log group")
    if broken or not cron:
        raise RuntimeError("\n".join(broken) or "cron has not run")


def _deep(machine):
    """Returns True when the node's deep check reports the whole site healthy. Cron may not have run yet for the first
    time."""
    answer = json.loads(machine.sh("curl -s http://127.0.0.1:8081/"))
    if not answer["ok"]:
        raise RuntimeError(answer)
    return True


def _answers(testbed, machine):
    """Checks the node's HTTP answers, from inside and from outside; returns what is wrong."""
    broken = []
    _, head, _ = curl(testbed.address + "/login/index.php", host=machine.address)
    for wanted in (r"(?im)^server: nginx\s*$", r"(?im)^x-content-type-options: nosniff", r"(?im)^content-type: text/html"):
        if not re.search(wanted, head):
            broken.append(f"{machine.name}: a header is missing: {wanted} in {head}")
    for path, wanted in {"/config.php": (200, 303), "/.git/config": (404,), "/composer.json": (404,), "/lib/tests/fixtures/x": (404,), "/admin/cli/cron.php": (404, 403, 200)}.items():
        status, _, body = curl(testbed.address + path, host=machine.address)
        if status not in wanted or "dbpass" in body:
            broken.append(f"{machine.name}: {path}: {status}")
    broken += _parts(testbed, machine)
    status, _, _ = curl(f"http://{machine.address}:8081/")
    if status:
        broken.append(f"{machine.name}: the deep check answers from outside")
    return broken


def _parts(testbed, machine):
    """Every script, style, font and picture that the login page names, twice: PHP makes them, later nginx sends them
    from the local disk."""
    page = curl(testbed.address + "/login/index.php", host=machine.address)[2]
    named = sorted({html.unescape(link) for link in re.findall(rf'(?:src|href)="({re.escape(testbed.address)}/(?:theme|lib|pluginfile)[^"]+)"', page)})
    style = next((link for link in named if "/theme/styles.php" in link), None)
    rules = curl(style, host=machine.address)[2] if style else ""
    named += sorted({testbed.address + link for link in re.findall(r"url\(['\"]?(?:https?:)?(?://[^/]+)?(/theme/(?:font|image)\.php[^'\")]+)", rules)})[:12]
    missing = [f"{machine.name}: {link}: {status}" for _ in range(2) for link in named if (status := curl(link, host=machine.address)[0]) != 200]
    return missing if len(named) > 6 else [f"{machine.name}: the login page names {named} only"]


def _metrics(testbed):
    now = aws.now()
    answer = aws.client("cloudwatch").get_metric_statistics(Namespace="Moodle", MetricName="NodeIsWell", Dimensions=[{"Name": "Site", "Value": "node-test"}], Period=60,
                                                            StartTime=now - aws.MINUTES, EndTime=now + aws.MINUTES, Statistics=["SampleCount", "Maximum"])
    return any(point["SampleCount"] and point["Maximum"] == 1 for point in answer["Datapoints"])


LINES = [f"line {n} of the node test" for n in range(4)]


def _write(testbed):
    """Writes lines into each node's journal, with pauses longer than a token's lifetime: each must reach the log group,
    and none twice."""
    for line in LINES:
        for machine in testbed.machines:
            machine.sh(f"logger -p user.warning '{line}'")
        time.sleep(metadata_service.LIFETIME + 2)


def _journals(testbed):
    """Returns how many lines of the nodes the log group holds, or 0 until it holds all lines of the test."""
    group, count = testbed.settings["LOG_GROUP"], 0
    names = aws.streams(group)
    for machine in testbed.machines:
        sent = [message for name in names if name.startswith(f"{machine.instance}/") for message in aws.messages(group, name)]
        found = sorted(message for message in sent if message in LINES)
        if len(found) > len(LINES):
            raise Hopeless(f"{machine.name} has sent lines twice: {found}")
        if found != LINES:
            return 0
        count += len(sent)
    return count
