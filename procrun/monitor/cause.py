"""From the conditions of processes to why they hang: the findings, the most probable cause first.

Processes that wait for each other are a graph; a process goes on when any of those it waits for does. What keeps
the whole from going on is where the graph ends: a process that waits for nobody else. Where it does not end,
it is a deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from procrun.monitor.examine import Examined
from procrun.monitor.pipes import Survey, short
from procrun.monitor.waits import Wait
from procrun.monitor.wording import ADVICE, deadlock_advice, sentence

ORDER = (
    "deadlock", "background", "stopped", "traced", "terminal", "fifo", "nobody", "uninterruptible", "device", "asks",
    "buffered", "busy", "works", "network", "unreaped", "watch", "shared lock", "lock", "time", "signal", "unread",
    "hidden", "gone", "self",
)  # fmt: skip
"""The kinds of finding, the likelier cause of a hang first. `buffered` is a process that may keep its output in a
buffer, `unread` one whose output nobody reads any more, `asks` the asking process where somebody waits for it, else
it is `self`; the others are conditions and kinds of wait."""

_ENDED = {"ended": "unreaped"}

# Waits without anybody who could end them, by what that means; the others mean themselves.
_UNMET = {
    "pipe": "nobody",
    "socket": "nobody",
    "file lock": "nobody",
    "child": "hidden",
    "process": "gone",
    "unknown": "hidden",
}

_RUNNING = {"busy", "works", "time"}
"""What a process does that runs, but for what it may keep in a buffer."""

_IDLE = {"network", "watch", "shared lock", "lock", "time", "signal"}
"""Waits in which a process may well hold a pipe that it has only inherited."""

_OF_PARENTS = ("child", "process")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that keeps processes from going on."""

    kind: str
    """One of `ORDER`."""
    pids: tuple[int, ...]
    """The processes that it is about."""
    text: str
    """What was found, in a sentence."""
    advice: str
    """What to do about it."""

    def as_json(self) -> dict[str, Any]:
        """Plain values (docs/doctor.md#doctor-json)."""
        return {"kind": self.kind, "pids": list(self.pids), "text": self.text, "advice": self.advice}


def find(examined: Iterable[Examined], survey: Survey, interval: float) -> tuple[Finding, ...]:
    """Everything that keeps these processes from going on, the most probable cause first.

    Of several of one kind the first is that for which the top of the tree waits.
    """
    known = {one.entry.pid: one for one in examined}
    search = _Search(known, {pid: one.targets for pid, one in known.items()}, survey, interval)
    below = search.reached(next(iter(known), 0))
    found = [*search.deadlocks(), *search.ends(), *search.unread()]
    return tuple(sorted(found, key=lambda finding: (ORDER.index(finding.kind), not below.intersection(finding.pids))))


