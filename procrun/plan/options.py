"""Every option of a run, declared once.

`cmd`, `run`, `read`, `capture`, `lines` and `start` take these as keywords; `Options`
holds them, frozen. Those of a stage (`STAGE_OPTIONS`) stay with their command when it
becomes part of a pipeline, the others belong to the run as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import IO, TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from typing_extensions import TypedDict


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


@dataclass(frozen=True, slots=True)
class Tail:
    """Keep the last `size` bytes of a captured stream and count the rest."""

    size: int


@dataclass(frozen=True, slots=True)
class Spill:
    """Keep `size` bytes of a captured stream in memory; beyond that, all of it goes to a file."""

    size: int
    path: str


Path = Union[str, "os.PathLike[str]"]
Source = Union[Stdio, int, Path, IO[Any]]
Sink = Union[Stdio, int, Path, IO[Any], Callable[[bytes], object]]
Input = Union[bytes, str, Iterable[bytes], Iterable[str]]

if TYPE_CHECKING:

    class OptionKeywords(TypedDict, total=False):
        """The keywords of every verb, for type checkers; `Options` explains them."""

        input: Input | None
        stdin: Source | None
        stdout: Sink | Iterable[Sink] | None
        stderr: Sink | Iterable[Sink] | None
        cwd: Path | None
        env: Mapping[str, str | None] | None
        clean_env: bool
        ok: int | Iterable[int] | None
        check: bool
        pipefail: bool
        timeout: float | None
        grace: float
        encoding: str
        errors: str
        max_output: int | Head | Tail | Spill | None


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a stage or of a run; None means that nothing was said."""

    input: Any = None
    """Bytes, text or an iterable of them, fed to the first stage's stdin."""

    stdin: Any = None
    """Where the first stage reads: INHERIT, NULL, a path, a descriptor, an open file; PIPE for
    `start`. Unless given it is inherited when no output is captured, else null."""

    stdout: Any = None
    """Where the last stage writes: INHERIT, NULL, CAPTURE, a path, a descriptor, an open file, a
    callable that is given each piece of bytes, or a list of these; PIPE for `start`."""

    stderr: Any = None
    """Where every stage without its own writes its errors: as `stdout`, or MERGE."""

    cwd: str | None = None
    """The folder to run in."""

    env: tuple[tuple[str, str | None], ...] = ()
    """Variables added to the environment; the value None takes one away."""

    clean_env: bool = False
    """Start from an empty environment instead of this process's (Windows keeps what
    programs cannot start without, such as SystemRoot)."""

    ok: frozenset[int] | None = None
    """The exit codes that count as success; {0} unless given."""

    check: bool = True
    """Raise `RunFailed` when the run fails; otherwise the result says it."""

    pipefail: bool = True
    """Whether a failing stage before the last fails the run."""

    timeout: float | None = None
    """Seconds, from the start of the programs, after which the run is stopped."""

    grace: float = 5.0
    """Seconds a run has between the request to end (SIGTERM) and being killed."""

    encoding: str = "utf-8"
    """How text is made from output and input from text."""

    errors: str = "surrogateescape"
    """What to do with bytes that are not text; the default keeps each of them."""

    max_output: int | Head | Tail | Spill | None = None
    """The limit of each captured stream, in bytes: a number fails the run beyond it."""

    def with_(self, **changes: Any) -> Options:
        """These options with changes, each checked and put into its frozen form."""
        return replace(self, **{name: _frozen(name, value) for name, value in changes.items()})

    def given(self) -> dict[str, Any]:
        """The options that differ from their defaults."""
        pairs = ((field.name, getattr(self, field.name), field.default) for field in fields(self))
        return {name: value for name, value, default in pairs if value is not default and value != default}


STAGE_OPTIONS = frozenset({"stdin", "stdout", "stderr", "cwd", "env", "clean_env", "ok"})
"""The options that a stage keeps inside a pipeline."""


