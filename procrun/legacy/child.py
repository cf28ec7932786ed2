"""A child process of the old modules: started by `subprocess`, reaped here.

`commands`, `popen2`, `os_popen` and `pipes` all start their children through `Child`, which
knows what `subprocess.Popen` has forgotten: the raw status of `wait(2)`, with the core bit.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, Union, cast

from procrun.legacy import streams
from procrun.system.legacy import shell_arguments, take_status

PIPE = subprocess.PIPE
STDOUT = subprocess.STDOUT

# Seconds that one has to tidy up after an exception ended the wait for it.
_ABANDON_GRACE = 0.5

Command = Union[str, bytes, Sequence[Union[str, bytes, "os.PathLike[str]"]]]
"""A command for the shell, or a program and its arguments, which no shell sees."""

_dropped: list[Child] = []
"""Objects whose child may still run though nobody holds them; the next start reaps those that have ended."""


class Child:
    """One process, whose status is taken exactly once.

    It inherits descriptors 0 to 2 and no other, and SIGPIPE kills it as usual (Python 2
    left it ignored). Its process group, folder and environment are ours. Threads may share it.
    """

    def __init__(
        self,
        command: Command,
        *,
        shell_name: str = "/bin/sh",
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        """Start it; `shell_name` is what the shell calls itself in its messages.

        Raises what `subprocess.Popen` does.
        """
        _reap_dropped()
        executable: str | None = None
        arguments: Any = command
        if isinstance(command, (str, bytes)):
            arguments, executable = shell_arguments(os.fsdecode(command), shell_name)
        self.stdin: Any
        """Our end of its stdin, or None: a raw file, and after `buffer` a stream."""
        self.stdout: Any
        """Our end of its stdout, or None."""
        self.stderr: Any
        """Our end of its stderr, or None."""
        # Pipes are made here, because the Popen of Python 3.10 leaks some when there is no room for more.
        with ExitStack() as ours, ExitStack() as theirs:
            self.stdin, stdin = _pipe("wb", stdin, ours, theirs)
            self.stdout, stdout = _pipe("rb", stdout, ours, theirs)
            self.stderr, stderr = _pipe("rb", stderr, ours, theirs)
            self._process = _Process(
                arguments, executable=executable, stdin=stdin, stdout=stdout, stderr=stderr, close_fds=True
            )
            ours.pop_all()
        self.pid = self._process.pid
        self._status: int | None = None
        # Reentrant, because a signal handler may ask for the status while the main thread waits for it.
        self._lock = threading.RLock()

    def __del__(self) -> None:
        # Kept aside with its streams, as in Python 2: programs start what they never look at again,
        # and a pipe that closed under it would end such a child by SIGPIPE.
        if hasattr(self, "_lock") and self._status is None:
            _dropped.append(self)

    def buffer(self, bufsize: int, mode: str) -> None:
        """Turn the raw pipe ends into the streams that Python 2 programs are given."""
        if self.stdin:
            self.stdin = streams.writer(self.stdin, bufsize, mode)
        if self.stdout:
            self.stdout = streams.reader(self.stdout, bufsize, mode)
        if self.stderr:
            self.stderr = streams.reader(self.stderr, bufsize, mode)

    def poll(self) -> int | None:
        """The raw status, or None while it runs or another thread waits for it.

        Raises ChildProcessError when somebody else has taken the status.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._take(block=False)
        finally:
            self._lock.release()

    def wait(self) -> int:
        """Wait for the end and give the raw status. Raises ChildProcessError as `poll` does."""
        with self._lock:
            return cast(int, self._take(block=True))

    def abandon(self) -> None:
        """End it and its descendants, and take its status, because an exception ended the wait for it.

        They are asked first, with a moment for a shell's `trap` to remove its files.
        """
        from procrun.signals.ending import end
        from procrun.signals.members import Members

        if self._status is not None:
            return
        end(Members(lambda: (self.pid,)), grace=_ABANDON_GRACE)
        try:
            self.wait()
        except ChildProcessError:
            return  # SIGCHLD is ignored: the system has reaped it.

    def _take(self, *, block: bool) -> int | None:
        if self._status is None:
            try:
                status = take_status(self._process, block=block)
            except ChildProcessError:
                # A signal handler that ran during our wait may have taken it, through this object.
                if self._status is None:
                    raise
            else:
                self._status = status
        return self._status


class CommandStream(streams.Text):
    """One end of a pipe to a command; `close` waits for the command and gives its status."""

    wait: Callable[[], int]
    """What waits for the command and gives the status."""

    def close(self) -> int | None:  # type: ignore[override]
        """Close the pipe, wait, and return the status, or None for 0; a second time always None.

        Raises OSError when what was written could not be delivered though the command succeeded.
        """
        if self.closed:
            return None
        try:
            super().close()
        except OSError:
            # The status of a command that failed says more than that it did not read (pclose(3) agrees).
            status = self.wait()
            if status:
                return status
            raise
        return self.wait() or None


class _Process(subprocess.Popen[bytes]):
    """A Popen whose status is taken by others, so that dropping it is no mistake."""

    def __del__(self, *_: Any) -> None:
        """Neither warn nor reap: Python 2 programs drop their children as a matter of course."""


def _pipe(mode: str, target: int | None, ours: ExitStack, theirs: ExitStack) -> tuple[Any, int | None]:
    """Our end, where PIPE is asked for, and what the child is given; what is open is in the stacks."""
    if target != PIPE:
        return None, target
    reading, writing = os.pipe()
    our_end, their_end = (reading, writing) if mode == "rb" else (writing, reading)
    theirs.callback(os.close, their_end)
    return ours.enter_context(open(our_end, mode, buffering=0)), their_end


def _reap_dropped() -> None:
    """Take the statuses of dropped children that have ended by now."""
    for child in _dropped[:]:
        try:
            has_ended = child.poll() is not None
        except ChildProcessError:
            has_ended = True
        if has_ended:
            try:
                _dropped.remove(child)
            except ValueError:
                continue  # Another thread was faster.
