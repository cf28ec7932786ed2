"""The part of the contract of `procrun.system` that is about pipes, on Unix.

Descriptors and `poll(2)` only; processes are the business of `posix`.
"""

from __future__ import annotations

import errno
import os
import select
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procrun.system import Stream, Wake

# Four times the usual 64 KiB: copy-bound pipelines get faster, and a user's 16 MiB of
# pipe buffers (pipe-user-pages-soft) still holds 64 such pipes. 1 MiB adds little.
_PIPE_SIZE = 256 * 1024
_F_SETPIPE_SZ = 1031

# poll(2) takes its time as an int of milliseconds, which overflows after 24 days.
_LONGEST_POLL = 1e9


class _PipeWake:
    def __init__(self, signals: int) -> None:
        self._descriptor, self._end = os.pipe()
        self._signals = signals
        self._is_set = False
        # Reentrant, because the handler of a signal may come while its own thread has it.
        self._lock = threading.RLock()

    @property
    def descriptors(self) -> Sequence[int]:
        if self._signals < 0 or threading.current_thread() is not threading.main_thread():
            return (self._descriptor,)
        return (self._descriptor, self._signals)

    def set(self) -> None:
        with self._lock:
            if self._end >= 0 and not self._is_set:
                os.write(self._end, b"!")
                self._is_set = True

    def clear(self) -> None:
        with self._lock:
            if self._is_set:
                os.read(self._descriptor, 1)
                self._is_set = False

    def wait(self, deadline: float | None) -> None:
        poller = select.poll()
        for descriptor in self.descriptors:
            poller.register(descriptor, select.POLLIN)
        poll_until(poller, deadline)
        self.clear()

    def close(self) -> None:
        with self._lock:
            if self._end >= 0:
                os.close(self._descriptor)
                os.close(self._end)
                self._end = -1
                self._is_set = False


def make_wake(signals: int = -1) -> Wake:
    return _PipeWake(signals)


def serve_streams(streams: Sequence[Stream], deadline: float | None, wake: Wake | None = None) -> bool:
    active = {stream.descriptor: stream for stream in streams if not stream.is_done}
    poller = select.poll()
    for descriptor, stream in active.items():
        poller.register(descriptor, select.POLLOUT if stream.writes else select.POLLIN)
    for descriptor in wake.descriptors if wake is not None else ():
        poller.register(descriptor, select.POLLIN)
    while active:
        is_woken = False
        for descriptor, _ in poller.poll(_milliseconds(deadline)):
            stream = active.get(descriptor)  # type: ignore[assignment]
            if stream is None:
                is_woken = True
            elif not stream.is_done:
                stream.serve()
        # All of them: a sink may have stopped the run, which ends other streams, too.
        for descriptor in [descriptor for descriptor, stream in active.items() if stream.is_done]:
            poller.unregister(descriptor)
            del active[descriptor]
        if is_woken and wake is not None:
            wake.clear()
            return not active
        if active and deadline is not None and time.monotonic() >= deadline:
            return False
    return True


def are_quiet(streams: Sequence[Stream]) -> bool | None:
    poller = select.poll()
    for stream in streams:
        poller.register(stream.descriptor, select.POLLOUT if stream.writes else select.POLLIN)
    return not poller.poll(0)


def set_nonblocking(descriptor: int) -> None:
    os.set_blocking(descriptor, False)


def widen_pipe(descriptor: int) -> None:
    if sys.platform != "linux":
        return
    import fcntl

    try:
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE_SIZE)
    except OSError:
        # EPERM beyond the user's share of pipe buffers: the usual size does as well.
        return


def above_stdio(descriptor: int) -> int:
    if descriptor > 2:
        return descriptor
    import fcntl

    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(descriptor)


def wait_readable(descriptor: int, other: int) -> bool:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    poller.register(other, select.POLLIN)
    return any(ready == descriptor for ready, _ in poller.poll())


def has_data(descriptor: int) -> bool | None:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    for _, events in poller.poll(0):
        # At its end a pipe has POLLHUP alone; what is still in it comes with POLLIN.
        return True if events & select.POLLIN else None
    return False


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            poller = select.poll()
            poller.register(descriptor, select.POLLOUT)
            poller.poll()


def has_other_end(descriptor: int) -> bool:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    # Without a writer POLLHUP comes to a reader, without a reader POLLERR to a writer.
    return not any(event & (select.POLLHUP | select.POLLERR) for _, event in poller.poll(0))


def is_broken_pipe(error: OSError) -> bool:
    return error.errno == errno.EPIPE


def poll_until(poller: select.poll, deadline: float | None) -> bool:
    """Wait for a poll object until the monotonic deadline; whether anything came."""
    while not poller.poll(_milliseconds(deadline)):
        if deadline is not None and time.monotonic() >= deadline:
            return False
    return True


def _milliseconds(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    return min(max(0.0, deadline - time.monotonic()) * 1000, _LONGEST_POLL)
