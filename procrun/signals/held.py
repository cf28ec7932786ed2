"""Let the handlers of signals wait while something is done that must not be broken off."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

# Those whose handlers usually raise: Ctrl-C, the requests to end, timers.
_NAMES = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGBREAK", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2")
_NUMBERS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


@contextmanager
def held_back() -> Iterator[None]:
    """Call the handlers of signals that come during the block at its end.

    A handler that raises (KeyboardInterrupt) can come between any two steps: `subprocess.Popen` forgets a child that it
    has started, and a new descriptor has no owner yet. The block must not wait for anything but the system.
    Handlers run in the main thread only, so elsewhere this does nothing.
    """
    came: list[tuple[int, FrameType | None]] = []
    held: dict[int, Any] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in _NUMBERS:
                handler = signal.getsignal(number)
                if callable(handler):
                    held[number] = handler
                    signal.signal(number, lambda number, frame: came.append((number, frame)))
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        with ExitStack() as calls:
            # All of them, even if the first raises.
            for number, frame in reversed(came):
                calls.callback(held[number], number, frame)
