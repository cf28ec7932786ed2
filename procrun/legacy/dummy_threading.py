"""dummy_threading — the `threading` module for a Python without threads: `start()` runs the thread to its end.

Python 2's module of this name, with all of the names in `threading.__all__` there. While a
thread runs, `currentThread()` is that thread, and the program that started it waits. What can
only be waited for is not waited for: a lock that is held is acquired all the same, `wait()`
returns at once, and with a timeout sleeps for it.

What differs from Python 2, which had bugs here: acquiring a Semaphore at 0 does not spin for
ever; the main thread is still in `enumerate()` after another has run; `local` keeps each
thread's data apart. All differences: docs/legacy.md.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import traceback
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from procrun.legacy import dummy_thread
from procrun.legacy.dummy_locks import BoundedSemaphore, Condition, Event, RLock, Semaphore
from procrun.legacy.dummy_thread import allocate_lock as Lock, error as ThreadError, stack_size  # noqa: F401

__all__ = [
    "activeCount",
    "active_count",
    "Condition",
    "currentThread",
    "current_thread",
    "enumerate",
    "Event",
    "Lock",
    "RLock",
    "Semaphore",
    "BoundedSemaphore",
    "Thread",
    "Timer",
    "setprofile",
    "settrace",
    "local",
    "stack_size",
]

_Hook = Callable[..., Any]
_trace_hook: _Hook | None = None
_profile_hook: _Hook | None = None


_new_number = itertools.count(1).__next__
_running: list[Thread] = []


class Thread:
    """Something to do: `run`, or the function `target`. `start` does it and returns when it is done.

    Its attributes are mangled, as they were, so that those of a subclass are its own.
    """

    __is_initialized = False

    def __init__(  # noqa: PLR0917 — Python 2's signature
        self,
        group: None = None,
        target: Callable[..., Any] | None = None,
        name: Any = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        verbose: Any = None,
    ) -> None:
        assert group is None, "group argument must be None for now"
        self.name = str(name or f"Thread-{_new_number()}")
        self.__work = (target, args, kwargs or {})
        self.__was_started = self.__has_ended = False
        self.__is_daemon = bool(_running) and current_thread().daemon
        self.__is_initialized = True

    def __repr__(self) -> str:
        state = "stopped" if self.__has_ended else "started" if self.__was_started else "initial"
        daemon = " daemon" if self.__is_daemon else ""
        ident = f" {self.ident}" if self.__was_started else ""
        return f"<{type(self).__name__}({self.name}, {state}{daemon}{ident})>"

    @property
    def ident(self) -> int | None:
        """-1 once it was started, as of every thread; None before."""
        return dummy_thread.get_ident() if self.__was_started else None

    @property
    def daemon(self) -> bool:
        """A flag without a meaning here. Setting it after the start raises RuntimeError."""
        self.__check_initialized()
        return self.__is_daemon

    @daemon.setter
    def daemon(self, value: Any) -> None:
        self.__check_initialized()
        if self.__was_started:
            raise RuntimeError("cannot set daemon status of active thread")
        self.__is_daemon = bool(value)

    def start(self) -> None:
        """Call `run` and return when it has ended; an exception is printed, SystemExit silent.

        Raises RuntimeError for a second start.
        """
        self.__check_initialized()
        if self.__was_started:
            raise RuntimeError("threads can only be started once")
        self.__was_started = True
        dummy_thread.start_new_thread(self.__run_as_current, ())

    def run(self) -> None:
        """Call the target."""
        target, args, kwargs = self.__work
        if target:
            target(*args, **kwargs)

    def join(self, timeout: float | None = None) -> None:
        """Return at once. Raises RuntimeError before the start and for the running thread itself."""
        self.__check_initialized()
        if not self.__was_started:
            raise RuntimeError("cannot join thread before it is started")
        if self is current_thread():
            raise RuntimeError("cannot join current thread")

    def is_alive(self) -> bool:
        """Whether it runs."""
        self.__check_initialized()
        return self.__was_started and not self.__has_ended

    isAlive = is_alive

    def getName(self) -> str:
        """The thread's name."""
        return self.name

    def setName(self, name: Any) -> None:
        """Set the thread's name."""
        self.name = str(name)

    def isDaemon(self) -> bool:
        """The flag `daemon`."""
        return self.daemon

    def setDaemon(self, daemonic: Any) -> None:
        """Set the flag `daemon`, before the start."""
        self.daemon = daemonic

    def __check_initialized(self) -> None:
        if not self.__is_initialized:
            raise RuntimeError("thread.__init__() not called")

    def __run_as_current(self) -> None:
        _running.append(self)
        try:
            with _hooks():
                self.run()
        except SystemExit:
            return
        except BaseException:
            sys.stderr.writelines([f"Exception in thread {self.name}:\n", traceback.format_exc()])
        finally:
            _running.pop()
            self.__has_ended = True


