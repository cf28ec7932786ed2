"""Orphans of a run: who loses its parent becomes a child of this process, and is found, ended and reaped as one.

For the command line, all of whose children belong to its run (docs/gotchas.md#orphans). A library must not do this to
the program that uses it: it would be given strangers to reap. Only Linux can.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from procrun import system


class _Orphans:
    def __init__(self) -> None:
        self.are_adopted = False
        """Whether orphans come to us now."""
        self.own: set[int] = set()
        """Our children that are none: this process has started them itself, and reaps them where it waits for them."""
        self._lock = threading.Lock()

    @contextmanager
    def starting(self) -> Iterator[set[int]]:
        """Start a process of our own and put its number into the set: its status is not to be taken by `reap`."""
        if not self.are_adopted:
            yield set()
            return
        # Between its start and the note it may end; nobody must take it for an orphan then.
        with self._lock:
            yield self.own
        self.reap()

    def forget(self, pid: int) -> None:
        """Note that a process of our own has been reaped, and reap the orphans that have ended meanwhile."""
        self.own.discard(pid)
        if self.are_adopted:
            self.reap()

    def reap(self) -> None:
        """Reap the orphans that have ended, so that they do not pile up; never waits."""
        # Not waiting for the lock: whoever starts a program looks afterwards.
        if not self._lock.acquire(blocking=False):
            return
        try:
            while system.reap_orphan(self.own):
                continue
        finally:
            self._lock.release()


orphans = _Orphans()
"""Those of this process."""


@contextmanager
def adopting() -> Iterator[None]:
    """Be given the orphans of all that is started in the block, where the system can; for the main thread."""
    if not system.adopt_orphans(True):
        yield
        return
    # Not by a handler of SIGCHLD: while one signal waits for the main thread, the kernel gives the next to another
    # thread, and the main thread sleeps on with its handler due (a Ctrl-Z comes just when the programs stop).
    orphans.are_adopted = True
    try:
        yield
    finally:
        orphans.are_adopted = False
        orphans.reap()
        system.adopt_orphans(False)
