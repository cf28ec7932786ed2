"""What each thread of a process waits for, and which processes could end the wait.

Joins what the system tells of a thread (`system/facts.py`) with who holds what (`pipes.py`, `locks.py`).
Says nothing about causes: that a reader waits for its writer is how a pipeline works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from procrun.monitor.locks import Locks
from procrun.monitor.pipes import Survey, descriptor_name, short
from procrun.quoting import printable
from procrun.system import processes as system
from procrun.system.facts import Descriptor, Interest, Task, Waiting

WaitKind = Literal[
    "pipe", "socket", "network", "terminal", "fifo", "device", "child", "process", "file lock",
    "lock", "shared lock", "time", "signal", "watch", "unknown",
]  # fmt: skip
"""`socket` leads to another process here, `network` elsewhere. `fifo` is one that is being opened. `lock` is
anything that only threads of the process itself can give: a mutex, a condition, a pipe to itself."""

OWN = frozenset({"lock", "time", "signal"})
"""The kinds of wait that say little of a process: often its main thread waits so while another does the work."""

_MANY = 5


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that a thread waits for; a thread that waits for any of several has several."""

    kind: WaitKind
    """The sort of thing."""
    what: str
    """What it waits for, as the object of a sentence: `data on stdin (pipe 4711, which 12 can write)`."""
    thread: int
    """The thread's id; that of the main thread is the pid."""
    targets: tuple[int, ...] = ()
    """The processes that could end the wait, as far as they can be seen."""
    descriptor: int | None = None
    """The descriptor, where it is one."""
    name: str = ""
    """The system's name for what the descriptor is of, or the path."""
    writes: bool = False
    """Whether it waits to write."""
    is_certain: bool = True
    """Whether it is known to wait for this. If not, it waits for one of those that say so."""
    has_limit: bool = False
    """Whether the wait ends by itself some time."""

    def as_json(self) -> dict[str, Any]:
        """Plain values (docs/doctor.md#doctor-json)."""
        return {
            "kind": self.kind,
            "what": self.what,
            "thread": self.thread,
            "for": list(self.targets),
            "descriptor": self.descriptor,
            "name": self.name,
            "writes": self.writes,
            "certain": self.is_certain,
            "limited": self.has_limit,
        }


def waits_of(
    pid: int, tasks: Iterable[Task], children: tuple[int, ...], survey: Survey, locks: Locks
) -> tuple[Wait, ...]:
    """What the threads of a process wait for, those of the main thread first."""
    threads = tuple(tasks)
    asked = _Asked(pid, children, survey, locks, is_alone=len(threads) == 1)
    return tuple(wait for task in threads if task.waiting is not None for wait in _waits(asked, task, task.waiting))


def deciding(pid: int, waits: tuple[Wait, ...]) -> tuple[Wait, ...]:
    """The waits that hold a process up: those of its main thread, unless others say more."""
    main = tuple(wait for wait in waits if wait.thread == pid)
    telling = tuple(wait for wait in main if wait.kind not in OWN)
    others = tuple(wait for wait in waits if wait.thread != pid and wait.kind not in OWN)
    # A thread that sleeps may give the lock that the main thread waits for.
    return telling or others or tuple(wait for wait in waits if wait.kind == "time")[:1] or main or waits[:1]


def listed(pids: tuple[int, ...], last: str = "and") -> str:
    """Processes in a sentence: `11, 12 and 13`."""
    shown = [str(pid) for pid in pids[:_MANY]] or [""]
    if len(pids) > _MANY:
        return f"{', '.join(shown)} {last} {len(pids) - _MANY} more"
    return f" {last} ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose waits are asked for, and what is known."""

    pid: int
    children: tuple[int, ...]
    survey: Survey
    locks: Locks
    is_alone: bool
    """Whether it has but one thread."""


def _waits(asked: _Asked, task: Task, waiting: Waiting) -> tuple[Wait, ...]:
    if waiting.on == "descriptor":
        return tuple(
            _descriptor(asked, task, waiting, interest, is_only=len(waiting.interests) == 1)
            for interest in waiting.interests
        ) or (Wait("unknown", f"something (`{waiting.call}`)", task.number),)
    return (_PLAIN[waiting.on](asked, task, waiting),)


