"""Files and callables as the ends of an output: whether a child can have them, and how we write to them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

from procrun import system
from procrun.engine.files import File
from procrun.plan.options import Options
from procrun.plan.stream import CAPTURE, PIPE, Stdio

Writer = Callable[[bytes], object]


class SinkFailed(Exception):
    """A sink has raised, within the run; whoever waits for that says it in an error of ours."""

    def __init__(self, stream: str, error: Exception) -> None:
        super().__init__(stream)
        self.stream = stream
        """The output that it was given: `stdout`, `stderr`."""
        self.error = error
        """What it has raised."""


class OwnPipeBroken(BrokenPipeError):
    """Nobody reads this process's own stdout or stderr any more. It is told as it is, as by `print`."""


def is_served(value: Any) -> bool:
    """Whether an output passes through this process, or into the caller's hands."""
    if isinstance(value, tuple) or value is CAPTURE or value is PIPE:
        return True
    if isinstance(value, (File, int, Stdio)) or value is None:
        return False
    return (callable(value) and not hasattr(value, "write")) or descriptor_of(value) is None


def descriptor_of(file: Any) -> int | None:
    """The descriptor of an open file, flushed, so that the child writes behind what is there."""
    try:
        descriptor: int = file.fileno()
    except (AttributeError, OSError, ValueError):
        return None  # A BytesIO, a replaced sys.stdout: it can only be served through us.
    if hasattr(file, "flush"):
        file.flush()
    return descriptor


def is_open(descriptor: int) -> bool:
    """Whether a descriptor leads anywhere; a daemon may have closed its own stderr."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def writer_to(sink: Any, options: Options) -> tuple[Writer, Callable[[], object] | None]:
    """What gives bytes to a callable or an open file, and what is to be done at the end."""
    if isinstance(sink, io.TextIOBase):
        return (_bytes_writer(sink), None) if hasattr(sink, "buffer") else _text_writer(sink, options)
    if isinstance(sink, io.FileIO):
        # Its own `write` may write a part.
        return lambda data: system.write_all(sink.fileno(), data), None
    return sink.write if hasattr(sink, "write") else sink, None


def writer_to_own(descriptor: int) -> Writer:
    """What gives bytes to a stream of this process. Raises OwnPipeBroken."""

    def write(data: bytes) -> None:
        try:
            system.write_all(descriptor, data)
        except OSError as error:
            if system.is_broken_pipe(error):
                raise OwnPipeBroken(error.errno, error.strerror) from None
            raise

    return write


def _bytes_writer(file: Any) -> Writer:
    """Write bytes as they are beneath a text file, as a child with its descriptor would."""

    def write(data: bytes) -> None:
        # Behind what others have written meanwhile, and at once, as on a terminal.
        file.flush()
        file.buffer.write(data)
        file.buffer.flush()

    return write


def _text_writer(file: Any, options: Options) -> tuple[Writer, Callable[[], object]]:
    """Write bytes as text to a file that only takes that (StringIO)."""
    import codecs

    decoder = codecs.getincrementaldecoder(options.encoding)(options.errors)
    return lambda data: file.write(decoder.decode(data)), lambda: file.write(decoder.decode(b"", True))
