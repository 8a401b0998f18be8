"""Makes .venv/NAME, with what NAME/requirements.txt pins, unless it stands there already: python3 tools/venv.py NAME

The Python that runs this makes it. The note .venv/NAME/.installed, written last, says from what: an environment without it, or with
another one, is thrown away and made again. So is one whose interpreter is gone, or a package of it. Standard library only; all output goes to standard
error, since make's own output may be evaluated by a shell.
"""
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)  # tried; the pins need the oldest
RUNS = os.path.realpath(getattr(sys, "_base_executable", sys.executable))  # not a link of an environment that may be thrown away
VERSION = "%d.%d" % sys.version_info[:2]


def say(text):
    print(text, file=sys.stderr, flush=True)


def check_python():
    """Refuse a Python that can't do it, with what to do."""
    if sys.version_info < OLDEST:
        sys.exit(f"make: {sys.executable} is Python {VERSION}; this needs Python 3.11 or newer. Where a newer one is installed, name it: "
                 "PYTHON=python3.12 make …")
    if sys.version_info[:2] > NEWEST:
        say(f"make: {sys.executable} is Python {VERSION}, which was not tried (3.11 to 3.13 were). If it fails: PYTHON=python3.13 make …")
    ensurepip = importlib.util.find_spec("ensurepip")
    if not (ensurepip and ensurepip.origin):  # an empty folder of that name is a package without an origin
        package = "python3-venv" if RUNS == os.path.realpath("/usr/bin/python3") else f"python{VERSION}-venv"
        sys.exit(f"make: {sys.executable} can't make virtual environments: its module ensurepip is missing. Debian and Ubuntu keep it in "
                 f"a package of its own: apt install {package}")


def expected(requirements, folder):
    """What the note of a whole environment says."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    return f"made by {RUNS} (Python {VERSION})\nat {os.path.realpath(folder)}\nfrom requirements with the SHA-256 {digest}\n"


def packages(folder):
    """How many packages of an environment are whole: each folder and file at its top is there, as pip noted it
    (https://packaging.python.org/en/latest/specifications/recording-installed-packages/)."""
    whole = 0
    for record in folder.glob("lib*/python*/site-packages/*.dist-info/RECORD"):
        site = record.parent.parent
        names = {line.split("/")[0].split(",")[0].strip('"') for line in record.read_text(encoding="utf-8").splitlines()}
        whole += all((site / name).exists() for name in names - {".."})
    return f"with {whole} packages\n"


def lacks(folder, wanted):
    """Why an environment has to be made, None when it stands."""
    if not folder.is_dir():
        return "it is not there"
    try:
        noted = (folder / ".installed").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "it was not made to its end"
    for was, now in zip(noted.splitlines(), wanted.splitlines()):
        if was != now:
            return f"it was {was}; now it has to be {now}"
    try:
        runs = subprocess.run([folder / "bin" / "python", "-c", ""], check=False).returncode == 0
    except OSError:
        runs = False
    if not runs:
        return "its interpreter is gone"
    return None if noted == wanted + packages(folder) else f"it was not left as it was made: now it is {packages(folder).strip()}"


def make(name, requirements, folder, wanted):
    """Make an environment from nothing."""
    import patiently
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", requirements]
    for what, command in ((f"making the virtual environment .venv/{name}", [RUNS, "-m", "venv", folder]),
                          (f"installing what {name}/requirements.txt pins (up to a few minutes, once)", pip)):
        code = patiently.run(what, command, out=sys.stderr, env={**os.environ, "PIP_USER": "0"})  # a person's pip may install elsewhere
        if code:
            sys.exit(f"make: {what} failed, with exit code {code}: the lines above say why. Run make again when that is mended")
    (folder / ".installed").write_text(wanted + packages(folder), encoding="utf-8")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: python3 tools/venv.py NAME")
    check_python()
    import fcntl
    name = sys.argv[1]
    requirements, folder = ROOT / name / "requirements.txt", ROOT / ".venv" / name
    try:
        folder.parent.mkdir(exist_ok=True)
        wanted = expected(requirements, folder)
        if lacks(folder, wanted) is None:
            return
        with open(ROOT / ".venv" / f"{name}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another make may be at it: then this one finds it made
            why = lacks(folder, wanted)
            if why:
                say(f"make: .venv/{name}: {why}")
                make(name, requirements, folder, wanted)
    except OSError as error:
        sys.exit(f"make: .venv/{name} can't be made: {error}. Where it belongs to another user, remove it as that user")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
