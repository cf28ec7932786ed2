"""The program that ends a run when the process that started it is gone, however that was killed.

`engine.guard` runs this file's source by `python -I -S -c`, one process for each run. It waits with nothing loaded, and
loads procrun only when it has to act. Why not the parent-death signal: docs/gotchas.md#guard.
"""

from __future__ import annotations

import sys

# How long a process that was just being started may keep the pipe open; a forked copy of the parent would for ever.
_LAST_STARTS_SECONDS = 1.0

# Between the last two looks: what was about to become a program at the first one is one at the second.
_PAUSE = 0.05


def main(pipe: str, parent: str, mark: str, since: str, grace: str, *path: str) -> None:
    """Wait for the end of the parent, then end what carries the mark, and what the parent has named.

    The parent holds the other end of `pipe`, and writes a line for each process that it starts: its pid, and when that
    started (`facts.Row.start`). They stay in the pipe until they are needed.
    """
    import _signal  # type: ignore[import-not-found]
    import posix
    import select

    # Whoever tells everybody to end tells the parent, too; this is for when it cannot listen.
    for number in (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP, _signal.SIGQUIT):
        _signal.signal(number, _signal.SIG_IGN)
    poller = select.poll()
    # POLLHUP comes unasked, when the last writer has gone.
    poller.register(int(pipe), 0)
    if hasattr(posix, "pidfd_open"):
        # A forked copy of the parent keeps the pipe open.
        try:
            poller.register(posix.pidfd_open(int(parent)), select.POLLIN)
        except OSError:
            pass  # ESRCH, which the next line sees; ENOSYS, EMFILE: the pipe tells.
    if posix.getppid() == int(parent):
        poller.poll()
    sys.path[:] = path
    _end(int(pipe), mark, float(since), float(grace))


def _end(pipe: int, mark: str, since: float, grace: float) -> None:
    """End the run, and tell on stderr what could not be ended."""
    import os
    import select
    import time

    from procrun.signals.ending import end
    from procrun.signals.members import Members
    from procrun.system.facts import Row

    lines = [line.split() for line in _unread(pipe).decode().splitlines()]
    tops = {int(pid): Row(int(pid), 0, float(start), "", False) for pid, start in lines}
    members = Members(tuple, tops, mark, since)
    end(members, grace=grace)
    # A process that the parent was starting has a copy of the pipe, and not yet the mark, until it becomes its program.
    poller = select.poll()
    poller.register(pipe, 0)
    poller.poll(1000 * _LAST_STARTS_SECONDS)
    for _ in range(2):
        time.sleep(_PAUSE)
        survivors = end(members, grace=0).survivors
    for survivor in survivors:
        os.write(2, f"procrun: still running: {survivor}\n".encode("utf-8", "backslashreplace"))


def _unread(pipe: int) -> bytes:
    """What is in the pipe."""
    import os

    os.set_blocking(pipe, False)
    text = b""
    try:
        while data := os.read(pipe, 4096):
            text += data
    except BlockingIOError:
        return text  # A copy of its other end is still open.
    return text


if __name__ == "__main__":
    main(*sys.argv[1:])
