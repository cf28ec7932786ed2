"""threading — threads, locks and events, by the names that Python 2 had for them.

Today's `threading` with what it lacks or warns of: `Thread.isAlive`, `currentThread`,
`activeCount`, `getName`, `setName`, `isDaemon`, `setDaemon`, `isSet`, `notifyAll`, the classes
`_Timer`, `_Event`, `_Condition`, `_Semaphore`, `_BoundedSemaphore`, `_RLock`, `_Verbose`, and
the parameter `verbose`, which is accepted and ignored. Every other name is that of the live
module, whose threads, locks and functions these are: both may be used together.

Importing this module gives the real class Thread the old methods too, because the main thread
and threads that others started are of that class, and leaves attributes such as `_stop` to its
subclasses (docs/legacy.md); `procrun.uninstall()` ends that. Do not put it in place of
`threading` in `sys.modules`; `procrun.install()` gives the live module the names instead.

What differs from Python 2: `verbose` writes no notes; `Condition.wait` returns whether it was
notified; `RLock.acquire` returns a bool. All differences: docs/legacy.md.
"""

from __future__ import annotations

import _thread
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from threading import active_count, current_thread, enumerate, local, setprofile, settrace, stack_size
from typing import Any

from procrun.legacy.install import apply
from procrun.legacy.live_threading import Verbose, named_as_before, newname, pick_some_non_daemon_thread, thread_changes

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

apply(thread_changes())

activeCount = active_count
currentThread = current_thread
Lock = _thread.allocate_lock

ThreadError = threading.ThreadError

_VERBOSE = False
_Verbose = Verbose
_RLock = type(threading.RLock())
_allocate_lock = _thread.allocate_lock
_get_ident = _thread.get_ident
_start_new_thread = _thread.start_new_thread
_newname = newname
_pickSomeNonDaemonThread = pick_some_non_daemon_thread
_format_exc = traceback.format_exc
_sleep = time.sleep
_time = time.time


def RLock(verbose: Any = None) -> Any:
    """A lock that the thread that holds it may acquire again, and releases as often."""
    return _RLock()


class Thread(threading.Thread):
    """A thread: override `run`, or give a `target`; then `start` it. It is named `Thread-1` and so on.

    Attributes whose names begin with an underscore are the subclass's own to use, as they were.
    """

    @named_as_before
    def __init__(  # noqa: PLR0917 — Python 2's signature
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        verbose: Any = None,
        **rest: Any,
    ) -> None:
        super().__init__(group, target, name, args, kwargs, **rest)

    _note = Verbose._note


class Timer(threading.Timer, Thread):
    """A thread that waits some seconds, unless it is cancelled, and then calls a function."""


class Event(threading.Event):
    """A flag that threads can wait for."""

    def __init__(self, verbose: Any = None) -> None:
        super().__init__()

    isSet = threading.Event.is_set
    _note = Verbose._note


class Condition(threading.Condition):
    """A lock with which threads wait until others notify them."""

    def __init__(self, lock: Any = None, verbose: Any = None) -> None:
        super().__init__(lock)

    notifyAll = threading.Condition.notify_all
    _note = Verbose._note


class Semaphore(threading.Semaphore):
    """A counter: `acquire` lowers it and waits while it is 0, `release` raises it."""

    def __init__(self, value: int = 1, verbose: Any = None) -> None:
        super().__init__(value)

    _note = Verbose._note


class BoundedSemaphore(threading.BoundedSemaphore, Semaphore):
    """A Semaphore whose counter may not rise above its first value: ValueError."""

    def __init__(self, value: int = 1, verbose: Any = None) -> None:
        super().__init__(value)


# In Python 2 these were the classes, and the names without an underscore functions that made one.
_Timer, _Event, _Condition, _Semaphore, _BoundedSemaphore = Timer, Event, Condition, Semaphore, BoundedSemaphore


def __getattr__(name: str) -> Any:
    return getattr(threading, name)
