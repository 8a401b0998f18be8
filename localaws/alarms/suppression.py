"""When the actions of a composite alarm with a suppressor are done, and when they wait.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html: nothing is done while the suppressor
is in ALARM; a change of the composite alarm waits WaitPeriod for the suppressor to follow; when the suppressor leaves
ALARM, ExtensionPeriod passes; then what the present state asks for is done. A change discards the period that runs.
"""
from dataclasses import dataclass
from enum import StrEnum

from .state import State


class By(StrEnum):
    """ActionsSuppressedBy."""
    ALARM = "Alarm"
    WAIT = "WaitPeriod"
    EXTENSION = "ExtensionPeriod"


@dataclass
class Owed:
    """An action that was not done yet: of the change from old to new."""
    old: State
    new: State
    reason: str


class Gate:
    """One composite alarm's. It is told each change in the order of time."""

    def __init__(self, suppressor, wait, extension, is_suppressed=False):
        self.suppressor, self.wait, self.extension = suppressor, wait, extension
        self.is_suppressed = is_suppressed  # the suppressor is in ALARM
        self.until = self.by = self.owed = None

    def changed(self, owed, now):
        """The composite alarm has changed."""
        self.owed = owed
        self.by, self.until = (By.ALARM, None) if self.is_suppressed else (By.WAIT, now + self.wait)

    def suppressor_is(self, state, now):
        was, self.is_suppressed = self.is_suppressed, state == State.ALARM
        if self.is_suppressed:
            self.by, self.until = By.ALARM, None
        elif was:
            self.by, self.until = By.EXTENSION, now + self.extension

    def due(self, now):
        """What is to be done at `now`, or None; it is owed no longer."""
        if self.until is None or now < self.until:
            return None
        owed, self.owed, self.until, self.by = self.owed, None, None, None
        return owed
