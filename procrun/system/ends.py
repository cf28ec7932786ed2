"""Wait for the ends of processes that need not be our children: by events, where the system has them.

Linux: pidfds in an epoll, which `poll` can wait for beside the pipes of a run. Elsewhere, and where no descriptors are
left, by looking at the table in growing pauses. Nothing here signals or reaps.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterable, Sequence

from procrun.system import table
from procrun.system.facts import Row

# Between two looks, where there is no event.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.1

# A day: the system refuses to wait for more than some weeks at once.
_LONGEST = 86400.0


class Ends:
    """Some processes, until all of them have ended. A `system.Wake` for `serve_streams`, which returns at each end.

    One is waited for after the other, the last first: when it has ended most of the others have, too. To be roused by
    each of a thousand ends takes longer than the ends.
    """

    def __init__(self, processes: Iterable[tuple[Row, int | None]]) -> None:
        """Each process with its handle of `table.open_handle`, which stays the caller's."""
        self._waiting = list(processes)
        self._handle: int | None = None
        self._is_ours = False
        self._pause = _FIRST_PAUSE
        self._epoll = _make_epoll()
        self._next()

    @property
    def descriptors(self) -> Sequence[int]:
        """What becomes readable when the next one has ended; nothing where there is no event."""
        return (self._epoll.fileno(),) if self._epoll is not None and self._handle is not None else ()

    @property
    def is_done(self) -> bool:
        """Whether all have ended, as far as has been looked."""
        return not self._waiting

    def set(self) -> None:
        """Nothing: only ends rouse."""

    def clear(self) -> None:
        """Note the ends that have come."""
        while self._waiting and self._has_ended():
            self._drop()
            self._waiting.pop()
            self._next()

    def limit(self, deadline: float) -> float:
        """When to look again, at the latest: at the monotonic deadline, or much before it where no event tells."""
        if self._handle is not None:
            return min(deadline, time.monotonic() + _LONGEST)
        pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        return min(deadline, time.monotonic() + pause)

    def wait(self, deadline: float | None) -> None:
        """Wait until all have ended, or until the monotonic deadline."""
        assert deadline is not None
        self.clear()
        while not self.is_done and time.monotonic() < deadline:
            left = max(0.0, self.limit(deadline) - time.monotonic())
            if self._epoll is not None and self._handle is not None:
                self._epoll.poll(left)
            else:
                time.sleep(left)
            self.clear()

    def close(self) -> None:
        """Give back the descriptors."""
        self._drop()
        if self._epoll is not None:
            self._epoll.close()

    def _next(self) -> None:
        """Watch the next process that has not gone, where the system lets us."""
        while self._waiting and self._epoll is not None:
            row, handle = self._waiting[-1]
            try:
                self._handle, self._is_ours = (table.open_handle(row), True) if handle is None else (handle, False)
            except ProcessLookupError:
                self._waiting.pop()
                continue
            if self._handle is not None:
                self._epoll.register(self._handle, select.EPOLLIN)
            return

    def _has_ended(self) -> bool:
        if self._epoll is not None and self._handle is not None:
            return bool(self._epoll.poll(0))
        row = self._waiting[-1][0]
        now = table.find_row(row.pid)
        return now is None or not row.is_same(now) or now.has_ended

    def _drop(self) -> None:
        """Watch no process any more."""
        handle, self._handle = self._handle, None
        if self._epoll is not None and handle is not None:
            self._epoll.unregister(handle)
            if self._is_ours:
                os.close(handle)


def _make_epoll() -> select.epoll | None:
    if not hasattr(select, "epoll") or not hasattr(os, "pidfd_open"):
        return None
    try:
        return select.epoll()
    except OSError:
        return None  # No descriptors are left.
