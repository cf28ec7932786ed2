"""The pipes at the two ends of a run, where this process touches the bytes.

A `Feed` writes the input, a `Drain` reads an output and hands it to its sinks.
`system.serve_streams` moves them piece by piece until all have ended.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from procrun import system

# As much as a widened pipe holds: one system call empties it.
_PIECE = 256 * 1024

# What is kept of each stage's stderr for the error message.
TAIL_SIZE = 64 * 1024


class Feed:
    """Writes bytes to a run's stdin; a reader that goes away is no error."""

    writes = True

    def __init__(self, descriptor: int, data: bytes) -> None:
        system.set_nonblocking(descriptor)
        self.descriptor = descriptor
        self.is_done = False
        self._rest = memoryview(data)
        if not data:
            self.close()

    def serve(self) -> None:
        try:
            written = os.write(self.descriptor, self._rest[:_PIECE])
        except BlockingIOError:
            return
        except OSError as error:
            # A child need not read its input.
            if not system.is_broken_pipe(error):
                raise
            self.close()
            return
        self._rest = self._rest[written:]
        if not self._rest:
            self.close()

    def close(self) -> None:
        if not self.is_done:
            self.is_done = True
            os.close(self.descriptor)


class Drain:
    """Reads an output of a run and hands each piece to every sink."""

    writes = False

    def __init__(self, descriptor: int, sinks: Sequence[Callable[[bytes], object]]) -> None:
        self.descriptor = descriptor
        self.is_done = False
        self._sinks = tuple(sinks)

    def serve(self) -> None:
        data = os.read(self.descriptor, _PIECE)
        if not data:
            self.close()
            return
        for sink in self._sinks:
            sink(data)

    def close(self) -> None:
        if not self.is_done:
            self.is_done = True
            os.close(self.descriptor)
