"""A block that ends when its time is over: `deadline`.

In the main thread the interval timer raises the exception by its signal (`timer.py`), which also breaks off
waiting in the kernel. Elsewhere the watchdog asks the interpreter to raise it (PyThreadState_SetAsyncExc), which it
does between two steps of bytecode. What is promised in both cases: docs/signals.md#deadlines.
"""

from __future__ import annotations

import errno
import math
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from types import FrameType, TracebackType
from typing import Any
from weakref import ref

from procrun import status
from procrun.errors import ProcrunError, explain
from procrun.signals.handlers import require_main_interpreter
from procrun.signals.place import last_place, place_of
from procrun.signals.timer import timer
from procrun.signals.watchdog import Call, watchdog


class DeadlineExceeded(ProcrunError, TimeoutError):
    """The time of a `deadline` is over."""

    exit_code = status.TIMED_OUT

    def __init__(self, seconds: float | None = None, set_at: str = "", stopped_at: str = "") -> None:
        if seconds is None:
            # The interpreter raises it in a thread, and takes a class for that, not an exception.
            seconds, set_at = _claim(self)
        self.seconds = seconds
        """The time that the block had."""
        self.set_at = set_at
        """Where the deadline was set: file, line and function."""
        self.stopped_at = stopped_at
        """Where the block was when its time was over; empty when only its end told, and in a
        thread until the exception has left the block."""
        super().__init__(f"the deadline of {seconds:g} s is over")
        self.errno, self.strerror = errno.ETIMEDOUT, str(self.args[0])

    def __str__(self) -> str:
        places = [f"set at {self.set_at}"] if self.set_at else []
        if self.stopped_at:
            places.append(f"stopped at {self.stopped_at}")
        hint = "give it more time, or look at what takes so long there"
        return explain(str(self.args[0]), details=places, hint=hint)

    def placed(self, trace: TracebackType | None) -> DeadlineExceeded:
        """Itself, with the place where it was raised if it has none yet."""
        self.stopped_at = self.stopped_at or last_place(trace)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.seconds, self.set_at, self.stopped_at)


def deadline(seconds: float | None) -> Deadline:
    """End the block with DeadlineExceeded when it has run for so many seconds; None and `math.inf` set no limit.

    Deadlines nest: each ends its own block, so an inner one never extends an outer. A block that ends by itself,
    but late, ends with DeadlineExceeded too. After the block nothing arrives any more. It arrives once: code
    that swallows it goes on, and the end of the block raises it again.

    Main thread (POSIX): by SIGALRM, which also breaks off waiting in the kernel. A timer or a handler of SIGALRM
    that the program has set before is served meanwhile, and is back afterwards. Other threads, and Windows: at the next
    step of Python code, so a call into C that waits (`time.sleep`, `recv`) is waited for; `procrun.signals.sleep`
    ends in time. Computing in C is waited for everywhere. Not for coroutines, which have `asyncio.timeout`.

    Raises TypeError and ValueError for what is no number of seconds from 0 up, and on entering WrongThread in a
    sub-interpreter.

    >>> with deadline(5) as limit:
    ...     limit.seconds
    5
    """
    return Deadline(seconds, place_of(sys._getframe(1)))


def time_left() -> float | None:
    """Seconds until the first deadline around the caller is over, below 0 when it is; None without any."""
    dues = [block.due for block in _stack() if not block.is_fired]
    return min(dues) - time.monotonic() if dues else None


def check() -> None:
    """Raise DeadlineExceeded if a deadline around the caller is over: for loops that wait in small steps."""
    for block in _stack():
        if block.due <= time.monotonic():
            with watchdog.lock:
                if not block.is_fired:
                    raise block.fire(sys._getframe(1))


class Deadline:
    """The time of a block, as a context manager; `deadline` makes it."""

    def __init__(self, seconds: float | None, set_at: str) -> None:
        """See `deadline`. Raises TypeError and ValueError for what is no number of seconds from 0 up."""
        if seconds is not None and (not isinstance(seconds, (int, float)) or isinstance(seconds, bool)):
            raise TypeError(f"a deadline is a number of seconds, or None for no limit, not {seconds!r}")
        if seconds is not None and not seconds >= 0:
            raise ValueError(f"a deadline is a number of seconds from 0 up, not {seconds!r}")
        self.seconds = None if seconds == math.inf else seconds
        """The time that the block has; None without a limit."""
        self._set_at = set_at
        self._block: _Block | None = None
        self._error: DeadlineExceeded | None = None

    @property
    def left(self) -> float:
        """Seconds that the block has left, at least 0; infinite without a limit and outside the block."""
        return math.inf if self._block is None else max(0.0, self._block.due - time.monotonic())

    def __enter__(self) -> Deadline:
        if self._block is not None:
            raise RuntimeError("the block of this deadline has been entered already; make another: deadline(seconds)")
        if self.seconds is not None:
            self._block = _Block(self.seconds, self._set_at)
            self._block.belong_to(self)
            try:
                self._block.enter()
            except BaseException:
                self._leave()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        block = self._block
        try:
            self._leave()
        except BaseException:
            # Another handler's, such as KeyboardInterrupt: the rest of the way must be gone all the same.
            self._leave()
            raise
        late, self._error = self._error, None
        if error is None and block is not None and block.due <= time.monotonic():
            late = late or block.fire(None)
            try:
                raise late.placed(late.__traceback__)
            finally:
                # The exception's traceback has this frame, which must not have the exception.
                del late
        if isinstance(error, DeadlineExceeded):
            error.placed(trace)

    def _leave(self) -> None:
        if self._block is not None:
            self._block.leave()
        self._block = None


