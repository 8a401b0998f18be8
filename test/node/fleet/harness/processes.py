"""Where everything is: folders, addresses, processes. Whoever starts a process says it here, and close() ends it by its id."""
import os
import signal
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[4]
NODE_TESTS = REPOSITORY / "test/node"
WORK = Path(os.environ.get("NODE_TEST_DIR", "/var/tmp/moodle-node-test"))
DISTRIBUTION = os.environ.get("NODE_TEST_IMAGE", "ubuntu")
IMAGE = WORK / f"image-{DISTRIBUTION}"  # made once
RUN = WORK / "run"   # of one run, removed with it
SHARE = RUN / "efs"  # what all nodes see as their file system

PREFIX = "mn-"
AWS, BALANCER, DATA, CLIENT = "10.77.0.2", "10.77.0.5", "10.77.0.10", "10.77.0.100"
METADATA = "169.254.169.254"
NODES = [f"10.77.0.{n}" for n in range(21, 29)]
ACCOUNT, REGION = "111122223333", "eu-central-1"
ENVIRONMENT = "nodetest"

class Hopeless(Exception):
    """Waiting longer makes no sense."""


_closers = []


def later(undo):
    """Undo it when this process ends, last first."""
    _closers.append(undo)


def close():
    while _closers:
        try:
            _closers.pop()()
        except Exception as exc:  # the rest must be undone all the same
            say(f"clean up: {exc}")


def tidy(keep_logs):
    """Remove what the run wrote, but for its logs where they are wanted."""
    for entry in RUN.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            run("rm", "-rf", "--one-file-system", entry)
        elif not (keep_logs and entry.suffix == ".log"):
            entry.unlink()
    if not keep_logs:
        RUN.rmdir()


def share():
    """What all nodes see as their file system: of limited size, so that it can be filled. It is seen by this run's processes alone."""
    SHARE.mkdir(parents=True)
    run("mount", "-t", "tmpfs", "-o", "size=600m,mode=0755", "efs", SHARE)
    later(lambda: run("umount", "-l", SHARE))
    (SHARE / "moodledata").mkdir()
    run("chown", "www-data:www-data", SHARE / "moodledata")


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def run(*command, **more):
    """Run to the end; the error has what it said."""
    result = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))[:300]}: exit {result.returncode}\n{result.stdout[-3000:]}")
    return result.stdout


def inside(host, *command):
    """The command line that runs in a host's network."""
    return ["ip", "netns", "exec", PREFIX + host, *map(str, command)]


def start(name, *command, **more):
    """Start a process that ends with us; its output goes to a log of that name."""
    log = open(RUN / f"{name}.log", "ab")
    process = subprocess.Popen([str(c) for c in command], stdin=more.pop("stdin", subprocess.DEVNULL), stdout=log, stderr=log,
                               start_new_session=True, **more)
    later(lambda: end(process))
    return process


def end(process, patience=10):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def until(what, check, seconds, every=0.5):
    """The first true answer of check; RuntimeError when the time is over, with the last error."""
    deadline, last = time.monotonic() + seconds, None
    while True:
        try:
            if answer := check():
                return answer
        except (OSError, RuntimeError, subprocess.SubprocessError) as exc:
            last = exc
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {seconds} s" + (f" ({last})" if last else ""))
        time.sleep(every)
