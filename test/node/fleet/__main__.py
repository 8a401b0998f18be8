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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from . import scenarios
    try:
        return scenarios.main(verb)
    finally:
        say("cleaning up")
        place.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "test"))