class Timer(Thread):
    """A thread that sleeps for some seconds, unless it was cancelled, and then calls a function."""

    def __init__(
        self,
        interval: float,
        function: Callable[..., Any],
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.interval, self.function = interval, function
        self.args, self.kwargs = args or [], kwargs or {}
        self.finished = Event()

    def cancel(self) -> None:
        """Keep the function from being called."""
        self.finished.set()

    def run(self) -> None:
        """Sleep, then call."""
        self.finished.wait(self.interval)
        if not self.finished.is_set():
            self.function(*self.args, **self.kwargs)
        self.finished.set()


class local:
    """Attributes of which each thread has its own; a subclass's `__init__` runs once in each."""

    __slots__ = ("__arguments", "__dict__", "__of_threads", "__weakref__")

    def __new__(cls, *args: Any, **kwargs: Any) -> local:
        self = super().__new__(cls)
        object.__setattr__(self, "_local__arguments", (args, kwargs))
        object.__setattr__(self, "_local__of_threads", weakref.WeakKeyDictionary({current_thread(): {}}))
        return self

    def __getattribute__(self, name: str) -> Any:
        _switch(self)
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _switch(self)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        _switch(self)
        object.__delattr__(self, name)


def _switch(values: local) -> None:
    """Make the running thread's attributes the object's own."""
    of_threads = object.__getattribute__(values, "_local__of_threads")
    attributes = of_threads.get(current_thread())
    is_new = attributes is None
    if is_new:
        attributes = of_threads[current_thread()] = {}
    object.__setattr__(values, "__dict__", attributes)
    if is_new and type(values).__init__ is not object.__init__:
        args, kwargs = object.__getattribute__(values, "_local__arguments")
        type(values).__init__(values, *args, **kwargs)


class _MainThread(Thread):
    """The thread that the program began with."""

    def __init__(self) -> None:
        super().__init__(name="MainThread")
        vars(self)["_Thread__was_started"] = True


_running.append(_MainThread())


def current_thread() -> Thread:
    """The thread that runs."""
    return _running[-1]


def enumerate() -> list[Thread]:
    """The threads that are alive: the main thread, and those that are being run."""
    return list(_running)


def active_count() -> int:
    """How many threads are alive."""
    return len(_running)


currentThread = current_thread
activeCount = active_count


def settrace(func: _Hook | None) -> None:
    """Have threads run with this trace function, as `sys.settrace` describes it."""
    global _trace_hook  # noqa: PLW0603
    _trace_hook = func


def setprofile(func: _Hook | None) -> None:
    """Have threads run with this profile function, as `sys.setprofile` describes it."""
    global _profile_hook  # noqa: PLW0603
    _profile_hook = func


@contextlib.contextmanager
def _hooks() -> Iterator[None]:
    """Run with the hooks for threads, if there are any, and give the main thread its own back."""
    trace, profile = sys.gettrace(), sys.getprofile()
    if _trace_hook:
        sys.settrace(_trace_hook)
    if _profile_hook:
        sys.setprofile(_profile_hook)
    try:
        yield
    finally:
        if _trace_hook:
            sys.settrace(trace)
        if _profile_hook:
            sys.setprofile(profile)
