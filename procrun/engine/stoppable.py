"""How a run is signalled and comes to its end: by itself, stopped, or given up.

`Running` adds what its caller waits for and reads.

Whatever happens, the processes are ended first, then what they wrote is read, then everything is
closed and the result put together. What cannot be ended is named in it.
"""

from __future__ import annotations

import errno
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from procrun.engine.holders import find_holders
from procrun.engine.latch import Latch
from procrun.engine.orphans import orphans
from procrun.engine.outcome import make_result
from procrun.engine.result import Result
from procrun.engine.stdio import Wiring
from procrun.engine.stream import give_up
from procrun.engine.turn import Turn
from procrun.engine.wait import Course
from procrun.errors import ProcrunError, explain
from procrun.plan.options import seconds
from procrun.plan.pipeline import Pipeline
from procrun.signals.ending import Serve, end
from procrun.signals.held import held_back
from procrun.signals.members import Members
from procrun.signals.report import StopReport
from procrun.system import table
from procrun.system.ends import Ends

if TYPE_CHECKING:
    from procrun.engine.guard import Guard
    from procrun.engine.idle import Idle
    from procrun.signals.names import AnySignal

# Once the processes of a stopped run have ended, what they wrote is read, and that takes no time, unless somebody whom
# we could not find goes on writing. A function of ours may need some to see that its streams have ended.
_DRAIN_SECONDS = 1.0

_SIGTERM, _SIGKILL = 15, 9

_NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)


