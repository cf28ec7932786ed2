"""The pipes at the two ends of a run, where this process touches the bytes.

A `Feed` writes the input, a `Drain` reads an output and hands it to its sinks;
`system.serve_streams` moves them piece by piece until all have ended. A `Feeder` writes an
input that comes from an iterable, which may block and so gets a thread. Why all at once:
docs/gotchas.md#full-pipe.
"""

from __future__ import annotations

import codecs
import io
import os
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

from procrun import system
from procrun.engine.sink import OwnPipeBroken, SinkFailed
from procrun.engine.task import Task
from procrun.plan.options import Options
from procrun.plan.stream import Once

# As much as a widened pipe holds: one system call empties it.
_PIECE = 256 * 1024

# Seconds of a sink for which there is always time, also when the run is being stopped.
_QUICK = 0.1

# What is kept of each stage's stderr for the error message.
TAIL_SIZE = 64 * 1024


def to_be_fed(options: Options) -> Any:
    """The option `input` as what a `Feed` or a `Feeder` writes. Raises UnicodeEncodeError, and ValueError."""
    given = options.input
    if isinstance(given, Once):
        given.check()
    if not isinstance(given, str):
        return given
    try:
        return given.encode(options.encoding, options.errors)
    except UnicodeEncodeError as error:
        error.reason += "; that is in `input`: correct the text, or choose another `encoding` or `errors`"
        raise


class Feed:
    """Writes bytes to a run's stdin; a reader that goes away is no error."""

    writes = True
    stream = "stdin"
    until: float | None = None

    def __init__(self, descriptor: int, data: bytes) -> None:
        system.set_nonblocking(descriptor)
        self.descriptor = descriptor
        # A file closes its descriptor once, whatever interrupts that (an exception of a signal's handler).
        self._file = io.FileIO(descriptor, "wb")
        self._rest = memoryview(data)
        if not data:
            self.close()

    @property
    def is_done(self) -> bool:
        """Whether it is closed: all is written, or nobody reads any more."""
        return self._file.closed

    def serve(self) -> None:
        try:
            written = os.write(self.descriptor, self._rest[:_PIECE])
        except BlockingIOError:
            return
        except OSError as error:
            self.close()
            # A child need not read its input.
            if not system.is_broken_pipe(error):
                raise
            return
        self._rest = self._rest[written:]
        if not self._rest:
            self.close()

    def close(self) -> None:
        self._file.close()


class Drain:
    """Reads an output of a run and hands each piece to every sink; SinkFailed says that one has raised."""

    writes = False

    def __init__(self, descriptor: int, sinks: Sequence[Callable[[bytes], object]], stream: str = "stdout") -> None:
        self.descriptor = descriptor
        self.stream = stream
        self.until: float | None = None
        """The monotonic time by which the sinks have to be done, once the run is being stopped."""
        self._file = io.FileIO(descriptor, "rb")
        self._sinks = [_Sink(sink) for sink in sinks]

    @property
    def is_done(self) -> bool:
        """Whether it is closed: the output has ended, or a sink has failed."""
        return self._file.closed

    def serve(self) -> None:
        data = os.read(self.descriptor, _PIECE)
        if not data:
            self.close()
            return
        try:
            self._sinks = [sink for sink in self._sinks if sink.take(data, self.until)]
        except KeyboardInterrupt:
            # Not the sink's, most likely: what the programs say of it is still to be heard.
            raise
        except BaseException as error:
            # A sink that failed is not called again, whatever is written while the run is stopped.
            self.close()
            if isinstance(error, Exception) and not isinstance(error, OwnPipeBroken):
                raise SinkFailed(self.stream, error) from error
            raise

    def close(self) -> None:
        self._file.close()


class _Sink:
    """A sink, and how long it takes."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self._took = 0.0

    def take(self, data: bytes, until: float | None) -> bool:
        """Give it a piece; False, and from then on nothing, if it would take longer than until a monotonic time."""
        began = time.monotonic()
        if until is not None and self._took > max(_QUICK, until - began):
            return False
        self._take(data)
        self._took = time.monotonic() - began
        return True


class Feeder(Task):
    """Writes an iterable's pieces to a run's stdin."""

    def __init__(self, descriptor: int, pieces: Any, options: Options, abort: Callable[[], None]) -> None:
        super().__init__("input", abort)
        self._descriptor = descriptor
        self._pieces = pieces
        # One for all pieces: a codec that marks the beginning of a text (utf-16) does so once.
        self._encoder = codecs.getincrementalencoder(options.encoding)(options.errors)

    def _work(self) -> None:
        pieces = iter(self._pieces)
        for piece in pieces:
            if not self._write(piece):
                break
        if isinstance(pieces, Generator):
            # Its `finally` is due now, and not when somebody forgets the run.
            pieces.close()

    def _close(self) -> None:
        os.close(self._descriptor)

    def _write(self, piece: Any) -> bool:
        """Write a piece; False when nobody reads any more, which a child need not do."""
        if isinstance(piece, str):
            # Final, so that a piece of bytes may follow, also in a codec that has shifted (iso-2022-jp).
            piece = self._encoder.encode(piece, True)
        elif isinstance(piece, memoryview):
            # Its items may be larger than a byte, or lie apart.
            piece = piece.tobytes()
        elif not isinstance(piece, (bytes, bytearray)):
            raise TypeError(f"`input` gave {piece!r}; its pieces are bytes or text")
        try:
            system.write_all(self._descriptor, piece)
        except OSError as error:
            if not system.is_broken_pipe(error):
                raise
            return False
        return True
