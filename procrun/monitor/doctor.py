"""Why does it hang? A diagnosis of processes and of everything below them.

Watches for an interval, looks once at every process of the machine, and searches for what keeps these from going
on. It changes nothing and stops nothing, and so can be wrong about what moves meanwhile. What it knows on which
system: docs/doctor.md#systems.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from procrun.errors import ProcessNotFound
from procrun.monitor.activity import count_all
from procrun.monitor.cause import Finding, find
from procrun.monitor.examine import Examined, examine
from procrun.monitor.pipes import Pipe, Survey
from procrun.monitor.tree import snapshot
from procrun.monitor.waits import listed
from procrun.monitor.wording import percent
from procrun.system import processes as system

INTERVAL = 1.0
"""Seconds to watch. A shorter time tells less from work: the CPU of a process is counted in hundredths."""

# From this share of a CPU on it is worth a word.
_NOTICED = 0.01


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found about some processes; `str()` is a text for people."""

    taken: float
    """When they were looked at, in seconds since the epoch."""
    interval: float
    """For how many seconds they were watched before."""
    pids: tuple[int, ...]
    """The processes that were asked for."""
    processes: tuple[Examined, ...]
    """These and all below them, in the order of their tree; then those outside of it whom they wait for."""
    pipes: tuple[Pipe, ...]
    """The pipes that they hold, with everybody who holds them too."""
    findings: tuple[Finding, ...]
    """What keeps them from going on, the most probable cause first; there is at least one."""
    limits: tuple[str, ...]
    """What could not be seen."""

    @property
    def cause(self) -> Finding:
        """The most probable cause."""
        return self.findings[0]

    def __str__(self) -> str:
        lines = [_line(one) for one in self.processes if one.is_inside]
        for title, part in (
            ("outside of the tree:", [_line(one) for one in self.processes if not one.is_inside]),
            ("pipes, with who writes → who reads:", [f"  {pipe}" for pipe in self.pipes]),
            ("also:", [f"  {finding.text}" for finding in self.findings[1:]]),
            ("not seen:", [f"  {limit}" for limit in self.limits]),
        ):
            lines += [title, *part] if part else []
        return "\n".join([*lines, f"cause: {self.cause.text}", f"  {self.cause.advice}"])

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `procrun doctor --json` prints them (docs/doctor.md#doctor-json)."""
        return {
            "format": "procrun-diagnosis",
            "version": 1,
            "taken": self.taken,
            "interval": self.interval,
            "pids": list(self.pids),
            "processes": [one.as_json() for one in self.processes],
            "pipes": [pipe.as_json() for pipe in self.pipes],
            "findings": [finding.as_json() for finding in self.findings],
            "cause": self.cause.as_json(),
            "limits": list(self.limits),
        }


def diagnose(pids: Iterable[int], interval: float = INTERVAL) -> Diagnosis:
    """Why some processes, and all below them, do not go on.

    >>> import os
    >>> diagnose([os.getpid()], interval=0).cause.text.endswith("is the one that asks")
    True

    Takes the interval, and a fraction of a second for some hundred processes; it blocks the calling thread only. The
    calling process is part of what is seen. Processes that have ended are left out; raises
    ProcessNotFound when none is left, and ValueError for an interval below 0.
    """
    wanted = tuple(dict.fromkeys(pids))
    if not wanted:
        raise ValueError("there is no process to diagnose; give at least one pid")
    if interval < 0:
        raise ValueError(f"an interval of {interval} s lies in the past; give 0 or more")
    before = count_all()
    time.sleep(interval)
    tree = snapshot()
    known = [entry.pid for entry in tree.processes]
    present = [pid for pid in wanted if pid in known]
    if not present:
        raise ProcessNotFound(wanted[0])
    survey = Survey(known)
    processes = examine(tree, present, survey, before)
    inside = [one.entry.pid for one in processes if one.is_inside]
    return Diagnosis(
        tree.taken,
        interval,
        wanted,
        processes,
        survey.pipes_of(inside),
        find(processes, survey, interval),
        tuple(_limits(survey, inside, [pid for pid in wanted if pid not in known])),
    )


def _limits(survey: Survey, inside: list[int], missing: list[int]) -> Iterable[str]:
    if missing:
        yield f"process {listed(tuple(missing))}, which ended before"
    if not system.KNOWS_WAITS:
        yield "what processes wait for, and who holds a pipe: this system does not tell"
    ours = tuple(pid for pid in survey.refused if pid in inside)
    if ours:
        yield f"process {listed(ours)}, which we may not look into: ask again as its user or as root"
    others = len(survey.refused) - len(ours)
    if others:
        yield f"{others} process{'es' if others > 1 else ''} outside of the tree, which may hold a pipe or a lock too"


def _line(one: Examined) -> str:
    """A process in the text."""
    depth = one.entry.depth if one.is_inside else 0
    return f"{'  ' * depth}{str(one).removesuffix(', outside of the tree,')}: {', '.join(_tell(one))}"


def _tell(one: Examined) -> Iterable[str]:
    if one.condition == "waits":
        yield "waits for " + " or ".join(dict.fromkeys(wait.what for wait in one.deciding))
    else:
        yield _CONDITIONS[one.condition] + (f" ({one.detail})" if one.detail else "")
    if one.condition == "asks":
        return  # What it does is to look.
    if one.activity.share is not None and one.activity.share >= _NOTICED:
        yield f"{percent(one.activity.share)} of a CPU"
    if one.activity.read or one.activity.written:
        yield f"read {one.activity.read or 0} and wrote {one.activity.written or 0} bytes"
    if one.threads > 1:
        yield f"{one.threads} threads"


_CONDITIONS = {
    "works": "works",
    "busy": "computes",
    "stopped": "is stopped",
    "background": "is stopped for using the terminal",
    "traced": "is held by a debugger",
    "uninterruptible": "cannot be interrupted",
    "ended": "has ended, and waits for its parent to ask",
    "gone": "has ended meanwhile",
    "asks": "asks for this diagnosis",
    "hidden": "does not tell",
}
