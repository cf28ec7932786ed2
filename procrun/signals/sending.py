"""`send` and `stop`: a signal to a process or a run, and the end of one with everything below it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, Union, runtime_checkable

from procrun import status
from procrun.errors import ProcessNotFound, ProcrunError, explain
from procrun.plan.options import seconds
from procrun.signals.ending import end
from procrun.signals.members import Members
from procrun.signals.names import AnySignal, SignalError, find, name, number
from procrun.signals.report import StopReport
from procrun.system import table
from procrun.system.facts import Row

if TYPE_CHECKING:
    import psutil

_SIGTERM = 15


@runtime_checkable
class AnyRun(Protocol):
    """What `procrun.Running` is, whose room is to the right of this one."""

    def members(self) -> Members:
        """The rule by which its processes are found."""

    def send_signal(self, number: int) -> None:
        """Signal the processes that it has started itself."""

    def stop(self, grace: float | None = None, *, signal: AnySignal = 15) -> Any:
        """End it, and give a result with a `stop_report`."""


Whom = Union[int, "psutil.Process", AnyRun]
"""A process by its number or as psutil has it, or a run."""


class ProtectedProcess(ProcrunError, ValueError):
    """A process that nobody means: the first one, this one, or one that this one was started by."""

    exit_code = status.USAGE

    def __init__(self, pid: int, reason: str) -> None:
        super().__init__(pid, reason)
        self.pid = pid
        """The number that was given."""
        self.reason = reason
        """Why it is protected."""

    def __str__(self) -> str:
        return explain(
            f"process {self.pid} is not signalled: {self.reason}", hint="if you mean it: force=True (`--force`)"
        )


class SignalRefused(ProcrunError, PermissionError):
    """The system did not let us signal some of the processes; all others were signalled."""

    exit_code = 1

    def __init__(self, signal: str, pids: Sequence[int]) -> None:
        super().__init__(signal, tuple(pids))
        self.signal = signal
        """The name of the signal."""
        self.pids = tuple(pids)
        """The processes that it did not reach."""
        self.errno, self.strerror = 1, "Operation not permitted"

    def __str__(self) -> str:
        several = len(self.pids) > 1
        return explain(
            f"{self.signal} did not reach {'processes' if several else 'process'} {', '.join(map(str, self.pids))}",
            details=[
                f"{'they belong' if several else 'it belongs'} to another user, and the system refused the signal"
            ],
            hint="send it as that user, or as root",
        )


def send(whom: Whom, signal: AnySignal, *, tree: bool = False) -> None:
    """Send a signal to a process or to a run; with `tree` also to everything below it.

    A run's own are the stages that are processes. With `tree` the processes are looked for once, and each is signalled
    that was there; what starts meanwhile is missed (`stop` looks again). A number is
    never a process group.

    Windows: TERM and KILL end the process at once, other signals raise SignalError.

    >>> import procrun
    >>> with procrun.start(["sleep", "60"]) as running:
    ...     send(running, "TERM")
    ...     running.wait().status.signal
    15

    Raises ProcessNotFound when there is no such process, SignalRefused when it belongs to another user, SignalError
    for a signal that this system does not have, ValueError for a number that is no process's.
    """
    wanted = number(signal)
    if isinstance(whom, AnyRun) and not tree:
        whom.send_signal(wanted)
        return
    members = whom.members() if isinstance(whom, AnyRun) else below([_row(whom)], tree=tree)
    refused = []
    for row in members.find({}):
        try:
            table.send(row, wanted)
        except ProcessLookupError:
            continue
        except PermissionError:
            refused.append(row.pid)
        except OSError as error:
            raise SignalError(
                f"{name(signal)} cannot be sent to another process here", (f"on Windows: {find(signal).on_windows}",)
            ) from error
    if refused:
        raise SignalRefused(name(signal), refused)


def stop(
    whom: Whom, grace: float = 5.0, *, tree: bool = True, signal: AnySignal = _SIGTERM, force: bool = False
) -> StopReport:
    """End a process or a run, with everything below it, and say what became of each.

    SIGTERM (or another `signal` that asks to end), up to `grace` seconds in which ends are awaited as events, then
    everything is frozen and killed until nothing is left or nothing more can be done. A run is always ended whole; of a
    process, descendants that left it before (a daemon, whose parent has ended) are not found, for it has no mark.

    Windows: everything is ended at once (TerminateProcess).

    >>> import procrun
    >>> with procrun.start("sleep 60 | sleep 60") as running:
    ...     report = stop(running)
    >>> [one.signal for one in report.ended], report.is_complete
    ([15, 15], True)

    What could not be ended is in the report, with the reason; nothing of that raises. Raises ProcessNotFound when there
    is no such process, ProtectedProcess for process 1, this one and those that it was started by, unless forced;
    SignalError for a signal that does not ask to end, TypeError and ValueError for what is no process or no number of
    seconds from 0 up.
    """
    ask = asking_signal(signal)
    seconds("grace", grace)
    if isinstance(whom, AnyRun):
        report: StopReport = whom.stop(grace, signal=ask).stop_report or StopReport()
        return report
    if not force and isinstance(whom, int) and not isinstance(whom, bool):
        refuse_protected(whom)
    return stop_all([_row(whom)], grace, tree=tree, ask=ask, force=force)


def stop_all(rows: Sequence[Row], grace: float, *, tree: bool, ask: int = _SIGTERM, force: bool = False) -> StopReport:
    """`stop` for several processes of the table at once."""
    if not force:
        for row in rows:
            refuse_protected(row.pid)
    return end(below(rows, tree=tree), grace=grace, ask=ask)


def refuse_protected(pid: int) -> None:
    """Raise ProtectedProcess for a process that nobody means to end."""
    if pid in (0, 1):
        raise ProtectedProcess(pid, "the whole system hangs on it")
    if pid == os.getpid():
        raise ProtectedProcess(pid, "it is this one")
    if pid in ancestors():
        raise ProtectedProcess(pid, "this process was started by it")


def ancestors() -> tuple[int, ...]:
    """The numbers of our parent, its parent, and so on, as far as the system shows them."""
    found: list[int] = []
    row = table.find_row(os.getpid())
    while row is not None and row.parent > 0 and row.parent not in found:
        found.append(row.parent)
        row = table.find_row(row.parent)
    return tuple(found)


def find_process(pid: int) -> Row:
    """The process that has a number; raises ProcessNotFound when there is none, also when it has ended already."""
    row = table.find_row(pid)
    if row is None or table.is_thread(pid):
        raise ProcessNotFound(pid)
    if row.has_ended:
        raise ProcessNotFound(pid, is_zombie=True)
    return row


def asking_signal(signal: AnySignal) -> int:
    """The number of a signal by which a process can be asked to end; raises SignalError for others."""
    asking = find(signal)
    if not asking.asks_to_end:
        raise SignalError(
            f"{asking.name} does not ask a process to end: {asking.meaning}",
            (),
            "to signal it all the same: `send`, or the system's `kill`",
        )
    return number(signal)


def below(rows: Sequence[Row], *, tree: bool) -> Members:
    """These processes, with all that is below them."""
    return Members(lambda: (), tops={row.pid: row for row in rows}, is_tree=tree)


def _row(whom: Any) -> Row:
    if isinstance(whom, bool) or not (isinstance(whom, int) or _is_psutil(whom)):
        raise TypeError(f"give the number of a process, a psutil.Process or a Running, not {whom!r}")
    if not isinstance(whom, int):
        row = find_process(whom.pid)
        # Asked last: who is still the same now was it when we looked.
        if not whom.is_running():
            raise ProcessNotFound(whom.pid)
        return row
    if whom < 0:
        raise ValueError(f"a process is a number from 0 up, not {whom}; for kill(2) it would be a group")
    return find_process(whom)


def _is_psutil(whom: object) -> bool:
    """Whether it is a process of psutil's; who has one has loaded psutil."""
    psutil = sys.modules.get("psutil")
    return psutil is not None and isinstance(whom, psutil.Process)
