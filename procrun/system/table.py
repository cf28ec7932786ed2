"""The system's table of processes, and signals to processes that need not be our children.

Apart from the contract in `procrun.system`, because only ending a tree asks (`signals/`). Like there, a caller
never tests for a platform. What stands here is psutil's answer for every system; Linux has a faster one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Container

from procrun import system
from procrun.system.facts import Row

CAN_FREEZE = os.name == "posix"
"""Whether SIGSTOP stops a process until it is killed. Windows has no such signal."""

_MOST_HANDLES, _PART_OF_LIMIT = 4096, 4


def clock() -> float:
    """The time now on the clock by which starts of processes are told."""
    # psutil's starts are rounded, to hundredths of a second and by a boot time that may be a little off.
    return time.time() - 1


def read_table(skip: Container[int] = ()) -> list[Row]:
    """Every process that can be seen, without those of some numbers."""
    import psutil

    return [row for pid in psutil.pids() if pid not in skip and (row := find_row(pid)) is not None]


def find_row(pid: int) -> Row | None:
    """The process that has a number now."""
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            has_ended = process.status() == psutil.STATUS_ZOMBIE
            return Row(pid, process.ppid(), process.create_time(), process.name(), has_ended)
    except (psutil.Error, OSError, OverflowError):
        return None  # It has gone, or is another user's whom we could not signal.


def is_thread(number: int) -> bool:
    """Whether a number is a thread's, by which Linux shows its process as if it were one; elsewhere none is."""
    return False


def last_started() -> int:
    """A number that is another one once any process has been started; always 0 where the system has none such."""
    return 0


def carries(pid: int, mark: str) -> bool:
    """Whether a process was started with a mark in its environment; no, where we may not read that."""
    import psutil

    try:
        return mark in psutil.Process(pid).environ().get(system.MARK, "").split()
    except (psutil.Error, OSError):
        return False


def arguments(pid: int) -> list[str]:
    """The arguments of a process; none where they are not told, and for a part of the kernel."""
    import psutil

    try:
        return psutil.Process(pid).cmdline()
    except (psutil.Error, OSError):
        return []


def command_of(row: Row) -> str:
    """The command line of a process, its name where that is not told."""
    from procrun.quoting import display

    words = arguments(row.pid)
    return display(words) if words else row.name


def most_handles() -> int:
    """How many handles ending a tree may hold, so that the rest of the program has descriptors left."""
    try:
        import resource
    except ImportError:
        return _MOST_HANDLES
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST_HANDLES if soft == resource.RLIM_INFINITY else min(_MOST_HANDLES, soft // _PART_OF_LIMIT)


def open_handle(row: Row) -> int | None:
    """A descriptor that stands for this process for ever (Linux: pidfd), to be closed; None where there is none.

    Raises ProcessLookupError when the process has gone, though a stranger may have its number.
    """
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        handle = os.pidfd_open(row.pid)
    except ProcessLookupError:
        raise
    except OSError:
        return None  # ENOSYS, EMFILE, a sandbox's EPERM.
    # Looked at afterwards: who had the number before and has it now had it when the handle was made.
    if row.is_same(find_row(row.pid)):
        return handle
    os.close(handle)
    raise ProcessLookupError(row.pid)


def send(row: Row, number: int, handle: int | None = None) -> None:
    """Signal this process and no other; through its handle, if there is one.

    Without a handle the process could end between the look and the signal, and its number be given away: then
    all numbers must have been used up in that moment.

    Raises ProcessLookupError when it has gone, PermissionError when the system refuses.
    """
    own = open_handle(row) if handle is None else None
    try:
        target = own if handle is None else handle
        if target is not None:
            import signal

            signal.pidfd_send_signal(target, number)
        elif row.is_same(find_row(row.pid)):
            system.send_signal(row.pid, number)
        else:
            raise ProcessLookupError(row.pid)
    finally:
        if own is not None:
            os.close(own)


if sys.platform == "linux":
    from procrun.system.linux_table import *  # noqa: F403
