"""A stage that is a Python function: what it is given, and how it ends.

Groups of the pipeline language and the callables of the Python API run here, each in a
thread of this process, over descriptors that it owns. The thread closes them when the
function is done, which is how its neighbours learn that it has ended.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from procrun import system
from procrun.errors import ProcrunError
from procrun.plan.command import Function
from procrun.status import ExitStatus

if TYPE_CHECKING:
    from procrun.engine.result import Result
    from procrun.engine.running import Running
    from procrun.plan.pipeline import Pipeline

_SIGPIPE, _SIGTERM = 13, 15


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
        """Whether Ctrl-C arrived while the run went on."""
        return self._run.is_interrupted

    def start(self, pipeline: Pipeline) -> Running:
        """Start a pipeline as part of this run: stopping the run stops it.

        Raises RunStopped when the run is being stopped, and what `engine.start` raises.
        """
        return self._start(pipeline)

    def flush(self) -> None:
        """Write out what the function left in its buffers."""
        for descriptor, stream in self._streams.items():
            if descriptor:
                stream.flush()

    def _stream(self, number: int, mode: str) -> BinaryIO:
        if number not in self._streams:
            # The thread closes the descriptor, also when a flush fails.
            self._streams[number] = open(self.descriptors[number], mode, buffering=256 * 1024, closefd=False)  # type: ignore[assignment]
        return self._streams[number]


class FunctionRun:
    """A function stage at work in its thread."""

    def __init__(self, function: Function, context: Context, abort: Callable[[], None]) -> None:
        self.pid = None
        self.started = time.monotonic()
        self.ended = 0.0
        self.status = ExitStatus(signal=_SIGTERM)
        self.error: BaseException | None = None
        self.context = context
        self._function = function
        self._abort = abort
        self._thread = threading.Thread(target=self._work, name=f"procrun {function}", daemon=True)

    def start(self) -> None:
        """Start the thread. Raises RuntimeError when the system has no room for another."""
        try:
            self._thread.start()
        except RuntimeError:
            self._close()
            raise

    def wait(self, deadline: float | None) -> bool:
        """Wait until the function has ended; False when the monotonic deadline has passed."""
        if self._thread.ident is None:
            return True
        self._thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        return not self._thread.is_alive()

    def _work(self) -> None:
        status = ExitStatus(1)
        try:
            status = self._call()
        except BaseException as error:  # The run's result carries it; the caller raises it.
            self.error = error
            status = ExitStatus(error.exit_code if isinstance(error, ProcrunError) else 1)
        self.status = status
        self.ended = time.monotonic()
        self._close()
        if self.error is not None:
            # Neighbours that neither read nor write would keep a run going that has failed.
            self._abort()

    def _close(self) -> None:
        for descriptor in self.context.descriptors:
            os.close(descriptor)

    def _call(self) -> ExitStatus:
        """Call the function and tell its status; a reader that went away ends it like SIGPIPE."""
        function, context = self._function.function, self.context
        function_is_ours = self._function.wants_context
        try:
            answer = function(context) if function_is_ours else function(context.stdin, context.stdout, context.stderr)
            context.flush()
        except RunStopped:
            return ExitStatus(signal=_SIGTERM)
        except OSError as error:
            if not system.is_broken_pipe(error) or error.filename is not None:
                raise
            return ExitStatus(signal=_SIGPIPE)
        except SystemExit as leave:
            answer = ExitStatus(leave.code if isinstance(leave.code, int) else int(leave.code is not None))
        if isinstance(answer, ExitStatus):
            return answer
        # Any other answer of a caller's function is ignored: `stdout.write(…)` returns an int, too.
        return ExitStatus(answer if function_is_ours and isinstance(answer, int) else 0)
