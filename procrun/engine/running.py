"""A run that has been started, until it has ended and nothing of it is left.

Whoever waits does the work of the run: serves its streams, reaps its children, keeps its
time. One thread does so at a time; a run that was started in the background has one of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import IO

from procrun.engine.background import Background
from procrun.engine.buffer import OutputLimit
from procrun.engine.failure import failure_of
from procrun.engine.pump import Feeder
from procrun.engine.result import Result
from procrun.engine.sink import SinkFailed
from procrun.engine.stdio import Wiring
from procrun.engine.stoppable import Stoppable
from procrun.engine.stream import await_readers, close_stream, give_up
from procrun.engine.wait import Course, Work, earliest
from procrun.plan.options import seconds
from procrun.plan.pipeline import Pipeline
from procrun.quoting import shorten
from procrun.status import ExitStatus
from procrun.system.ends import Ends

# After Ctrl-C the terminal has told the children, too (docs/gotchas.md#ctrl-c): they get this long to end.
_INTERRUPT_SECONDS = 1.0


class Running(Stoppable):
    """A started pipeline. As a context manager it stops the run when the block is left.

    >>> from procrun import cmd, PIPE
    >>> with cmd("cat").start(stdin=PIPE, stdout=PIPE) as running:
    ...     _ = running.stdin.write(b"to and fro")
    ...     running.stdin.close()
    ...     running.stdout.read()
    b'to and fro'
    """

    def __init__(self, pipeline: Pipeline, marks: tuple[str, ...]) -> None:
        super().__init__(pipeline, marks)
        self.stdin: IO[bytes] | None = None
        """The stream to write to, with `stdin=PIPE`."""
        self.stdout: IO[bytes] | None = None
        """The stream to read, with `stdout=PIPE`."""
        self.stderr: IO[bytes] | None = None
        """The stream to read, with `stderr=PIPE`."""
        self._background: Background | None = None

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the stages that are processes, first to last."""
        return tuple(child.pid for child in self._course.children)

    def poll(self) -> ExitStatus | None:
        """The status of the run if it has ended, else None; never waits."""
        now = time.monotonic()
        if self._result is None and not self._turn.is_mine:
            try:
                if self._turn.take(now) and self._result is None and self._course.settle(now):
                    self._finish()
            except SinkFailed as failure:
                self._error = failure
            finally:
                self._turn.give()
        return None if self._result is None else self._result.status

    def wait(self, timeout: float | None = None) -> Result:
        """Wait for the end and give the result; a failing status does not raise, `Result.check` does.

        With `timeout` seconds, raises TimeoutError when they have passed; the run goes on then.

        What a function stage or `input` has raised is in the result, as all that failed. A sink that raises stops the
        run and is told of when nothing of it is left, by FunctionFailed, to the first who waits. Any other exception
        that arrives while waiting (KeyboardInterrupt, one of a signal's handler, BrokenPipeError of this process's own
        stdout) stops the run likewise and is raised as it is. TypeError and ValueError are for wrong timeouts.
        """
        if self._turn.is_mine:
            raise RuntimeError("what a run calls cannot wait for it; to end the run from there use `stop`")
        seconds("timeout", timeout)
        patience = None if timeout is None else time.monotonic() + timeout
        failure = None
        try:
            has_ended = self._complete(patience)
        except KeyboardInterrupt:
            self._end_interrupted()
            raise
        except SinkFailed as error:
            self._error = failure = error
            self.stop()
            has_ended = True
        except BaseException as error:
            self._error = error
            self.stop()
            raise
        if not has_ended:
            raise TimeoutError(
                f"`{shorten(str(self.pipeline))}` has not ended within {timeout:g} s; it goes on running"
            )
        if self._background is not None:
            self._background.raise_error()
        assert self._result is not None
        if failure is not None and not isinstance(failure.error, OutputLimit):
            raise failure_of(self._result)
        return self._result

    def begin(self, work: tuple[Work, ...], wiring: Wiring, *, in_background: bool) -> None:
        """Take over what the start has made, and start its threads; the clock runs since the first spawn.

        Raises RuntimeError or OSError when the system has no room for one; `discard` is due then.
        """
        self.stdin, self.stdout, self.stderr = (wiring.callers.get(number) for number in range(3))
        self._clock = work[0].started
        feeders = tuple(Feeder(*feed, self.pipeline.options, self.abort) for feed in wiring.feeds)
        self._course = Course(work, wiring, feeders)
        self._course.start()
        if wiring.idle is not None:
            wiring.idle.begin(self._clock)
        has_limit = self.pipeline.options.timeout is not None or wiring.idle is not None
        if in_background and (wiring.streams or has_limit):
            self._course.make_wakeable()
            self._background = Background(self.wait, self._keep_readers_time)

    def discard(self) -> None:
        """End at once a run that nobody will wait for: its start failed, or its caller did."""
        self._course.discard()
        self._kill()
        self.close_streams()

    def close(self) -> None:
        """Stop the run unless it has ended, and close its streams."""
        try:
            if self._result is None:
                self.stop()
        finally:
            self.close_streams()
            if self._background is not None:
                self._background.join()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
        if kind is None and self._background is not None:
            self._background.raise_error()

    def close_streams(self) -> None:
        """Close the streams that `start` handed out."""
        for stream in (self.stdin, self.stdout, self.stderr):
            close_stream(stream)

    def _complete(self, patience: float | None) -> bool:
        """See the run to its end; False when the caller's patience is over before."""
        try:
            if not self._turn.take(patience):
                return False
            if self._result is None:
                while not self._course.settle(earliest(self._end_of_time(), patience)):
                    if self._course.is_given_up:
                        break
                    if self._time_is_over(lambda: self._course.settle(time.monotonic())):
                        self._stop_tree(None, self._course.serve_until)
                        break
                    if patience is not None and time.monotonic() >= patience:
                        return False
                self._finish()
        finally:
            self._turn.give()
        return True

    def _end_of_time(self) -> float | None:
        """The monotonic time at which a limit of the run may be over."""
        limit, idle = self.pipeline.options.timeout, self._course.wiring.idle
        return earliest(None if limit is None else self._clock + limit, None if idle is None else idle.due)

    def _time_is_over(self, serve: Callable[[], bool], *, end_is_news: bool = False) -> bool:
        """Whether a limit of the run is over, and which; `serve` takes what has come, and says if that was all."""
        limit, wiring = self.pipeline.options.timeout, self._course.wiring
        if limit is not None and time.monotonic() >= self._clock + limit:
            self._timed_out = True
        elif wiring.idle is not None and time.monotonic() >= wiring.idle.due and not serve():
            self._was_idle = self._timed_out = wiring.idle.is_over(
                is_caller_late=any(output.is_waiting(end_too=end_is_news) for output in wiring.callers_outputs),
                look=lambda: self.members().find({}),
            )
        return self._timed_out

    def _keep_readers_time(self) -> None:
        """See that what the caller reads ends in time, too, though the processes have: a grandchild may hold it."""
        result, outputs = self._result, self._course.wiring.callers_outputs
        if result is None or result.timed_out:
            return
        while not await_readers(outputs, self._end_of_time()):
            if self._time_is_over(lambda: False, end_is_news=True):
                break
        else:
            return
        # First, because who reads learns of the end as soon as the one who holds the pipe has gone.
        idle = self._course.wiring.idle
        tail = b"" if idle is None else idle.tail
        self._result = replace(result, timed_out=True, was_idle=self._was_idle, last_output=tail)
        self._stop_tree(None, Ends.wait)
        self._result = replace(self._result, stop_report=self._report())
        give_up(outputs)

    def _end_interrupted(self) -> None:
        """Let the run end by itself after Ctrl-C, then stop it; a second Ctrl-C kills it."""
        self.interrupt()
        try:
            if not self._complete(time.monotonic() + _INTERRUPT_SECONDS):
                self.stop()
        except SinkFailed as failure:
            # Ctrl-C came first, and is what the caller is told of.
            self._error = failure
            self.stop()
        except BaseException:
            self._kill()
            raise
