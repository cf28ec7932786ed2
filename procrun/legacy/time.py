"""time — `sleep` that a signal ends, and all the rest as it is.

Python 2's rule: `time.sleep` in the main thread returns early, silently, once a handler that
the program set with `signal.signal` has run. Since Python 3.5 (PEP 475) it sleeps on, so that

    signal.alarm(2)
    time.sleep(200)         # until the alarm

takes 200 seconds. `procrun.install()` and `from procrun.legacy import signal` give the rule
to the real `time.sleep`; here it is as a function of its own.

Everything else that waited went on after the handler in Python 2 as well (`Event.wait`,
`Queue.get`, reading a file); `os.read`, `select` and `Popen3.wait`, which raised EINTR, are
repeated today. All differences: docs/legacy.md.
"""

from __future__ import annotations

import operator
import time as _time
from time import *  # noqa: F403

from procrun.signals.handlers import can_handle_signals
from procrun.signals.wakeup import Wakeup

_sleep_on = _time.sleep

# Below it waiting for a descriptor and `time.sleep` accept every number of seconds alike.
_LONGEST = 1e8


def sleep(seconds: float, /) -> None:  # type: ignore[no-redef]
    """Do nothing for some seconds; in the main thread, only until a Python signal handler has run.

    An exception that the handler raises comes out of `sleep`. Signals that are ignored, or have
    no handler of this program, do not end it, and each sleep is whole again. In other threads,
    and when no descriptor is left for waiting, it is today's `time.sleep`, which also says what
    is wrong with a number.
    """
    if not isinstance(seconds, (int, float)):
        seconds = operator.index(seconds)
    if not (0 < seconds < _LONGEST and can_handle_signals()):
        _sleep_on(seconds)
        return
    try:
        wakeup = Wakeup()
    except OSError:
        _sleep_on(seconds)
        return
    end = _time.monotonic() + seconds
    with wakeup:
        # It waits for a day at most.
        while not wakeup.wait(end - _time.monotonic()) and _time.monotonic() < end:
            continue
