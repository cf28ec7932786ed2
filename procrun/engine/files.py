"""Open the files of a run: inputs before outputs, and nothing emptied until all are open.

A mistyped input must not cost the contents of an output (`cat < missing > keep.txt`), which
is why a file that is to be replaced is first opened as it is, and emptied last of all. One that
is to be read as well is refused (docs/gotchas.md#truncate).
"""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from procrun import system
from procrun.errors import FileError, ProcrunError
from procrun.plan.redirect import Action

_FLAGS = {
    "read": os.O_RDONLY,
    "write": os.O_WRONLY | os.O_CREAT,
    "append": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
}
_BINARY = getattr(os, "O_BINARY", 0)

_NOTHING_DONE = "nothing of this pipeline was started, and no file was emptied"


@dataclass(eq=False)
class File:
    """A file that a run wants open."""

    path: str
    """Its path, from this process's folder."""
    action: Action
    """`read`, `write` or `append`."""
    place: tuple[int, int] | None = None
    """Where the pipeline's text names it."""
    descriptor: int = -1
    """Its descriptor, once it is open."""


class Files:
    """The files of one run."""

    def __init__(self, text: str, passing: ExitStack) -> None:
        self._text = text
        self._passing = passing
        self._wanted: list[File] = []

    def want(self, value: Any, action: Action, place: tuple[int, int] | None = None) -> Any:
        """Replace the paths in an option's value by files that `open_all` will open.

        Options that name the same file share it: opened twice, it would be overwritten by the other's
        output (docs/gotchas.md#order). The redirections of a text, which have a place, do as POSIX says.
        """
        if isinstance(value, tuple):
            return tuple(self.want(item, action, place) for item in value)
        if not isinstance(value, str):
            return value
        if place is None:
            for other in self._wanted:
                if (other.path, other.action, other.place) == (value, action, None):
                    return other
        file = File(value, action, place)
        self._wanted.append(file)
        return file

    def open_all(self) -> None:
        """Open every file, emptying none.

        Raises FileError for the first that fails, and for one that would be emptied before it is read.
        """
        read: list[tuple[str, os.stat_result]] = []
        for file in sorted(self._wanted, key=lambda file: file.action != "read"):
            file.descriptor = self._open(file)
            found = os.fstat(file.descriptor)
            if file.action == "read":
                read.append((file.path, found))
            elif _is_emptied(file, found):
                # By the files themselves: a link has another name.
                for path, other in read:
                    if os.path.samestat(found, other):
                        raise loss_error(file.path, path, self._text, file.place)

    def empty_all(self) -> None:
        """Empty the files to be replaced: the last thing before the start."""
        for file in self._wanted:
            if _is_emptied(file, os.fstat(file.descriptor)):
                os.ftruncate(file.descriptor, 0)

    def null(self, action: Action) -> int:
        """The null device."""
        return self._open(File(os.devnull, action))

    def _open(self, file: File) -> int:
        # The same text means the same on Windows.
        path = os.devnull if file.path == "/dev/null" else file.path
        try:
            descriptor = system.above_stdio(os.open(path, _FLAGS[file.action] | _BINARY, 0o666))
        except (OSError, ValueError) as error:
            if isinstance(error, ProcrunError) or (isinstance(error, OSError) and error.errno is None):
                # The handler of a signal has raised it, such as a deadline's: opening a FIFO waits for its other end.
                raise
            raise self._error(file, error) from error
        self._passing.callback(os.close, descriptor)
        if file.action == "append" and stat.S_ISREG(os.fstat(descriptor).st_mode):
            # On Windows a program does not inherit that writes go to the end, only where the file stands.
            os.lseek(descriptor, 0, os.SEEK_END)
        return descriptor

    def _error(self, file: File, error: OSError | ValueError) -> FileError:
        start, end = file.place or (0, 0)
        # Python refuses some names itself, in words that differ from version to version.
        why = (error.strerror or str(error)) if isinstance(error, OSError) else "no file has such a name"
        return FileError(
            f"`{file.path}` cannot be opened for {'reading' if file.action == 'read' else 'writing'}: {why}",
            cause=error if isinstance(error, OSError) else None,
            text=self._text if file.place else "",
            start=start,
            end=end,
            hint=_NOTHING_DONE,
        )


def loss_error(path: str, same: str, text: str, place: tuple[int, int] | None) -> FileError:
    """The error for a file that would be emptied before it is read, which is asked for by the name `same`."""
    start, end = place or (0, 0)
    return FileError(
        f"`{path}` would be emptied before it is read",
        text=text if place else "",
        start=start,
        end=end,
        details=[] if same == path else [f"it is the same file as `{same}`"],
        hint=f"write to another file, and rename that afterwards; {_NOTHING_DONE}",
    )


def _is_emptied(file: File, status: os.stat_result) -> bool:
    """Whether a run empties the file: only one of a disk has something to empty; a terminal or a FIFO refuses."""
    return file.action == "write" and stat.S_ISREG(status.st_mode)