@dataclass(frozen=True, slots=True)
class _Search:
    known: dict[int, Examined]
    targets: dict[int, tuple[int, ...]]
    """Whom each of them waits for; also processes that are not known, which came or went meanwhile."""
    survey: Survey
    interval: float

    def reached(self, pid: int) -> set[int]:
        """A process and those it waits for, directly and through others."""
        found = {pid}
        queue = [pid]
        for reached in queue:
            more = [target for target in self.targets.get(reached, ()) if target not in found]
            found.update(more)
            queue += more
        return found

    def deadlocks(self) -> Iterator[Finding]:
        """Circles of processes that wait for nobody but each other."""
        told: set[int] = set()
        stuck = self._stuck()
        for pid in stuck:
            circle = self._circle(pid, stuck)
            if told.isdisjoint(circle):
                told.update(circle)
                members = [self.known[member] for member in circle]
                told_waits = "; ".join(f"{one} waits for {_whats(one.deciding)}" for one in members)
                end = "it cannot go on" if len(members) == 1 else "none of them can go on"
                waits = [wait for one in members for wait in one.deciding]
                yield Finding(
                    "deadlock", circle, f"{told_waits}: {end}", deadlock_advice(waits, is_alone=len(members) == 1)
                )

    def ends(self) -> Iterator[Finding]:
        """Processes that wait for nobody else, but something keeps them, or they keep others."""
        waiters: dict[int, list[Examined]] = {}
        for pid, targets in self.targets.items():
            for target in targets:
                waiters.setdefault(target, []).append(self.known[pid])
        for pid, one in self.known.items():
            if self._is_end(pid):
                yield self._with_waiter(
                    self._end(one), one, [other for other in waiters.get(pid, ()) if other is not one]
                )

    def unread(self) -> Iterator[Finding]:
        """Processes whose output nobody reads any more."""
        for one in self.known.values():
            output = self.survey.find(one.entry.pid, 1)
            if not one.is_inside or output is None or output.kind != "pipe":
                continue
            if not self.survey.other_end(output, writes=True):
                yield self._finding("unread", one, what=f"stdout ({short(output.name)})")

    def _is_end(self, pid: int) -> bool:
        """Whether something other than known processes may set a process going, or keeps it."""
        return self.known[pid].is_open or not self.known.keys() >= set(self.targets[pid])

    def _stuck(self) -> tuple[int, ...]:
        """The processes from which no way leads to one that could go on."""
        able = {pid for pid in self.known if self._is_end(pid)}
        while True:
            more = {pid for pid, targets in self.targets.items() if pid not in able and able.intersection(targets)}
            if not more:
                return tuple(pid for pid in self.known if pid not in able)
            able |= more

    def _circle(self, pid: int, stuck: tuple[int, ...]) -> tuple[int, ...]:
        """The circle into which the waits of a stuck process lead."""
        way: list[int] = []
        while pid not in way:
            way.append(pid)
            targets = self.targets[pid]
            # Another's end rather than its own: that of a pipe between two is the better story.
            pid = next((target for target in targets if target != pid and target in stuck), targets[0])
        return tuple(way[way.index(pid) :])

    def _end(self, one: Examined) -> Finding:
        if one.condition != "waits":
            kind = _ENDED.get(one.condition, one.condition)
            return self._buffered(one, self._finding(kind, one))
        unmet = tuple(wait for wait in one.deciding if not wait.targets)
        if not unmet:
            text = f"{one} waits for {_whats(one.deciding)}, which came or went meanwhile"
            return Finding("gone", (one.entry.pid,), text, ADVICE["gone"])
        kind = _UNMET.get(unmet[0].kind, unmet[0].kind)
        return self._buffered(one, self._finding(kind, one, what=_whats(one.deciding), writes=unmet[0].writes))

    def _buffered(self, one: Examined, finding: Finding) -> Finding:
        """The same, as a process that may keep its output in a buffer (docs/gotchas.md#buffering)."""
        output = self.survey.find(one.entry.pid, 1)
        if finding.kind not in _RUNNING or one.activity.written_ever != 0 or output is None:
            return finding
        is_pipe = output.kind == "pipe" or output.name in self.survey.peers
        if not is_pipe or not set(self.survey.other_end(output, writes=True)) - {one.entry.pid}:
            return finding
        reason = f"its output may be in a buffer, because stdout is a {output.kind}"
        text = f"{finding.text}, and has written nothing since its start: {reason}"
        return Finding("buffered", finding.pids, text, ADVICE["buffered"])

    def _with_waiter(self, finding: Finding, one: Examined, waiters: list[Examined]) -> Finding:
        """The same, with a process that it keeps waiting."""
        pid = one.entry.pid
        if not waiters:
            return replace(finding, kind="self") if finding.kind == "asks" else finding
        # What a pipe keeps waiting tells more than its parent, which waits for everything.
        waiter = min(waiters, key=lambda other: all(wait.kind in _OF_PARENTS for wait in _waits_for(other, pid)))
        waits = _waits_for(waiter, pid)
        is_pipe = waits[0].kind in ("pipe", "socket")
        if finding.kind == "asks":
            advice = ADVICE["asks to read" if waits[0].writes else "asks to write"] if is_pipe else finding.advice
            return replace(finding, text=f"{waiter} waits for {_whats(waits)}, and {finding.text}", advice=advice)
        finding = replace(finding, text=f"{finding.text}; {waiter} waits for {_whats(waits)}")
        if finding.kind in _IDLE and not one.is_inside and is_pipe and not waits[0].writes:
            return replace(finding, advice=ADVICE["inherited"].format(pid=pid))
        return finding

    def _finding(self, kind: str, one: Examined, *, what: str = "", writes: bool = False) -> Finding:
        parent = self.known.get(one.entry.parent or 0)
        refused = one.entry.pid in self.survey.refused if kind == "hidden" else bool(self.survey.refused)
        text, advice = sentence(kind, one, parent, what, self.interval, writes=writes, refused=refused)
        return Finding(kind, (one.entry.pid,), text, advice)


def _waits_for(waiter: Examined, pid: int) -> tuple[Wait, ...]:
    return tuple(wait for wait in waiter.deciding if pid in wait.targets)


def _whats(waits: tuple[Wait, ...]) -> str:
    return " or ".join(dict.fromkeys(wait.what for wait in waits))
