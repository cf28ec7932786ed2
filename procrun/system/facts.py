"""What a system tells about a process, as values: its end, its row in the table, its threads, descriptors and locks.

Made by the files of the systems behind `procrun.system.table`, which ending a tree reads (`signals/`), and behind
`procrun.system.processes`, which the doctor reads (`monitor/`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from procrun.status import ExitStatus

Kind = Literal["pipe", "socket", "terminal", "process", "epoll", "event", "timer", "signal", "watch", "file"]
"""What a descriptor is of. `process` is a pidfd, `event` an eventfd, `watch` inotify; `file` is all that has a
path and is no terminal: a file, a folder, a FIFO, a device."""

On = Literal["descriptor", "open", "child", "lock", "futex", "time", "signal", "other"]
"""What a thread can wait for. `lock` is one of a file, `futex` one in memory; a thread that waits in `poll` or
`read` waits for descriptors."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended and what it used."""

    status: ExitStatus
    """Its exit status."""
    user_time: float
    """Seconds of CPU in the program."""
    system_time: float
    """Seconds of CPU in the kernel on its behalf."""
    peak_memory: int
    """The largest resident size, in bytes; 0 where the system does not tell."""


class Row(NamedTuple):
    """One process of the system's table. Pid and start are its identity (docs/gotchas.md#pid-reuse)."""

    pid: int
    """Its process id."""
    parent: int
    """The pid of its parent."""
    start: float
    """When it started, on the clock of `table.clock`."""
    name: str
    """The name that the system has for it, without its arguments."""
    has_ended: bool
    """Whether it has ended, and only waits for its parent to ask (a zombie)."""

    def is_same(self, other: Row | None) -> bool:
        """Whether another row is about the same process, and not a stranger who has the number now."""
        return other is not None and (other.pid, other.start) == (self.pid, self.start)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One open descriptor of a process."""

    number: int
    """Its number there."""
    kind: Kind
    """What it is of."""
    name: str
    """What the system calls it: `pipe:[4711]`, `/dev/pts/3`, a path. The same name is the same pipe."""
    reads: bool
    """Whether it can be read."""
    writes: bool
    """Whether it can be written."""
    process: int = 0
    """The process that a pidfd stands for."""


@dataclass(frozen=True, slots=True)
class Interest:
    """A descriptor that a thread waits for."""

    number: int
    """The descriptor."""
    writes: bool
    """Whether it waits to write, rather than to read."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a sleeping thread waits for."""

    on: On
    """The sort of thing."""
    call: str
    """The system call it is in; where only that is told, the function of the kernel in which it sleeps."""
    interests: tuple[Interest, ...] = ()
    """The descriptors; also that of a file lock."""
    is_exact: bool = True
    """Whether it waits for all of `interests`. If not, the system told what sort it waits for, and these may be it."""
    child: int = 0
    """The child it waits for; 0 where any will do."""
    path: str = ""
    """The file it is opening."""
    opens_to_write: bool = False
    """Whether it opens that file to write only."""
    is_private: bool = False
    """Whether only threads of its own process can end the wait (a private futex)."""
    has_limit: bool = False
    """Whether the wait ends by itself some time."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thread of a process."""

    number: int
    """Its id; that of the main thread is the pid."""
    state: str
    """The kernel's letter: R runs, S sleeps, D cannot be interrupted, T stopped, t traced, Z ended."""
    waiting: Waiting | None
    """What it is in the middle of, where the system tells us."""
    channel: str = ""
    """The function of the kernel in which it sleeps, where the system tells us."""


@dataclass(frozen=True, slots=True)
class FileLock:
    """A lock of a file, or somebody who waits for it."""

    kind: str
    """`FLOCK`, `POSIX` or `OFDLCK`."""
    process: int
    """Who took it or waits; -1 where the system does not say."""
    file: str
    """The system's name for the file: its device and number."""
    is_waiting: bool
    """Whether it waits."""
