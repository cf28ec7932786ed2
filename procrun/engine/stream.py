"""The reading end that a caller of `start` gets: a file that ends when the run is given up."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterable
from typing import IO, Any

from procrun import system
from procrun.engine.latch import Latch


class Output(io.FileIO):
    """A pipe from a run. `give_up` ends a read that waits for a pipe which a survivor holds open."""

    def __init__(self, descriptor: int, stream: str = "stdout") -> None:
        super().__init__(descriptor, "rb")
        self.stream = stream
        """Which one of the run it is."""
        self.heard: Callable[[bytes], object] | None = None
        """Is told what the caller has read."""
        self.ended = Latch()
        """Set when the reader has seen the end, or has closed it."""
        try:
            self._ending, self._end = (io.FileIO(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb")))
        except OSError:
            super().close()
            raise

    def readinto(self, buffer: Any) -> int:
        size = 0
        if system.wait_readable(self.fileno(), self._ending.fileno()):
            size = super().readinto(buffer) or 0
        if not size and len(buffer):
            self.ended.set()
        if size and self.heard is not None:
            self.heard(bytes(memoryview(buffer)[:size]))
        return size

    def readall(self) -> bytes:
        pieces = iter(lambda: self.read(256 * 1024), b"")
        return b"".join(piece for piece in pieces if piece)

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            return self.readall()
        data = bytearray(size)
        return bytes(data[: self.readinto(data)])

    def is_waiting(self, *, end_too: bool) -> bool:
        """Whether something, or its end, waits for the caller to read it."""
        try:
            news = system.has_data(self.fileno())
        except (OSError, ValueError):
            return False  # The caller has closed it.
        return bool(news) or (news is None and end_too and not self.ended.is_set)

    def give_up(self) -> None:
        """End every read, now and later."""
        self._end.close()

    def close(self) -> None:
        for file in (self.__dict__.get("_end"), self.__dict__.get("_ending")):
            if file is not None:
                file.close()
        self.ended.set()
        super().close()


def open_output(descriptor: int, stream: str = "stdout") -> tuple[io.BufferedReader, Output]:
    """The buffered stream of a pipe from a run, and what is under it."""
    output = Output(descriptor, stream)
    return io.BufferedReader(output, 256 * 1024), output


def await_readers(outputs: Iterable[Output], deadline: float | None) -> bool:
    """Wait until the caller has read or closed all of them; False when the monotonic deadline has passed."""
    return all(
        output.ended.wait(None if deadline is None else max(0.0, deadline - time.monotonic())) for output in outputs
    )


def give_up(outputs: Iterable[Output]) -> None:
    """End all of them. What is in them stays readable."""
    for output in outputs:
        output.give_up()


def close_stream(stream: IO[bytes] | None) -> None:
    """Close a stream of a run; what is still buffered for a program that has ended is nobody's any more."""
    try:
        if stream is not None:
            stream.close()
    except OSError as error:
        if not system.is_broken_pipe(error):
            raise