def _frozen(name: str, value: Any) -> Any:
    """Check one option and give it the form in which `Options` keeps it."""
    if name not in _NAMES:
        raise TypeError(f"unknown option `{name}`; the options are: {', '.join(sorted(_NAMES))}")
    freeze = _FREEZERS.get(name)
    return value if freeze is None else freeze(name, value)


def _path(name: str, value: Any) -> str | None:
    return None if value is None else os.fsdecode(value)


def _environment(name: str, value: Any) -> tuple[tuple[str, str | None], ...]:
    if value is None:
        return ()
    pairs = tuple(dict(value).items())
    for key, text in pairs:
        if not isinstance(key, str) or not isinstance(text, (str, type(None))):
            raise TypeError(
                f"`env` maps names to text or None, not {key!r} to {text!r}; write env={{{str(key)!r}: {str(text)!r}}}"
            )
        if not key or "=" in key or "\0" in key or (text and "\0" in text):
            raise ValueError(f"`env` cannot hold {key!r}: names have no `=`, and neither part a NUL")
    return pairs


def _codes(name: str, value: Any) -> frozenset[int] | None:
    if value is None:
        return None
    return frozenset((value,) if isinstance(value, int) else value)


def _seconds(name: str, value: Any) -> float | None:
    if value is None and name == "timeout":
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"`{name}` is a number of seconds, not {value!r}")
    if not value >= 0:
        raise ValueError(f"`{name}` is a number of seconds from 0 up, not {value!r}")
    return value


def _source(name: str, value: Any) -> Any:
    if value in (CAPTURE, MERGE):
        raise ValueError(f"`stdin` cannot be {value!r}: it is INHERIT, NULL, PIPE, a path, a descriptor or a file")
    if isinstance(value, bytes):
        raise TypeError("`stdin` names where input comes from; give bytes themselves as `input`")
    return _place_of_stream(name, value)


def _sink(name: str, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        sinks = tuple(_sink(name, sink) for sink in value)
        wrong = [sink for sink in sinks if sink in (MERGE, PIPE) or isinstance(sink, tuple)]
        if wrong or not sinks:
            raise ValueError(
                f"a list for `{name}` holds sinks such as INHERIT, CAPTURE or a path, not {wrong or 'nothing'}"
            )
        return sinks
    if name == "stdout" and value is MERGE:
        raise ValueError("only `stderr` can be MERGE: it then goes where stdout goes")
    return value if callable(value) and not hasattr(value, "write") else _place_of_stream(name, value)


def _place_of_stream(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (str, Stdio)) or hasattr(value, "read") or hasattr(value, "write"):
        return value
    if isinstance(value, int):
        # subprocess.PIPE, STDOUT and DEVNULL are these numbers; no descriptor is negative.
        known = {-1: CAPTURE if name != "stdin" else PIPE, -2: MERGE, -3: NULL}
        if value < 0 and value not in known:
            raise ValueError(f"`{name}` is not a descriptor: {value}")
        return known.get(value, value)
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    raise TypeError(f"`{name}` is a procrun constant, a path, a descriptor, a file or a callable, not {value!r}")


def _input(name: str, value: Any) -> Any:
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if value is not None and not isinstance(value, (bytes, str)) and not hasattr(value, "__iter__"):
        raise TypeError(f"`input` is bytes, text or an iterable of them, not {value!r}; a file is given as `stdin`")
    return value


def _limit(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (Head, Tail, Spill)) or (isinstance(value, int) and value >= 0):
        return value
    raise TypeError(f"`max_output` is a number of bytes, Head(n), Tail(n) or Spill(n, path), not {value!r}")


_NAMES = frozenset(field.name for field in fields(Options))
_FREEZERS: dict[str, Callable[[str, Any], Any]] = {
    "input": _input,
    "stdin": _source,
    "stdout": _sink,
    "stderr": _sink,
    "cwd": _path,
    "env": _environment,
    "ok": _codes,
    "timeout": _seconds,
    "grace": _seconds,
    "max_output": _limit,
}
