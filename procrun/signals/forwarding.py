"""What reaches us reaches the run: signals are passed on to programs, but for those that the terminal has sent itself.

One mechanism for `forward` and for the command line. Which signals a run is *ended* by is not decided here.
The table of what happens: docs/signals.md#forwarding; why: docs/gotchas.md#ctrl-c.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from procrun.system import terminal

if TYPE_CHECKING:
    from procrun.signals.names import AnySignal


class Receiver(Protocol):
    """What can be sent signals: a `Running`, a `subprocess.Popen`, a `psutil.Process`."""

    def send_signal(self, number: int, /) -> Any:
        """Send a signal to all of it that still runs."""


def _here(*names: str) -> tuple[int, ...]:
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


INTERRUPTS = _here("SIGINT", "SIGQUIT")
"""By these the user interrupts a program that is to decide itself what to make of it."""

NEWS = _here("SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGINFO", "SIGTSTP", "SIGCONT")
"""These are for the programs, and change nothing of how the run ends."""

FORWARDED = (*INTERRUPTS, *_here("SIGBREAK", "SIGHUP", "SIGTERM"), *NEWS)
"""What `forward` passes on unless told otherwise, of the signals that this system has."""

# By its keys and by its size the terminal speaks to everybody in the foreground, and so does a shell's `fg` by SIGCONT:
# passed on late, that would undo the next Ctrl-Z. All else is sent to somebody.
_OF_TERMINAL = (*INTERRUPTS, *_here("SIGBREAK", "SIGWINCH", "SIGINFO", "SIGTSTP", "SIGCONT"))
_STOPS = _here("SIGTSTP")


@contextmanager
def forward(*, to: Receiver, signals: AnySignal | Iterable[AnySignal] = FORWARDED) -> Iterator[None]:
    """Pass on to programs, while the block runs, the signals that reach this process, and go on.

    What the programs make of them decides: wait in the block for their end. It is for the main thread, and what was
    there is back afterwards, as with `handle`. A signal that is ignored when the block begins stays so (`nohup`).

    The foreground: SIGINT, SIGQUIT, SIGTSTP and SIGWINCH come from the terminal to every process of its foreground
    group at once, and SIGCONT from the shell. While we and the programs are that group they are not sent a second time;
    nor is the one that somebody then sends to this process alone, which looks the same. SIGTSTP also stops this
    process, and SIGCONT comes along with it. What the system does not let us send (to `sudo`) does not arrive.

    Windows: the console has told everybody Ctrl-C and Ctrl-Break, so that the block only keeps this process alive.
    SIGTERM, which a program only raises in itself, ends the programs (TerminateProcess).

    Raises as `handle`; TypeError for what cannot be sent signals.

    >>> import os, signal
    >>> from procrun import start
    >>> with start("sleep 60") as running, forward(to=running, signals="TERM"):
    ...     os.kill(os.getpid(), signal.SIGTERM)
    ...     running.wait().status.signal
    15
    """
    from procrun.signals.handlers import handle, numbers_of

    if not callable(getattr(to, "send_signal", None)):
        raise TypeError(f"`forward` sends to what has `send_signal`: a Running or a Popen, not {to!r}")
    numbers = numbers_of(signals)
    if set(numbers) & set(_STOPS):
        # Else what was stopped along with us would stay so.
        numbers.append(signal.SIGCONT)
    with handle([number for number in numbers if signal.getsignal(number) != signal.SIG_IGN], relay(to)):
        yield


def relay(to: Receiver) -> Callable[[int, FrameType | None], None]:
    """A handler that passes on what has come, unless the terminal has sent it to all, and stops as the programs do."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        if number not in _OF_TERMINAL or not terminal.shares_signals(_pids(to)):
            try:
                to.send_signal(number)
            except _refusals():
                # Its user is another: `sudo`, or it has ended. What we do otherwise does not depend on it.
                pass
        if number in _STOPS:
            _stop(number)

    return pass_on


def _refusals() -> tuple[type[Exception], ...]:
    """What is raised for a process that may not be signalled or has ended; psutil, where it is loaded, has its own."""
    psutil = sys.modules.get("psutil")
    own = () if psutil is None else (psutil.AccessDenied, psutil.NoSuchProcess)
    return (PermissionError, ProcessLookupError, *own)


def _pids(to: Any) -> list[int]:
    """The processes of a receiver, as far as it tells."""
    return to.living_pids() if hasattr(to, "living_pids") else [to.pid] if hasattr(to, "pid") else []


def _stop(number: int) -> None:
    """Stop this process until it is continued, for whoever waits for that: the shell (docs/gotchas.md#jobs)."""
    handler = signal.signal(number, signal.SIG_DFL)
    try:
        # To this thread, so that it has stopped when the call returns. Where nobody could continue it, in a group
        # without a shell, the system does not stop it (POSIX XSH 2.4.3).
        signal.raise_signal(number)
    finally:
        signal.signal(number, handler)
