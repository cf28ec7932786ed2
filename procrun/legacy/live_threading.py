"""What Python 2 programs expect of `threading` and today's lacks, as changes to the live module.

`install()` makes all of them, `procrun.legacy.threading` those of `Thread`, since the main
thread's object is of the real class. The module itself is never replaced: at exit the
interpreter asks it to wait for the threads that still run.
"""

from __future__ import annotations

import _thread
import functools
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

Change = tuple[Any, str, Any]
"""A module or class, the name of an attribute, and its new value."""

_MISSING = object()

# The property itself, because a subclass may have a `name` of its own.
_NAME: Any = threading.Thread.name

OUR_OWN = tuple(
    name
    for name in (
        *("_stop", "_started", "_initialized", "_is_stopped", "_tstate_lock", "_handle"),
        # From Python 3.14.
        *("_os_thread_handle", "_context"),
    )
    if name in vars(threading.Thread) or name in vars(threading.main_thread())
)
"""Attributes by which this Python's Thread starts and ends."""

# The public names that today's `from threading import *` leaves out.
_PUBLIC = ("activeCount", "currentThread")

_make_name: Any = vars(threading)["_newname"]


def thread_changes() -> Iterator[Change]:
    """The old methods of Thread, without a warning, and attributes kept apart from those of subclasses."""
    for name in ("isAlive", "getName", "setName", "isDaemon", "setDaemon"):
        yield threading.Thread, name, vars(ThreadNames)[name]
    for name in OUR_OWN:
        if not isinstance(vars(threading.Thread).get(name), Private):
            yield threading.Thread, name, Private(name)
    yield threading.Thread, "__init_subclass__", classmethod(_keep_apart)


def module_changes() -> Iterator[Change]:
    """The old names of functions and classes, and the parameter `verbose`, which is ignored."""
    for name in ("Timer", "Event", "Condition", "Semaphore", "BoundedSemaphore"):
        yield threading, f"_{name}", getattr(threading, name)
    yield threading, "_RLock", type(threading.RLock())
    yield threading, "_Verbose", Verbose
    for cls in (threading.Thread, threading.Event, threading.Condition, threading.Semaphore):
        yield cls, "_note", Verbose._note
    yield threading, "_VERBOSE", False
    yield threading, "_start_new_thread", _thread.start_new_thread
    yield threading, "_get_ident", _thread.get_ident
    yield threading, "_sleep", time.sleep
    yield threading, "_format_exc", traceback.format_exc
    yield threading, "_newname", newname
    yield threading, "_pickSomeNonDaemonThread", pick_some_non_daemon_thread
    yield threading, "currentThread", threading.current_thread
    yield threading, "activeCount", threading.active_count
    yield threading, "__all__", [*threading.__all__, *(name for name in _PUBLIC if name not in threading.__all__)]
    yield threading.Event, "isSet", threading.Event.is_set
    yield threading.Condition, "notifyAll", threading.Condition.notify_all
    yield threading, "RLock", without_verbose(threading.RLock, 0)
    yield threading.Event, "__init__", without_verbose(threading.Event.__init__, 1)
    yield threading.Condition, "__init__", without_verbose(threading.Condition.__init__, 2)
    yield threading.Semaphore, "__init__", without_verbose(threading.Semaphore.__init__, 2)
    yield threading.BoundedSemaphore, "__init__", without_verbose(threading.BoundedSemaphore.__init__, 2)
    yield threading.Thread, "__init__", named_as_before(without_verbose(threading.Thread.__init__, 6))


class ThreadNames:
    """The methods of Thread whose names are older than PEP 8."""

    name: str
    daemon: bool

    def is_alive(self) -> bool:
        """Whether the thread has been started and has not ended."""
        raise NotImplementedError

    def isAlive(self) -> bool:
        """Whether the thread has been started and has not ended."""
        return self.is_alive()

    def getName(self) -> str:
        """The thread's name."""
        return self.name

    def setName(self, name: Any) -> None:
        """Set the thread's name."""
        self.name = name

    def isDaemon(self) -> bool:
        """Whether the program may end without waiting for the thread."""
        return self.daemon

    def setDaemon(self, daemonic: Any) -> None:
        """Set, before the start, whether the program may end without waiting for the thread."""
        self.daemon = daemonic