def _descriptor(asked: _Asked, task: Task, waiting: Waiting, interest: Interest, *, is_only: bool) -> Wait:
    entry = asked.survey.find(asked.pid, interest.number)
    number, writes = interest.number, interest.writes
    name = entry.name if entry is not None else ""

    def wait(kind: WaitKind, what: str, targets: tuple[int, ...] = ()) -> Wait:
        what = what if waiting.is_exact else f"probably {what}"
        return Wait(kind, what, task.number, targets, number, name, writes, waiting.is_exact, waiting.has_limit)

    where = descriptor_name(number)
    if entry is None:
        return wait("unknown", f"{where} (`{waiting.call}`)")
    if entry.kind == "process":
        return wait("process", f"the end of process {entry.process}", (entry.process,) if entry.process else ())
    if entry.kind == "terminal":
        return wait("terminal", f"{'room in' if writes else 'input from'} the terminal `{name}` ({where})")
    if entry.kind in _EVENTS:
        kind, what = _EVENTS[entry.kind]
        return wait(kind, what.format(where))
    peer = asked.survey.peers.get(name)
    if entry.kind == "socket" and peer is None:
        return wait("network", _network(waiting, where, asked.survey.addresses.get(name)))
    if entry.kind == "file" and not system.is_fifo(asked.pid, number):
        return wait("device", f"{where} (`{printable(name)}`)")
    targets = asked.survey.other_end(entry, writes=writes)
    if targets == (asked.pid,) and not (is_only and asked.is_alone):
        # The pipe by which an event loop wakes itself up.
        return wait("lock", f"a message of its own threads ({where})")
    goods = "room in" if writes else "data on"
    return wait(
        "socket" if entry.kind == "socket" else "pipe",
        f"{goods} {where} ({short(name)}, {_holders(asked.pid, entry, targets, writes)})",
        targets,
    )


_EVENTS: dict[str, tuple[WaitKind, str]] = {
    "epoll": ("unknown", "one of several events ({})"),
    "event": ("lock", "a message of its own threads ({})"),
    "timer": ("time", "a timer of its own ({})"),
    "signal": ("signal", "a signal ({})"),
    "watch": ("watch", "a change of files ({})"),
}


def _holders(pid: int, entry: Descriptor, targets: tuple[int, ...], writes: bool) -> str:
    full = "full, " if writes else ""
    if entry.kind == "socket":
        return f"{full}to {_who(pid, targets)}"
    return f"{full}which {_who(pid, targets)} can {'read' if writes else 'write'}"


def _who(pid: int, targets: tuple[int, ...]) -> str:
    if targets == (pid,):
        return "only it itself"
    return listed(targets) if targets else "nobody that can be seen"


def _network(waiting: Waiting, where: str, address: str | None) -> str:
    if waiting.call == "connect":
        return f"a connection to {address or 'another program'} ({where})"
    if waiting.interests[0].writes and len(waiting.interests) == 1:
        return f"room in a connection to {address or 'another program'} ({where})"
    if "accept" in waiting.call or (address or "").endswith("listens"):
        return f"a connection on {address or 'a socket'} ({where})"
    return f"data from {address or 'a socket'} ({where})"


def _open(asked: _Asked, task: Task, waiting: Waiting) -> Wait:
    other = "reading" if waiting.opens_to_write else "writing"
    path = f"`{printable(waiting.path)}`" if waiting.path else "a FIFO"
    return Wait(
        "fifo", f"somebody to open {path} for {other}", task.number, name=waiting.path, writes=waiting.opens_to_write
    )


def _child(asked: _Asked, task: Task, waiting: Waiting) -> Wait:
    if waiting.child:
        return Wait("child", f"its child {waiting.child}", task.number, (waiting.child,))
    if len(asked.children) == 1:
        return Wait("child", f"its child {asked.children[0]}", task.number, asked.children)
    what = f"one of its children {listed(asked.children, 'or')}" if asked.children else "a child"
    return Wait("child", what, task.number, asked.children)


def _file_lock(asked: _Asked, task: Task, waiting: Waiting) -> Wait:
    entry = asked.survey.find(asked.pid, waiting.interests[0].number) if waiting.interests else None
    holders = asked.locks.holders(asked.pid)
    name = f"`{printable(entry.name)}`" if entry is not None else "a file"
    has = "have" if len(holders) > 1 else "has"
    return Wait(
        "file lock",
        f"the lock of {name}, which {_who(asked.pid, holders)} {has}",
        task.number,
        holders,
        entry.number if entry is not None else None,
        entry.name if entry is not None else "",
    )


def _futex(asked: _Asked, task: Task, waiting: Waiting) -> Wait:
    if waiting.is_private or not asked.is_alone:
        kind: WaitKind = "time" if waiting.has_limit else "lock"
        what = "a lock or an event of its own threads"
    else:
        kind, what = "shared lock", "a lock or an event in memory, which other processes may share"
    return Wait(
        kind, what + (", for a limited time" if waiting.has_limit else ""), task.number, has_limit=waiting.has_limit
    )


def _plain(kind: WaitKind, what: str) -> Callable[[_Asked, Task, Waiting], Wait]:
    return lambda asked, task, waiting: Wait(kind, what.format(waiting.call), task.number, has_limit=waiting.has_limit)


_PLAIN: dict[str, Callable[[_Asked, Task, Waiting], Wait]] = {
    "open": _open,
    "child": _child,
    "lock": _file_lock,
    "futex": _futex,
    "time": _plain("time", "a time that it has set itself"),
    "signal": _plain("signal", "a signal"),
    "other": _plain("unknown", "something (`{}`)"),
}
