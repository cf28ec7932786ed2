"""Who still holds the other end of a run's pipes, once nothing that could be found of the run is left.

It may be a daemon that has hidden, or a process that got a copy by accident (docs/gotchas.md#grandchild). Asked only
where a pipe has not ended, because it means a look at the descriptors of every process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from procrun import system
from procrun.signals.report import Holder

if TYPE_CHECKING:
    from procrun.engine.stdio import Wiring


def find_holders(wiring: Wiring) -> tuple[Holder, ...]:
    """Everybody else who holds a pipe that has not ended; one without a number where the system does not tell."""
    pipes = dict(_open_pipes(wiring))
    if not pipes:
        return ()
    from procrun.system import processes, table

    found: list[Holder] = []
    told: set[str] = set()
    for row in table.read_table():
        try:
            held = {(entry.name, entry.writes) for entry in processes.descriptors(row.pid)}
        except (PermissionError, ProcessLookupError):
            continue
        for name, (stream, writes) in pipes.items():
            if (name, writes) in held:
                told.add(name)
                # In this process it is a function that cannot be ended, which is told of as that.
                if row.pid != os.getpid():
                    found.append(Holder(row.pid, table.command_of(row), stream))
    return (*found, *(Holder(None, "", stream) for name, (stream, _) in pipes.items() if name not in told))


def _open_pipes(wiring: Wiring) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Of each pipe whose other end somebody holds: the system's name, our stream, and whether the other end writes."""
    for stream in wiring.streams:
        if not stream.is_done and system.has_other_end(stream.descriptor):
            yield _name(stream.descriptor), (stream.stream, not stream.writes)
    for output in wiring.callers_outputs:
        if not output.closed and system.has_other_end(output.fileno()):
            yield _name(output.fileno()), (output.stream, True)


def _name(descriptor: int) -> str:
    """As `processes.descriptors` names a pipe."""
    return f"pipe:[{os.fstat(descriptor).st_ino}]"
