"""Wait for signals as a descriptor: `select` alone goes on after a handler (PEP 475).

The interpreter writes a byte to the wakeup descriptor for each signal that has a Python handler, at the moment when it
comes, whichever thread it comes to. asyncio and others use one too, so what came to ours is passed on to theirs.
"""

from __future__ import annotations

import functools
import os
import select
import signal
import threading
from types import TracebackType

from procrun.system import signals as system

_LONGEST = 86400.0

# By default a full buffer is complained of on stderr; here it only says once more that there is something to do.
_divert = functools.partial(signal.set_wakeup_fd, warn_on_full_buffer=False)


class Wakeup:
    """From entering to leaving the block, a signal with a Python handler ends `wait`, also one that came before it.

    For the main thread of the main interpreter (ValueError elsewhere). A handler that runs in one may enter another.
    """

    def __init__(self) -> None:
        """Raises OSError when there are no descriptors for it."""
        self._ends = _ends()
        self._depth = 0
        self._came = b""

    @property
    def descriptor(self) -> int:
        """What can be read when one has come, to be waited for beside others; `wait` takes it away."""
        return self._ends[0]

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for a signal (True), at most for some seconds, or a day; its handler has run then.

        An exception of the handler comes out.
        """
        _wait_readable(self._ends[0], _LONGEST if seconds is None else min(max(seconds, 0.0), _LONGEST))
        has_come = self._read()
        if _diverted[-1] != self._ends[1]:
            self._pass_on(_diverted[-1])
        return has_come

    def __enter__(self) -> Wakeup:
        self._depth = len(_diverted)
        # By `map`, because no handler runs between its call and its append: one that raises there
        # would lose the previous descriptor, and so asyncio its signals.
        _diverted.extend(map(_divert, (self._ends[1],)))
        _owner[:] = [threading.get_ident()]
        # What an outer block has not read yet would end our waiting; it gets it back.
        self._read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if len(_diverted) > self._depth:
            previous = _restore(_diverted.pop(), self._ends[1])
            self._read()
            self._pass_on(previous)

    def _read(self) -> bool:
        """Take the bytes that have come; whether there were any."""
        came = system.read_wakeup(self._ends[0])
        self._came += came
        return bool(came)

    def _pass_on(self, descriptor: int) -> None:
        """Give the bytes to the descriptor that would have had them; for a block around this one it is the same."""
        came, self._came = self._came, b""
        if came and descriptor >= 0:
            system.write_wakeup(descriptor, came)


_diverted: list[int] = []
"""The wakeup descriptors that blocks have put aside, outermost first."""

_owner: list[int] = []
"""The number of the thread that they are in."""


@functools.cache
def _ends() -> tuple[int, int]:
    """Our end and the interpreter's, made once and never closed.

    Another thread may have been served a signal, and be about to write it to what is no longer the wakeup
    descriptor; were that closed, the byte could go into a file that was given its number.
    """
    return system.open_wakeup()


def _restore(previous: int, ours: int) -> int:
    """Make the previous wakeup descriptor the one again, unless a handler has chosen another; give the one it is."""
    try:
        found = signal.set_wakeup_fd(previous)
    except (OSError, ValueError):
        previous = -1  # It has been closed meanwhile.
        found = signal.set_wakeup_fd(previous)
    if found != ours:
        signal.set_wakeup_fd(found)
        return found
    return previous


def _wait_readable(end: int, seconds: float) -> None:
    try:
        select.select([end], [], [], seconds)
    except ValueError:  # a descriptor above FD_SETSIZE; `poll` takes it, but only whole milliseconds
        poller = select.poll()
        poller.register(end, select.POLLIN)
        poller.poll(seconds * 1000)


def _after_fork() -> None:
    """Give a forked child ends of its own under the same numbers: its signals must not wake the parent."""
    if not _ends.cache_info().currsize:
        return
    for end, new in zip(_ends(), system.open_wakeup()):
        os.dup2(new, end, inheritable=False)
        os.close(new)
    if _diverted and _owner != [threading.get_ident()]:
        # Another thread has forked; who waited does not exist here.
        signal.set_wakeup_fd(_diverted[0])
        _diverted.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