class _Block:
    """One run of a block: who watches it, and whether it has been told that its time is over."""

    def __init__(self, seconds: float, set_at: str) -> None:
        self.due = time.monotonic() + seconds
        self.is_fired = False
        self.is_awaited = False
        self.seconds = seconds
        self.set_at = set_at
        self._stack = _stack()
        self._thread = threading.current_thread()
        self._call: Call | None = None
        self._owner: ref[Deadline] | None = None

    def belong_to(self, deadline: Deadline) -> None:
        """Leave when the deadline is thrown away without being left.

        An exception can come between entering it and the note of it by an ExitStack. Not by `__del__`, which would
        be called at the end of every block, and swallow an exception that arrives then.
        """
        self._owner = ref(deadline, lambda _: self.leave())

    def enter(self) -> None:
        """Begin to be watched."""
        self._stack.append(self)
        if timer.is_usable:
            timer.watch(self)
        else:
            require_main_interpreter("`deadline` was called", "call it in the main interpreter")
            _async_exc()
            self._call = Call(self.due, self._fire_in_thread)
            watchdog.add(self._call)

    def leave(self) -> None:
        """End to be watched; so do the blocks within it that an exception has kept from it."""
        self._owner = None
        while self in self._stack:
            self._stack[-1]._end()
            self._stack.pop()

    def fire(self, frame: FrameType | None) -> DeadlineExceeded:
        """Note that the time is over, and give the exception to raise."""
        self.is_fired = True
        error = DeadlineExceeded(self.seconds, self.set_at, place_of(frame))
        self.keep(error)
        return error

    def keep(self, error: DeadlineExceeded) -> None:
        """Keep the exception until the block is left, in the deadline, which the exception's traceback may hold."""
        deadline = self._owner() if self._owner is not None else None
        if deadline is not None:
            deadline._error = error

    def _fire_in_thread(self) -> None:
        if self.is_fired:
            return
        self.is_fired = True
        # The number of a thread that has ended, in a generator's block say, may be another's by now.
        if self._thread.is_alive() and self._thread.ident is not None:
            # There is room for one exception in each thread, and one does for several blocks.
            if not any(block.is_awaited for block in self._stack):
                _async_exc()(self._thread.ident, DeadlineExceeded)
            self.is_awaited = True

    def _end(self) -> None:
        if self._call is None:
            timer.drop(self)
            return
        with watchdog.lock:
            # From here on none is asked for. One that has been asked for and has not come is taken back,
            # unless a block around this one awaits it too; it can still come until then.
            watchdog.cancel(self._call)
            if self.is_awaited and self._thread.ident is not None:
                if not any(block.is_awaited for block in self._stack if block is not self):
                    _async_exc()(self._thread.ident, None)
                self.is_awaited = False
                _own.last = self.seconds, self.set_at


timer.unbreakable |= {method.__code__ for method in (Deadline.__enter__, Deadline.__exit__, _Block.leave)}

_own = threading.local()


def _stack() -> list[_Block]:
    """The blocks with a deadline that the calling thread is in, outermost first."""
    stack: list[_Block] | None = getattr(_own, "stack", None)
    if stack is None:
        stack = _own.stack = []
    return stack


def _claim(error: DeadlineExceeded) -> tuple[float, str]:
    """Whose an exception is that the interpreter has made: of the outermost block that awaits one."""
    with watchdog.lock:
        awaiting = [block for block in _stack() if block.is_awaited]
        for block in awaiting:
            block.is_awaited = False
            block.keep(error)
    if awaiting:
        return awaiting[0].seconds, awaiting[0].set_at
    # Before 3.12 the interpreter makes the exception only where it is caught, and its block may be gone by then.
    last: tuple[float, str] = getattr(_own, "last", (0.0, ""))
    return last


@cache
def _async_exc() -> Callable[[int, type[BaseException] | None], None]:
    """PyThreadState_SetAsyncExc: raise an exception of the class in a thread, or take back (None) what has not come."""
    import ctypes

    call = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def set_async_exc(thread: int, kind: type[BaseException] | None) -> None:
        call(ctypes.c_ulong(thread), None if kind is None else ctypes.py_object(kind))

    return set_async_exc
