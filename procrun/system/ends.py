"""Wait for the ends of processes that need not be our children: by events, where the system has them.

Linux: pidfds in an epoll, which `poll` can wait for beside the pipes of a run. Elsewhere, and where no descriptors are
left, by looking at the table in growing pauses. Nothing here signals or reaps.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterable

from procrun.system import table
from procrun.system.facts import Row

# For processes beyond the handles that ending a tree may hold: so many at a time are waited for.
_AT_A_TIME = 64

# Between two looks, where there is no event.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.1


class Ends:
    """Some processes, until all of them have ended. A `system.Wake` for `serve_streams`, which returns at each end."""

    def __init__(self, processes: Iterable[tuple[Row, int | None]]) -> None:
        """Each process with its handle of `table.open_handle`, which stays the caller's."""
        self._watched: dict[int, bool] = {}  # The handle, and whether it is ours to close.
        self._waiting: list[Row] = []
        self._looked_at: list[Row] = []
        self._pause = _FIRST_PAUSE
        self._epoll = _make_epoll()
        for row, handle in processes:
            if self._epoll is not None and handle is not None:
                self._watch(handle, is_ours=False)
            else:
                self._waiting.append(row)
        self._watch_more()

    @property
    def descriptor(self) -> int:
        """What becomes readable when one has ended; -1 where there is no event."""
        return self._epoll.fileno() if self._epoll is not None and self._watched else -1

    @property
    def is_done(self) -> bool:
        """Whether all have ended, as far as has been looked."""
        return not (self._watched or self._waiting or self._looked_at)

    def set(self) -> None:
        """Nothing: only ends rouse."""

    def clear(self) -> None:
        """Note the ends that have come, and look at those that no event tells of."""
        if self._epoll is not None and self._watched:
            for handle, _ in self._epoll.poll(0):
                self._epoll.unregister(handle)
                if self._watched.pop(handle):
                    os.close(handle)
        self._looked_at = [row for row in self._looked_at if _lives(row)]
        self._watch_more()

    def limit(self, deadline: float) -> float:
        """When to look again, at the latest: the monotonic deadline, unless no event tells of some."""
        if not self._looked_at:
            return deadline
        pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        return min(deadline, time.monotonic() + pause)

    def wait(self, deadline: float | None) -> None:
        """Wait until all have ended, or until the monotonic deadline."""
        assert deadline is not None
        self.clear()
        while not self.is_done and time.monotonic() < deadline:
            left = max(0.0, self.limit(deadline) - time.monotonic())
            if self._epoll is not None and self._watched:
                self._epoll.poll(left)
            else:
                time.sleep(left)
            self.clear()

    def close(self) -> None:
        """Give back the descriptors."""
        for handle, is_ours in self._watched.items():
            if is_ours:
                os.close(handle)
        self._watched.clear()
        if self._epoll is not None:
            self._epoll.close()

    def _watch(self, handle: int, *, is_ours: bool) -> None:
        assert self._epoll is not None
        self._epoll.register(handle, select.EPOLLIN)
        self._watched[handle] = is_ours

    def _watch_more(self) -> None:
        ours = sum(self._watched.values())
        while self._waiting and ours < _AT_A_TIME:
            row = self._waiting.pop()
            try:
                handle = None if self._epoll is None else table.open_handle(row)
            except ProcessLookupError:
                continue
            if handle is None:
                self._looked_at.append(row)
            else:
                self._watch(handle, is_ours=True)
                ours += 1


def _make_epoll() -> select.epoll | None:
    if not hasattr(select, "epoll") or not hasattr(os, "pidfd_open"):
        return None
    try:
        return select.epoll()
    except OSError:
        return None  # No descriptors are left.


def _lives(row: Row) -> bool:
    now = table.find_row(row.pid)
    return now is not None and row.is_same(now) and not now.has_ended
