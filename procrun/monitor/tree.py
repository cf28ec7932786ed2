"""A snapshot of processes as a tree: who started whom, in which state, and what each has used.

From psutil alone, so it is the same on every system. It is a value: taken once, and old as soon as it is
there. A process that ends while it is looked at is part of it, and so is one that we may not look into.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from procrun.errors import ProcessNotFound
from procrun.quoting import display, printable

if TYPE_CHECKING:
    import psutil

_Value = TypeVar("_Value")

GONE = "gone"
"""The state of a process that ended while it was looked at."""

UNKNOWN = "unknown"
"""The state of a process that the system does not let us look at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One process of a tree."""

    pid: int
    """Its process id."""
    parent: int | None
    """The pid of its parent, which may be outside of the tree; None for none."""
    depth: int
    """How many ancestors of it are in the tree."""
    state: str
    """`running`, `sleeping`, `stopped`, `zombie` … as psutil calls it, or `gone` or `unknown`."""
    cpu: float | None
    """Seconds of CPU that it has used; None where that may not be read."""
    memory: int | None
    """Bytes of memory that it holds (its resident set); None where that may not be read."""
    started: float | None
    """When it started, in seconds since the epoch; None where that may not be read."""
    command: tuple[str, ...]
    """Its arguments; empty for a zombie, a part of the kernel, and where they may not be read."""
    name: str
    """The name that the system has for it, where there are no arguments; empty when unknown."""

    @property
    def title(self) -> str:
        """Its command in one line of any length, as it can be shown; `[name]` for one that has no arguments."""
        if self.command:
            return display(self.command, limit=sys.maxsize)
        return f"[{printable(self.name) or '?'}]"


@dataclass(frozen=True, slots=True)
class Tree:
    """Processes in the order of their tree: each one before its children, these in the order of their start."""

    taken: float
    """When it was taken, in seconds since the epoch."""
    processes: tuple[Entry, ...]
    """The processes."""

    def below(self, roots: Iterable[int]) -> Tree:
        """The part that consists of some processes and everything below them.

        Raises ProcessNotFound for a root that is not there.
        """
        wanted = tuple(roots)
        known = {entry.pid for entry in self.processes}
        for pid in wanted:
            if pid not in known:
                raise ProcessNotFound(pid)
        chosen: list[Entry] = []
        top: int | None = None
        for entry in self.processes:
            if top is not None and entry.depth <= top:
                top = None
            if top is None and entry.pid in wanted:
                top = entry.depth
            if top is not None:
                chosen.append(replace(entry, depth=entry.depth - top))
        return replace(self, processes=tuple(chosen))

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `procrun tree --json` prints them (docs/doctor.md#tree-json)."""
        return {
            "format": "procrun-tree",
            "version": 1,
            "taken": self.taken,
            "processes": [
                {
                    "pid": entry.pid,
                    "parent": entry.parent,
                    "depth": entry.depth,
                    "state": entry.state,
                    "cpu_seconds": entry.cpu,
                    "memory_bytes": entry.memory,
                    "started": entry.started,
                    "age_seconds": None if entry.started is None else max(0.0, self.taken - entry.started),
                    "command": list(entry.command),
                    "name": entry.name,
                }
                for entry in self.processes
            ],
        }


def snapshot() -> Tree:
    """The tree of all processes that can be seen.

    >>> import os
    >>> os.getpid() in [entry.pid for entry in snapshot().processes]
    True

    A parent is the one that a process has now: those whose parent has ended belong to who took them on.
    What it misses: a process that starts, or starts and ends, while it is taken.
    """
    import psutil

    taken = time.time()
    looked = map(_look, psutil.pids())
    return Tree(taken, tuple(_ordered({seen.pid: seen for seen in looked if seen is not None})))


@dataclass(slots=True)
class _Seen:
    """A process, before it has its place in the tree."""

    pid: int
    parent: int | None
    state: str = GONE
    cpu: float | None = None
    memory: int | None = None
    started: float | None = None
    command: tuple[str, ...] = ()
    name: str = ""
    children: list[_Seen] = field(default_factory=list)


def _look(pid: int) -> _Seen | None:
    """What can be told of a process; None when it was gone before we saw it."""
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            # The parent first: a process that ends a moment later still joins its children to the tree.
            return read(process, _or_none(process.ppid))
    except psutil.NoSuchProcess:
        return None


def read(process: psutil.Process, parent: int | None) -> _Seen:
    """Everything else of a process whose parent is known; what it ended before telling is left out."""
    import psutil

    seen = _Seen(process.pid, parent)
    try:
        seen.started = _or_none(process.create_time)
        seen.name = _or_none(process.name) or ""
        seen.command = tuple(_or_none(process.cmdline) or ())
        times = _or_none(process.cpu_times)
        seen.cpu = None if times is None else times.user + times.system
        memory = _or_none(process.memory_info)
        seen.memory = None if memory is None else memory.rss
        seen.state = _or_none(process.status) or UNKNOWN
    except psutil.NoSuchProcess:
        seen.state = GONE
    return seen


def _or_none(ask: Callable[[], _Value]) -> _Value | None:
    """What a process answers; None where the system refuses, or a zombie has nothing to say."""
    import psutil

    try:
        return ask()
    except (psutil.AccessDenied, psutil.ZombieProcess):
        return None
    except OSError:
        return None  # What psutil does not know: ESRCH in the middle of a file of /proc, EINVAL.


def _ordered(found: dict[int, _Seen]) -> Iterator[Entry]:
    tops = []
    for seen in found.values():
        parent = found.get(-1 if seen.parent is None else seen.parent)
        if parent is not None and parent is not seen and _is_older(parent, seen):
            parent.children.append(seen)
        else:
            tops.append(seen)
    placed: set[int] = set()
    # By hand, because a tree may be deeper than Python's recursion. All of them at the bottom, for those
    # that no top leads to: a circle of pids that were given again.
    stack = [(seen, 0) for seen in (*found.values(), *sorted(tops, key=_age, reverse=True))]
    while stack:
        seen, depth = stack.pop()
        if seen.pid not in placed:
            placed.add(seen.pid)
            stack += [(child, depth + 1) for child in sorted(seen.children, key=_age, reverse=True)]
            yield Entry(
                seen.pid, seen.parent, depth, seen.state, seen.cpu, seen.memory, seen.started, seen.command, seen.name
            )


def _is_older(parent: _Seen, child: _Seen) -> bool:
    """Whether a parent can be one: Windows keeps the pid of a parent that has ended, and gives it to a stranger."""
    return parent.started is None or child.started is None or parent.started <= child.started


def _age(seen: _Seen) -> tuple[float, int]:
    return (seen.started or 0.0, seen.pid)
