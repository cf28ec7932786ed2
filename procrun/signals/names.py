"""The signals: names, numbers, what they mean, what they do by default, and what Windows has instead.

One table for all systems. Numbers come from the running system (`status.signal_numbers`), since
only a few are the same everywhere. Nothing here sends or handles a signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Union

from procrun import status
from procrun.errors import ProcrunError, explain
from procrun.status import ExitStatus, signal_name, signal_numbers

Default = Literal["end", "core", "stop", "continue", "ignore"]


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal, as this system has it."""

    name: str
    """Its name, with `SIG`."""
    number: int | None
    """Its number here; None when this system does not know it."""
    meaning: str
    """Who sends it, and why."""
    default: Default
    """What happens to a process that does not handle it: it ends, ends with a memory image
    (`core`), stops, continues, or nothing happens (`ignore`)."""
    on_windows: str
    """What a Windows program meets instead."""

    @property
    def asks_to_end(self) -> bool:
        """Whether a process that does not handle it ends by it."""
        return self.default in ("end", "core")


AnySignal = Union[int, str, Signal]
"""How a signal may be given: `15`, `signal.SIGTERM`, `"TERM"`, `"sigterm"`, `"15"`, a `Signal`."""


class SignalError(ProcrunError, ValueError):
    """There is no such signal, or it cannot be used as asked."""

    exit_code = status.USAGE

    def __init__(self, reason: str, details: tuple[str, ...] = (), hint: str = "") -> None:
        self.reason = reason
        """What was wrong, in one line."""
        self.details = details
        """Lines between the reason and the hint."""
        self.hint = hint
        """What to do."""
        super().__init__(reason, details, hint)

    def __str__(self) -> str:
        return explain(self.reason, details=self.details, hint=self.hint)


def number(signal: AnySignal) -> int:
    """The number of a signal on this system.

    Case does not matter, nor whether `SIG` stands before a name; `RTMIN+3` and `RTMAX-3` are names too. HUP, QUIT,
    KILL, PIPE and ALRM have the number that is the same on every Unix, on Windows too.

    Raises SignalError, with the names that there are and those that come near; TypeError for what is no signal at all.

    >>> number("term"), number("SIGTERM"), number(15)
    (15, 15, 15)
    """
    found = find(signal)
    if found.number is None:
        raise SignalError(
            f"this system has no signal `{found.name}`",
            (f"elsewhere it means: {found.meaning}", f"on Windows: {found.on_windows}"),
            f'ask first: `find("{found.name}").number` is None here',
        )
    return found.number


def name(signal: AnySignal) -> str:
    """The name of a signal, with `SIG`; raises as `find`.

    >>> name(15), name("kill")
    ('SIGTERM', 'SIGKILL')
    """
    return find(signal).name


def find(signal: AnySignal) -> Signal:
    """All that the table knows of a signal, also of one that only other systems have (its number is None).

    Raises SignalError, with the names that there are and those that come near; TypeError for what is no signal at all.

    >>> find("pipe").meaning
    'it writes to a pipe or connection that nobody reads any more'
    """
    if isinstance(signal, Signal):
        return signal
    if isinstance(signal, str):
        text = signal.strip().upper()
        if not text.isdecimal():
            return _by_name(signal, text if text.startswith("SIG") else f"SIG{text}")
        signal = int(text)
    if isinstance(signal, int) and not isinstance(signal, bool):
        return _by_number(int(signal))
    raise TypeError(f"a signal is a name such as `TERM`, a number or a member of `signal.Signals`, not {signal!r}")


def from_status(status: int | ExitStatus) -> Signal | None:
    """The signal that ended a program, by its exit status; None when it ended by itself.

    Reads what `subprocess` gives (-15), what a shell shows (143), and the codes by which Windows tells of Ctrl-C and
    crashes (0xC000013A). A program may also exit with 143 on its own; nobody can tell that from a shell's.

    Raises SignalError for a negative status that is no signal's.

    >>> from_status(-9).name, from_status(143).name, from_status(1)
    ('SIGKILL', 'SIGTERM', None)
    """
    if isinstance(status, ExitStatus):
        status = status.returncode
    if status < 0 and status & 0xFFFFFFFF in _WINDOWS_CODES:
        status &= 0xFFFFFFFF
    if status < 0:
        return find(-status)
    if status in _WINDOWS_CODES:
        return find(_WINDOWS_CODES[status])
    return find(status - 128) if status - 128 in signal_numbers().values() else None


def _by_number(wanted: int) -> Signal:
    found = signal_name(wanted)
    if found not in signal_numbers():
        raise _unknown(str(wanted), f"give a name, or a number from 1 to {max(signal_numbers().values())}")
    return _by_name(found, found)


def _by_name(given: str, wanted: str) -> Signal:
    here = signal_numbers().get(wanted)
    # One name for each signal: SIGCLD is SIGCHLD, SIGRTMAX-29 is SIGRTMIN+1.
    usual = wanted if here is None else signal_name(here)
    if usual in _TABLE:
        return Signal(usual, here, *_TABLE[usual])
    if here is not None:
        return Signal(usual, here, *_OF_PROGRAMS)
    raise _unknown(given, _near(wanted))


