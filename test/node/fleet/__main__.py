"""The verbs of test/node/run."""
import signal
import sys

from .harness import image, processes
from .harness.layout import RUN
from .harness.processes import say
from .scenarios import demo_site


def main(verb):
    if verb == "image":
        return image.ensure()
    if verb in ("demo-stop", "demo-show"):
        return demo_site.stop() if verb == "demo-stop" else demo_site.show()
    if RUN.exists():
        processes.run("rm", "-rf", "--one-file-system", RUN)
    RUN.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by its time limit or by somebody"))
    failed = verb != "demo-serve"  # which runs until a signal stops it
    try:
        failed = _work(verb)
    finally:
        say("cleaning up")
        processes.close()
        processes.tidy(keep_logs=bool(failed))
    if isinstance(failed, str):
        print(f"node test: this machine lacks {failed}", file=sys.stderr)
    return 1 if failed else 0


def _work(verb):
    """Returns whether something failed, or the name of a missing ability."""
    if verb == "able":
        from . import abilities
        return abilities.main()
    from . import plans
    return plans.main(verb)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "test"))
