"""How a program ended: an exit code, or the signal that ended it.

A value of this module stands in every result. It knows the four spellings that
callers meet: Python's (`-15`), the shell's (`143`), the raw wait status of
POSIX (`15`) and the 32-bit exit code of Windows (docs/gotchas.md#exit-codes). Pure: it asks no operating system,
except for the numbers of its signals (`signals/names.py` knows what they mean).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

NOT_FOUND = 127
NOT_RUNNABLE = 126
INTERNAL_ERROR = 125
TIMED_OUT = 124
USAGE = 2

# The same number on every Unix. A Windows program meets them in the statuses of shells and of
# what this library stops, though its own `signal` module does not know them.
_ELSEWHERE = {"SIGHUP": 1, "SIGQUIT": 3, "SIGKILL": 9, "SIGPIPE": 13, "SIGALRM": 14}
_SIGPIPE = _ELSEWHERE["SIGPIPE"]


@dataclass(frozen=True, slots=True)
class ExitStatus:
    """The way one program ended.

    >>> ExitStatus(3).describe(), ExitStatus(signal=15).shell
    ('exited with status 3', 143)
    """

    code: int | None = None
    """The exit code, or None when a signal ended the program."""

    signal: int | None = None
    """The number of the signal that ended the program, or None."""

    dumped_core: bool = False
    """Whether the system wrote a core file (POSIX only)."""

    def __post_init__(self) -> None:
        if (self.code is None) == (self.signal is None):
            raise ValueError("an ExitStatus has either a code or a signal")

    @classmethod
    def from_returncode(cls, returncode: int) -> ExitStatus:
        """From the number `subprocess` gives: a negative one names a signal."""
        return cls(signal=-returncode) if returncode < 0 else cls(returncode)

    @classmethod
    def from_wait_status(cls, status: int) -> ExitStatus:
        """From the raw status of `wait(2)` (POSIX, <sys/wait.h>); ValueError for a process that has only stopped."""
        number = status & 0x7F
        if number == 0x7F:
            raise ValueError(f"the wait status {status:#x} is that of a process that was stopped, and has not ended")
        if number:
            return cls(signal=number, dumped_core=bool(status & 0x80))
        return cls(status >> 8 & 0xFF)

    @property
    def wait_status(self) -> int:
        """The raw status of `wait(2)`, as Python 2 programs expect it."""
        if self.signal is not None:
            return self.signal | (0x80 if self.dumped_core else 0)
        return (self.code or 0) << 8

    @property
    def returncode(self) -> int:
        """As `subprocess` spells it: the code, or the negative signal number."""
        return -self.signal if self.signal is not None else (self.code or 0)

    @property
    def shell(self) -> int:
        """As a shell's `$?` spells it: the code, or 128 and the signal number."""
        return 128 + self.signal if self.signal is not None else (self.code or 0)

    @property
    def is_success(self) -> bool:
        """Whether the code is 0."""
        return self.code == 0

    @property
    def is_broken_pipe(self) -> bool:
        """Whether the reader of the program's output went away and that ended it.

        141 counts too: it is how a shell passes on the SIGPIPE of its last program.
        """
        return self.signal == _SIGPIPE or self.code == 128 + _SIGPIPE

    def describe(self) -> str:
        """The status as the end of a sentence whose subject is the program."""
        if self.signal is None:
            code = self.code or 0
            # Windows reports crashes as NTSTATUS values, which people know in hexadecimal.
            return f"exited with status {code if code < 0x80000000 else hex(code)}"
        core = " (core dumped)" if self.dumped_core else ""
        return f"was ended by {signal_name(self.signal)}{core}"


def signal_name(number: int) -> str:
    """The name of a signal of this system, such as `SIGTERM`, or `signal 77`."""
    return next((name for name, known in signal_numbers().items() if known == number), f"signal {number}")


@cache
def signal_numbers() -> dict[str, int]:
    """Every name of a signal that has a number here; of several names for one, the usual comes first."""
    import signal

    kinds = signal.Signals
    numbers = {kind.name: int(kind) for kind in kinds if kind.name.startswith("SIG")}
    first, last = numbers.get("SIGRTMIN", 0), numbers.get("SIGRTMAX", 0)
    numbers |= {f"SIGRTMIN+{number - first}": number for number in range(first + 1, last)}
    numbers |= {f"SIGRTMAX-{last - number}": number for number in range(first + 1, last)}
    numbers |= {name: int(kind) for name, kind in kinds.__members__.items() if name.startswith("SIG")}
    return {**numbers, **{name: number for name, number in _ELSEWHERE.items() if name not in numbers}}
