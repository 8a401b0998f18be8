"""The verbs of test/node/run."""
import shutil
import signal
import sys

from . import demo, image, place
from .place import RUN, say


def main(verb):
    if verb == "image":
        return image.ensure()
    if verb in ("demo-stop", "demo-show"):
        return demo.stop() if verb == "demo-stop" else demo.show()
    if RUN.exists():
        shutil.rmtree(RUN)
    RUN.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("it was told to end, by its time limit or by somebody"))
    failed = True
    try:
        failed = _able() if verb == "able" else _scenarios(verb)
    finally:
        say("cleaning up")
        place.close()
        place.tidy(keep_logs=bool(failed))
    return failed


def _able():
    from . import probe
    missing = probe.main()
    if missing:
        print(f"node test: this machine lacks {missing}", file=sys.stderr)
    return 1 if missing else 0


def _scenarios(verb):
    from . import scenarios
    return scenarios.main(verb)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "test"))
