"""SIGALRM after a time, also on Windows: `alarm`."""

from __future__ import annotations

import math
import time

from procrun.signals.timer import timer
from procrun.signals.watchdog import Call, watchdog
from procrun.system import signals as system


def alarm(seconds: float) -> float:
    """Have SIGALRM sent to this process after some seconds; give the seconds that the alarm before it had left.

    There is one alarm: a new one takes its place, and 0 takes it away. Fractions of a second count. A handler
    (`handle("ALRM", …)`) runs in the main thread and ends `sleep` and `pause`; without one the process ends. Unlike
    `signal.alarm` it may be used inside a `deadline`. A forked child has none.

    Windows has no SIGALRM: a thread keeps the time, and then has the handler called, or ends the process, with 142.

    Raises TypeError and ValueError for what is no number of seconds from 0 up.

    >>> alarm(10)
    0.0
    >>> 9 < alarm(0) <= 10
    True
    """
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise TypeError(f"`alarm` takes a number of seconds, or 0 for none, not {seconds!r}")
    if not 0 <= seconds < math.inf:
        raise ValueError(f"`alarm` takes a number of seconds from 0 up, not {seconds!r}")
    return timer.set_alarm(seconds) if system.HAS_INTERVAL_TIMER else _set_by_watchdog(seconds)


_pending: list[Call] = []
"""The alarm that the watchdog keeps, if there is one."""


def _set_by_watchdog(seconds: float) -> float:
    with watchdog.lock:
        now = time.monotonic()
        left = 0.0
        while _pending:
            call = _pending.pop()
            left = max(0.0, call.due - now)
            watchdog.cancel(call)
        if seconds:
            _pending.append(Call(now + seconds, system.raise_alarm))
            watchdog.add(_pending[0])
        return left
