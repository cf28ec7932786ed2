"""Who has the lock of a file that another process waits for.

The system keeps a list of locks, but an flock(2) belongs to the open file: its taker may have ended, and a
child that has inherited the file has the lock then. So those who hold the open file come first.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from procrun.system import processes as system
from procrun.system.facts import FileLock


class Locks:
    """The locks of files at one moment, read when somebody waits for one."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = tuple(pids)

    def holders(self, pid: int) -> tuple[int, ...]:
        """The processes that have the lock for which a process waits; none where that cannot be seen."""
        wanted = [lock for lock in self._all if lock.is_waiting and lock.process == pid]
        # The system does not say who waits for a lock of an open file description (fcntl(2), F_OFD_SETLKW).
        wanted = wanted or [lock for lock in self._all if lock.is_waiting and lock.process == -1]
        if len({(lock.kind, lock.file) for lock in wanted}) != 1:
            return ()
        kind, file = wanted[0].kind, wanted[0].file
        found = tuple(holder for holder in self._pids if (kind, file) in self._held.get(holder, ()))
        takers = {lock.process for lock in self._all if (lock.kind, lock.file, lock.is_waiting) == (kind, file, False)}
        return found or tuple(sorted(takers - {-1}))

    @cached_property
    def _all(self) -> tuple[FileLock, ...]:
        return system.file_locks()

    @cached_property
    def _held(self) -> dict[int, tuple[tuple[str, str], ...]]:
        held = {}
        for pid in self._pids:
            try:
                held[pid] = system.locked_files(pid)
            except (PermissionError, ProcessLookupError):
                continue  # Then what the list of locks says of it has to do.
        return held
