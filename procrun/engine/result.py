"""What ran: plain frozen values, from the whole down to each stage."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from procrun import system
from procrun.engine.verdict import Role
from procrun.errors import ErrorText, word
from procrun.signals.report import StopReport, Survivor
from procrun.status import ExitStatus

if TYPE_CHECKING:
    from procrun.plan.limits import Limits


@dataclass(frozen=True, slots=True)
class StageResult:
    """How one stage ended and what it used."""

    command: str
    """The stage as the pipeline language writes it."""
    status: ExitStatus
    """Its exit status."""
    role: Role
    """`ok`, `failed`, or `consequence`: ended only because its reader went away."""
    pid: int | None
    """Its process id; None for a function."""
    duration: float
    """Seconds from its start to its end."""
    user_time: float = 0.0
    """Seconds of CPU in the program, from the kernel."""
    system_time: float = 0.0
    """Seconds of CPU in the kernel, on its behalf."""
    peak_memory: int = 0
    """Its largest resident size in bytes, from the kernel; not less than this process's own at
    the time of the start on Linux (docs/gotchas.md#peak-memory), 0 where the system does not tell."""
    stderr: bytes = b""
    """The end of what it wrote to stderr, when that was captured or passed on by us."""
    error: BaseException | None = None
    """What a function stage raised, or why the status of a process is not known."""
    limits: Limits | None = None
    """The limits that it ran with."""
    ok: frozenset[int] | None = None
    """The exit codes that counted as success; None for 0 alone."""
    inner: Result | None = None
    """For a group of a text: the result of the pipeline that ran last in it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), _portable_fields(self)


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended and what it gave.

    >>> from procrun import cmd
    >>> result = (cmd("printf", "b\\na\\n") | cmd("sort")).capture()
    >>> result.stdout, result.status.code, [stage.command for stage in result.stages]
    ('a\\nb\\n', 0, ["printf $'b\\\\na\\\\n'", 'sort'])
    """

    command: str
    """The whole pipeline as the pipeline language writes it."""
    stages: tuple[StageResult, ...]
    """Each stage, first to last; of a text with several pipelines, those of the one that ran last."""
    status: ExitStatus
    """The status of the whole: that of the rightmost stage that failed, else success."""
    culprit: int | None
    """The place of the failed stage whose status that is, counted from 0; None on success."""
    started: float
    """When it started, in seconds since the epoch."""
    duration: float
    """Seconds from the first start to the last end."""
    stdout_bytes: bytes | None = None
    """What was captured of stdout; None when it went elsewhere."""
    stderr_bytes: bytes | None = None
    """What was captured of stderr, of all stages, in the order in which it came."""
    stdout_dropped: int = 0
    """How many bytes of stdout `max_output` did not keep in memory."""
    stderr_dropped: int = 0
    """The same for stderr."""
    timed_out: bool = False
    """Whether the run was stopped because its time was over."""
    timeout: float | None = None
    """The time it had, in seconds; None without a limit."""
    was_idle: bool = False
    """Whether that was the time without output; `timed_out` is true then, too."""
    idle_timeout: float | None = None
    """The time without output that it had, in seconds; None without a limit."""
    last_output: bytes = b""
    """With `idle_timeout`, the end of what was heard of all its outputs, in the order in which it came."""
    stop_report: StopReport | None = None
    """If it was stopped: who has ended by what, who has not, who still holds a pipe of it, and the time that took."""
    error: BaseException | None = None
    """What ended the run from inside: an error of the text, or what a function of the caller's has raised."""
    error_from: str = ""
    """Where that came from, unless from a stage: `input`, or the stream of a sink (`stdout`, `stderr`)."""
    encoding: str = field(default="utf-8", repr=False)
    """How `stdout` and `stderr` make text of the bytes."""
    errors: str = field(default="surrogateescape", repr=False)
    """What they do with bytes that are not text."""

    @property
    def stdout(self) -> str:
        """Captured stdout as text; empty when it was not captured. On Windows CR LF becomes a newline.

        Every byte can be had back from it (docs/gotchas.md#decode).
        """
        return self.text_of(self.stdout_bytes)

    @property
    def stderr(self) -> str:
        """Captured stderr as text; empty when it was not captured."""
        return self.text_of(self.stderr_bytes)

    @property
    def returncode(self) -> int:
        """The status as `subprocess` spells it."""
        return self.status.returncode

    @property
    def is_success(self) -> bool:
        """Whether no stage failed."""
        return self.culprit is None and self.error is None and not self.timed_out

    @property
    def survivors(self) -> tuple[Survivor, ...]:
        """What could not be stopped."""
        return () if self.stop_report is None else self.stop_report.survivors

    def text_of(self, data: bytes | None) -> str:
        """Output of the run as text, by its own encoding."""
        text = (data or b"").decode(self.encoding, self.errors)
        return text.replace("\r\n", "\n") if system.NEWLINE is None else text

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), _portable_fields(self)

    def check(self) -> Result:
        """This result, or the error that says why the run failed (`RunFailed`, `RunTimeout`, …)."""
        if self.is_success:
            return self
        from procrun.engine.failure import failure_of

        raise failure_of(self)


def _portable_fields(value: StageResult | Result) -> tuple[Any, ...]:
    """The fields to be pickled. A result must reach another process, whatever a caller's function has raised."""
    return tuple(
        _portable(item) if field.name == "error" else item
        for field, item in ((field, getattr(value, field.name)) for field in fields(value))
    )


def _portable(error: BaseException | None) -> BaseException | None:
    import pickle

    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        # Whatever its class has made of pickling: some fail at the one end, some at the other.
        return error and ErrorText(word(error))
    return error
