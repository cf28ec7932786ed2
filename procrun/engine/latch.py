"""Something that happens once, told by a signal's handler and awaited in a thread."""

from __future__ import annotations

import threading


class Latch:
    """Is set once and stays so.

    Not a `threading.Event`: a handler that interrupts its `set` would wait for its own thread there, or, if it raises,
    leave it locked for ever.
    """

    def __init__(self) -> None:
        self.is_set = False
        """Whether it has happened."""
        self._lock = threading.Lock()
        self._lock.acquire()

    def set(self) -> None:
        """Tell that it has happened; from any thread, as often as one likes."""
        if not self.is_set:
            # In this order: a handler that raises in between costs a second release.
            self._release()
            self.is_set = True

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for it; False when the time has passed."""
        if not self.is_set and self._lock.acquire(
            timeout=-1 if seconds is None else min(seconds, threading.TIMEOUT_MAX)
        ):
            self._release()
            return True
        return self.is_set

    def _release(self) -> None:
        try:
            self._lock.release()
        except RuntimeError:
            return  # Another has.
