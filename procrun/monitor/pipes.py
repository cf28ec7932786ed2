"""Who holds which end of which pipe, and of which socket between two processes of this machine.

A pipe ends when its last writer has closed it, and every process may be one (docs/gotchas.md#pipe-inherited): so
all processes are looked at, not only those of a tree. What we may not look into is counted, because it may
hold an end too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from procrun.quoting import printable
from procrun.system import processes as system
from procrun.system.facts import Descriptor

_STANDARD = ("stdin", "stdout", "stderr")


@dataclass(frozen=True, slots=True)
class End:
    """A descriptor by which a process holds an end of a pipe."""

    process: int
    """Its pid."""
    descriptor: int
    """The number there."""

    def __str__(self) -> str:
        return f"{self.process} ({descriptor_name(self.descriptor)})"


@dataclass(frozen=True, slots=True)
class Pipe:
    """A pipe or a FIFO, with all who were seen to hold it."""

    name: str
    """`pipe 4711`, or the path of a FIFO."""
    writers: tuple[End, ...]
    """Who can write it."""
    readers: tuple[End, ...]
    """Who can read it."""

    def __str__(self) -> str:
        writers, readers = (", ".join(map(str, ends)) or "nobody" for ends in (self.writers, self.readers))
        return f"{self.name}: {writers} → {readers}"

    def as_json(self) -> dict[str, Any]:
        """Plain values (docs/doctor.md#doctor-json)."""
        return {
            "name": self.name,
            **{
                side: [{"pid": end.process, "descriptor": end.descriptor} for end in ends]
                for side, ends in (("writers", self.writers), ("readers", self.readers))
            },
        }


class Survey:
    """The descriptors of all processes at one moment."""

    def __init__(self, pids: Iterable[int]) -> None:
        self.held: dict[int, tuple[Descriptor, ...]] = {}
        """The descriptors of each process that could be looked into."""
        self.refused: list[int] = []
        """The processes that we may not look into."""
        self.peers = system.socket_peers()
        """For each socket the name of its other end on this machine."""
        self.addresses = system.socket_addresses()
        """For each TCP or UDP socket, where it leads."""
        self._by_name: dict[str, list[tuple[int, Descriptor]]] = {}
        for pid in pids:
            self._look(pid)

    def find(self, pid: int, number: int) -> Descriptor | None:
        """The descriptor of a process with a number."""
        return next((entry for entry in self.held.get(pid, ()) if entry.number == number), None)

    def other_end(self, entry: Descriptor, *, writes: bool) -> tuple[int, ...]:
        """The processes that hold the other end of a pipe, a FIFO or a socket, for one that reads or writes it."""
        if entry.kind == "socket":
            return self.holders(self.peers.get(entry.name, ""))
        pipe = self.pipe(entry.name)
        return _processes(pipe.readers if writes else pipe.writers)

    def holders(self, name: str) -> tuple[int, ...]:
        """The processes that hold what the system calls so."""
        return tuple(dict.fromkeys(pid for pid, _ in self._by_name.get(name, ())))

    def pipe(self, name: str) -> Pipe:
        """Everybody who holds a pipe."""
        held = self._by_name.get(name, ())
        return Pipe(
            short(name),
            tuple(End(pid, entry.number) for pid, entry in held if entry.writes),
            tuple(End(pid, entry.number) for pid, entry in held if entry.reads),
        )

    def pipes_of(self, pids: Iterable[int]) -> tuple[Pipe, ...]:
        """The pipes of some processes, in the order of their descriptors."""
        names = dict.fromkeys(entry.name for pid in pids for entry in self.held.get(pid, ()) if entry.kind == "pipe")
        return tuple(map(self.pipe, names))

    def _look(self, pid: int) -> None:
        try:
            self.held[pid] = system.descriptors(pid)
        except PermissionError:
            self.refused.append(pid)
        except ProcessLookupError:
            return  # It has ended, and holds nothing.
        for entry in self.held.get(pid, ()):
            self._by_name.setdefault(entry.name, []).append((pid, entry))


def descriptor_name(number: int) -> str:
    """How people call a descriptor.

    >>> descriptor_name(1), descriptor_name(5)
    ('stdout', 'descriptor 5')
    """
    return _STANDARD[number] if 0 <= number < len(_STANDARD) else f"descriptor {number}"


def short(name: str) -> str:
    """The system's name of a pipe or socket for a sentence.

    >>> short("pipe:[4711]"), short("/tmp/fifo")
    ('pipe 4711', '`/tmp/fifo`')
    """
    if name.startswith("/"):
        return f"`{printable(name)}`"
    kind, _, number = name.rstrip("]").partition(":[")
    return f"{kind} {number}"


def _processes(ends: Iterable[End]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(end.process for end in ends))
