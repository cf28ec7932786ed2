"""Waiting that a signal ends, as it did before Python 3.5 (PEP 475): `sleep` and `pause`.

Nothing is lost between a look and the wait: from the moment `until` is asked, a signal ends the wait that follows.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from procrun.signals.deadlines import check, time_left
from procrun.signals.handlers import can_handle_signals, require_main_thread
from procrun.signals.wakeup import Wakeup

Condition = Callable[[], object]

_NO_SIGNALS = "wait there for an Event that the handler sets"


def sleep(seconds: float, *, until: Condition | None = None) -> float:
    """Do nothing for some seconds, or until a signal's handler has run; give the seconds that were left.

    Signals without a handler in Python go by. What a handler raises comes out, and DeadlineExceeded comes in time, in
    every thread. With `until` a handler ends the sleep only if that is true then; it is asked first, too.
    No handler runs in other threads than the main one, so nothing shortens the sleep there.

    >>> import signal
    >>> from procrun.signals import alarm, handle
    >>> with handle("ALRM", lambda number, frame: None):
    ...     _ = alarm(0.01)
    ...     left = sleep(60)
    >>> 59 < left < 60
    True

    Raises TypeError and ValueError for what is no number of seconds from 0 up, and WrongThread for
    `until` in another thread.
    """
    if not isinstance(seconds, (int, float)):
        raise TypeError(f"`sleep` takes a number of seconds, not {seconds!r}")
    if not seconds >= 0:
        raise ValueError(f"`sleep` takes a number of seconds from 0 up, not {seconds!r}")
    end = time.monotonic() + seconds
    if until is None and not can_handle_signals():
        _sleep_in_thread(end)
        return 0.0
    _wait("sleep(…, until=…)", end, until)
    return max(0.0, end - time.monotonic())


def pause(*, until: Condition | None = None) -> None:
    """Wait until a signal's handler has run; with `until`, until that is true, which is asked first and after each.

    `while not done: pause()` loses a signal that comes between the look and the wait, and waits for ever (pause(2) does
    too); `pause(until=lambda: done)` does not.

    Raises WrongThread outside the main thread of the main interpreter.
    """
    _wait("pause", None, until)


def _wait(what: str, end: float | None, until: Condition | None) -> None:
    """Wait in the main thread until a handler has run, or `until` is true; and until `end`, if there is one."""
    require_main_thread(f"`{what}` was called", _NO_SIGNALS)
    with Wakeup() as wakeup:
        while until is None or not until():
            check()
            steps = [moment for moment in (end and end - time.monotonic(), time_left()) if moment is not None]
            if end is not None and steps[0] <= 0:
                return
            if wakeup.wait(max(0.0, min(steps)) if steps else None) and until is None:
                return


def _sleep_in_thread(end: float) -> None:
    while True:
        check()
        left = end - time.monotonic()
        if left <= 0:
            return
        limit = time_left()
        time.sleep(left if limit is None else max(0.0, min(left, limit)))
