"""End processes and say what became of each: ask, wait a grace, freeze, kill.

A racing forker does not win: before anything is killed everything is frozen (SIGSTOP), until a look finds nothing new;
what is frozen starts nothing more. Identity is the pid with the time of the start, or a pidfd, so that a number
which was given to a stranger is never signalled (docs/gotchas.md#pid-reuse). Ends are awaited as events.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable

from procrun.signals.held import held_back
from procrun.signals.members import Members
from procrun.signals.report import Ended, StopReport, Survivor
from procrun.system import table
from procrun.system.ends import Ends
from procrun.system.facts import Row

# A kill itself takes microseconds, and many of them follow one another; when for this long not one more
# process has ended, those that are left cannot be ended.
_PATIENCE = 2.0

# One that forks and ends faster than it is found could keep us for ever.
_LONGEST_KILL = 20.0

# While the system starts processes, one of ours may have come and gone between two steps of a look: so many
# looks in a row that find none are believed.
_MISSES = 20

# Nobody can use up all numbers in this time.
_RECENT = 1.0

_SIGTERM, _SIGKILL = 15, 9

_REFUSED = "it belongs to another user, and the system refused the signal"
_STUCK = "it was killed, but the system has not ended it yet (it may wait for a device)"
_ELUSIVE = "it has just been started, by a program that starts others faster than they can be found"

Serve = Callable[[Ends, float], object]
"""Serves the run until the ends have come, or until a monotonic deadline."""


def end(members: Members, *, grace: float, serve: Serve = Ends.wait, ask: int = _SIGTERM) -> StopReport:
    """End every member and give the report.

    `serve` is called to wait, so that an output written in the grace is kept.

    POSIX: the signal `ask`, up to `grace` seconds, then SIGKILL until nothing new is found. What is started within
    the grace is not asked to end before all the others have: it may be what tidies up after them.
    Windows: TerminateProcess at once.
    """
    ending = _Ending(members, serve)
    try:
        began = time.monotonic()
        if grace > 0:
            ending.ask(ask, began + grace)
        ending.kill()
        return ending.report(time.monotonic() - began)
    finally:
        with held_back():
            ending.close()


class _Target:
    """A process that is to end."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.handle: int | None = None
        self.last: int | None = None
        """The last signal that reached it and can end it."""
        self.refusal = ""
        self.is_frozen = False


