"""What processes do in an interval: their share of a CPU, and the bytes they read and write.

From psutil alone. Two counts of everything, with the interval between them; who tells a hang from work
needs nothing else. A process is known by its pid and its start, so that one number's two owners are never mixed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

BUSY = 0.5
"""From this share of a CPU on a process is said to be computing."""

# A CPU's time is counted in hundredths of a second; in less than some of them a share means nothing.
_SHORTEST = 0.05


@dataclass(frozen=True, slots=True)
class Count:
    """What a process has used since its start."""

    taken: float
    """When it was counted, on the monotonic clock."""
    started: float
    """When that was, in seconds since the epoch."""
    cpu: float
    """Seconds of CPU."""
    read: int | None
    """Bytes that it has read, from files, pipes and all else; None where the system does not say."""
    written: int | None
    """Bytes that it has written; None where the system does not say."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What a process did in an interval."""

    share: float | None
    """Its share of one CPU: 1.0 is all of it, and several threads may have more. None when that is not known."""
    read: int | None
    """Bytes that it read; None when that is not known."""
    written: int | None
    """Bytes that it wrote; None when that is not known."""
    written_ever: int | None
    """Bytes that it has written since its start; None when that is not known."""

    @property
    def is_busy(self) -> bool:
        """Whether it computes."""
        return self.share is not None and self.share >= BUSY

    @property
    def is_moving(self) -> bool:
        """Whether it has read or written anything."""
        return bool(self.read or self.written)


def count_all() -> dict[int, Count]:
    """A count of every process that tells it."""
    import psutil

    found = {}
    for pid in psutil.pids():
        counted = count(pid)
        if counted is not None:
            found[pid] = counted
    return found


def count(pid: int) -> Count | None:
    """What a process has used; None when it has gone or does not tell."""
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            started = process.create_time()
    except psutil.Error:
        return None
    # macOS has no `io_counters`. On Linux the disk's bytes are told apart from what went through read(2).
    tell: Callable[[], object] | None = getattr(process, "io_counters", None)
    try:
        moved = None if tell is None else tell()
    except (psutil.Error, OSError):
        moved = None  # Another user's, where even this is private.
    return Count(
        time.monotonic(),
        started,
        times.user + times.system,
        getattr(moved, "read_chars", getattr(moved, "read_bytes", None)),
        getattr(moved, "write_chars", getattr(moved, "write_bytes", None)),
    )


def compare(before: Count | None, now: Count | None) -> Activity:
    """What happened between two counts of one process."""
    ever = None if now is None else now.written
    if before is None or now is None or before.started != now.started:
        return Activity(None, None, None, ever)
    seconds = now.taken - before.taken
    return Activity(
        max(0.0, now.cpu - before.cpu) / seconds if seconds >= _SHORTEST else None,
        _grown(before.read, now.read),
        _grown(before.written, now.written),
        ever,
    )


def _grown(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else max(0, now - before)