class Stoppable:
    """A run that can be stopped, from any thread."""

    def __init__(self, pipeline: Pipeline, marks: tuple[str, ...]) -> None:
        self.pipeline = pipeline
        """What runs."""
        self.marks = marks
        """The entries in PROCRUN_RUN of the runs around this one and, last, its own: its descendants carry it."""
        self.is_stopping = False
        """Whether the run is being stopped."""
        self.interrupted = Latch()
        """Set when Ctrl-C has arrived while it ran."""
        self.guard: Guard | None = None
        """What ends the run if this process is killed, with `die_with_parent`."""
        self.idle: Idle | None = None
        """What keeps the time of its silence, or of that of the run around it, with `idle_timeout`."""
        self.started = time.time()
        """When it started, in seconds since the epoch."""
        self._clock = time.monotonic()
        self._since = table.clock()
        self._course = Course((), Wiring())
        self._inner: set[Stoppable] = set()
        self._turn = Turn()
        self._error: BaseException | None = None
        self._timed_out = False
        self._was_idle = False
        self._reports: list[StopReport] = []
        self._stop_began = 0.0
        self._result: Result | None = None

    def stop(self, grace: float | None = None, *, signal: AnySignal = _SIGTERM) -> Result:
        """End every process of the run and give the result.

        SIGTERM, or another `signal` that asks to end, up to `grace` seconds (the option's unless given), then SIGKILL;
        on Windows at once. Any thread may call it, a sink, and a signal's handler. What became of each process is in
        the result's `stop_report`.

        Raises TypeError and ValueError for what is no number of seconds from 0 up, SignalError for a signal that does
        not ask to end; nothing is stopped then.
        """
        if grace is not None:
            seconds("grace", grace)
        ask = _SIGTERM if signal == _SIGTERM else _asking(signal)
        try:
            return self._stop(grace, ask)
        except BaseException:
            # Ctrl-C while we waited for the grace, or a sink that raises again and again.
            self._kill()
            raise

    def send_signal(self, number: int) -> None:
        """Send a signal to every process that the run started itself and that still runs.

        Raises SignalRefused when some belong to another user (`sudo`), once all others have been signalled.
        """
        refused = self._signal_children(number)
        if refused:
            from procrun.signals.names import name
            from procrun.signals.sending import SignalRefused

            raise SignalRefused(name(number), refused)

    def interrupt(self) -> None:
        """Note that Ctrl-C arrived: a list ends when a program of it is then ended by that."""
        self.interrupted.set()
        for inner in tuple(self._inner):
            inner.interrupt()

    def abort(self) -> None:
        """Stop the run from a thread of its own that has failed; the waiter finishes it."""
        if not self.is_stopping and self._result is None:
            self._stop_tree(None, Ends.wait)
            self._hurry(_DRAIN_SECONDS)

    def adopt(self, inner: Stoppable) -> None:
        """Take a run that a function stage has started into this one."""
        for run in tuple(self._inner):
            if run._result is not None:
                self._inner.discard(run)
        self._inner.add(inner)

    def living_pids(self) -> list[int]:
        """The children that have not been reaped, of this run and of those within it."""
        own = [child.pid for child in self._course.children if not child.is_done]
        return own + [pid for inner in tuple(self._inner) for pid in inner.living_pids()]

    def members(self) -> Members:
        """The rule by which the processes of the run are found."""
        return Members(
            self.living_pids,
            mark=self.marks[-1],
            since=self._since,
            # Of a run within another, its neighbours are not.
            started_by_us=orphans.own if orphans.are_adopted and len(self.marks) == 1 else None,
        )

    def _signal_children(self, number: int) -> list[int]:
        """Signal all that are there; the numbers of those of whom the system refuses it."""
        refused = []
        for child in self._course.children:
            try:
                child.send_signal(number)
            except PermissionError:
                refused.append(child.pid)
        for inner in tuple(self._inner):
            refused += inner._signal_children(number)
        return refused

    def _stop(self, grace: float | None, ask: int) -> Result:
        if self._turn.is_mine:
            # A sink or a signal's handler calls: what it has interrupted must not be served beneath it.
            self._stop_tree(grace, Ends.wait, ask)
            self._course.give_up_streams()
            return self._finish()
        try:
            if self._turn.take(time.monotonic()):
                if self._result is None:
                    self._stop_tree(grace, self._course.serve_until, ask)
                return self._finish()
            self._stop_tree(grace, Ends.wait, ask)
            self._hurry(_DRAIN_SECONDS)
            self._turn.take(None)
            return self._finish()
        finally:
            self._turn.give()

    def _kill(self) -> None:
        """End it at once, whatever its sinks say and however often somebody presses Ctrl-C."""
        if self._result is not None or not self._course.work:
            return
        with held_back():
            self._stop_tree(0, Ends.wait)
            self._hurry(0)
            is_mine = self._turn.is_mine
            # Not for ever: a sink may be at work in another thread, and never return.
            if is_mine or self._turn.take(time.monotonic() + _DRAIN_SECONDS):
                try:
                    self._course.give_up_streams()
                    self._finish()
                finally:
                    if not is_mine:
                        self._turn.give()

    def _stop_tree(self, grace: float | None, serve: Serve, ask: int = _SIGTERM) -> None:
        self._note_stop()
        self._stop_began = self._stop_began or time.monotonic()
        patience = self.pipeline.options.grace if grace is None else grace
        try:
            self._reports.append(end(self.members(), grace=patience, serve=serve, ask=ask))
        except OSError as error:
            if error.errno not in _NO_DESCRIPTORS:
                raise
            # To look at the table of processes takes one; to kill our own children takes none.
            self._signal_children(_SIGKILL)
            raise ProcrunError(
                explain(
                    "the run could not be stopped in order: too many open files",
                    details=["its own programs were killed; what these have started may still run"],
                    hint="close files, run less at the same time, or raise the limit (`ulimit -n`)",
                )
            ) from error
        for inner in tuple(self._inner):
            inner._hurry(_DRAIN_SECONDS / 2)

    def _note_stop(self) -> None:
        """Note that the run is being stopped, and so are those within it: nothing more is started in any of them."""
        self.is_stopping = True
        for inner in tuple(self._inner):
            inner._note_stop()

    def _hurry(self, seconds: float) -> None:
        """Let whoever waits for the run give it up soon, and those within it sooner."""
        self._course.hurry(time.monotonic() + seconds)
        for inner in tuple(self._inner):
            inner._hurry(seconds / 2)

    def _finish(self) -> Result:
        """Close everything and put the result together."""
        if self.is_stopping and self._result is None:
            limit = time.monotonic() + _DRAIN_SECONDS
            self._course.hurry(limit)
            self._course.settle_regardless(limit)
        if self._result is not None:
            return self._result  # Also when a sink has stopped the run: it was finished beneath us.
        with held_back():
            return self._conclude()

    def _conclude(self) -> Result:
        ended = time.monotonic()
        report = self._report()
        error, origin = self._course.first_error(self._error)
        self._course.close()
        if self.guard is not None:
            self.guard.close()
        if self.is_stopping:
            # Whoever may still hold the pipes that the caller reads.
            give_up(self._course.wiring.callers_outputs)
        self._result = make_result(
            self.pipeline,
            self._course,
            started=self.started,
            duration=max((part.ended or ended for part in self._course.work), default=ended) - self._clock,
            timed_out=self._timed_out,
            was_idle=self._was_idle,
            stop_report=report,
            error=error,
            error_from=origin,
        )
        return self._result

    def _report(self) -> StopReport | None:
        """What all stops of the run have come to; None when it has ended by itself."""
        if not self._reports:
            return None
        report = self._reports[0]
        for later in self._reports[1:]:
            report = report.followed_by(later)
        return replace(
            report,
            survivors=report.survivors + self._course.stuck(),
            holders=find_holders(self._course.wiring),
            # With the time in which streams and functions were waited for, whose processes have ended.
            seconds=time.monotonic() - self._stop_began,
        )


def _asking(signal: AnySignal) -> int:
    """The number of a signal that asks to end; its names are looked up here, for most runs need none."""
    from procrun.signals.sending import asking_signal

    return asking_signal(signal)
