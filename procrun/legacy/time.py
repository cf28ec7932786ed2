"""time — `sleep` that a signal ends, and all the rest as it is.

Python 2's rule: `time.sleep` in the main thread returns early, silently, once a handler that
the program set with `signal.signal` has run. Since Python 3.5 (PEP 475) it sleeps on, so that

    signal.alarm(2)
    time.sleep(200)         # until the alarm

takes 200 seconds. `procrun.install()` and `from procrun.legacy import signal` give the rule
to the real `time.sleep`; here it is as a function of its own.

Everything else that waited went on after the handler in Python 2 as well (`Event.wait`,
`Queue.get`, reading a file); `os.read`, `select` and `Popen3.wait`, which raised EINTR, are
repeated today. All differences: docs/legacy.md.
"""

from __future__ import annotations

import functools
import operator
import os
import select
import signal
import socket
import threading
import time as _time
from time import *  # noqa: F403

from procrun.system.legacy import write_wakeup

_sleep_on = _time.sleep

# Below it `select` and `time.sleep` accept every number of seconds alike.
_LONGEST = 1e8

_divert_wakeup = functools.partial(signal.set_wakeup_fd, warn_on_full_buffer=False)

_diverted: list[int] = []
"""The wakeup descriptors that sleeping calls have put aside, innermost last (a handler may sleep too)."""


def sleep(seconds: float, /) -> None:  # type: ignore[no-redef]
    """Do nothing for some seconds; in the main thread, only until a Python signal handler has run.

    An exception that the handler raises comes out of `sleep`. Signals that are ignored, or have
    no handler of this program, do not end it, and each sleep is whole again. In other threads,
    and when no descriptor is left for waiting, it is today's `time.sleep`, which also says what
    is wrong with a number.
    """
    if not isinstance(seconds, (int, float)):
        seconds = operator.index(seconds)
    is_main = threading.get_ident() == threading.main_thread().ident
    if not (is_main and 0 < seconds < _LONGEST):
        _sleep_on(seconds)
        return
    try:
        ours, systems = socket.socketpair()
    except OSError:
        _sleep_on(seconds)
        return
    with ours, systems:
        ours.setblocking(False)
        systems.setblocking(False)
        _sleep_until_signal(seconds, ours, systems)


def _sleep_until_signal(seconds: float, ours: socket.socket, systems: socket.socket) -> None:
    """Wait for a byte that the interpreter sends when it has noted a signal for a Python handler.

    A wakeup descriptor is the way: `select` alone is repeated after a handler (PEP 475), and
    replacing handlers would show in `signal.getsignal`. asyncio has one too, so what came to ours
    is passed on to the one that was there.
    """
    depth = len(_diverted)
    try:
        # By `map`, because no handler runs between its call and its append: one that raises
        # KeyboardInterrupt there would lose the previous descriptor, and so asyncio its signals.
        _diverted.extend(map(_divert_wakeup, (systems.fileno(),)))
        _wait_readable(ours, seconds)
    finally:
        if len(_diverted) > depth:
            _restore_wakeup(_diverted.pop(), ours, systems)


def _wait_readable(end: socket.socket, seconds: float) -> None:
    try:
        select.select([end], [], [], seconds)
    except ValueError:  # a descriptor above FD_SETSIZE; `poll` takes it, but only whole milliseconds
        poller = select.poll()
        poller.register(end, select.POLLIN)
        poller.poll(seconds * 1000)


def _restore_wakeup(previous: int, ours: socket.socket, systems: socket.socket) -> None:
    """Put the previous wakeup descriptor back, unless a handler chose another, and give it our bytes."""
    found = signal.set_wakeup_fd(previous)
    if found != systems.fileno():
        signal.set_wakeup_fd(found)
        previous = found
    try:
        signals = ours.recv(65536)
    except BlockingIOError:
        return
    if previous >= 0:
        write_wakeup(previous, signals)


def _forget_in_child() -> None:
    """After a fork by another thread nobody sleeps here, and our descriptor would wake the parent."""
    if _diverted:
        signal.set_wakeup_fd(_diverted[0])
        _diverted.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
