"""The right to serve a run: one thread has it at a time."""

from __future__ import annotations

import threading
import time


class Turn:
    """A lock that knows whose it is, and waits until a monotonic deadline.

    A sink, or the handler of a signal, may meet its own thread at work on the run.
    """

    def __init__(self) -> None:
        # Reentrant, because it then knows its owner, also when a handler's exception came before `_owner` was set.
        self._lock = threading.RLock()
        self._owner: int | None = None

    @property
    def is_mine(self) -> bool:
        """Whether this thread has it."""
        return self._owner == threading.get_ident()

    def take(self, deadline: float | None) -> bool:
        """Wait for it; False when the deadline has passed. A thread that has it must not ask again.

        To be called within the `try` whose `finally` gives it back: a signal's handler may raise right after.
        """
        timeout = -1 if deadline is None else min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX)
        if not self._lock.acquire(timeout=timeout):
            return False
        self._owner = threading.get_ident()
        return True

    def give(self) -> None:
        """Give it back; nothing for a thread that does not have it."""
        if self._owner == threading.get_ident():
            self._owner = None
        try:
            while True:
                # More than once where a handler's exception came between the parts of `take` or of this.
                self._lock.release()
        except RuntimeError:
            return
