"""A file of Python code as text, and back: its encoding, its byte order mark, its newlines, its permissions.

Nothing is rewritten here. A file that could not be written back exactly as it was is refused
before anything is done with it.
"""

from __future__ import annotations

import os
import stat
import tempfile
import tokenize
from dataclasses import dataclass

from procrun.errors import ProcrunError

_BOM = b"\xef\xbb\xbf"


class SourceError(ProcrunError):
    """A file cannot be read as Python code, or not be written; it is as it was."""

    exit_code = 2

    def __init__(self, reason: str, hint: str, *, line: int = 0) -> None:
        super().__init__(f"{reason}; {hint}")
        self.reason = reason
        """What is wrong."""
        self.hint = hint
        """What to do."""
        self.line = line
        """The line where it is, or 0."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read."""

    path: str
    """Its name, as it was given."""

    data: bytes
    """Its bytes."""

    text: str
    """Its text, without a byte order mark, with its newlines as they are."""

    encoding: str
    """The encoding that it declares, or UTF-8."""

    def encoded(self, text: str) -> bytes:
        """Another text as bytes of this file: in its encoding, with its byte order mark."""
        bom = _BOM if self.data.startswith(_BOM) else b""
        return bom + text.encode(self.encoding)


def read(path: str) -> Source:
    """Read a file of Python code, in the encoding that it declares (PEP 263).

    Raises SourceError for anything but a regular file, and for bytes that are not text in that
    encoding or do not come back from it.
    """
    data = _bytes_of(path)
    lines = iter(data.splitlines(keepends=True))
    try:
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
        encoding = encoding.removesuffix("-sig")
        text = data.removeprefix(_BOM).decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start + (3 if data.startswith(_BOM) else 0)) + 1
        reason = f"not text in the encoding `{encoding}`"
        raise SourceError(
            reason, "declare its encoding in the first line: # -*- coding: NAME -*-", line=line
        ) from error
    except (SyntaxError, LookupError) as error:
        # Python's own words: an unknown encoding, or the first two lines are no UTF-8.
        raise SourceError(
            str(error), "declare its encoding in the first line: # -*- coding: NAME -*-", line=1
        ) from error
    if "\0" in text:
        raise SourceError("it contains a NUL", "see whether it is a file of Python code", line=_line_of(text, "\0"))
    source = Source(path, data, text, encoding)
    if source.encoded(text) != data:
        raise SourceError(f"text in `{encoding}` does not come back as it was", "save it in UTF-8")
    return source


def write(source: Source, data: bytes) -> None:
    """Give a file other bytes: all of them or none, with its permissions, through symbolic links.

    Raises SourceError when the file is read-only, has changed since it was read, or cannot be
    replaced; it is as it was then.
    """
    target = os.path.realpath(source.path)
    folder, name = os.path.split(target)
    temporary = ""
    try:
        status = os.stat(target)
        # Replacing a file asks only for the folder's permission, and root for none.
        if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
            raise SourceError("it is read-only", "give it write permission")
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".tmp", dir=folder)
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _take_permissions(temporary, status)
        if _bytes_of(target) != source.data:
            raise SourceError("it has changed since it was read", "run procrun migrate again")
        os.replace(temporary, target)
        temporary = ""
    except OSError as error:
        raise SourceError(_words(error), "see what its folder allows") from error
    finally:
        if temporary:
            os.unlink(temporary)


def _bytes_of(path: str) -> bytes:
    try:
        # Opening a FIFO would wait for somebody to write.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise SourceError("not a regular file", "name files and folders")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise SourceError(_words(error), "check the name and its permissions") from error


def _take_permissions(path: str, status: os.stat_result) -> None:
    """Give the new file the owner and the mode of the old one."""
    own = os.stat(path)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        os.chown(path, status.st_uid, status.st_gid)
    os.chmod(path, stat.S_IMODE(status.st_mode))


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _line_of(text: str, what: str) -> int:
    return text.count("\n", 0, text.index(what)) + 1
