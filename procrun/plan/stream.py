"""Where a stream of a stage may lead, and how much of a captured one is kept.

The values that the options `stdin`, `stdout`, `stderr`, `input` and `max_output` take, beside paths,
descriptors, files and callables. What they mean is the engine's business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
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
Piece = Union[bytes, bytearray, memoryview, str]
Input = Union[Piece, Iterable[Piece]]


class Once:
    """An iterator as `input`: what one run has taken of it is not there for another.

    An open file is none of these: it goes on where it stands, and its owner can set it back.
    """

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._held = [pieces]

    def check(self) -> None:
        """Raise ValueError if a run has taken it."""
        if not self._held:
            raise ValueError(
                "`input` is an iterator, and an earlier run has taken what it gives; "
                "give a list, or give each run an iterator of its own: run(input=…)"
            )

    def __iter__(self) -> Iterator[Piece]:
        try:
            # In one step: two runs may begin at the same time.
            return self._held.pop()
        except IndexError:
            self.check()
            raise


def check_size(size: Any) -> None:
    """Raise TypeError or ValueError unless `size` is a number of bytes."""
    if not isinstance(size, int) or isinstance(size, bool):
        raise TypeError(f"a size is a number of bytes, not {size!r}")
    if size < 0:
        raise ValueError(f"a size is a number of bytes from 0 up, not {size}")


def freeze_input(name: str, value: Any) -> Any:
    """Check what is fed, and give it the form in which options keep it."""
    if isinstance(value, (list, tuple)):
        return tuple(_frozen_piece(piece) for piece in value)
    if isinstance(value, Iterator) and not hasattr(value, "read"):
        return Once(value)
    value = _frozen_piece(value)
    if value is not None and not isinstance(value, (bytes, str)) and not hasattr(value, "__iter__"):
        raise TypeError(f"`input` is bytes, text or an iterable of them, not {value!r}; a file is given as `stdin`")
    return value


def _frozen_piece(piece: Any) -> Any:
    return bytes(piece) if isinstance(piece, (bytearray, memoryview)) else piece


def freeze_source(name: str, value: Any) -> Any:
    """Check where input comes from, and give it the form in which options keep it."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("`stdin` names where input comes from; give bytes themselves as `input`")
    place = _place_of_stream(name, value)
    if place is CAPTURE or place is MERGE:
        raise ValueError(f"`stdin` cannot be {place!r}: it is INHERIT, NULL, PIPE, a path, a descriptor or a file")
    return place


def freeze_sink(name: str, value: Any) -> Any:
    """The same for where an output goes, or the several places that it goes to."""
    if isinstance(value, (list, tuple)):
        sinks = tuple(freeze_sink(name, sink) for sink in value)
        wrong = [sink for sink in sinks if sink is None or sink is MERGE or sink is PIPE or isinstance(sink, tuple)]
        if wrong or not sinks:
            raise ValueError(
                f"a list for `{name}` holds sinks such as INHERIT, CAPTURE or a path, not {wrong or 'nothing'}"
            )
        if sinks.count(CAPTURE) > 1:
            raise ValueError(f"a list for `{name}` holds CAPTURE more than once; what is captured is kept once")
        return sinks
    if callable(value) and not hasattr(value, "write"):
        return value
    place = _place_of_stream(name, value)
    if name == "stdout" and place is MERGE:
        raise ValueError("only `stderr` can be MERGE: it then goes where stdout goes")
    return place


def _place_of_stream(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (str, Stdio)) or hasattr(value, "read") or hasattr(value, "write"):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        # subprocess.PIPE, STDOUT and DEVNULL are these numbers; no descriptor is negative.
        known = {-1: CAPTURE if name != "stdin" else PIPE, -2: MERGE, -3: NULL}
        if value < 0 and value not in known:
            raise ValueError(f"`{name}` is not a descriptor: {value}")
        return known.get(value, value)
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    kinds = "a descriptor or a file" if name == "stdin" else "a descriptor, a file or a callable"
    raise TypeError(f"`{name}` is a procrun constant, a path, {kinds}, not {value!r}")
