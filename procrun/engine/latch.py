"""Something that happens once, told by a signal's handler and awaited in a thread."""

from __future__ import annotations

import threading


class Latch:
    """Is set once and stays so.

    Not a `threading.Event`: a handler that interrupts the `set` of another, or of itself, would wait
    for its own thread there.
    """

    def __init__(self) -> None:
        self.is_set = False
        """Whether it has happened."""
        self._lock = threading.Lock()
        self._lock.acquire()

    def set(self) -> None:
        """Tell that it has happened; from any thread, as often as one likes."""
        if not self.is_set:
            self.is_set = True
            self._lock.release()

    def wait(self, seconds: float) -> bool:
        """Wait for it; False when the time has passed."""
        if self._lock.acquire(timeout=seconds):
            self._lock.release()
            return True
        return self.is_set
