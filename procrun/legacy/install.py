"""Give Python 2 programs their modules and names back, for this process, until `uninstall()`.

`import procrun` changes nothing; `install()` does, and remembers what was there. It never
replaces the modules `threading`, `signal` and `queue`, which Python itself uses.
"""

from __future__ import annotations

import importlib
import io
import os as _os
import sys
import threading as _threading
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from procrun.legacy import live_threading
from procrun.legacy.live_threading import Change

MODULES = ("commands", "popen2", "pipes", "thread", "Queue", "dummy_thread", "dummy_threading")
"""The modules that become importable by their old names."""

_MISSING: Any = object()


def install(
    *,
    modules: bool | Iterable[str] = True,
    os: bool = True,
    threading: bool = True,
    sleep: bool = True,
    stdout: bool = False,
) -> None:
    """Make this process run Python 2 code that uses processes and threads. Twice is the same as once.

    `modules`: `import commands` and the other names of `MODULES`, or those of them that are
    given. A module of such a name that the program has already imported from elsewhere stays;
    the `pipes` that Python has until 3.12 is replaced.
    `os`: the functions `os.popen2`, `os.popen3`, `os.popen4`.
    `threading`: the names that the live `threading` lacks or warns of (`Thread.isAlive`,
    `currentThread`, `_Timer`, `verbose=`, …), names like `Thread-1` for threads, and attributes
    of Thread such as `_stop` left to subclasses.
    `sleep`: `time.sleep` in the main thread ends early when a signal handler has run. Code that
    has said `from time import sleep` before keeps the one it has.
    `stdout`: text with bytes that were no text can be printed, and comes out as those bytes.

    Threads that run at this moment may see the old and the new names mixed, so call it first.

    >>> import procrun
    >>> procrun.install()
    >>> import commands
    >>> commands.getoutput("echo a")
    'a'
    >>> procrun.uninstall()

    Raises ValueError for the name of a module that is not in `MODULES`.
    """
    _install(modules, os, threading, sleep, stdout)


def uninstall() -> None:
    """Undo all that `install()` did: every object that was there is there again.

    What somebody else has replaced since then is left to them. Modules that were imported
    meanwhile stay usable by those who hold them.
    """
    with _lock:
        _undo(list(_journal))


@contextmanager
def installed(
    *,
    modules: bool | Iterable[str] = True,
    os: bool = True,
    threading: bool = True,
    sleep: bool = True,
    stdout: bool = False,
) -> Iterator[None]:
    """`install()` for the time of a `with` statement; what was installed before it stays installed.

    >>> import procrun
    >>> with procrun.installed():
    ...     import Queue
    >>> Queue.Queue().qsize()
    0
    """
    added = _install(modules, os, threading, sleep, stdout)
    try:
        yield
    finally:
        with _lock:
            _undo(added)


def apply(changes: Iterable[Change]) -> list[_Key]:
    """Make changes that `uninstall()` undoes, all or none; those that are in force are left out."""
    with _lock:
        made: list[_Key] = []
        try:
            for holder, name, value in changes:
                key = id(holder), name
                if key not in _journal:
                    _journal[key] = _Entry(holder, name, _get(holder, name), value)
                    made.append(key)
                    _set(holder, name, value)
        except BaseException:
            _undo(made)
            raise
        return made


_Key = tuple[int, str]


class _Entry(NamedTuple):
    """One change: whose name had which value before, and has which now."""

    holder: Any
    name: str
    before: Any
    now: Any


_lock = _threading.RLock()
_journal: dict[_Key, _Entry] = {}


def _install(modules: bool | Iterable[str], os: bool, threading: bool, sleep: bool, stdout: bool) -> list[_Key]:
    names = MODULES if modules is True else tuple(modules or ())
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        raise ValueError(f"no legacy module `{unknown[0]}`; there are: {', '.join(MODULES)}")
    changes: list[Change] = []
    changes += _module_changes(names)
    if os:
        changes += _os_changes()
    if sleep:
        changes += _sleep_changes()
    if threading:
        changes += live_threading.thread_changes()
        changes += live_threading.module_changes()
    if stdout:
        changes += _stdout_changes()
    return apply(changes)


def _module_changes(names: Iterable[str]) -> Iterator[Change]:
    for name in names:
        if name not in sys.modules or name in sys.stdlib_module_names:
            with warnings.catch_warnings():
                # popen2 says on import that it is deprecated; who calls install() knows.
                warnings.simplefilter("ignore", DeprecationWarning)
                module = importlib.import_module(f"procrun.legacy.{name}")
            yield sys.modules, name, module


def _os_changes() -> Iterator[Change]:
    from procrun.legacy import os_popen

    for name in os_popen.__all__:
        yield _os, name, getattr(os_popen, name)
    yield _os, "__all__", [*_os.__all__, *os_popen.__all__]


def _sleep_changes() -> Iterator[Change]:
    from procrun.legacy.time import sleep

    yield time, "sleep", sleep


def _stdout_changes() -> Iterator[Change]:
    # A stream that is no file, such as StringIO, takes any text as it is.
    if isinstance(sys.stdout, io.TextIOWrapper):
        yield sys.stdout, "errors", "surrogateescape"


def _get(holder: Any, name: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(name, _MISSING)
    if isinstance(holder, io.TextIOWrapper):
        return getattr(holder, name)
    return vars(holder).get(name, _MISSING)


def _set(holder: Any, name: str, value: Any) -> None:
    if isinstance(holder, dict):
        if value is _MISSING:
            del holder[name]
        else:
            holder[name] = value
    elif isinstance(holder, io.TextIOWrapper):
        holder.reconfigure(**{name: value})
    elif value is _MISSING:
        delattr(holder, name)
    else:
        setattr(holder, name, value)


def _undo(keys: list[_Key]) -> None:
    for key in reversed(keys):
        entry = _journal.pop(key, None)
        if entry is not None and _get(entry.holder, entry.name) is entry.now:
            _set(entry.holder, entry.name, entry.before)
