"""End a whole process tree: ask, wait a grace, kill, and say who survived.

A process of a run is a descendant of one of its children, or carries the run's mark in
its environment, which a daemon keeps that has left the tree. Identity is the pid with
the time of the start, so that a number which was given to a stranger is never signalled.
What no search can promise: docs/gotchas.md#tree; why it is needed at all: #grandchild.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procrun import system

if TYPE_CHECKING:
    import psutil

# A tree that forks while it is killed needs several looks; a kill itself takes
# microseconds, so a tree that is still there after this long cannot be ended.
_KILL_SECONDS = 2.0

# Between two looks: most processes end at once, the others get time to tidy up.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.5


@dataclass(frozen=True, slots=True)
class Survivor:
    """A process of a run that could not be ended."""

    pid: int | None
    """Its process id; None for a function of this process."""
    command: str
    """Its command line, where the system tells it."""
    reason: str
    """Why it lives."""

    def __str__(self) -> str:
        who = f"`{self.command}`" if self.pid is None else f"process {self.pid} (`{self.command}`)"
        return f"{who}: {self.reason}"


def stop_tree(
    roots: Callable[[], Iterable[int]], mark: str, since: float, *, grace: float, settle: Callable[[float], bool]
) -> tuple[Survivor, ...]:
    """End every process of a run and return those that are still there.

    `roots()` are its children that have not been reaped, `mark` is its value of PROCRUN_RUN, and `since`
    (seconds since the epoch) a time before its start. `settle(deadline)` serves the run until
    everything has ended (True) or the deadline has passed, so that an output written in the grace is kept.

    POSIX: SIGTERM, `grace` seconds, then SIGKILL until nothing new is found. Windows: TerminateProcess at once.
    """
    refused: dict[int, str] = {}
    seen: set[psutil.Process] = set()

    def look() -> list[psutil.Process]:
        # Who was seen once is not lost when its parent ends, though it may carry no mark.
        known = [process.pid for process in seen if process.is_running()]
        tree = find_tree([*roots(), *known], mark, since)
        seen.update(tree)
        return tree

    if grace > 0 and not _ask_to_end(look, time.monotonic() + grace, settle, refused):
        return ()
    give_up = time.monotonic() + _KILL_SECONDS
    pause = _FIRST_PAUSE
    tree = look()
    while tree and time.monotonic() < give_up:
        refused.clear()
        _send(system.send_kill, tree, refused)
        if all(process.pid in refused for process in tree):
            break
        tree = _look_later(look, min(time.monotonic() + pause, give_up), settle)
        pause = min(2 * pause, _LONGEST_PAUSE)
    return tuple(_survivor(process, refused) for process in tree)


def _ask_to_end(
    look: Callable[[], list[psutil.Process]], end: float, settle: Callable[[float], bool], refused: dict[int, str]
) -> bool:
    """Send SIGTERM to every process, also to those that appear in the grace; whether some are still there."""
    told: set[psutil.Process] = set()
    pause = _FIRST_PAUSE
    tree = look()
    while tree:
        _send(system.send_terminate, [process for process in tree if process not in told], refused)
        told.update(tree)
        if time.monotonic() >= end or all(process.pid in refused for process in tree):
            return True
        tree = _look_later(look, min(time.monotonic() + pause, end), settle)
        pause = min(2 * pause, _LONGEST_PAUSE)
    return False


def _look_later(
    look: Callable[[], list[psutil.Process]], until: float, settle: Callable[[float], bool]
) -> list[psutil.Process]:
    """Serve the run until a time, and look what is there then; at once, when nothing is."""
    has_ended = settle(until)
    tree = look()
    if has_ended and tree:
        # Only processes that we cannot wait for are left.
        time.sleep(max(0.0, until - time.monotonic()))
        tree = look()
    return tree


def find_tree(roots: Iterable[int], mark: str, since: float) -> list[psutil.Process]:
    """The living processes of a run, parents before their children; zombies do not count."""
    import psutil

    children: dict[int, list[psutil.Process]] = {}
    wanted = set(roots)
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            with process.oneshot():
                parent = process.ppid()
                if process.status() == psutil.STATUS_ZOMBIE:
                    # Its children have another parent already; it has nothing left to end.
                    continue
                children.setdefault(parent, []).append(process)
                if process.pid in wanted or _carries(process, mark, since):
                    found[process.pid] = process
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # It ended while we looked, or belongs to another user, whom we could not signal.
    queue = list(found.values())
    for process in queue:
        for child in children.get(process.pid, ()):
            if child.pid not in found:
                found[child.pid] = child
                queue.append(child)
    found.pop(os.getpid(), None)
    return [process for process in queue if process.pid in found]


def _carries(process: psutil.Process, mark: str, since: float) -> bool:
    """Whether a process was started with the run's mark in its environment."""
    import psutil

    # The clock of process starts ticks in hundredths of a second and may be a little off.
    if process.create_time() < since - 1:
        return False
    try:
        return mark in process.environ().get(system.MARK, "").split()
    except (psutil.AccessDenied, psutil.ZombieProcess, OSError):
        return False  # Another user's: the system does not let us read it.


def _send(signal: Callable[[int], None], tree: Iterable[psutil.Process], refused: dict[int, str]) -> None:
    """Signal each process that is still the one that was found."""
    for process in tree:
        if not process.is_running():
            continue
        try:
            signal(process.pid)
        except ProcessLookupError:
            continue
        except PermissionError:
            refused[process.pid] = "it belongs to another user, and the system refused the signal"


def _survivor(process: psutil.Process, refused: dict[int, str]) -> Survivor:
    import psutil

    try:
        command = " ".join(process.cmdline()) or process.name()
    except psutil.Error:
        command = "?"
    reason = refused.get(process.pid, "it was killed, but the system has not ended it yet (it may wait for a device)")
    return Survivor(process.pid, command, reason)
