"""What the system tells about processes, beyond psutil: what their threads wait for, and what they hold.

Apart from the contract in `procrun.system`, because only the doctor asks (`monitor/doctor.py`). Like
there, a caller never tests for a platform: what a system does not tell is a documented answer. Everything here
reads, and changes nothing: no process is stopped, traced or opened.

Every function raises PermissionError for a process that we may not look into, and ProcessLookupError for one
that has gone.
"""

from __future__ import annotations

import sys

from procrun.system.facts import Descriptor, FileLock, Task

KNOWS_WAITS = False
"""Whether the system tells what a process waits for and which pipes it holds. Only Linux does."""


def tasks(pid: int) -> tuple[Task, ...]:
    """The threads of a process, the main one first; none where the system does not tell (`KNOWS_WAITS`).

    Linux: from /proc/PID/task (proc(5)). Its `syscall` tells everything, to root and to the user's own
    processes unless Yama forbids it; else `wchan` tells the sort of wait, and with one candidate all of it.
    """
    return ()


def descriptors(pid: int) -> tuple[Descriptor, ...]:
    """The open descriptors of a process; none where the system does not tell (`KNOWS_WAITS`)."""
    return ()


def is_fifo(pid: int, number: int) -> bool:
    """Whether a descriptor of a process that has a path is that of a FIFO."""
    return False


def socket_peers() -> dict[str, str]:
    """For each socket with its other end on this machine, the name of that: `socket:[17]` to `socket:[18]`.

    Linux: Unix sockets and TCP, in our network namespace.
    """
    return {}


def socket_addresses() -> dict[str, str]:
    """For each TCP or UDP socket, where it leads: `192.0.2.7:443`, or `127.0.0.1:80, where it listens`."""
    return {}


def file_locks() -> tuple[FileLock, ...]:
    """Every lock of a file, and who waits for one."""
    return ()


def locked_files(pid: int) -> tuple[tuple[str, str], ...]:
    """The (kind, file) of each lock that a process holds through an open descriptor, also an inherited one.

    The process that took an flock(2) may have ended: the lock is the open file's, and lives in whoever has it.
    """
    return ()


def stop_signal(pid: int) -> int:
    """The signal that stopped a process; 0 where that is not told, or its parent has asked already."""
    return 0


def tracer(pid: int) -> int:
    """The process that traces another; 0 for none."""
    return 0


if sys.platform == "linux":
    from procrun.system.linux_proc import *  # noqa: F403
