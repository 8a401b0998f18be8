"""An administrator's day, in a real browser."""
import shutil

from ..harness.layout import BALANCER, REPOSITORY, RUN, WORK
from ..harness.processes import inside, run, say

PICTURES = WORK / "pictures"


def browser(testbed):
    """In Chromium: log in, make a course, upload a file, see it from every node, log out."""
    testbed.healthy(len(testbed.machines))
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    program = RUN / "browser"
    run("go", "build", "-o", program, "./test/node/browser", cwd=REPOSITORY)
    administrator = testbed.administrator()
    said = run(*inside("client", program, "-site", testbed.address, "-through", BALANCER, "-nodes", ",".join(m.address for m in testbed.machines),
                       "-user", administrator["username"], "-pictures", PICTURES), input=administrator["password"] + "\n", timeout=600)
    say(f"{said.strip()}\n{len(list(PICTURES.glob('*.png')))} pictures are in {PICTURES}")
