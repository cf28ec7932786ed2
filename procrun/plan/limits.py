"""What a program may use of the system, as an option of a stage or a run.

A frozen value that asks the system nothing; `system.shim` says which limits it can keep, and how they are set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a program, set before it starts; what it starts has the same, each process for itself.

    >>> from procrun import Limits, cmd
    >>> cmd("sh", "-c", "ulimit -n").read(limits=Limits(files=64))
    '64'

    Which system keeps which of them: docs/gotchas.md#limits. Raises TypeError and ValueError.
    """

    memory: int | None = None
    """Bytes of memory that it may make its own and write to; asking for more fails (Linux: RLIMIT_DATA;
    BSD: RLIMIT_AS, which counts all addresses)."""

    cpu: int | None = None
    """Whole seconds of CPU: SIGXCPU, and one second later SIGKILL (RLIMIT_CPU)."""

    files: int | None = None
    """Open descriptors: the largest that it can have is one less (RLIMIT_NOFILE)."""

    processes: int | None = None
    """Processes and threads of *the user*, whoever started them; root has no limit (RLIMIT_NPROC)."""

    file_size: int | None = None
    """Bytes to which it may make a file grow: SIGXFSZ (RLIMIT_FSIZE)."""

    nice: int | None = None
    """How much nicer to others it is than this process (nice(1)); less than 0 is for root alone."""

    def __post_init__(self) -> None:
        for name in NAMES:
            value = getattr(self, name)
            if value is None:
                continue
            unit = _UNITS[name]
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"the limit `{name}` is a whole number{unit}, not {value!r}")
            if value < _LEAST.get(name, 0):
                raise ValueError(
                    f"the limit `{name}` is a whole number{unit} from {_LEAST.get(name, 0)} up, not {value}"
                )

    def given(self) -> Iterator[tuple[str, int]]:
        """The name and the value of each limit that is set."""
        return ((name, value) for name in NAMES if (value := getattr(self, name)) is not None)

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')} {value}{_UNITS[name][3:]}" for name, value in self.given())


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Limits))
"""The names of the limits."""

_UNITS = {
    "memory": " of bytes",
    "cpu": " of seconds",
    "files": "",
    "processes": "",
    "file_size": " of bytes",
    "nice": "",
}
# The kernel makes one second of a limit of none; a niceness has twenty steps on either side.
_LEAST = {"cpu": 1, "nice": -20}
