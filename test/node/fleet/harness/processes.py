"""Starts programs and waits for them. close() ends all that start() started, each by its own process id."""
import signal
import subprocess
import time

from .layout import PREFIX, RUN


class Hopeless(Exception):
    """Waiting longer makes no sense."""


_closers = []


def later(undo):
    """Registers what close() undoes, the last first."""
    _closers.append(undo)


def close():
    while _closers:
        try:
            _closers.pop()()
        except Exception as exc:  # the rest must be undone all the same
            say(f"clean up: {exc}")


def tidy(keep_logs):
    """Removes what the run wrote, but keeps its logs where they are wanted."""
    for entry in RUN.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            run("rm", "-rf", "--one-file-system", entry)
        elif not (keep_logs and entry.suffix == ".log"):
            entry.unlink()
    if not keep_logs:
        RUN.rmdir()


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def run(*command, **more):
    """Runs a program to its end; returns its output. The error holds the output too."""
    result = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))[:300]}: exit {result.returncode}\n{result.stdout[-3000:]}")
    return result.stdout


def inside(host, *command):
    """Returns the command line that runs the command in a host's network."""
    return ["ip", "netns", "exec", PREFIX + host, *map(str, command)]


def start(name, *command, **more):
    """Starts a process, which close() ends. Its output goes to a log of that name."""
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
    """Waits for a true answer of check() and returns it. Raises RuntimeError with the last error when the time is
    over."""
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
