"""A finished run as an error: the standard class with every field filled, and a text that helps.

The text has the reason, stage k of n, the command, the end of that stage's stderr, and what
to do. Nothing here decides what failed: the result says it.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from procrun import status
from procrun.engine.buffer import OutputLimit
from procrun.engine.result import Result, StageResult
from procrun.errors import ProcrunError, explain, word
from procrun.quoting import printable, shorten
from procrun.signals.report import StopReport

if TYPE_CHECKING:
    from procrun.engine.exceeded import Exceeded

# Enough of stderr to see the cause; the whole tail is in the result.
_SHOWN_LINES = 15
_SHOWN_LINES_OF_OUTPUT = 3

_ORIGINS = {
    "": "the run was stopped by",
    "input": "`input` raised",
    "stdout": "a sink of `stdout` raised",
    "stderr": "a sink of `stderr` raised",
}


class RunFailed(ProcrunError, subprocess.CalledProcessError):
    """A stage failed. Has the fields of CalledProcessError, and the `result`."""

    def __init__(self, result: Result) -> None:
        self.result = result
        """What ran, stage by stage."""
        subprocess.CalledProcessError.__init__(self, result.returncode, result.command, *_captured(result))

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The status of the run as a shell spells it; never 0, also when no stage but an input or a sink failed."""
        return self.result.status.shell or 1

    def __str__(self) -> str:
        return explain_result(self.result)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.result,)


class LimitExceeded(RunFailed):
    """A stage was ended because it broke one of its `limits`: CPU or the size of a file.

    Of the other limits the system tells nobody but the program; the text of `RunFailed` names those that a stage had.
    """

    def __init__(self, result: Result, exceeded: Exceeded) -> None:
        super().__init__(result)
        self.exceeded = exceeded
        """Which limit, how much it was, and how much was used."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.result, self.exceeded)


class RunTimeout(ProcrunError, subprocess.TimeoutExpired):
    """The run's time was over and it was stopped. Has the fields of TimeoutExpired, and the `result`."""

    exit_code = status.TIMED_OUT

    def __init__(self, result: Result, timeout: float) -> None:
        self.result = result
        """What ran until then, with the output that had come."""
        subprocess.TimeoutExpired.__init__(self, result.command, timeout, *_captured(result))

    @property
    def stop_report(self) -> StopReport | None:
        """What became of each process; that of the `result`."""
        return self.result.stop_report

    def __str__(self) -> str:
        return explain(
            f"the run was stopped after its timeout of {self.timeout:g} s",
            stage=f"`{shorten(self.result.command)}`",
            details=[*_remains(self.result), *_tails(self.result)],
            hint="give it more time, or find out what it waits for",
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.result, self.timeout)


class RunIdle(RunTimeout):
    """The run wrote nothing for `idle_timeout` seconds and was stopped; a `RunTimeout`, whose fields it has."""

    def __str__(self) -> str:
        shown = _last_lines(self.result.last_output, self.result.encoding, _SHOWN_LINES_OF_OUTPUT)
        return explain(
            f"the run was stopped after {self.timeout:g} s without output",
            stage=f"`{shorten(self.result.command)}`",
            details=[
                *_remains(self.result),
                *(f"last output: {line}" for line in shown),
            ],
            hint="give it more time with `idle_timeout`, or find out what it waits for; "
            "a program may also keep its output in a buffer",
        )


class FunctionFailed(RunFailed):
    """A function stage, `input` or a sink raised; the exception is the error's `__cause__` and `result.error`."""

    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self.__cause__ = result.error


class OutputTooLarge(RunFailed):
    """A captured stream grew beyond `max_output`, and the run was stopped."""


def failure_of(result: Result) -> BaseException:
    """The error that a failed result stands for."""
    if result.was_idle:
        return RunIdle(result, result.idle_timeout or 0.0)
    if result.timed_out:
        return RunTimeout(result, result.timeout or 0.0)
    if isinstance(result.error, OutputLimit):
        return OutputTooLarge(result)
    if isinstance(result.error, ProcrunError):
        return result.error
    if result.error is not None:
        return FunctionFailed(result)
    exceeded = _exceeded(result.stages[_place(result)])
    return RunFailed(result) if exceeded is None else LimitExceeded(result, exceeded)


