"""An administrator's day, in a real browser."""
import shutil

from ..harness.processes import BALANCER, REPOSITORY, RUN, WORK, inside, run, say

PICTURES = WORK / "pictures"


def browser(world):
    """In Chromium: log in, make a course, upload a file, see it from every node, log out."""
    world.healthy(len(world.machines))
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    program = RUN / "browser"
    run("go", "build", "-o", program, "./test/node/browser", cwd=REPOSITORY)
    administrator = world.administrator()
    said = run(*inside("client", program, "-site", world.address, "-through", BALANCER, "-nodes", ",".join(m.address for m in world.machines),
                       "-user", administrator["username"], "-pictures", PICTURES), input=administrator["password"] + "\n", timeout=600)
    say(f"{said.strip()}\n{len(list(PICTURES.glob('*.png')))} pictures are in {PICTURES}")
