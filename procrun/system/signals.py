"""What the systems differ in for signals: which can be handled, what C has set, the timer, the wakeup descriptor.

Apart from the contract in `procrun.system`, because only helpers for signals ask for it. Like
there, a caller never tests for a platform: each name has a documented answer everywhere.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket

_POSIX = os.name == "posix"

_SIGALRM = 14
# Microsoft's C runtime has this number, but nothing on Windows sends it (signal, CRT reference), so
# that a handler under it can be called like one of SIGALRM, which Windows does not have.
_IN_PLACE_OF_SIGALRM = signal.SIGILL

# Larger than a `struct sigaction` of any system: 152 bytes on Linux with glibc, 16 on macOS.
_ACTION_SIZE = 1024

HAS_INTERVAL_TIMER = _POSIX
"""Whether the system has a timer that sends SIGALRM (setitimer(2))."""


@cache
def slot(number: int) -> int | None:
    """The number under which Python can keep a handler for a signal; None when it cannot be handled here.

    POSIX: the same, except for SIGKILL and SIGSTOP. Windows: the seven of its C runtime, and for
    SIGALRM one that nothing sends.
    """
    if _POSIX:
        can = number in signal.valid_signals() and number not in (signal.SIGKILL, signal.SIGSTOP)
        return number if can else None
    number = _IN_PLACE_OF_SIGALRM if number == _SIGALRM else number
    return number if number in signal.valid_signals() else None


def save_action(number: int) -> bytes | None:
    """What the process does on a signal, with C's handler, mask and flags; None where it cannot be told.

    POSIX: `struct sigaction`, to be given to `put_back_action` only. `signal.getsignal` does not know of
    handlers that C has set (faulthandler, an embedding program), nor of `siginterrupt`. Windows, and
    a Python without ctypes: None.
    """
    if not _POSIX:
        return None
    try:
        sigaction = _sigaction()
    except ImportError:
        return None
    action = bytearray(_ACTION_SIZE)
    sigaction(number, None, action)
    return bytes(action)


def put_back_action(number: int, action: bytes) -> None:
    """Let the process do on a signal what `save_action` has found. Raises OSError when the system refuses."""
    _sigaction()(number, action, None)


def set_interval_timer(seconds: float, interval: float = 0.0) -> tuple[float, float]:
    """Have SIGALRM sent after some seconds, or never (0); give the seconds and the interval that were left.

    POSIX: ITIMER_REAL, which `signal.alarm` uses too. Windows has none (`HAS_INTERVAL_TIMER`).
    """
    if not _POSIX:
        raise NotImplementedError("Windows has no interval timer")
    return signal.setitimer(signal.ITIMER_REAL, seconds, interval)


def raise_alarm() -> None:
    """Do to this process what SIGALRM does: call its handler in the main thread, else end it, unless it is ignored.

    Windows: the handler that was set under `slot(SIGALRM)`; without one it exits with 142, as a shell shows SIGALRM.
    """
    if _POSIX:
        os.kill(os.getpid(), signal.SIGALRM)
        return
    import _thread

    if signal.getsignal(_IN_PLACE_OF_SIGALRM) == signal.SIG_DFL:
        os._exit(128 + _SIGALRM)
    # Nothing happens when it is ignored.
    _thread.interrupt_main(_IN_PLACE_OF_SIGALRM)


def open_wakeup() -> tuple[int, int]:
    """Two connected descriptors, the first to wait for with `select` and to read, the second to be `signal`'s.

    Neither blocks, neither is inherited. POSIX: a pipe. Windows: handles of sockets, for its `select` takes nothing
    else. Raises OSError when there are none left.
    """
    if _POSIX:
        from procrun.system.posix_pipe import above_stdio

        # They stay for ever, so not where a program that has closed its own stdin puts the next one.
        reading, writing = (above_stdio(end) for end in os.pipe())
        for end in (reading, writing):
            os.set_blocking(end, False)
        return reading, writing
    import socket

    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours.detach(), theirs.detach()


def read_wakeup(descriptor: int) -> bytes:
    """The bytes that have come to the first descriptor of `open_wakeup`, without waiting."""
    came = b""
    with _socket(descriptor) as end:
        while True:
            try:
                came += os.read(descriptor, 4096) if end is None else end.recv(4096)
            except BlockingIOError:
                return came


def write_wakeup(descriptor: int, signals: bytes) -> None:
    """Write to a wakeup descriptor of `signal`: any descriptor (POSIX), or a socket's handle (Windows).

    What it has no room for is dropped, as the interpreter itself does, and so is all when it has been closed.
    """
    try:
        with _socket(descriptor) as end:
            if end is None:
                os.write(descriptor, signals)
            else:
                end.send(signals)
    except OSError:
        return


@contextmanager
def _socket(handle: int) -> Iterator[socket | None]:
    """Windows: the socket of a handle, which stays open; POSIX, whose descriptors are all alike: None."""
    if _POSIX:
        yield None
        return
    from socket import socket

    end = socket(fileno=handle)
    try:
        yield end
    finally:
        end.detach()


@cache
def _sigaction() -> Callable[[int, bytes | None, bytearray | None], None]:
    """sigaction(2) over opaque bytes: the number, the new action, room for the old. ImportError without ctypes."""
    import ctypes

    call = ctypes.CDLL(None, use_errno=True).sigaction

    def sigaction(number: int, new: bytes | None, old: bytearray | None) -> None:
        room = None if old is None else (ctypes.c_char * len(old)).from_buffer(old)
        if call(number, new, room) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    return sigaction