def _near(wanted: str) -> str:
    """What somebody may have meant, as a question; or what to do."""
    import difflib

    near = difflib.get_close_matches(
        wanted.removeprefix("SIG"), [known.removeprefix("SIG") for known in _TABLE], 3, 0.6
    )
    if near:
        return f"did you mean {' or '.join(f'`{name}`' for name in near)}?"
    return "give one of these names, with or without `SIG`, or a number"


def _unknown(given: str, hint: str) -> SignalError:
    names = " ".join(known.removeprefix("SIG") for known in _TABLE if known in signal_numbers())
    return SignalError(f"no signal `{given}`", (f"the signals of this system: {names}",), hint)


_CRASH = "the C runtime raises it; unhandled it ends with "
_TERMINAL = "nothing; consoles do not stop programs"
_NONE = "nothing like it"
_OF_PROGRAMS: tuple[str, Default, str] = ("programs use it as they agree; each one sent is delivered", "end", _NONE)

_TABLE: dict[str, tuple[str, Default, str]] = {
    "SIGHUP": (
        "its terminal has gone; daemons read their settings again",
        "end",
        "SIGBREAK, when the console is closed",
    ),
    "SIGINT": ("the user interrupts it (Ctrl-C)", "end", "Ctrl-C on the console; it can be handled"),
    "SIGQUIT": ("the user quits it, and wants a memory image (Ctrl-\\)", "core", "SIGBREAK, by Ctrl-Break"),
    "SIGILL": ("it executes what is no instruction", "core", _CRASH + "0xC000001D"),
    "SIGTRAP": ("it has reached a debugger's breakpoint", "core", "nothing; it ends with 0x80000003"),
    "SIGABRT": ("it has called `abort`, as failed assertions do", "core", "the same; it ends with 3"),
    "SIGBUS": ("it uses memory that is not behind its address", "core", "nothing; it ends with 0xC0000006"),
    "SIGFPE": ("it divides by zero, or calculates another impossible thing", "core", _CRASH + "0xC0000094"),
    "SIGKILL": ("somebody ends it; it cannot be handled", "end", "TerminateProcess, which cannot be handled either"),
    "SIGUSR1": ("programs use it as they agree", "end", _NONE),
    "SIGSEGV": ("it uses memory that it may not use", "core", _CRASH + "0xC0000005"),
    "SIGUSR2": ("programs use it as they agree", "end", _NONE),
    "SIGPIPE": (
        "it writes to a pipe or connection that nobody reads any more",
        "end",
        "the write fails (EINVAL, EPIPE)",
    ),
    "SIGALRM": ("the time that it has set is over", "end", "`procrun.signals.alarm` and `handle` imitate it"),
    "SIGTERM": ("somebody asks it to end", "end", "it can raise it in itself; from outside it is TerminateProcess"),
    "SIGSTKFLT": ("nobody sends it any more (Linux)", "end", _NONE),
    "SIGCHLD": ("a child has ended, stopped or continued", "ignore", "nothing; wait for the process"),
    "SIGCONT": ("it continues after a stop", "continue", "`psutil.Process.resume`"),
    "SIGSTOP": ("somebody stops it; it cannot be handled", "stop", "`psutil.Process.suspend`"),
    "SIGTSTP": ("the user stops it (Ctrl-Z)", "stop", _TERMINAL),
    "SIGTTIN": ("it reads the terminal in the background", "stop", _TERMINAL),
    "SIGTTOU": ("it changes the terminal in the background, or writes to it", "stop", _TERMINAL),
    "SIGURG": ("urgent data have come on a socket", "ignore", "nothing; `select` tells"),
    "SIGXCPU": ("it has used its CPU time (RLIMIT_CPU)", "core", "a job's time limit ends it"),
    "SIGXFSZ": ("its file grows beyond the limit (RLIMIT_FSIZE)", "core", _NONE),
    "SIGVTALRM": ("the CPU time of its own that it has set is over", "end", _NONE),
    "SIGPROF": ("the CPU time that a profiler has set is over", "end", _NONE),
    "SIGWINCH": ("the size of its terminal has changed", "ignore", "nothing; ask for the size"),
    "SIGIO": (
        "a descriptor is ready that it has asked to hear of (BSD, macOS: ignored)",
        "end",
        "nothing; `select` tells",
    ),
    "SIGINFO": ("the user asks what it does (Ctrl-T; BSD, macOS)", "ignore", _NONE),
    "SIGPWR": ("the power fails (Linux)", "end", _NONE),
    "SIGSYS": ("it calls what the system does not have, or forbids", "core", _NONE),
    "SIGEMT": ("an instruction has to be emulated (BSD, macOS)", "core", _NONE),
    "SIGBREAK": ("Ctrl-Break, or its console is closed (Windows)", "end", "it can be handled"),
    "SIGRTMIN": _OF_PROGRAMS,
    "SIGRTMAX": _OF_PROGRAMS,
}

# NTSTATUS (ntstatus.h): with these a process ends whose end would have been a signal elsewhere.
_WINDOWS_CODES = {
    0xC000013A: "SIGINT",
    0xC0000005: "SIGSEGV",
    0xC00000FD: "SIGSEGV",
    0xC0000006: "SIGBUS",
    0xC000001D: "SIGILL",
    0xC0000094: "SIGFPE",
    0x80000003: "SIGTRAP",
}

SIGNALS: tuple[Signal, ...] = tuple(find(known) for known in _TABLE)
"""The whole table; those whose number is None are of other systems."""
