"""Stands in for EFS: a folder that all machines share."""
from .layout import SHARE
from .processes import later, run


def make():
    """Mount it, with a limited size, so that a test can fill it. Only this run's processes see it."""
    SHARE.mkdir(parents=True)
    run("mount", "-t", "tmpfs", "-o", "size=600m,mode=0755", "efs", SHARE)
    later(lambda: run("umount", "-l", SHARE))
    (SHARE / "moodledata").mkdir()
    run("chown", "www-data:www-data", SHARE / "moodledata")
