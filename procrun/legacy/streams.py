"""The pipe ends that Python 2 programs are given: text or bytes, buffered as `bufsize` says.

Used by `popen2`, `os_popen`, `pipes` and `commands`. A Python 2 file was a C `FILE*` over a
descriptor, and programs depend on habits of it that today's streams do not have: an unbuffered
one reads no byte more than it is asked for, nothing is translated, what could not be written
is gone, `write` returns nothing, and `readlines` takes its hint for a number of whole blocks.
"""

from __future__ import annotations

import errno
import io
import locale
import os
import threading
from typing import Any, TypeVar, cast

from procrun.system import NEWLINE

ERRORS = "surrogateescape"
"""Every byte survives: one that is not text becomes a lone surrogate, and is written back as it was."""

Stream = TypeVar("Stream", bound="Text")

# No pipe gives more at once.
_LARGEST_BUFFER = 1 << 20
# What `readlines` read at once.
_BLOCK = 8192
_INT_MAX = 2**31 - 1


def encoding() -> str:
    """The encoding of text: the locale's, as it is set now (UTF-8 in Python's UTF-8 mode)."""
    return locale.getpreferredencoding(False)


def decode(data: bytes) -> str:
    """All of a child's output as the text that a stream would give."""
    text = data.decode(encoding(), ERRORS)
    return text if NEWLINE else text.replace("\r\n", "\n")


def check_bufsize(bufsize: int) -> None:
    """Refuse a bufsize that is no integer, or none of C's, before anything has been started."""
    if not isinstance(bufsize, int):
        raise TypeError("bufsize must be an integer")
    if not -_INT_MAX <= bufsize <= _INT_MAX:
        raise OverflowError(f"bufsize must be an integer from {-_INT_MAX} to {_INT_MAX}")


def reader(raw: io.FileIO, bufsize: int, mode: str) -> Any:
    """A stream that reads from a pipe.

    `bufsize` 0 takes from the pipe no more than each call asks for, so that `select` on it
    tells the truth after a `readline`; another positive number (but 1) is the size of the
    buffer. `mode` "b" gives bytes, anything else text.
    """
    if bufsize == 0:
        unbuffered = Unbuffered(raw, 1)
        return unbuffered if mode == "b" else text_stream(unbuffered, 1, UnbufferedText)
    size = min(bufsize, _LARGEST_BUFFER) if bufsize > 1 else io.DEFAULT_BUFFER_SIZE
    buffered = io.BufferedReader(raw, size)
    return buffered if mode == "b" else text_stream(buffered, size)


def writer(raw: io.FileIO, bufsize: int, mode: str) -> Any:
    """A stream that writes to a pipe.

    `bufsize` 0 sends each write at once, 1 after each line, another positive number when
    so many bytes wait, -1 when a usual buffer is full. `mode` as for `reader`.
    """
    buffered = Writer(raw, bufsize)
    return buffered if mode == "b" else text_stream(buffered)


def text_stream(buffer: Any, chunk: int = 0, kind: type[Stream] | None = None) -> Stream:
    """Text over a binary stream; `chunk` limits how many bytes it reads ahead."""
    # write_through: its own buffer would come on top of the one that `bufsize` describes.
    make: Any = kind or Text
    stream: Any = make(buffer, encoding=encoding(), errors=ERRORS, newline=NEWLINE, write_through=True)
    stream.mode = "r" if buffer.readable() else "w"
    if chunk:
        stream._CHUNK_SIZE = chunk
    return cast(Stream, stream)


class Text(io.TextIOWrapper):
    """Text, with the methods of a Python 2 file."""

    name = "<fdopen>"
    """As every file without a name was called."""

    def write(self, text: str, /) -> None:  # type: ignore[override]
        """Write a text, and return nothing."""
        super().write(text)

    def readlines(self, hint: int | None = -1, /) -> list[str]:  # type: ignore[override]
        """Read all lines, or until their length reaches the hint, which counts in blocks of 8192 characters."""
        return super().readlines(-(-hint // _BLOCK) * _BLOCK if hint and hint > 0 else -1)


class Unbuffered(io.BufferedReader):
    """Reads from the pipe what is asked for, and not one byte more."""

    allowed = 1
    """How many bytes the text stream on top may take at once."""

    def read1(self, size: int = -1, /) -> bytes:
        # A text stream asks for more bytes than characters are wanted, by its guess of their width.
        data = super().read1(max(1, min(size, self.allowed)) if size >= 0 else 1)
        self.allowed -= len(data)
        return data


class UnbufferedText(Text):
    """Text that is taken from the pipe character by character, or as `read(n)` asks."""

    def read(self, size: int | None = -1, /) -> str:
        unbuffered = cast(Unbuffered, self.buffer)
        # n characters are at least n bytes, so n bytes can be taken without reading ahead.
        unbuffered.allowed = size or 1
        try:
            return super().read(size)
        finally:
            unbuffered.allowed = 1


class Writer(io.BufferedIOBase):
    """Keeps bytes until its buffer overflows; those that could not be written are gone.

    `io.BufferedWriter` would keep them, fail again in `close()`, and once more when the
    object is destroyed. Threads may share it.
    """

    def __init__(self, raw: io.FileIO, bufsize: int) -> None:
        self.raw = raw
        self._size = bufsize if bufsize == 0 or bufsize > 1 else io.DEFAULT_BUFFER_SIZE
        self._by_line = bufsize == 1
        self._kept = bytearray()
        self._lock = threading.RLock()

    @property
    def name(self) -> Any:
        """The descriptor's number, as for every file without a name."""
        return self.raw.name

    @property
    def mode(self) -> str:
        """Always `wb`."""
        return "wb"

    @property
    def closed(self) -> bool:
        """Whether the descriptor is closed."""
        return self.raw.closed

    def writable(self) -> bool:
        """Always true."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self.raw.fileno()

    def isatty(self) -> bool:
        """Whether the descriptor is a terminal."""
        return self.raw.isatty()

    def write(self, data: Any, /) -> int:
        """Take all of the bytes; raises OSError when some of those that waited cannot be written."""
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        with self._lock:
            self._check_open()
            length = len(self._kept)
            self._kept += data
            length = len(self._kept) - length
            if len(self._kept) > self._size or (self._by_line and b"\n" in self._kept):
                self.flush()
        return length

    def flush(self) -> None:
        """Write what waits. Raises BrokenPipeError when nobody reads any more."""
        with self._lock:
            self._check_open()
            waiting, self._kept = self._kept, bytearray()
            view = memoryview(waiting)
            while view:
                written = self.raw.write(view)
                if written is None:  # somebody made the descriptor non-blocking
                    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
                view = view[written:]

    def close(self) -> None:
        """Write what waits and close the descriptor, also when the writing fails."""
        with self._lock:
            if self.closed:
                return
            try:
                self.flush()
            finally:
                self.raw.close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")