def explain_result(result: Result, *, hint: str | None = None) -> str:
    """Say why a run failed: reason, stage, its stderr, what to do (in Python, unless `hint` says it)."""
    if isinstance(result.error, OutputLimit):
        return explain(
            str(result.error),
            stage=f"`{shorten(result.command)}`",
            details=_remains(result),
            hint="raise the limit, keep a part with Head(n) or Tail(n), or spill to a file with Spill(n, path)",
        )
    if result.error is not None:
        place = next((place for place, stage in enumerate(result.stages) if stage.error is not None), None)
        happened = _ORIGINS[result.error_from] if place is None else "a function stage raised"
        return explain(
            f"{happened} {word(result.error)}",
            stage=f"`{shorten(result.command)}`" if place is None else _name(result, place),
            details=_remains(result),
            hint="the exception itself is this error's __cause__",
        )
    place = _place(result)
    stage = result.stages[place]
    exceeded = _exceeded(stage)
    others = [
        f"stage {number} of {len(result.stages)} `{shorten(other.command)}` {_consequence(other)}"
        for number, other in enumerate(result.stages, 1)
        if other is not stage and other.role != "ok"
    ]
    return explain(
        f"`{shorten(stage.command)}` {stage.status.describe()}{f': {exceeded}' if exceeded else ''}",
        stage=f"stage {place + 1} of {len(result.stages)}" if len(result.stages) > 1 else "",
        details=[*others, *_remains(result), *_stderr_lines(stage, result.encoding), *_limits(stage, exceeded)],
        hint=_hint(stage, exceeded) if hint is None else hint,
    )


def _captured(result: Result) -> tuple[str | None, str | None]:
    """What was kept, as text, which is what every verb gives; the bytes are in the result.

    Of a stderr that was passed on live, as `read` and `lines` do, that is the end of each stage's.
    """
    tails = b"".join(stage.stderr for stage in result.stages)
    try:
        return (
            None if result.stdout_bytes is None else result.stdout,
            result.stderr if result.stderr_bytes is not None else result.text_of(tails) if tails else None,
        )
    except UnicodeDecodeError:
        # With errors="strict": that a run failed must not be lost to what it wrote.
        return _captured(replace(result, errors="surrogateescape"))


def _remains(result: Result) -> list[str]:
    """What could not be stopped, and who holds a pipe."""
    return [] if result.stop_report is None else result.stop_report.remains()


def _place(result: Result) -> int:
    """The stage that the text is about."""
    return len(result.stages) - 1 if result.culprit is None else result.culprit


def _exceeded(stage: StageResult) -> Exceeded | None:
    inner = stage.inner
    if inner is not None and inner.culprit is not None and inner.status == stage.status:
        # A group has ended as its last program has.
        return _exceeded(inner.stages[inner.culprit])
    if stage.limits is None:
        return None
    from procrun.engine.exceeded import find_exceeded

    return find_exceeded(stage)


def _limits(stage: StageResult, exceeded: Exceeded | None) -> list[str]:
    """What may have been the cause, for a stage with limits of which none is known to be broken."""
    if stage.limits is None or exceeded is not None:
        return []
    from procrun.engine.exceeded import describe_limits

    described = describe_limits(stage)
    return [described] if described else []


def _consequence(stage: StageResult) -> str:
    if stage.role == "consequence":
        return "ended only because its reader had gone"
    return f"{stage.status.describe()}, too"


def _hint(stage: StageResult, exceeded: Exceeded | None) -> str:
    if exceeded is not None:
        return f"give it more `{exceeded.name}` in its limits, or look why it uses so much"
    if stage.error is not None:
        return str(stage.error)
    if stage.status.signal is not None:
        return (
            "something ended it with that signal; 9 is often the system short of memory"
            if stage.status.signal == 9
            else ""
        )
    code = stage.status.code
    accepted = sorted({code, *(stage.ok or (0,))})
    return f"if {code} is no failure here, accept it: ok={accepted}; for any status: check=False"


def _name(result: Result, place: int) -> str:
    stage = result.stages[place]
    return f"stage {place + 1} of {len(result.stages)}, `{shorten(stage.command)}`"


def _tails(result: Result) -> list[str]:
    return [line for stage in result.stages for line in _stderr_lines(stage, result.encoding)]


def _stderr_lines(stage: StageResult, encoding: str) -> list[str]:
    """The last lines of a stage's stderr, safe to print on a terminal."""
    return [f"stderr: {line}" for line in _last_lines(stage.stderr, encoding, _SHOWN_LINES)]


def _last_lines(data: bytes, encoding: str, count: int) -> list[str]:
    """The last lines of an output, safe to print on a terminal."""
    lines = data.decode(encoding, "replace").splitlines()
    shown = [shorten(printable(line)) for line in lines[-count:]]
    return [f"({len(lines) - count} more lines before)", *shown] if len(lines) > count else shown
