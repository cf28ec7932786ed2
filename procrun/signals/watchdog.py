"""Calls at a time, made by one daemon thread: for what the interval timer cannot serve.

That is deadlines outside the main thread, and on systems without such a timer everything. The
thread lives while there is something to call.
"""

from __future__ import annotations

import _thread
import os
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

# Less than the longest wait for a lock on any system (threading.TIMEOUT_MAX: 49 days on Windows).
_LONGEST = 86400.0


class Call:
    """Something to be called at a time."""

    def __init__(self, due: float, action: Callable[[], None]) -> None:
        self.due = due
        """When, on the monotonic clock."""
        self.action = action
        """What to call, in the watchdog's thread; it must be short and not raise."""
        self.owner = threading.get_ident()
        """The thread that wants it."""


class Watchdog:
    """Makes calls at their time."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        """Held while a call is made: who holds it knows that none is."""
        self._calls: list[Call] = []
        self._is_working = False
        # Its `put` is one step in C: no exception that arrives in the middle can leave it broken, as
        # it could a Condition, and the garbage collector may use it too.
        self._news: SimpleQueue[None] = SimpleQueue()

    def add(self, call: Call) -> None:
        """Make a call at its time. Raises RuntimeError when no thread can be started.

        The caller has the call beforehand, and so can cancel it whatever exception comes in the middle.
        """
        with self.lock:
            self._calls.append(call)
            if not self._is_working:
                self._start()
            self._news.put(None)

    def cancel(self, call: Call) -> None:
        """Do not make a call. Afterwards it has been made, or never will be."""
        with self.lock:
            if call in self._calls:
                self._calls.remove(call)
                self._news.put(None)

    def after_fork(self) -> None:
        """In a forked child: there is one thread, the one that forked, and it keeps what it waits for."""
        self.lock = threading.RLock()
        self._calls = [call for call in self._calls if call.owner == threading.get_ident()]
        self._is_working = False
        if self._calls:
            self._start()

    def _start(self) -> None:
        self._news = SimpleQueue()
        # Bare, for it is made often: an object of `threading.Thread` costs more, and its end runs code of
        # Python in any thread, where an exception that arrives would be lost.
        _thread.start_new_thread(self._work, ())
        self._is_working = True

    def _work(self) -> None:
        while True:
            with self.lock:
                now = time.monotonic()
                for call in sorted((call for call in self._calls if call.due <= now), key=lambda call: call.due):
                    self._calls.remove(call)
                    call.action()
                if not self._calls:
                    self._is_working = False
                    return
                patience = min(call.due for call in self._calls) - time.monotonic()
                news = self._news
            try:
                news.get(timeout=min(max(patience, 0.0), _LONGEST))
            except Empty:
                continue


watchdog = Watchdog()
"""The one there is."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=watchdog.after_fork)