class _Ending:
    def __init__(self, members: Members, serve: Serve) -> None:
        self._members = members
        self._serve = serve
        self._targets: dict[tuple[int, float], _Target] = {}
        self._alive: dict[int, _Target] = {}
        self._seen: set[int] = set()
        self._looked, self._last = 0.0, 0
        self._handles_left = table.most_handles()

    def ask(self, number: int, deadline: float) -> None:
        """Ask every member once, and wait until they have ended."""
        asked: set[_Target] = set()
        while True:
            # What a handler breaks off by raising loses the descriptor that it was about to open.
            with held_back():
                fresh = [target for target in self._look() if target not in asked]
                for target in fresh:
                    if self._send(target, number) and table.CAN_FREEZE:
                        # A stopped process hears nothing else (docs/gotchas.md#stopped).
                        self._send(target, signal.SIGCONT)
            if not fresh:
                return
            asked.update(fresh)
            self._await(self._living(), deadline)
            if time.monotonic() >= deadline:
                return

    def kill(self) -> None:
        """Kill until nothing is left, or nothing more can be done."""
        began = time.monotonic()
        patience = began + _PATIENCE
        have_all_ended = False
        while True:
            # Nothing may come between freezing and killing, and leave a frozen tree behind.
            with held_back():
                fresh = self._look_for_new() if have_all_ended and self._has_just_looked() else self._look()
                self._freeze(fresh, patience)
                targets = self._living()
                for target in targets:
                    self._send(target, _SIGKILL)
            waited_for = [target for target in targets if not target.refusal]
            if not waited_for:
                return
            if time.monotonic() >= patience:
                self._look()
                return
            have_all_ended = self._await(waited_for, patience)
            if have_all_ended:
                self._alive = {target.row.pid: target for target in targets if target.refusal}
            if have_all_ended or any(target.last == _SIGKILL and not _lives(target) for target in waited_for):
                patience = min(time.monotonic() + _PATIENCE, began + _LONGEST_KILL)

    def report(self, seconds: float) -> StopReport:
        """What has become of everybody who was seen."""
        living = self._living()
        ended = [target for target in self._targets.values() if self._alive.get(target.row.pid) is not target]
        return StopReport(
            tuple(Ended(target.row.pid, target.row.name, target.last) for target in ended),
            tuple(Survivor(target.row.pid, table.command_of(target.row), _reason(target)) for target in living),
            (),
            seconds,
        )

    def close(self) -> None:
        for target in self._targets.values():
            if target.handle is not None:
                os.close(target.handle)

    def _living(self) -> list[_Target]:
        return list(self._alive.values())

    def _rows(self) -> dict[int, Row]:
        return {pid: target.row for pid, target in self._alive.items()}

    def _look(self) -> list[_Target]:
        """All members that are there now."""
        self._looked, self._last = time.monotonic(), table.last_started()
        found = [self._target(row) for row in self._members.find(self._rows(), self._seen)]
        self._alive = {target.row.pid: target for target in found}
        return found

    def _look_for_new(self) -> list[_Target]:
        """Those that have come since the last look; all others are known."""
        fresh = [self._target(row) for row in self._members.find_new(self._rows(), self._seen)]
        self._alive.update((target.row.pid, target) for target in fresh)
        return fresh

    def _has_just_looked(self) -> bool:
        """Whether no number can have been given again since all were looked at: they go up to the highest first."""
        last = table.last_started()
        return 0 < self._last <= last and time.monotonic() < self._looked + _RECENT

    def _target(self, row: Row) -> _Target:
        return self._targets.setdefault((row.pid, row.start), _Target(row))

    def _freeze(self, fresh: list[_Target], deadline: float) -> None:
        """Stop every member, until a look finds no new one; they start nothing more then."""
        last, misses = self._last, 0
        while table.CAN_FREEZE and time.monotonic() < deadline:
            for target in fresh:
                target.is_frozen = target.is_frozen or self._send(target, signal.SIGSTOP)
            if not fresh:
                misses += 1
                if last == table.last_started() or misses > _MISSES:
                    # Nothing at all has been started since the look began, or it is not one of ours.
                    return
            last = table.last_started()
            fresh = self._look_for_new()

    def _await(self, targets: Iterable[_Target], deadline: float) -> bool:
        """Wait until some have ended; False when the deadline has passed before."""
        ends = None
        try:
            with held_back():
                ends = Ends((target.row, target.handle) for target in targets if not target.refusal)
            if not ends.is_done:
                self._serve(ends, deadline)
            return ends.is_done
        finally:
            with held_back():
                if ends is not None:
                    ends.close()

    def _send(self, target: _Target, number: int) -> bool:
        """Signal a process that is still the one that was found; whether it was."""
        try:
            if target.handle is None and self._handles_left > 0:
                target.handle = table.open_handle(target.row)
                self._handles_left -= 1
            table.send(target.row, number, target.handle)
        except ProcessLookupError:
            return False
        except PermissionError:
            target.refusal = _REFUSED
            return False
        if number not in _HARMLESS:
            target.last = number
        return True


_HARMLESS = {getattr(signal, name) for name in ("SIGSTOP", "SIGCONT") if hasattr(signal, name)}


def _reason(target: _Target) -> str:
    return target.refusal or (_STUCK if target.last == _SIGKILL else _ELUSIVE)


def _lives(target: _Target) -> bool:
    now = table.find_row(target.row.pid)
    return now is not None and target.row.is_same(now) and not now.has_ended
