"""Everything of a run that has to end, and one way to wait for all of it.

First the streams and, where the system lets a process be polled like a stream, the children;
then the rest in turn. One monotonic deadline bounds it all, since a stream may outlive every child
(docs/gotchas.md#grandchild).
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Union

from procrun import system
from procrun.engine.child import Child
from procrun.engine.function import FunctionRun
from procrun.engine.pump import Feeder
from procrun.engine.sink import SinkFailed
from procrun.engine.stdio import Wiring
from procrun.engine.task import Task
from procrun.signals.handlers import can_handle_signals
from procrun.signals.report import Survivor
from procrun.signals.wakeup import Wakeup
from procrun.system.ends import Ends

Work = Union[Child, FunctionRun]

_WHY_STUCK = "it works in a thread of this process, which cannot be killed"


class Course:
    """The parts of one run, from its start until all have ended."""

    def __init__(self, work: tuple[Work, ...], wiring: Wiring, feeders: tuple[Feeder, ...] = ()) -> None:
        self.work = work
        self.wiring = wiring
        self.children = tuple(part for part in work if isinstance(part, Child))
        self.feeders = feeders
        self.tasks: tuple[Task, ...] = (*(part for part in work if isinstance(part, FunctionRun)), *feeders)
        self._wake: system.Wake | None = None
        self._limit: float | None = None
        self._error: BaseException | None = None

    @property
    def is_given_up(self) -> bool:
        """Whether the limit that `hurry` set has passed."""
        return self._limit is not None and time.monotonic() >= self._limit

    def start(self) -> None:
        """Start the threads. Raises RuntimeError or OSError when the system has no room for them."""
        if self.tasks:
            self.make_wakeable()
        if len(self.work) > 1 or self.wiring.streams:
            for child in self.children:
                child.watch()
        for task in self.tasks:
            assert self._wake is not None
            task.start(self._wake)

    def make_wakeable(self) -> None:
        """Let other threads end a `settle`, by `hurry`, before anything of it has ended."""
        if self._wake is None:
            hears = bool(self.tasks) and can_handle_signals()
            self._wake = system.make_wake(Wakeup().descriptor if hears else -1)

    def settle(self, deadline: float | None) -> bool:
        """Serve and wait until everything has ended (True), or the deadline or the limit has passed (False)."""
        with self._wakeup() as wakeup:
            while not self._settle(self._patience(deadline)):
                # It may have been woken: a function has ended, another thread has set a limit, or a signal has come.
                if wakeup is not None:
                    wakeup.wait(0)
                until = earliest(deadline, self._limit)
                if until is not None and time.monotonic() >= until:
                    return False
        return True

    def settle_regardless(self, deadline: float) -> bool:
        """Settle while the run is being stopped: a sink that fails must not keep it alive, or its children unreaped."""
        for _ in range(len(self.wiring.streams) + len(self.wiring.endings) + 1):
            try:
                return self.settle(deadline)
            except Exception as error:
                # Its stream is closed now, so that each can fail but once.
                self._error = self._error or error
        return False

    def hurry(self, limit: float) -> None:
        """Let whoever is in `settle` give up at a monotonic time, or before: the processes of the run have been ended.

        What they have written is there to be read; only what works in a thread of this process may write more.
        """
        self._limit = limit if self._limit is None else min(limit, self._limit)
        self._press(self._limit)
        if self._wake is not None:
            self._wake.set()

    def serve_until(self, ends: Ends, deadline: float) -> None:
        """Serve the streams and reap the children until some processes have ended, or the deadline has passed.

        A sink that fails must not keep the run alive: its stream is closed then, so that each can fail but once.
        """
        while not ends.is_done and time.monotonic() < deadline:
            watched: list[system.Stream] = [child for child in self.children if child.watch()]
            streams = [stream for stream in (*self.wiring.streams, *watched) if not stream.is_done]
            until = ends.limit(deadline)
            if not streams:
                ends.wait(until)
                continue
            self._press(deadline)
            try:
                system.serve_streams(streams, until, ends if ends.descriptors else None)
            except Exception as error:
                self._error = self._error or error
            ends.clear()

    def stuck(self) -> tuple[Survivor, ...]:
        """What works in a thread of this process and has not ended."""
        return tuple(Survivor(None, task.name, _WHY_STUCK) for task in self.tasks if not task.has_ended)

    def give_up_streams(self) -> None:
        """Close our ends, so that nothing waits for them any more."""
        for stream in self.wiring.streams:
            stream.close()

    def discard(self) -> None:
        """Give up the threads that could not be started."""
        for task in self.tasks:
            task.discard()

    def close(self) -> None:
        """Close whatever is still open of our ends."""
        self.give_up_streams()
        for child in self.children:
            # Without pidfds those of a stream that somebody holds have not been looked at.
            child.wait(time.monotonic())
            child.close()
        for output in self.wiring.outputs:
            output.close()
        for buffer in self.wiring.buffers.values():
            buffer.close()
        if self._wake is not None:
            self._wake.close()

    def first_error(self, raised: BaseException | None) -> tuple[BaseException | None, str]:
        """What has failed the run from inside, and whence, unless from a stage; `raised` is what came out of it."""
        if raised is None:
            inside = [*((part.error, "") for part in self.work), *((feeder.error, "input") for feeder in self.feeders)]
            for error, origin in inside:
                if error is not None:
                    return error, origin
        last = raised or self._error
        return (last.error, last.stream) if isinstance(last, SinkFailed) else (last, "")

    def _wakeup(self) -> AbstractContextManager[Wakeup | None]:
        """Where there are other threads, one of them may be given a signal (docs/gotchas.md#other-thread)."""
        return Wakeup() if self.tasks and can_handle_signals() else nullcontext()

    def _tasks_have_ended(self) -> bool:
        return all(task.has_ended for task in self.tasks)

    def _patience(self, deadline: float | None) -> float | None:
        """Until when to wait for what comes next, and no longer than until the deadline or the limit."""
        until = earliest(deadline, self._limit)
        if self._limit is None or not self._tasks_have_ended():
            return until
        children = [child for child in self.children if child.watch()]
        is_quiet = system.are_quiet([stream for stream in (*self.wiring.streams, *children) if not stream.is_done])
        if is_quiet is None:
            return until
        if is_quiet:
            # Whoever holds a pipe now is not ours to wait for.
            self._limit = time.monotonic()
        return time.monotonic()

    def _press(self, until: float) -> None:
        """Let no sink take longer than until a monotonic time, as far as can be told."""
        for stream in self.wiring.streams:
            stream.until = until

    def _settle(self, until: float | None) -> bool:
        streams = self.wiring.streams
        if self._wake is None and len(self.children) == 1 and not streams:
            # Nothing to serve meanwhile: one wait costs less than watching.
            return self.children[0].wait(until)
        watched: list[system.Stream] = [child for child in self.children if child.watch()]
        if not system.serve_streams([*streams, *watched], until, self._wake):
            return False
        if not all(child.wait(until) for child in self.children):
            return False
        if self._wake is not None and not self._tasks_have_ended():
            self._wake.wait(until)
            if not self._tasks_have_ended():
                return False
        for task in self.tasks:
            task.join()
        while self.wiring.endings:
            stream, end = self.wiring.endings.pop()
            try:
                end()
            except Exception as error:
                raise SinkFailed(stream, error) from error
        return True


def earliest(*moments: float | None) -> float | None:
    """The first of several monotonic times, of which None never comes."""
    return min((moment for moment in moments if moment is not None), default=None)
