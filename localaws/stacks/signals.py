"""Waiting for resource signals (SignalResource, cfn-signal), for any resource, as a CreationPolicy or an UpdatePolicy
says.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SignalResource.html
In ministack only AWS::CloudFormation::WaitCondition waits.
"""
import re
from types import SimpleNamespace

from ministack.services.cloudformation import wait_conditions
from ministack.services.cloudformation.helpers import _error, _p

from .. import patching
from ..controls import clock, settings
from . import operations
from .records import stack_of

DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$")


class Missing(ValueError):
    """The timeout has passed and `count` signals are missing."""

    def __init__(self, count):
        super().__init__(f"{count} signals are missing")
        self.count = count


def seconds(duration, default):
    match = DURATION.match(str(duration or default))
    if not match:
        raise ValueError(f"{duration} is not an ISO 8601 duration")
    hours, minutes, secs = (int(part or 0) for part in match.groups())
    return (hours * 3600 + minutes * 60 + secs) * settings.values["time_scale"]


class Slot:
    """Collects the signals of one resource while the block runs, also those that come before wait(); its time runs from
    the beginning of the block."""

    def __init__(self, stack, logical_id, rtype):
        self.stack, self.key = stack, (stack["StackId"], logical_id)
        self.waiter = {"stack_name": stack["StackName"], "resource_type": rtype}

    def __enter__(self):
        self.began = clock.now()
        self.waiter["token"] = wait_conditions.register_slot(self.stack["StackId"])
        wait_conditions._waiting[self.key] = self.waiter
        return self

    def __exit__(self, *_):
        wait_conditions._waiting.pop(self.key, None)
        wait_conditions._handles.pop(self.waiter["token"], None)

    def _answers(self):
        handle = wait_conditions._handles.get(self.waiter["token"], {})
        return [s["Status"] for unique_id, s in handle.get("signals", {}).items() if unique_id in handle.get("_has_event", ())]

    def wait(self, count, timeout, verb="creation"):
        """Wait until `count` signals came; returns how many of them were FAILURE. Raises Missing when the time is over,
        ValueError when the operation is cancelled."""
        deadline = self.began + timeout
        while len(answers := self._answers()) < count:
            if wait_conditions._waiting.get(self.key) is not self.waiter:
                raise ValueError("localaws was reset")
            if operations.is_cancelled(self.stack):
                raise ValueError(f"Resource {verb} cancelled")
            if clock.now() > deadline:
                raise Missing(count - len(answers))
            with wait_conditions._changed:
                wait_conditions._changed.wait(0.05)
        return answers.count("FAILURE")


def _wrap_deliver(original):
    """A signal counts after its event was added, so that later events follow it."""
    def deliver(token, payload):
        taken = original(token, payload)
        with wait_conditions._changed:
            wait_conditions._handles.get(token, {}).setdefault("_has_event", set()).add(payload.get("UniqueId"))
            wait_conditions._changed.notify_all()
        return taken
    return deliver


def _wrap_signal(original):
    """The refusal names the stack by its id (convox/rack#2432)."""
    def signal(params):
        stack = stack_of(_p(params, "StackName"))
        if stack and stack["StackStatus"] not in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_COMPLETE"):
            return _error("ValidationError", f"Stack {stack['StackId']} is in {stack['StackStatus']} state and cannot be signaled")
        return original(params)
    return signal


def _wake():
    with wait_conditions._changed:
        wait_conditions._changed.notify_all()


def install():
    patching.replace("deliver_signal", _wrap_deliver)
    patching.replace_action("SignalResource", _wrap_signal)
    wait_conditions.time = SimpleNamespace(monotonic=clock.now)  # of AWS::CloudFormation::WaitCondition
    clock.on_move(_wake)


def refuse(failures, missing, count, percent):
    """Raises AWS's error (with its two blanks) when too few of `count` signals were SUCCESS."""
    good = count - failures - missing
    if good * 100 < percent * count:
        what = f"{failures} FAILURE" if failures else f"{good} SUCCESS"
        raise ValueError(f"Received {what} signal(s) out of {count}.  "
                         f"Unable to satisfy {percent}% MinSuccessfulInstancesPercent requirement")
