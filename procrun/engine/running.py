"""A run that has been started, until it has ended and nothing of it is left.

Whoever waits does the work of the run: serves its streams, reaps its children, keeps its
time. One thread does so at a time; a run that was started in the background has one of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import IO

from procrun.engine.background import Background
from procrun.engine.buffer import OutputLimit
from procrun.engine.latch import Latch
from procrun.engine.outcome import make_result
from procrun.engine.pump import Feeder
from procrun.engine.result import Result
from procrun.engine.stdio import Wiring
from procrun.engine.stream import close_stream
from procrun.engine.turn import Turn
from procrun.engine.wait import Course, Work, earliest
from procrun.plan.pipeline import Pipeline
from procrun.quoting import shorten
from procrun.signals.held import held_back
from procrun.signals.stop import Survivor, stop_tree
from procrun.status import ExitStatus

# After Ctrl-C the terminal has told the children, too (docs/gotchas.md#ctrl-c): they get this long to end.
_INTERRUPT_SECONDS = 1.0

# Once the processes of a stopped run have ended, what they wrote is read in no time. A stream that
# lasts longer is held open by somebody we could not find, and a function by what it does.
_DRAIN_SECONDS = 1.0


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
        self.interrupted = Latch()
        """Set when Ctrl-C has arrived while it ran."""
        self.started = time.time()
        """When it started, in seconds since the epoch."""
        self._clock = time.monotonic()
        self._course = Course((), Wiring())
        self._inner: set[Running] = set()
        self._turn = Turn()
        self._background: Background | None = None
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
        now = time.monotonic()
        if self._result is None and not self._turn.is_mine and self._turn.take(now):
            try:
                if self._result is None and self._course.settle(now):
                    self._finish()
            finally:
                self._turn.give()
        return None if self._result is None else self._result.status

    def wait(self, timeout: float | None = None) -> Result:
        """Wait for the end and give the result; a failing status does not raise, `Result.check` does.

        With `timeout` seconds, raises TimeoutError when they have passed; the run goes on then.
        Any other exception that arrives while waiting (KeyboardInterrupt, one of a sink's) stops the
        run and is raised when nothing of it is left.
        """
        patience = None if timeout is None else time.monotonic() + timeout
        try:
            has_ended = self._complete(patience)
        except OutputLimit as error:
            self._error = error
            self.stop()
            has_ended = True
        except KeyboardInterrupt:
            self._end_interrupted()
            raise
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
        return self._result

    def stop(self, grace: float | None = None) -> Result:
        """End every process of the run and give the result.

        SIGTERM, up to `grace` seconds (the option's unless given), then SIGKILL; on Windows at once. Any thread
        may call it, a sink, and a signal's handler. What could not be ended is in the result's `survivors`.
        """
        if self._turn.is_mine:
            # A sink or a signal's handler calls: what it has interrupted must not be served beneath it.
            self._stop_tree(grace, self._course.children_end)
            self._course.give_up_streams()
            return self._finish()
        if self._turn.take(time.monotonic()):
            try:
                if self._result is None:
                    self._stop_tree(grace, self._course.settle_regardless)
                return self._finish()
            finally:
                self._turn.give()
        self._stop_tree(grace, self._course.children_end)
        self._hurry(_DRAIN_SECONDS)
        with self._turn:
            return self._finish()

    def send_signal(self, number: int) -> None:
        """Send a signal to every process that the run started itself and that still runs."""
        for child in self._course.children:
            child.send_signal(number)
        for inner in tuple(self._inner):
            inner.send_signal(number)

    def interrupt(self) -> None:
        """Note that Ctrl-C arrived: a list ends when a program of it is then ended by that."""
        self.interrupted.set()
        for inner in tuple(self._inner):
            inner.interrupt()

    def abort(self) -> None:
        """Stop the run from a thread of its own that has failed; the waiter finishes it."""
        if not self.is_stopping and self._result is None:
            self._stop_tree(None, self._course.children_end)
            self._hurry(_DRAIN_SECONDS)

    def adopt(self, inner: Running) -> None:
        """Take a run that a function stage has started into this one."""
        for run in tuple(self._inner):
            if run._result is not None:
                self._inner.discard(run)
        self._inner.add(inner)

    def begin(self, work: tuple[Work, ...], wiring: Wiring, *, in_background: bool) -> None:
        """Take over what the start has made, and start its threads; the clock runs since the first spawn.

        Raises RuntimeError or OSError when the system has no room for one; `discard` is due then.
        """
        self.stdin, self.stdout, self.stderr = (wiring.callers.get(number) for number in range(3))
        self._clock = work[0].started
        feeders = tuple(Feeder(*feed, self.pipeline.options, self.abort) for feed in wiring.feeds)
        self._course = Course(work, wiring, feeders)
        self._course.start()
        if in_background and (wiring.streams or self.pipeline.options.timeout is not None):
            self._course.make_wakeable()
            self._background = Background(self.wait)

    def discard(self) -> None:
        """End at once a run that nobody will wait for: its start failed, or its caller did."""
        self._course.discard()
        if self._course.work and self._result is None:
            self.stop(0)
        self.close_streams()

    def close(self) -> None:
        """Stop the run unless it has ended, and close its streams."""
        try:
            if self._result is None:
                self.stop()
            if self._background is not None:
                self._background.join()
        finally:
            self.close_streams()

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
        if not self._turn.take(patience):
            return False
        try:
            if self._result is None:
                limit = self.pipeline.options.timeout
                deadline = None if limit is None else self._clock + limit
                if not self._course.settle(earliest(deadline, patience)) and not self._course.is_given_up:
                    if deadline is None or time.monotonic() < deadline:
                        return False
                    self._timed_out = True
                    self._stop_tree(None, self._course.settle_regardless)
                self._finish()
        finally:
            self._turn.give()
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
            self.living_pids,
            self.marks[-1],
            self.started,
            grace=self.pipeline.options.grace if grace is None else grace,
            settle=settle,
        )
        for inner in tuple(self._inner):
            inner._hurry(_DRAIN_SECONDS / 2)

    def _hurry(self, seconds: float) -> None:
        """Let whoever waits for the run give it up soon, and those within it sooner."""
        self._course.hurry(time.monotonic() + seconds)
        for inner in tuple(self._inner):
            inner._hurry(seconds / 2)

    def living_pids(self) -> list[int]:
        """The children that have not been reaped, of this run and of those within it."""
        own = [child.pid for child in self._course.children if not child.is_done]
        return own + [pid for inner in tuple(self._inner) for pid in inner.living_pids()]

    def _finish(self) -> Result:
        """Close everything and put the result together."""
        if self.is_stopping and self._result is None:
            self._course.settle_regardless(time.monotonic() + _DRAIN_SECONDS)
        if self._result is not None:
            return self._result  # Also when a sink has stopped the run: it was finished beneath us.
        with held_back():
            return self._conclude()

    def _conclude(self) -> Result:
        ended = time.monotonic()
        self._survivors += self._course.stuck()
        self._course.close()
        if self.is_stopping:
            # Whoever may hold the pipe that the caller reads: it ends, and what is in it stays readable.
            for output in self._course.wiring.callers_outputs:
                output.give_up()
        self._result = make_result(
            self.pipeline,
            self._course,
            started=self.started,
            duration=max((part.ended or ended for part in self._course.work), default=ended) - self._clock,
            timed_out=self._timed_out,
            survivors=self._survivors,
            error=self._error or self._course.first_error(),
        )
        return self._result
