"""Notice that a run has been silent for too long (docs/gotchas.md#idle).

What passes through this process, or into its caller's hands, is heard piece by piece. Of what the
stages write elsewhere the system tells how much it is, and is asked once for each idle period.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from procrun import system
from procrun.engine.buffer import Last
from procrun.system.facts import Row

# Enough for the last lines in an error.
_TAIL_SIZE = 4096


class Idle:
    """Keeps the time since the last output of a run."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """After so long the run is idle."""
        self.asks_system = False
        """Whether some stage writes to where this process does not see it."""
        self._since = time.monotonic()
        self._tail = Last(_TAIL_SIZE)
        self._written: dict[tuple[int, float], int] = {}
        self._has_ended_one_written = False
        # The caller reads stdout in one thread, while another serves stderr.
        self._lock = threading.Lock()

    @property
    def due(self) -> float:
        """The monotonic time at which the run is idle, unless something is written before."""
        return self._since + self.seconds

    @property
    def tail(self) -> bytes:
        """The end of what was heard."""
        with self._lock:
            return self._tail.value()

    def note(self, data: bytes) -> None:
        """Hear a piece of output, after it was taken: who takes long does not make the run idle."""
        with self._lock:
            self._since = time.monotonic()
            self._tail.write(data)

    def begin(self, moment: float) -> None:
        """Let the time begin, at a monotonic moment."""
        self._since = moment

    def note_end(self, pid: int) -> None:
        """Look at a program that has ended, before it is reaped: afterwards nobody knows what it has written."""
        if not self.asks_system:
            return
        count = system.bytes_written(pid)
        known = next((known for (number, _), known in self._written.items() if number == pid), 0)
        if count is None or count > known:
            self._has_ended_one_written = True

    def is_over(self, *, is_caller_late: bool, look: Callable[[], Iterable[Row]]) -> bool:
        """Whether the run is idle now; otherwise a new period may have begun.

        `is_caller_late` says that something waits for the caller, who reads an output himself; so it was written.
        `look()` gives the processes of the run.
        """
        now = time.monotonic()
        if now < self.due:
            return False
        if is_caller_late or (self.asks_system and self._has_written(look())):
            self._since = max(self._since, now)
        return now >= self.due

    def _has_written(self, tree: Iterable[Row]) -> bool:
        """Whether the processes have written anything since the last look, or one of them does not let us know."""
        written: dict[tuple[int, float], int] = {}
        has_written, self._has_ended_one_written = self._has_ended_one_written, False
        for process in tree:
            count = system.bytes_written(process.pid)
            if count is None:
                has_written = True
                continue
            identity = (process.pid, process.start)
            written[identity] = count
            has_written = has_written or count > self._written.get(identity, 0)
        # At once, because a program may end meanwhile in another thread.
        self._written = written
        return has_written
