"""A stage that is a Python function: what it is given, and how it ends.

Groups of the pipeline language and the callables of the Python API run here, each in a
thread of this process, over descriptors that it owns. The thread closes them when the
function is done, which is how its neighbours learn that it has ended.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from procrun import system
from procrun.engine.task import Task
from procrun.errors import ProcrunError
from procrun.plan.command import Function
from procrun.status import ExitStatus

if TYPE_CHECKING:
    from procrun.engine.result import Result
    from procrun.engine.running import Running
    from procrun.plan.pipeline import Pipeline

_SIGPIPE, _SIGTERM = 13, 15

# The terminal tells the programs and us at once, but our main thread may come to it after a program has ended.
_INTERRUPT_SECONDS = 0.2


class RunStopped(ProcrunError):
    """The run is being stopped: nothing more is started in it."""


class Context:
    """What a stage of this process may use while it runs."""

    def __init__(self, descriptors: tuple[int, int, int], run: Running, start: Callable[[Pipeline], Running]) -> None:
        self.descriptors = descriptors
        """The stage's own descriptors for stdin, stdout and stderr."""
        self.inner: Result | None = None
        """The result of the pipeline that ran last in this stage."""
        self._run = run
        self._start = start
        self._streams: dict[int, BinaryIO] = {}

    @property
    def stdin(self) -> BinaryIO:
        """The stage's input, buffered."""
        return self._stream(0, "rb")

    @property
    def stdout(self) -> BinaryIO:
        """The stage's output, buffered; flushed when the function ends."""
        return self._stream(1, "wb")

    @property
    def stderr(self) -> BinaryIO:
        """The stage's stderr, buffered; flushed when the function ends."""
        return self._stream(2, "wb")

    @property
    def is_stopped(self) -> bool:
        """Whether the run is being stopped."""
        return self._run.is_stopping

    @property
    def is_interrupted(self) -> bool:
        """Whether Ctrl-C arrived while the run went on; waits a moment for one that has ended a program already."""
        return self._run.interrupted.wait(_INTERRUPT_SECONDS)

    def start(self, pipeline: Pipeline) -> Running:
        """Start a pipeline as part of this run: stopping the run stops it.

        Raises RunStopped when the run is being stopped, and what `engine.start` raises.
        """
        return self._start(pipeline)

    def flush(self) -> None:
        """Write out what the function left in its buffers."""
        for descriptor, stream in self._streams.items():
            if descriptor and not stream.closed:
                stream.flush()

    def close(self) -> None:
        """Close the three descriptors, however the function ended and whatever is left in its buffers."""
        for number, descriptor in enumerate(self.descriptors):
            stream = self._streams.get(number)
            if stream is None:
                os.close(descriptor)
                continue
            try:
                stream.close()
            except OSError:
                # It is closed all the same; what it could not write was told by `flush`, or follows an exception.
                continue

    def _stream(self, number: int, mode: str) -> BinaryIO:
        if number not in self._streams:
            self._streams[number] = open(self.descriptors[number], mode, buffering=256 * 1024)  # type: ignore[assignment]
        return self._streams[number]


class FunctionRun(Task):
    """A function stage at work in its thread."""

    def __init__(self, function: Function, context: Context, abort: Callable[[], None]) -> None:
        super().__init__(str(function), abort)
        self.pid = None
        self.started = time.monotonic()
        self.ended = 0.0
        self.status = ExitStatus(signal=_SIGTERM)
        self.context = context
        self._function = function

    def _work(self) -> None:
        try:
            self.status = self._call()
        except BaseException as error:
            self.status = ExitStatus(error.exit_code if isinstance(error, ProcrunError) else 1)
            raise
        finally:
            self.ended = time.monotonic()

    def _close(self) -> None:
        self.context.close()

    def _call(self) -> ExitStatus:
        """Call the function and tell its status; a reader that went away ends it like SIGPIPE."""
        function, context = self._function.function, self.context
        function_is_ours = self._function.wants_context
        try:
            try:
                answer = (
                    function(context) if function_is_ours else function(context.stdin, context.stdout, context.stderr)
                )
            except SystemExit as leave:
                answer = self._leave(leave.code)
            context.flush()
        except RunStopped:
            return ExitStatus(signal=_SIGTERM)
        except OSError as error:
            if not system.is_broken_pipe(error) or error.filename is not None:
                raise
            return ExitStatus(signal=_SIGPIPE)
        if isinstance(answer, ExitStatus):
            return answer
        # Any other answer of a caller's function is ignored: `stdout.write(…)` returns an int, too.
        return ExitStatus(answer if function_is_ours and isinstance(answer, int) else 0)

    def _leave(self, code: object) -> ExitStatus:
        """The status of a program that calls `sys.exit(code)`; a text goes to stderr."""
        if code is None or isinstance(code, int):
            return ExitStatus((code or 0) & 0xFF)
        self.context.stderr.write(f"{code}\n".encode("utf-8", "surrogateescape"))
        return ExitStatus(1)
