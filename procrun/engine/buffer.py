"""What is kept of a captured stream: all, the head, the tail, or a file beyond a size."""

from __future__ import annotations

import errno
import io
import os
from collections import deque
from typing import Protocol

from procrun.errors import FileError, ProcrunError
from procrun.plan.stream import Head, Spill, Tail


class OutputLimit(ProcrunError):
    """A captured stream grew beyond `max_output`."""

    exit_code = 1

    def __init__(self, limit: int) -> None:
        super().__init__(f"the output is larger than max_output={limit} bytes")
        self.limit = limit

    def __reduce__(self) -> tuple[type[OutputLimit], tuple[int]]:
        return OutputLimit, (self.limit,)


class Buffer(Protocol):
    """Takes the pieces of a stream and gives what was kept."""

    dropped: int
    """How many bytes were not kept in memory."""

    def write(self, data: bytes) -> object:
        """Take the next piece."""

    def value(self) -> bytes:
        """What was kept."""

    def close(self) -> None:
        """Finish: nothing more will come."""


def make_buffer(limit: int | Head | Tail | Spill | None, beside: str = "") -> Buffer:
    """The buffer that keeps what `max_output` says; `beside` goes behind the name of a file to spill to."""
    if limit is None:
        return Whole()
    if isinstance(limit, Head):
        return First(limit.size)
    if isinstance(limit, Tail):
        return Last(limit.size)
    if isinstance(limit, Spill):
        return Spilled(limit.size, os.fspath(limit.path) + beside)
    return Limited(limit)


class Whole:
    """Keeps everything. BytesIO grows in place and gives its bytes away without a copy."""

    def __init__(self) -> None:
        self.dropped = 0
        self._bytes = io.BytesIO()
        self.write = self._bytes.write

    def value(self) -> bytes:
        return self._bytes.getvalue()

    def close(self) -> None:
        return


class Limited(Whole):
    """Keeps everything up to a size, and fails the run beyond it."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self.write = self._write  # type: ignore[assignment]

    def _write(self, data: bytes) -> None:
        room = self._size - self._bytes.tell()
        self._bytes.write(data[:room])
        if len(data) > room:
            self.dropped += len(data) - room
            raise OutputLimit(self._size)


class First:
    """Keeps the head."""

    def __init__(self, size: int) -> None:
        self.dropped = 0
        self._room = size
        self._bytes = io.BytesIO()

    def write(self, data: bytes) -> None:
        kept = data[: self._room]
        self._bytes.write(kept)
        self._room -= len(kept)
        self.dropped += len(data) - len(kept)

    def value(self) -> bytes:
        return self._bytes.getvalue()

    def close(self) -> None:
        return


class Last:
    """Keeps the tail, in memory bounded by its size and one piece."""

    def __init__(self, size: int) -> None:
        self.dropped = 0
        self._size = size
        self._held = 0
        self._pieces: deque[bytes] = deque()

    def write(self, data: bytes) -> None:
        self._pieces.append(data)
        self._held += len(data)
        while self._pieces and self._held - len(self._pieces[0]) >= self._size:
            gone = len(self._pieces.popleft())
            self._held -= gone
            self.dropped += gone

    def value(self) -> bytes:
        whole = b"".join(self._pieces)
        surplus = max(0, len(whole) - self._size)
        if surplus:
            whole = whole[surplus:]
            self.dropped += surplus
            self._pieces, self._held = deque((whole,)), len(whole)
        return whole

    def close(self) -> None:
        return


class Spilled:
    """Keeps a head in memory, and everything in a file once the stream is larger."""

    def __init__(self, size: int, path: str) -> None:
        if not os.path.isdir(os.path.dirname(path) or os.curdir):
            # Found before anything starts: after an hour of output it would be too late.
            raise _unusable(path, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path))
        self.dropped = 0
        self._size = size
        self._path = path
        self._bytes = io.BytesIO()
        self._file: io.BufferedWriter | None = None

    def write(self, data: bytes) -> None:
        room = self._size - self._bytes.tell()
        try:
            if self._file is None and len(data) > room:
                self._file = open(self._path, "wb")
                self._file.write(self._bytes.getvalue())
            if self._file is not None:
                self._file.write(data)
        except OSError as error:
            raise _unusable(self._path, error) from error
        self._bytes.write(data[:room])
        self.dropped += max(0, len(data) - room)

    def value(self) -> bytes:
        return self._bytes.getvalue()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _unusable(path: str, error: OSError) -> FileError:
    return FileError(
        f"the output cannot be spilt to `{path}`: {error.strerror}",
        cause=error,
        hint="correct the path of Spill(n, path): its folder must exist, with room and the permission to write there",
    )
