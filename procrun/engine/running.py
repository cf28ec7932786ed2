"""A run that has been started, until it has ended and nothing of it is left.

Whoever waits does the work of the run: serves its streams, reaps its children, keeps its
time. One thread does so at a time; `work_in_background` gives the turn to a thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import IO

from procrun import system
from procrun.engine.buffer import OutputLimit
from procrun.engine.function import FunctionRun
from procrun.engine.outcome import make_result
from procrun.engine.result import Result
from procrun.engine.stdio import Wiring
from procrun.engine.stream import Output, open_output
from procrun.engine.wait import Course, Feeder, Work
from procrun.plan.pipeline import Pipeline
from procrun.signals.stop import Survivor, stop_tree
from procrun.status import ExitStatus

# After Ctrl-C the terminal has told the children, too: they get this long to end by themselves.
_INTERRUPT_SECONDS = 1.0


class Running:
    """A started pipeline. As a context manager it stops the run when the block is left.

    >>> from procrun import cmd, PIPE
    >>> with cmd("cat").start(stdin=PIPE, stdout=PIPE) as running:
    ...     _ = running.stdin.write(b"to and fro")
    ...     running.stdin.close()
    ...     running.stdout.read()
    b'to and fro'
    """

    def __init__(self, pipeline: Pipeline, marks: tuple[str, ...]) -> None:
        self.pipeline = pipeline
        """What runs."""
        self.marks = marks
        """The entries in PROCRUN_RUN of the runs around this one and, last, its own: its descendants carry it."""
        self.stdin: IO[bytes] | None = None
        """The stream to write to, with `stdin=PIPE`."""
        self.stdout: IO[bytes] | None = None
        """The stream to read, with `stdout=PIPE`."""
        self.stderr: IO[bytes] | None = None
        """The stream to read, with `stderr=PIPE`."""
        self.is_stopping = False
        """Whether the run is being stopped."""
        self.is_interrupted = False
        """Whether Ctrl-C arrived while it ran."""
        self.started = time.time()
        """When it started, in seconds since the epoch."""
        self._clock = time.monotonic()
        self._course = Course((), Wiring())
        self._outputs: list[Output] = []
        self._inner: set[Running] = set()
        self._turn = threading.RLock()
        self._background: threading.Thread | None = None
        self._background_error: BaseException | None = None
        self._error: BaseException | None = None
        self._timed_out = False
        self._survivors: tuple[Survivor, ...] = ()
        self._result: Result | None = None

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the stages that are processes, first to last."""
        return tuple(child.pid for child in self._course.children)

    def poll(self) -> ExitStatus | None:
        """The status of the run if it has ended, else None; never waits."""
        if self._result is None and self._turn.acquire(blocking=False):
            try:
                if self._result is None and self._course.settle(time.monotonic()):
                    self._finish()
            finally:
                self._turn.release()
        return None if self._result is None else self._result.status

    def wait(self, timeout: float | None = None) -> Result:
        """Wait for the end and give the result; a failing status does not raise, `Result.check` does.

        With `timeout` seconds, raises TimeoutError when they have passed; the run goes on then.
        Any other exception that arrives while waiting (KeyboardInterrupt, one of a sink's) stops the
        run and is raised when nothing of it is left.
        """
        patience = None if timeout is None else time.monotonic() + timeout
        try:
            if not self._complete(patience):
                raise TimeoutError(f"`{self.pipeline}` has not ended within {timeout:g} s; it goes on running")
        except TimeoutError:
            raise
        except OutputLimit as error:
            self._error = error
            self.stop()
        except KeyboardInterrupt:
            self._end_interrupted()
            raise
        except BaseException:
            self.stop()
            raise
        if self._background_error is not None:
            raise self._background_error
        assert self._result is not None
        return self._result

    def stop(self, grace: float | None = None) -> Result:
        """End every process of the run and give the result.

        SIGTERM, up to `grace` seconds (the option's unless given), then SIGKILL; on Windows at once.
        May be called from any thread. What could not be ended is in the result's `survivors`.
        """
        if self._turn.acquire(blocking=False):
            try:
                if self._result is None:
                    self._stop_tree(grace, self._settle_regardless)
            finally:
                self._turn.release()
        else:
            self._stop_tree(grace, self._course.children_end)
        with self._turn:
            if self._result is None:
                self._finish()
            assert self._result is not None
            return self._result

    def send_signal(self, number: int) -> None:
        """Send a signal to every process that the run started itself and that still runs."""
        for child in self._course.children:
            child.send_signal(number)
        for inner in tuple(self._inner):
            inner.send_signal(number)

    def interrupt(self) -> None:
        """Note that Ctrl-C arrived: a list ends when a program of it is then ended by that."""
        self.is_interrupted = True
        for inner in tuple(self._inner):
            inner.interrupt()

    def abort(self) -> None:
        """Stop the run from one of its own threads, which has failed; the waiter finishes it."""
        if not self.is_stopping and self._result is None:
            self._stop_tree(None, self._course.children_end)

    def adopt(self, inner: Running) -> None:
        """Take a run that a function stage has started into this one."""
        self._inner = {run for run in self._inner if run._result is None} | {inner}

    def begin(self, work: tuple[Work, ...], wiring: Wiring) -> None:
        """Take over what the start has made; from here on the clock runs."""
        self._course = Course(work, wiring)
        self._clock = work[0].started
        if 0 in wiring.callers:
            self.stdin = open(wiring.callers[0], "wb")
        for number, name in ((1, "stdout"), (2, "stderr")):
            if number in wiring.callers:
                stream, output = open_output(wiring.callers[number])
                self._outputs.append(output)
                setattr(self, name, stream)
        try:
            if wiring.feeder is not None:
                self._course.feeder = Feeder(*wiring.feeder, self.pipeline.options, self.abort)
            for part in work:
                if isinstance(part, FunctionRun):
                    part.start()
        except RuntimeError:
            # No more threads can be started.
            self.stop(0)
            self.close_streams()
            raise

    def work_in_background(self) -> None:
        """Let a thread serve the streams and keep the time, where there is anything of that kind."""
        if self._course.wiring.streams or self.pipeline.options.timeout is not None:
            self._background = threading.Thread(target=self._work, name="procrun run", daemon=True)
            self._background.start()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._result is None:
            self.stop()
        if self._background is not None:
            self._background.join()
        self.close_streams()

    def close_streams(self) -> None:
        """Close the streams that `start` handed out."""
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError as error:
                    # What is still buffered for a program that has ended is nobody's any more.
                    if not system.is_broken_pipe(error):
                        raise

    def _work(self) -> None:
        try:
            self.wait()
        except BaseException as error:  # `wait` in the caller's thread raises it.
            self._background_error = error

    def _complete(self, patience: float | None) -> bool:
        """See the run to its end; False when the caller's patience is over before."""
        if not self._turn.acquire(timeout=-1 if patience is None else max(0.0, patience - time.monotonic())):
            return False
        try:
            if self._result is None:
                limit = self.pipeline.options.timeout
                deadline = None if limit is None else self._clock + limit
                ends = [moment for moment in (deadline, patience) if moment is not None]
                if not self._course.settle(min(ends) if ends else None):
                    if deadline is None or time.monotonic() < deadline:
                        return False
                    self._timed_out = True
                    self._stop_tree(None, self._settle_regardless)
                self._finish()
        finally:
            self._turn.release()
        return True

    def _end_interrupted(self) -> None:
        """Let the run end by itself after Ctrl-C, then stop it; a second Ctrl-C kills it."""
        self.interrupt()
        try:
            if not self._complete(time.monotonic() + _INTERRUPT_SECONDS):
                self.stop()
        except BaseException:
            self.stop(0)
            raise

    def _stop_tree(self, grace: float | None, settle: Callable[[float], bool]) -> None:
        self.is_stopping = True
        self._survivors = stop_tree(
            self._roots,
            self.marks[-1],
            self.started,
            grace=self.pipeline.options.grace if grace is None else grace,
            settle=settle,
        )

    def _roots(self) -> list[int]:
        """The children that have not been reaped, of this run and of those within it."""
        own = [child.pid for child in self._course.children if not child.is_done]
        return own + [pid for inner in tuple(self._inner) for pid in inner._roots()]

    def _settle_regardless(self, deadline: float) -> bool:
        """Settle while the run is being stopped: a sink that fails must not keep it alive."""
        try:
            return self._course.settle(deadline)
        except Exception as error:
            self._error = self._error or error
            self._course.give_up_streams()
            return False

    def _finish(self) -> None:
        """Close everything and put the result together."""
        end = time.monotonic()
        self._course.close()
        if self._survivors:
            # They may hold the pipes that the caller reads, which then would never end.
            for output in self._outputs:
                output.give_up()
        self._result = make_result(
            self.pipeline,
            self._course,
            started=self.started,
            duration=max((part.ended or end for part in self._course.work), default=end) - self._clock,
            timed_out=self._timed_out,
            survivors=self._survivors,
            error=self._error or self._course.first_error(),
        )
