"""python -m localaws.service start|stop|status: the local AWS in the background, one for each clone of the repository.

`start` prints the lines that point a client at it, so `eval "$(python -m localaws.service start)"` works; everything
else goes to standard error. `stop` ends only the process that `start` of this clone started: the server itself says
its process id, and nothing else is ever signalled. Standard library only.
"""
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from .loopback import without_proxy

REPOSITORY = Path(__file__).resolve().parent.parent
STATE = REPOSITORY / ".localaws"
RUNNING, LOG = STATE / "running.json", STATE / "log"
PORT = int(os.environ.get("LOCALAWS_PORT", "4566"))
ACCOUNT = "111122223333"  # a 12-digit access key is the account id
SECONDS = 60
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def address(port):
    return f"http://127.0.0.1:{port}"


def process_at(port):
    """The process id of the local AWS that answers on the port; None when none does."""
    try:
        with DIRECTLY.open(address(port) + "/_localaws/health", timeout=2) as answer:
            return json.load(answer)["pid"]
    except (OSError, ValueError, KeyError):
        return None


def running():
    """(process id, port) of the server that this clone started, if it still is there."""
    try:
        noted = json.loads(RUNNING.read_text())
    except (OSError, ValueError):
        return None
    return (noted["pid"], noted["port"]) if process_at(noted["port"]) == noted["pid"] else None


def say(text):
    print(text, file=sys.stderr)


def exports(port):
    return (f"export AWS_ENDPOINT_URL={address(port)} AWS_ACCESS_KEY_ID={ACCOUNT} AWS_SECRET_ACCESS_KEY=local\n"
            f"export {' '.join(f'{name}={shlex.quote(value)}' for name, value in without_proxy(os.environ).items())}\n"
            "unset AWS_PROFILE AWS_SESSION_TOKEN")


def _await_health(server):
    deadline = time.monotonic() + SECONDS
    while process_at(PORT) != server.pid:
        if server.poll() is not None:
            sys.exit(LOG.read_text().strip() or "localaws: it ended before it answered")
        if time.monotonic() > deadline:
            server.terminate()
            sys.exit(f"localaws: no answer within {SECONDS} s, see {LOG}")
        time.sleep(0.05)


def start():
    here = running()
    if here:
        say(f"localaws: already running at {address(here[1])} (process {here[0]})")
        return print(exports(here[1]))
    STATE.mkdir(exist_ok=True)
    with LOG.open("w") as log:
        server = subprocess.Popen([sys.executable, "-m", "localaws", "--port", str(PORT)], cwd=REPOSITORY,
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    _await_health(server)
    RUNNING.write_text(json.dumps({"pid": server.pid, "port": PORT}))
    say(f"localaws: running at {address(PORT)} (process {server.pid}, log {LOG})")
    print(exports(PORT))


def stop():
    here = running()
    if not here:
        RUNNING.unlink(missing_ok=True)
        return say("localaws: not running")
    pid, port = here
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS
    while process_at(port) == pid:
        if time.monotonic() > deadline:
            sys.exit(f"localaws: process {pid} does not end, see {LOG}")
        time.sleep(0.05)
    RUNNING.unlink(missing_ok=True)
    say("localaws: stopped")


def status():
    here = running()
    if not here:
        sys.exit("localaws: not running")
    say(f"localaws: running at {address(here[1])} (process {here[0]})")
    print(exports(here[1]))


def main():
    verbs = {"start": start, "stop": stop, "status": status}
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        sys.exit("usage: python -m localaws.service start|stop|status")
    verbs[sys.argv[1]]()


if __name__ == "__main__":
    main()
