"""Which scenarios each verb of test/node/run runs, in order. A scenario is a function: it prints what it saw, and
raises when that is wrong."""
import os
import time

from .harness import processes
from .harness.processes import say
from .harness.testbed import Testbed
from .scenarios import benchmark, browser_day, demo_site, faults, installation, rollouts
from .scenarios.promises import promises

# Each list runs on a testbed of its own.
PLANS = {
    "one": [[installation.one, promises]],
    "cold": [[installation.one]],
    "test": [[installation.killed, faults.secret, promises, faults.processes, rollouts.replace, rollouts.wrong]],
    "faults": [
        [installation.cut_off],
        [installation.killed_three_times, promises, browser_day.browser, faults.link, faults.database, faults.cache, faults.full, faults.processes, faults.secret, rollouts.replace, rollouts.wrong,
         rollouts.broken, rollouts.absent, rollouts.slow_metadata, rollouts.upgrade],
    ],
    "bench": [[benchmark.bench, benchmark.boot]],
    "browser": [[installation.two, browser_day.browser]],
    "demo-serve": [[demo_site.serve]],
}


def main(verb):
    """Runs a plan, or one scenario by its name; returns whether something failed."""
    if verb not in PLANS and verb not in {f.__name__ for plan in PLANS.values() for part in plan for f in part}:
        raise SystemExit(f"node test: no verb {verb}; there are {', '.join(PLANS)}")
    passed, failed = 0, []
    for part in PLANS.get(verb) or [[installation.killed, next(f for plan in PLANS.values() for part in plan for f in part if f.__name__ == verb)]]:
        done, trouble = _try(part, warm=verb != "cold")
        passed, failed = passed + done, failed + trouble
        processes.close()
        processes.tidy(keep_logs=True)
    say(f"{passed} passed, {len(failed)} failed{': ' if failed else ''}{', '.join(failed)}")
    return bool(failed)


def _try(part, warm):
    """Runs scenarios on one testbed, and goes on after a failure where a site is left. Returns how many passed, and the
    names of those that failed."""
    passed, failed, testbed = 0, [], None
    for scenario in part:
        say(f"=== {scenario.__name__}: {scenario.__doc__}")
        began = time.monotonic()
        try:
            testbed = testbed or Testbed(warm=warm)
            scenario(testbed)
        except Exception as exc:
            say(f"FAILED: {scenario.__name__}: {exc}")
            print(testbed.logs() if testbed else "")
            if os.environ.get("KEEP"):
                say("kept for a look, for KEEP seconds")
                time.sleep(int(os.environ["KEEP"]))
            failed.append(scenario.__name__)
            if not hasattr(testbed, "settings"):
                break
            continue
        passed += 1
        say(f"passed: {scenario.__name__} in {time.monotonic() - began:.0f} s")
    if testbed:
        testbed.ec2.wait_for_terminations()
    return passed, failed
