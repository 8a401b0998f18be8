"""Runs a command and shows what it prints; says that it still runs whenever it has printed nothing for ten seconds.

    python3 tools/patiently.py WHAT COMMAND…     WHAT says what is going on: "building the deployer"
"""
import os
import select
import subprocess
import sys
import time

SECONDS = 10


def run(what, command, out=sys.stdout, **options):
    """The command's exit code. What it prints, on either stream, goes to out."""
    started = time.monotonic()
    print(f"{what} …", file=out, flush=True)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options) as child:
        pipe, line_ended = child.stdout.fileno(), True
        while True:
            heard, _, _ = select.select([pipe], [], [], SECONDS)
            if heard:
                said = os.read(pipe, 1 << 16)
                if not said:
                    break
                out.buffer.write(said)
                line_ended = said.endswith(b"\n")
            elif child.poll() is not None:
                break  # a process that it left behind still holds the pipe
            else:
                out.write(f"{'' if line_ended else chr(10)}  … still at it after {time.monotonic() - started:.0f} s: {what}\n")
                line_ended = True
            out.flush()
    return child.returncode


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: python3 tools/patiently.py WHAT COMMAND…")
    what, *command = sys.argv[1:]
    try:
        code = run(what, command, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"{what}: {command[0]} can't be run: {error.strerror}")
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
