"""The right to serve a run: one thread has it at a time."""

from __future__ import annotations

import threading
import time
from types import TracebackType


class Turn:
    """A lock that knows whose it is, and waits until a monotonic deadline.

    A sink, or the handler of a signal, may meet its own thread at work on the run.
    """

    def __init__(self) -> None:
        # Reentrant for one case only: an exception of a signal's handler right after it was acquired.
        self._lock = threading.RLock()
        self._owner: int | None = None

    @property
    def is_mine(self) -> bool:
        """Whether this thread has it."""
        return self._owner == threading.get_ident()

    def take(self, deadline: float | None) -> bool:
        """Wait for it; False when the deadline has passed. Raises RuntimeError for a thread that has it."""
        if self.is_mine:
            raise RuntimeError("what a run calls cannot wait for it; to end the run from there use `stop`")
        timeout = -1 if deadline is None else min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX)
        if not self._lock.acquire(timeout=timeout):
            return False
        self._owner = threading.get_ident()
        return True

    def give(self) -> None:
        """Give it back."""
        self._owner = None
        self._lock.release()

    def __enter__(self) -> None:
        self.take(None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give()
