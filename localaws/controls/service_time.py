"""Gives the services the clock of clock.py in place of the machine's.

ministack's modules say `import time` or `from datetime import datetime`, so each has a name of its own for it: the
names are replaced in the modules below. Left with the machine's time are those that wait by it (a long poll of SQS
would never end under a clock that stands still), and those in which nothing of a site ends: README.md's table.
"""
import datetime as real_datetime
import importlib
import time as real_time

from . import clock

MODULES = ("core.responses", "services.acm", "services.autoscaling", "services.backup", "services.cloudformation.provisioners",
           "services.cloudwatch", "services.cloudwatch_logs", "services.efs", "services.elasticache", "services.iam", "services.kms",
           "services.rds", "services.route53", "services.secretsmanager", "services.ssm", "services.sts")


class Time:
    """Stands for the module `time`."""

    @staticmethod
    def time():
        return clock.now()

    @staticmethod
    def gmtime(seconds=None):
        return real_time.gmtime(clock.now() if seconds is None else seconds)

    def __getattr__(self, name):
        return getattr(real_time, name)


class _Class(type):
    """Behaves as the class datetime does, for isinstance too."""

    def __call__(cls, *args, **kw):
        return real_datetime.datetime(*args, **kw)

    def __instancecheck__(cls, value):
        return isinstance(value, real_datetime.datetime)

    def __getattr__(cls, name):
        return getattr(real_datetime.datetime, name)


class Datetime(metaclass=_Class):
    """Stands for the class datetime.datetime."""

    @staticmethod
    def now(tz=None):
        return real_datetime.datetime.fromtimestamp(clock.now(), tz)

    @staticmethod
    def utcnow():
        return real_datetime.datetime.fromtimestamp(clock.now(), real_datetime.timezone.utc).replace(tzinfo=None)


class DatetimeModule:
    """Stands for the module `datetime`."""
    datetime = Datetime

    def __getattr__(self, name):
        return getattr(real_datetime, name)


REPLACED = {id(real_time): Time(), id(real_datetime): DatetimeModule(), id(real_datetime.datetime): Datetime}


def install():
    for name in MODULES:
        module = importlib.import_module(f"ministack.{name}")
        for attribute, value in list(vars(module).items()):
            if id(value) in REPLACED:
                setattr(module, attribute, REPLACED[id(value)])
