"""The one time that everything here lives by: the machine's, until a test takes it over.

GET  /_localaws/clock                            {"now": "2026-10-02T19:20:00Z", "taken": false}
POST /_localaws/clock {"now": "2026-10-02T…Z"}   the clock stands still there (also in the past, when nobody had taken it)
POST /_localaws/clock {"advance_seconds": 300}   … and goes on; what is due on the way happens in its order
POST /_localaws/clock {"release": true}          back to the machine's time; so does POST /_localaws/reset

A clock that stands still is what lets a test say which minute it is. What is to happen at a moment is registered with
plan(); the table in README.md says what that is.
"""
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from ministack.core.responses import request_scope

_taken = None  # epoch seconds, while a test holds the clock
_plans, _listeners, _ends = [], [], []
_moving = threading.RLock()


def now():
    """Returns the time in epoch seconds."""
    return time.time() if _taken is None else _taken


def is_taken():
    return _taken is not None


@dataclass(frozen=True)
class Plan:
    due: Callable[[float], float | None]
    act: Callable[[float], None]
    alone: bool


def plan(due, act, alone=False):
    """due(after) returns the earliest moment later than `after` at which act(moment) is to be called, or None. alone: act
    changes nothing that another plan waits for, so that a plan of each minute is cheap."""
    _plans.append(Plan(due, act, alone))


def on_move(call):
    """Has call() called after each step of the clock: for who waits for a moment in a thread of its own."""
    _listeners.append(call)


def on_end(call):
    """Has call() called when the clock has been moved, before the answer to that."""
    _ends.append(call)


def moment(text):
    """Returns an ISO 8601 time, or a number of seconds, in epoch seconds."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text)
    read = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    return (read if read.tzinfo else read.replace(tzinfo=timezone.utc)).timestamp()


def iso(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown():
    return {"now": iso(now()), "taken": is_taken()}


def change(given):
    """POST /_localaws/clock; raises ValueError for what it can't do."""
    with _moving:
        if set(given) == {"now"}:
            _move(moment(given["now"]))
        elif set(given) == {"advance_seconds"} and isinstance(given["advance_seconds"], (int, float)):
            _move(now() + given["advance_seconds"])
        elif given == {"release": True}:
            release()
        else:
            raise ValueError('{"now": "2026-10-02T19:20:00Z"}, {"advance_seconds": 300} or {"release": true} is wanted')


def release():
    global _taken
    with _moving:
        _taken = None
        _tell()


def _move(end):
    if is_taken() and end < _taken:
        raise ValueError(f'the clock is at {iso(_taken)} and does not go back; {{"release": true}} gives it back')
    _set(min(now(), end))
    moments = _moments(_plans)
    while moments and (first := min(moments, key=moments.get)) and moments[first] <= end:
        _set(moments.pop(first))
        first.act(_taken)
        moments = {**moments, **_moments([first])} if first.alone else _moments(_plans)
    _set(end)
    for call in _ends:
        call()


def _moments(plans):
    """{plan: its next moment} of those that have one."""
    return {p: at for p in plans if (at := p.due(_taken)) is not None}


def _set(moment_):
    global _taken
    _taken = float(moment_)
    _tell()


def _tell():
    for call in _listeners:
        call()


def in_every_scope(tables, act):
    """Calls act() once for each account and region that has something in one of the (account- and region-scoped)
    tables."""
    for key in sorted({key[:2] for table in tables for key in list(table._data)}):
        with request_scope(*key):
            act()
