"""popen2 — start a command with pipes to its input and output.

Python 2's module of this name:

    child_stdout, child_stdin = popen2.popen2("sort")
    child_stdout, child_stdin, child_stderr = popen2.popen3("sort")
    child_stdout_and_stderr, child_stdin = popen2.popen4("sort")

The stream to read comes first; `os.popen2` and its kin give them in the other order. A string
(str or bytes) is a command for the shell, a list or tuple is a program with its arguments. To
learn the status, make a `Popen3` or `Popen4` and call its `wait`; the functions give none, and
closing a stream waits for nothing.

These calls deadlock when both sides wait: when you read one stream while the child fills
another, write more than the pipe holds while nobody reads, or wait before reading. Safe forms:
close `child_stdin` before reading, let stderr join stdout (`popen4`) or read it in a thread,
read to the end before `wait`. `procrun.run` and `subprocess.run` do all that by themselves.

What differs from Python 2: text is `str`, in the locale's encoding, with the bytes that are
not text kept as surrogates; with mode "b", which Unix ignored, streams give and take bytes; a
bufsize that is no integer is refused before anything is started; SIGPIPE ends children as
usual; on Windows the classes are there too, and statuses are exit codes. `_run_child` is gone:
no Python code runs in the child. All differences: docs/legacy.md.
"""

from __future__ import annotations

import errno
import os
import sys
import warnings
from typing import IO, Any

from procrun.legacy import streams
from procrun.legacy.child import PIPE, STDOUT, Child, Command

__all__ = ["popen2", "popen3", "popen4", "Popen3", "Popen4"]

warnings.warn("The popen2 module is deprecated.  Use the subprocess module.", DeprecationWarning, stacklevel=2)

try:
    MAXFD = os.sysconf("SC_OPEN_MAX")
except (AttributeError, ValueError):
    MAXFD = 256

# For a process or for a pipe: not the command's fault.
_NO_ROOM = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)

_active: list[Popen3] = []
"""Objects that were dropped while their child ran; the next call reaps those that have ended."""


def popen2(cmd: Command, bufsize: int = -1, mode: str = "t") -> tuple[IO[Any], IO[Any]]:
    """Start a command; return its stdout and its stdin.

    `bufsize` is 0 for unbuffered streams, which do not read ahead either, 1 for line-buffered
    ones, another positive number for a buffer of that size, and -1 for the usual buffer.

    A command that cannot be run raises nothing: the streams are empty, as in Python 2.
    """
    child = Popen3(cmd, False, bufsize, mode)
    return child.fromchild, child.tochild


def popen3(cmd: Command, bufsize: int = -1, mode: str = "t") -> tuple[IO[Any], IO[Any], IO[Any]]:
    """Start a command; return its stdout, its stdin and its stderr.

    Reading one output to its end while the child fills the other blocks both for ever; see
    the safe forms above. Otherwise as `popen2`.
    """
    child = Popen3(cmd, True, bufsize, mode)
    assert child.childerr is not None
    return child.fromchild, child.tochild, child.childerr


def popen4(cmd: Command, bufsize: int = -1, mode: str = "t") -> tuple[IO[Any], IO[Any]]:
    """Start a command; return its stdout and stderr in one stream, and its stdin. Otherwise as `popen2`."""
    child = Popen4(cmd, bufsize, mode)
    return child.fromchild, child.tochild


class Popen3:
    """A child process and our ends of its pipes.

    A program that does not exist or cannot be run, and a command that makes no sense (an
    empty list, a number), raise nothing: the streams are empty and the status is 256, as if
    the program had ended with exit code 1. OSError means that the system had no room for
    another process, TypeError that bufsize is no integer, OverflowError that it is not one of C's.

    An object that is dropped while its child runs is kept aside, and its child reaped when
    the next one is made, or by `_cleanup()`.

    >>> child = Popen3("sort; exit 3")
    >>> child.tochild.writelines(["b\\n", "a\\n"])
    >>> child.tochild.close()
    >>> child.fromchild.read(), child.wait()
    ('a\\nb\\n', 768)
    >>> child.fromchild.close()
    """

    sts = -1
    """The status once it is known; -1 before."""

    cmd: Any
    """The command, as it was given."""

    pid: int
    """The child's process id."""

    tochild: IO[Any]
    """The stream that writes to its stdin."""

    fromchild: IO[Any]
    """The stream that reads its stdout."""

    childerr: IO[Any] | None = None
    """The stream that reads its stderr; None unless it was asked for."""

    _child: Child | None = None

    def __init__(self, cmd: Command, capturestderr: bool = False, bufsize: int = -1, mode: str = "t") -> None:
        """Start a command; `capturestderr` says whether `childerr` becomes a stream. `mode` is an addition."""
        self._start(cmd, PIPE if capturestderr else None, bufsize, mode)

    def __del__(self) -> None:
        if self._child is not None and self.poll(_deadstate=sys.maxsize) < 0:
            _active.append(self)

    def poll(self, _deadstate: int | None = None) -> int:
        """Return the status if the child has ended, else -1; it never waits.

        It stays -1 when somebody else, such as `os.wait`, has taken the status.
        """
        if self.sts < 0 and self._child is not None:
            try:
                status = self._child.poll()
            except ChildProcessError:
                status = _deadstate
            if status is not None:
                self.sts = status
        return self.sts

    def wait(self) -> int:
        """Wait for the child to end and return its status; the streams stay open.

        It blocks for ever if the child in turn waits for us: for its input to be closed, or
        for its output to be read. Raises ChildProcessError (an OSError with ECHILD) when
        somebody else has taken the status.
        """
        if self.sts < 0 and self._child is not None:
            self.sts = self._child.wait()
        return self.sts

    def _start(self, cmd: Command, stderr: int | None, bufsize: int, mode: str) -> None:
        streams.check_bufsize(bufsize)
        _cleanup()
        self.cmd = cmd
        self._child = child = _start_or_stand_in(cmd, stderr)
        child.buffer(bufsize, mode)
        self.pid = child.pid
        self.tochild, self.fromchild, self.childerr = child.stdin, child.stdout, child.stderr


class Popen4(Popen3):
    """A child process whose stdout and stderr come in one stream, `fromchild`. Otherwise as `Popen3`."""

    childerr = None

    def __init__(self, cmd: Command, bufsize: int = -1, mode: str = "t") -> None:
        """Start a command. `mode` is an addition."""
        self._start(cmd, STDOUT, bufsize, mode)


def _cleanup() -> None:
    """Reap the children of dropped objects that have ended by now."""
    for child in _active[:]:
        if child.poll(_deadstate=sys.maxsize) >= 0:
            try:
                _active.remove(child)
            except ValueError:
                continue  # Another thread is cleaning up too.


def _start_or_stand_in(cmd: Command, stderr: int | None) -> Child:
    """Start the command, or in place of one that cannot be run a process that ends with exit code 1.

    Python 2 found out in the child, after fork, where its only way to say so was that status.
    """
    try:
        return Child(cmd, stdin=PIPE, stdout=PIPE, stderr=stderr)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
    except (TypeError, ValueError, IndexError):
        pass  # A number, None, an empty list, a NUL: nothing that can be run.
    return Child("exit 1", stdin=PIPE, stdout=PIPE, stderr=stderr)