class Verbose:
    """What the classes of `threading` derived from; with `verbose` they wrote notes, which none does here."""

    def __init__(self, verbose: Any = None) -> None: ...

    def _note(self, format: str, *args: Any) -> None: ...


class Private:
    """An attribute of Thread, apart from one of the same name that the code of a subclass sets.

    Python 2 mangled the names of Thread's attributes, so that programs could call an attribute
    of their own `self._stop`, and they do. Here the reader decides: code in `threading` finds
    its own value, where it always is, all other code the one that it has set.
    """

    def __init__(self, name: str, of_class: Any = _MISSING) -> None:
        """Begin with Thread's own; `of_class` is the method or value that the class of a subclass has."""
        self._name = name
        self._theirs = f"_{name}_of_subclass"
        self._of_class = of_class
        before: Any = vars(threading.Thread).get(name, _MISSING)
        self._default: Any = before._default if isinstance(before, Private) else before

    def __get__(self, thread: threading.Thread | None, owner: Any = None) -> Any:
        if not _called_by_threading():
            if thread is not None and self._theirs in vars(thread):
                return vars(thread)[self._theirs]
            if self._of_class is not _MISSING:
                return _bound(self._of_class, thread, owner)
        return self._own_value(thread, owner)

    def __set__(self, thread: threading.Thread, value: Any) -> None:
        if _called_by_threading():
            vars(thread)[self._name] = value
            return
        vars(thread)[self._theirs] = value
        cls = type(thread)
        # In the class of the subclass it stays when `uninstall()` takes it from Thread.
        if cls.__module__ != threading.__name__ and self._name not in vars(cls):
            setattr(cls, self._name, Private(self._name))

    def __delete__(self, thread: threading.Thread) -> None:
        key = self._theirs if not _called_by_threading() and self._theirs in vars(thread) else self._name
        if key not in vars(thread):
            raise AttributeError(self._name)
        del vars(thread)[key]

    def _own_value(self, thread: threading.Thread | None, owner: Any) -> Any:
        if thread is not None and self._name in vars(thread):
            return vars(thread)[self._name]
        if self._default is _MISSING:
            raise AttributeError(f"'{owner.__name__}' object has no attribute '{self._name}'")
        return _bound(self._default, thread, owner)


def newname(template: str = "Thread-%d") -> str:
    """The next of the numbered names for threads."""
    return str(_make_name(template))


def pick_some_non_daemon_thread() -> threading.Thread | None:
    """A thread for whose end the program would wait, or None."""
    return next((thread for thread in threading.enumerate() if not thread.daemon and thread.is_alive()), None)


def without_verbose(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function, accepting also `verbose`: as a keyword, or after `count` other positional arguments."""

    @functools.wraps(function)
    def accept(*args: Any, **keywords: Any) -> Any:
        keywords.pop("verbose", None)
        return function(*(args[:count] if len(args) == count + 1 else args), **keywords)

    return accept


def named_as_before(initialize: Callable[..., None]) -> Callable[..., None]:
    """Thread's `__init__`, giving the name `Thread-1` where today's gives `Thread-1 (function)`."""

    @functools.wraps(initialize)
    def __init__(self: threading.Thread, *args: Any, **keywords: Any) -> None:
        initialize(self, *args, **keywords)
        name = keywords.get("name") or (args[2] if len(args) > 2 else None)
        if not name:
            _NAME.fset(self, _NAME.fget(self).partition(" (")[0])

    return __init__


def _keep_apart(cls: type[threading.Thread], /, **keywords: Any) -> None:
    """See to what a new subclass, or a class that it derives from beside Thread, has by names of Thread's own."""
    super(threading.Thread, cls).__init_subclass__(**keywords)
    for name in OUR_OWN:
        value = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), _MISSING)
        if value is not _MISSING and not isinstance(value, Private):
            setattr(cls, name, Private(name, value))


def _bound(value: Any, thread: threading.Thread | None, owner: Any) -> Any:
    """The value of an attribute of a class, as an object of it has it."""
    bind = getattr(value, "__get__", None)
    return bind(thread, owner) if bind else value


def _called_by_threading() -> bool:
    return sys._getframe(2).f_globals is vars(threading)
