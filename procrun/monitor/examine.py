"""The processes of a tree, and whom they wait for outside of it, each with the condition it is in.

Between the facts of the system and the search for a cause (`cause.py`): a condition is what can be seen of one
process; that several of them wait for each other is not known here.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from procrun.monitor.activity import Activity, Count, compare, count
from procrun.monitor.locks import Locks
from procrun.monitor.pipes import Survey
from procrun.monitor.tree import GONE, Entry, Tree
from procrun.monitor.waits import Wait, deciding, waits_of
from procrun.quoting import display
from procrun.status import signal_name
from procrun.system import processes as system
from procrun.system.facts import Task

Condition = Literal[
    "waits", "works", "busy", "stopped", "background", "traced", "uninterruptible", "ended", "gone", "asks", "hidden",
]  # fmt: skip
"""`busy` computes, `works` reads or writes; `background` was stopped because it used its terminal from the
background; `ended` is a zombie; `asks` is the process that asks for the diagnosis; `hidden` tells nothing."""

_SHOWN = 60

# Linux says what a process was doing when the terminal stopped it, also where the signal is no longer told.
_TERMINAL_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTTIN", "SIGTTOU") if hasattr(signal, name))


@dataclass(frozen=True, slots=True)
class Examined:
    """One process, and what can be seen of it."""

    entry: Entry
    """What the tree has of it."""
    is_inside: bool
    """Whether it is in the tree that is asked for, rather than one that holds something of it."""
    condition: Condition
    """The condition it is in."""
    detail: str = ""
    """What there is to add: the signal that stopped it, its debugger, where in the kernel it sleeps."""
    activity: Activity = Activity(None, None, None, None)
    """What it did in the interval."""
    waits: tuple[Wait, ...] = ()
    """What all of its threads wait for."""
    deciding: tuple[Wait, ...] = ()
    """Those of them that hold it up."""
    threads: int = 0
    """How many threads it has; 0 where that is not told."""

    @property
    def targets(self) -> tuple[int, ...]:
        """The processes that it waits for; none when it does not wait."""
        if self.condition != "waits":
            return ()
        return tuple(dict.fromkeys(pid for wait in self.deciding for pid in wait.targets))

    @property
    def is_open(self) -> bool:
        """Whether something other than the processes it waits for may set it going, or keeps it."""
        return self.condition != "waits" or not self.deciding or any(not wait.targets for wait in self.deciding)

    def __str__(self) -> str:
        """As the subject of a sentence."""
        command = display(self.entry.command, limit=_SHOWN) if self.entry.command else self.entry.title
        return f"process {self.entry.pid} (`{command}`)" + ("" if self.is_inside else ", outside of the tree,")

    def as_json(self) -> dict[str, Any]:
        """Plain values (docs/doctor.md#doctor-json)."""
        return {
            "pid": self.entry.pid,
            "parent": self.entry.parent,
            "depth": self.entry.depth if self.is_inside else None,
            "inside": self.is_inside,
            "command": list(self.entry.command),
            "name": self.entry.name,
            "state": self.entry.state,
            "condition": self.condition,
            "detail": self.detail,
            "cpu_share": self.activity.share,
            "read_bytes": self.activity.read,
            "written_bytes": self.activity.written,
            "written_bytes_ever": self.activity.written_ever,
            "threads": self.threads,
            "waits": [wait.as_json() for wait in self.waits],
        }


def examine(tree: Tree, roots: Iterable[int], survey: Survey, before: Mapping[int, Count]) -> tuple[Examined, ...]:
    """The processes below the roots in the order of the tree, and behind them those outside whom they wait for."""
    inside = tree.below(roots).processes
    known = {entry.pid: entry for entry in tree.processes}
    children: dict[int | None, list[int]] = {}
    for entry in tree.processes:
        children.setdefault(entry.parent, []).append(entry.pid)
    locks = Locks(known)
    found: dict[int, Examined] = {}
    queue = list(inside)
    for entry in queue:
        if entry.pid in found:
            continue
        activity = compare(before.get(entry.pid), count(entry.pid))
        born = tuple(children.get(entry.pid, ()))
        examined = _examine(entry, activity, born, survey, locks, is_inside=len(found) < len(inside))
        found[entry.pid] = examined
        queue += [known[pid] for pid in examined.targets if pid in known and pid not in found]
    return tuple(found.values())


def _examine(
    entry: Entry, activity: Activity, children: tuple[int, ...], survey: Survey, locks: Locks, *, is_inside: bool
) -> Examined:
    try:
        tasks = system.tasks(entry.pid)
        waits = waits_of(entry.pid, tasks, children, survey, locks)
        condition, detail = _condition(entry, activity, tasks, waits)
    except PermissionError:
        return Examined(entry, is_inside, "hidden", activity=activity)
    except ProcessLookupError:
        return Examined(entry, is_inside, "gone", activity=activity)
    return Examined(entry, is_inside, condition, detail, activity, waits, deciding(entry.pid, waits), len(tasks))


def _condition(
    entry: Entry, activity: Activity, tasks: tuple[Task, ...], waits: tuple[Wait, ...]
) -> tuple[Condition, str]:
    if entry.pid == os.getpid():
        return "asks", ""
    states = {task.state for task in tasks}
    # The main thread may end before the others, and the process lives on in them.
    if entry.state == "zombie" and not states & set("RSDTt"):
        return "ended", ""
    if entry.state == GONE:
        return "gone", ""
    if entry.state == "tracing-stop" or "t" in states:
        return "traced", str(system.tracer(entry.pid) or "")
    if entry.state == "stopped":
        return _stopped(entry.pid, waits)
    if activity.is_busy:
        return "busy", ""
    stuck = next((task for task in tasks if task.state == "D" and not _starts_a_program(task)), None)
    if stuck is not None and not activity.is_moving:
        return "uninterruptible", stuck.channel
    if activity.is_moving:
        return "works", ""
    # On a machine that is full, it may have little of a CPU.
    if "R" in states:
        return "busy", ""
    return ("waits", "") if waits else ("hidden", next((task.channel for task in tasks), ""))


def _starts_a_program(task: Task) -> bool:
    """Whether a thread waits for its new child to run a program (vfork(2)), which nothing interrupts either."""
    return task.waiting is not None and task.waiting.on == "child"


def _stopped(pid: int, waits: tuple[Wait, ...]) -> tuple[Condition, str]:
    number = system.stop_signal(pid)
    if number in _TERMINAL_SIGNALS:
        return "background", signal_name(number)
    if number:
        return "stopped", signal_name(number)
    # Its parent has taken the news. What it was doing is still told.
    wait = next((wait for wait in waits if wait.kind == "terminal"), None)
    if wait is not None:
        return "background", "SIGTTOU" if wait.writes else "SIGTTIN"
    return "stopped", ""
