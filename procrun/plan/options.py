"""Every option of a run, declared once.

`cmd`, `run`, `read`, `capture`, `lines` and `start` take these as keywords; `Options`
holds them, frozen. Those of a stage (`STAGE_OPTIONS`) stay with their command when it
becomes part of a pipeline, the others belong to the run as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from procrun.plan.stream import (
    Head,
    Input,
    Path,
    Sink,
    Source,
    Spill,
    Tail,
    check_size,
    freeze_input,
    freeze_sink,
    freeze_source,
)

if TYPE_CHECKING:
    from typing_extensions import TypedDict

    from procrun.plan.limits import Limits

    class OptionKeywords(TypedDict, total=False):
        """The keywords of every verb, for type checkers; `Options` explains them."""

        input: Input | None
        stdin: Source | None
        stdout: Sink | Sequence[Sink] | None
        stderr: Sink | Sequence[Sink] | None
        cwd: Path | None
        env: Mapping[str, str | None] | None
        clean_env: bool
        ok: int | Iterable[int] | None
        check: bool
        pipefail: bool
        timeout: float | None
        idle_timeout: float | None
        grace: float
        limits: Limits | None
        die_with_parent: bool
        encoding: str
        errors: str
        max_output: int | Head | Tail | Spill | None


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a stage or of a run; None means that nothing was said."""

    # What these four hold need not be hashable, and the options are all the same.
    input: Any = field(default=None, hash=False)
    """Bytes (also a bytearray or memoryview), text or an iterable of them, fed to the first stage's stdin. An
    iterable is asked for pieces in a thread, until somebody has closed the other end; the run waits for its answer.
    An iterator is for one run: a second of the same pipeline raises ValueError, since nothing would be left for it.
    An open file goes on where it stands. A pipeline can be pickled if its input can."""

    stdin: Any = field(default=None, hash=False)
    """Where the first stage reads: INHERIT, NULL, a path, a descriptor, an open file; PIPE for
    `start`. Unless given it is inherited, but null when stdout passes through this process."""

    stdout: Any = field(default=None, hash=False)
    """Where the last stage writes: INHERIT, NULL, CAPTURE, a path, a descriptor, an open file, a
    callable that is given each piece of bytes (what it raises stops the run: FunctionFailed), or a
    list of these; PIPE for `start`."""

    stderr: Any = field(default=None, hash=False)
    """Where every stage without its own writes its errors: as `stdout`, or MERGE."""

    cwd: str | None = None
    """The folder to run in."""

    env: tuple[tuple[str, str | None], ...] = ()
    """Variables added to the environment; the value None takes one away."""

    clean_env: bool = False
    """Start from an empty environment instead of this process's (Windows keeps what
    programs cannot start without, such as SystemRoot)."""

    ok: frozenset[int] | None = None
    """The exit codes that count as success; {0} unless given. -N is the end by signal N, as `returncode` spells it."""

    check: bool = True
    """Raise `RunFailed` when the run fails; otherwise the result says it."""

    pipefail: bool = True
    """Whether a failing stage before the last fails the run."""

    timeout: float | None = None
    """Seconds, from the start of the programs, after which the run is stopped; not while a sink does not take
    what it is given (docs/gotchas.md#full-pipe). When the time for the stop is over, a sink gets no more."""

    idle_timeout: float | None = None
    """Seconds without output of any stage after which the run is stopped (docs/gotchas.md#idle)."""

    grace: float = 5.0
    """Seconds a run has between the request to end (SIGTERM) and being killed."""

    encoding: str = "utf-8"
    """How text is made from output and input from text."""

    errors: str = "surrogateescape"
    """What to do with bytes that are not text; the default keeps each of them."""

    max_output: int | Head | Tail | Spill | None = None
    """The limit of each captured stream, in bytes: a number fails the run beyond it. Where nothing is
    captured it is refused: `lines` and PIPE hand over what comes, and keep none of it."""

    limits: Limits | None = None
    """What each program may use of the system; those of a stage replace those of the run."""

    die_with_parent: bool = False
    """End the run, with all that it has started, also when this process is killed (docs/gotchas.md#guard)."""

    stated: frozenset[str] = field(default=frozenset(), repr=False)
    """The names of options that were given the value that they have anyway."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Options:
        """The options that `given` tells, each in its frozen form."""
        return cls(**given, stated=_stated(given))

    def with_(self, **changes: Any) -> Options:
        """These options with changes, each checked and put into its frozen form."""
        frozen = {name: _frozen(name, value) for name, value in changes.items()}
        return replace(self, **frozen, stated=self.stated.difference(frozen) | _stated(frozen))

    def given(self) -> dict[str, Any]:
        """The options that were given, also those with the value that they have anyway."""
        pairs = ((name, getattr(self, name), default) for name, default in _DEFAULTS.items())
        # Whatever an option may hold (`input` an array) need not know how to be compared with None.
        return {
            name: value
            for name, value, default in pairs
            if name in self.stated or (value is not default and (default is None or value != default))
        }


# The highest of Linux; no other system has more.
_LAST_SIGNAL = 64

STAGE_OPTIONS = frozenset({"stdin", "stdout", "stderr", "cwd", "env", "clean_env", "ok", "limits"})
"""The options that a stage keeps inside a pipeline."""


def _stated(given: Mapping[str, Any]) -> frozenset[str]:
    """Of the options given, those that are as they would be without; None says nothing, and no variables neither."""
    defaults = ((name, _DEFAULTS[name]) for name in given)
    return frozenset(name for name, default in defaults if default not in (None, ()) and given[name] == default)


def _frozen(name: str, value: Any) -> Any:
    """Check one option and give it the form in which `Options` keeps it."""
    freeze = _FREEZERS.get(name)
    if freeze is None:
        from procrun.plan.unknown import explain_unknown

        raise TypeError(explain_unknown(name, _FREEZERS))
    return freeze(name, value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"`{name}` is True or False, not {value!r}")
    return value


def _folder(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"`{name}` is the path of a folder, not {value!r}")
    if not os.fspath(value):
        raise ValueError(f"`{name}` is empty; `.` is the folder that this process is in")
    return os.fsdecode(value)


def _environment(name: str, value: Any) -> tuple[tuple[str, str | None], ...]:
    if value is None:
        return ()
    try:
        pairs = tuple(dict(value).items())
    except (TypeError, ValueError):
        raise TypeError(f"`env` maps names to text or None, such as {{'LANG': 'C'}}, and is not {value!r}") from None
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
    codes = tuple(value) if isinstance(value, Iterable) else (value,)
    if not all(isinstance(code, int) and not isinstance(code, bool) for code in codes):
        raise TypeError(f"`ok` is an exit code or several of them, such as [0, 1], not {value!r}")
    if any(code < -_LAST_SIGNAL for code in codes):
        raise ValueError(f"`ok` holds {min(codes)}; exit codes are 0 and up, and -N is the end by signal N")
    if not codes:
        raise ValueError("`ok` is empty, so that nothing would be success; to accept any status write check=False")
    return frozenset(codes)


def seconds(name: str, value: Any) -> float | None:
    """Check a time of a run; None is none, but for `grace`. Raises TypeError and ValueError."""
    if value is None and name != "grace":
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"`{name}` is a number of seconds, not {value!r}")
    if value == 0 and name == "idle_timeout":
        raise ValueError("`idle_timeout` is a number of seconds above 0: no program writes at once")
    if not value >= 0:
        raise ValueError(
            f"`{name}` is a number of seconds {'above 0' if name == 'idle_timeout' else 'from 0 up'}, not {value!r}"
        )
    return value


def _codec(name: str, value: Any) -> str:
    import codecs

    if not isinstance(value, str):
        raise TypeError(f"`{name}` is a name, such as {getattr(Options(), name)!r}, not {value!r}")
    try:
        # Not by `lookup` alone, which knows codecs of bytes, too (`hex`).
        "".encode(value) if name == "encoding" else codecs.lookup_error(value)
    except LookupError:
        raise ValueError(f"Python knows no `{name}` of the name {value!r}") from None
    return value


def _limit(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (Head, Tail, Spill)):
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"`max_output` is a number of bytes, Head(n), Tail(n) or Spill(n, path), not {value!r}")
    check_size(value)
    return value


def _limits(name: str, value: Any) -> Limits | None:
    if value is None:
        return None
    from procrun.plan.limits import Limits

    if not isinstance(value, Limits):
        raise TypeError(f"`limits` is a value such as Limits(memory=2**30), not {value!r}")
    return value


_FREEZERS: dict[str, Callable[[str, Any], Any]] = {
    "check": _flag,
    "clean_env": _flag,
    "cwd": _folder,
    "die_with_parent": _flag,
    "encoding": _codec,
    "env": _environment,
    "errors": _codec,
    "grace": seconds,
    "idle_timeout": seconds,
    "input": freeze_input,
    "limits": _limits,
    "max_output": _limit,
    "ok": _codes,
    "pipefail": _flag,
    "stderr": freeze_sink,
    "stdin": freeze_source,
    "stdout": freeze_sink,
    "timeout": seconds,
}
_DEFAULTS: dict[str, Any] = {option.name: option.default for option in fields(Options) if option.name != "stated"}
