"""The interval timer, shared by the deadlines of the main thread, `alarm`, and what the program has set itself.

A process has one timer that sends SIGALRM (setitimer(2), ITIMER_REAL). While a deadline is on, this
module owns it together with the handler, and arms it for whatever comes first. What the program had set before is
served at its own time meanwhile, and is back afterwards with the time it has left.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from types import CodeType, FrameType
from typing import Protocol

from procrun.signals.handlers import Layer, can_handle_signals
from procrun.system import signals as system

_SIGALRM = 14
_AT_ONCE = 1e-6
# How long to let code go on that must not be broken off: it takes microseconds.
_RETRY = 0.001
# By its interval our setting is known from others', and that it has ended by what is left then: more than
# was ever set, or nothing. Clocks cannot tell, for this process may lose its turn between setting and looking.
_LONGEST = 86400.0
_OUR_INTERVAL = 100000.125


class Watched(Protocol):
    """A block with a deadline."""

    due: float
    """When its time is over, on the monotonic clock."""
    is_fired: bool
    """Whether it has been told so."""

    def fire(self, frame: FrameType | None) -> BaseException:
        """Note that its time is over, and give the exception to raise in the frame."""


class Timer:
    """The one timer of this process; deadlines are watched and dropped in the main thread."""

    def __init__(self) -> None:
        self.unbreakable: set[CodeType] = set()
        """Functions in which no exception may be raised; what they call is safe too."""
        # Reentrant: the handler, and a deadline that the garbage collector drops, come at any moment.
        self._lock = threading.RLock()
        self._watched: list[Watched] = []
        self._layer: Layer | None = None
        self._owner = 0
        # The program's own alarm, and the interval after which it comes again.
        self._alarm: float | None = None
        self._interval = 0.0
        # Whether the timer is on; whether it is being set, and the signals that came meanwhile; those still to come
        # from settings that have ended (another thread may be about to serve them). Taking somebody else's
        # for one of these loses it; the contrary mistake could end the process.
        self._is_armed = False
        self._is_setting = False
        self._came = 0
        self._coming = 0

    @property
    def is_usable(self) -> bool:
        """Whether the system has the timer, and the caller may handle its signal."""
        return system.HAS_INTERVAL_TIMER and can_handle_signals()

    def watch(self, block: Watched) -> None:
        """Raise the block's exception in the main thread when its time is over; blocks come outermost first."""
        with self._lock:
            if self._layer is None:
                self._take_over()
            self._watched.append(block)
            self._arm()

    def drop(self, block: Watched) -> None:
        """Forget a block. Without any, the timer and the handler are the program's again."""
        with self._lock:
            if block in self._watched:
                self._watched.remove(block)
            if self._watched:
                self._arm()
            elif self._layer is not None and can_handle_signals():
                self._hand_back(self._layer)

    def set_alarm(self, seconds: float) -> float:
        """Send SIGALRM once after some seconds, or never (0); give the seconds that were left of an earlier one."""
        with self._lock:
            if self._layer is None:
                return system.set_interval_timer(seconds)[0]
            now = time.monotonic()
            left = max(self._alarm - now, _AT_ONCE) if self._alarm is not None else 0.0
            self._alarm, self._interval = (now + seconds if seconds else None), 0.0
            self._arm()
            return left

    def after_fork(self) -> None:
        """In a forked child: it has the deadlines of the thread that forked, but no timer and no alarm."""
        self._lock = threading.RLock()
        self._alarm = None
        if self._layer is None:
            return
        if self._owner != threading.get_ident():
            self._watched.clear()
            self._hand_back(self._layer)
        else:
            self._arm()

    def _take_over(self) -> None:
        left, self._interval = system.set_interval_timer(0)
        self._alarm = time.monotonic() + left if left else None
        self._owner = threading.get_ident()
        self._layer = Layer(_SIGALRM, self._on_signal, on_top=True)
        try:
            self._layer.enter()
        except BaseException:
            self._hand_back(self._layer)
            raise

    def _hand_back(self, layer: Layer) -> None:
        self._is_setting, self._came = True, 0
        try:
            left, interval = system.set_interval_timer(0)
            expected = self._coming + _has_ended(left, interval)
            if self._is_armed != _is_ours(interval) or (left and not self._is_armed):
                # Code in the block has used the timer without asking: what it left is the program's.
                self._alarm, self._interval = (time.monotonic() + left if left else None), interval
            self._is_armed = False
            # The system drops a signal that is on its way when it is to be ignored (POSIX, sigaction): the
            # program's own action, which may be to end the process, must not meet it.
            signal.signal(_SIGALRM, signal.SIG_IGN)
            layer.leave()
            if self._alarm is not None:
                system.set_interval_timer(max(self._alarm - time.monotonic(), _AT_ONCE), self._interval)
            self._layer = self._alarm = None
            if self._came > expected:
                # Somebody else's.
                signal.raise_signal(_SIGALRM)
        finally:
            self._is_setting, self._coming = False, 0

    def _arm(self, *, not_before: float = 0.0) -> None:
        """Arm the timer for what comes first."""
        dues = [block.due for block in tuple(self._watched) if not block.is_fired]
        if self._alarm is not None:
            dues.append(self._alarm)
        self._is_setting, self._came = True, 0
        expected = self._coming
        while True:
            came = self._came
            seconds = min(max(min(dues) - time.monotonic(), not_before, _AT_ONCE), _LONGEST) if dues else 0.0
            left, interval = system.set_interval_timer(seconds, _OUR_INTERVAL if dues else 0.0)
            expected += _has_ended(left, interval)
            if self._came == came:
                break
            # Nobody serves the signal that came meanwhile, which may be that of this setting.
            not_before = _RETRY
        self._is_armed = bool(dues)
        # Two signals that are not served yet are one for the system, so more are not to be expected.
        self._coming = max(0, min(expected - came, 2))
        self._is_setting = False
        if self._came > came:
            self._arm(not_before=_RETRY)
        elif came > expected:
            # Somebody else's: now it can be served.
            signal.raise_signal(_SIGALRM)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """Serve one thing whose time has come; the rest comes with the next signal."""
        with self._lock:
            layer, is_ours, error = self._layer, *self._serve(frame)
        if layer is not None and not is_ours:
            # Without the lock, for it may take its time.
            layer.pass_on(frame)
        if error is not None:
            raise error

    def _serve(self, frame: FrameType | None) -> tuple[bool, BaseException | None]:
        """Whether a signal is for a deadline, and what to raise then; else it is the program's."""
        if self._is_setting:
            self._came += 1
            return True, None
        left, interval = system.set_interval_timer(0)
        ours = self._coming + _has_ended(left, interval)
        self._coming, self._is_armed = max(0, ours - 1), False
        now = time.monotonic()
        if not ours:
            # Sent by another process, or by a timer that code in the block has set itself.
            self._arm()
            return False, None
        if self._watched and self._must_not_break(frame):
            self._arm(not_before=_RETRY)
            return True, None
        if self._alarm is not None and self._alarm <= now:
            self._alarm = now + self._interval if self._interval else None
            self._arm()
            return False, None
        over = next((block for block in self._watched if block.due <= now and not block.is_fired), None)
        error = over.fire(frame) if over is not None else None
        self._arm()
        return True, error

    def _must_not_break(self, frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code in self.unbreakable:
                return True
            frame = frame.f_back
        return False


def _is_ours(interval: float) -> bool:
    return abs(interval - _OUR_INTERVAL) < 0.01


def _has_ended(left: float, interval: float) -> bool:
    """Whether a setting of ours has come to its end, and so has sent its signal."""
    # Linux begins the interval when the signal is delivered; until then nothing is left.
    return _is_ours(interval) and not 0 < left <= _LONGEST


timer = Timer()
"""The one there is."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=timer.after_fork)
