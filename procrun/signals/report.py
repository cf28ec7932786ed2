"""What became of processes that were told to end: plain frozen values, which errors and results carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from procrun.quoting import printable, shorten
from procrun.status import signal_name

# Of a thousand processes that ended alike nobody reads each.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended."""

    pid: int
    """Its process id, which a stranger may have by now."""
    name: str
    """The name that the system had for it, without its arguments."""
    signal: int | None
    """The last signal that reached it from us: what ended it, or what it ended itself upon. None: by itself."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A process that could not be ended."""

    pid: int | None
    """Its process id; None for a function of this process."""
    command: str
    """Its command line, where the system tells it."""
    reason: str
    """Why it lives."""

    def __str__(self) -> str:
        return f"{_who(self.pid, self.command)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who still holds the other end of a pipe of ours, and so kept us waiting for its end."""

    pid: int | None
    """Its process id; None where the system does not tell who it is."""
    command: str
    """Its command line; empty where it is not told."""
    stream: str
    """Which one: `stdin`, `stdout`, `stderr`."""

    def __str__(self) -> str:
        if self.pid is None:
            return f"{self.stream} is held open by a process that the system does not show us"
        return f"{self.stream} is held open by {_who(self.pid, self.command)}"


@dataclass(frozen=True, slots=True)
class StopReport:
    """How a stop went: who has ended, by what, who has not, and the time it took.

    >>> report = StopReport((Ended(7, "sleep", 15), Ended(8, "sh", None)), (), (), 0.25)
    >>> print(report)
    ended by themselves: 8 (sh)
    ended by SIGTERM: 7 (sleep)
    2 processes ended in 0.25 s
    >>> report.is_complete
    True
    """

    ended: tuple[Ended, ...] = ()
    """The processes that have ended, by our signals or before any of them."""
    survivors: tuple[Survivor, ...] = ()
    """What could not be ended."""
    holders: tuple[Holder, ...] = ()
    """Who still holds a pipe of the run, although nothing of it that could be found is left."""
    seconds: float = 0.0
    """How long the stop took."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing has survived and nobody holds a pipe."""
        return not self.survivors and not self.holders

    @property
    def by_themselves(self) -> tuple[Ended, ...]:
        """Those that ended before a signal of ours reached them."""
        return self.ended_by(None)

    def ended_by(self, signal: int | None) -> tuple[Ended, ...]:
        """Those whose end followed a signal."""
        return tuple(one for one in self.ended if one.signal == signal)

    def followed_by(self, later: StopReport) -> StopReport:
        """One report of two stops of the same run: who has survived the first may have been ended by the second."""
        known = {one.pid for one in later.ended}
        ended = tuple(one for one in self.ended if one.pid not in known) + later.ended
        return replace(later, ended=ended, seconds=max(self.seconds, later.seconds))

    def remains(self) -> list[str]:
        """What is left, a line each, as errors tell it."""
        return [f"still running: {one}" for one in self.survivors] + [str(one) for one in self.holders]

    def __str__(self) -> str:
        return "\n".join([*self._endings(), *self.remains(), self._sum()])

    def _endings(self) -> Iterator[str]:
        for signal in sorted({one.signal for one in self.ended}, key=lambda number: number or 0):
            group = self.ended_by(signal)
            shown = ", ".join(f"{one.pid} ({printable(one.name)})" for one in group[:_SHOWN])
            more = f" and {len(group) - _SHOWN} more" if len(group) > _SHOWN else ""
            yield f"ended by {'themselves' if signal is None else signal_name(signal)}: {shown}{more}"

    def _sum(self) -> str:
        left = f", {len(self.survivors)} survived" if self.survivors else ""
        return f"{_count(len(self.ended))} ended{left} in {self.seconds:.2f} s"


def _count(number: int) -> str:
    return "1 process" if number == 1 else f"{number} processes"


def _who(pid: int | None, command: str) -> str:
    text = f"`{shorten(printable(command))}`"
    return text if pid is None else f"process {pid} ({text})" if command else f"process {pid}"
