"""Where a stream of a stage may lead, and how much of a captured one is kept.

The values that the options `stdin`, `stdout`, `stderr`, `input` and `max_output` take, beside paths,
descriptors, files and callables. What they mean is the engine's business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import IO, Any, Union


class Stdio(Enum):
    """Where a stream leads, where it is no file, callable or text."""

    INHERIT = "inherit"
    """The stream of this process: descriptor 0, 1 or 2."""
    NULL = "null"
    """Nothing: an empty input, a discarded output."""
    CAPTURE = "capture"
    """Kept, and given in the result."""
    MERGE = "merge"
    """For stderr: where the stage's stdout goes (`2>&1`)."""
    PIPE = "pipe"
    """For `start`: a stream of the `Running` that the caller reads or writes."""

    def __repr__(self) -> str:
        return f"procrun.{self.name}"


INHERIT, NULL, CAPTURE, MERGE, PIPE = Stdio


@dataclass(frozen=True, slots=True)
class Head:
    """Keep the first `size` bytes of a captured stream and count the rest."""

    size: int

    def __post_init__(self) -> None:
        check_size(self.size)


@dataclass(frozen=True, slots=True)
class Tail:
    """Keep the last `size` bytes of a captured stream and count the rest."""

    size: int

    def __post_init__(self) -> None:
        check_size(self.size)


@dataclass(frozen=True, slots=True)
class Spill:
    """Keep `size` bytes of a captured stream in memory; once it is larger, all of it goes to a file.

    Where stderr is captured as well as stdout, its file has `.stderr` behind the name.
    """

    size: int
    path: str | os.PathLike[str]

    def __post_init__(self) -> None:
        check_size(self.size)


Path = Union[str, "os.PathLike[str]"]
Source = Union[Stdio, int, Path, IO[Any]]
Sink = Union[Stdio, int, Path, IO[Any], Callable[[bytes], object]]
Input = Union[bytes, str, Iterable[bytes], Iterable[str]]


def check_size(size: Any) -> None:
    """Raise TypeError or ValueError unless `size` is a number of bytes."""
    if not isinstance(size, int) or isinstance(size, bool):
        raise TypeError(f"a size is a number of bytes, not {size!r}")
    if size < 0:
        raise ValueError(f"a size is a number of bytes from 0 up, not {size}")
