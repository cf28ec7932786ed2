"""os.popen2, os.popen3, os.popen4 — start a command with pipes, the stream to write first.

The three functions that Python 2's `os` had beside `popen`; `procrun.install()` puts them
back there:

    child_stdin, child_stdout = os.popen2("sort")
    child_stdin, child_stdout, child_stderr = os.popen3("sort")
    child_stdin, child_stdout_and_stderr = os.popen4("sort")

`popen2.popen2` and its kin give the streams in another order and take `bufsize` before
`mode`. There is no way to learn the status. Deadlocks are as possible as with `popen2`, where
the safe forms are listed. What differs from Python 2 is listed there too, but for this: a
program that cannot be run raised OSError here, and does. All differences: docs/legacy.md.
"""

from __future__ import annotations

import warnings
from typing import IO, Any

from procrun.legacy import streams
from procrun.legacy.child import PIPE, STDOUT, Child, Command

__all__ = ["popen2", "popen3", "popen4"]


def popen2(cmd: Command, mode: str = "t", bufsize: int = -1) -> tuple[IO[Any], IO[Any]]:
    """Start a command; return its stdin and its stdout.

    A string is a command for the shell, a list a program with its arguments. Deprecated since
    Python 2.6, and each call says so in a DeprecationWarning.

    Raises OSError for a program that cannot be run, TypeError or IndexError for what is no
    command, and TypeError for a bufsize that is no integer, before anything is started.
    """
    child = _start("popen2", cmd, mode, bufsize, stderr=None)
    return child.stdin, child.stdout


def popen3(cmd: Command, mode: str = "t", bufsize: int = -1) -> tuple[IO[Any], IO[Any], IO[Any]]:
    """Start a command; return its stdin, its stdout and its stderr. Otherwise as `popen2`."""
    child = _start("popen3", cmd, mode, bufsize, stderr=PIPE)
    return child.stdin, child.stdout, child.stderr


def popen4(cmd: Command, mode: str = "t", bufsize: int = -1) -> tuple[IO[Any], IO[Any]]:
    """Start a command; return its stdin, and its stdout and stderr in one stream. Otherwise as `popen2`."""
    child = _start("popen4", cmd, mode, bufsize, stderr=STDOUT)
    return child.stdin, child.stdout


def _start(name: str, cmd: Command, mode: str, bufsize: int, stderr: int | None) -> Child:
    warnings.warn(f"os.{name} is deprecated.  Use the subprocess module.", DeprecationWarning, stacklevel=3)
    streams.check_bufsize(bufsize)
    child = Child(cmd, stdin=PIPE, stdout=PIPE, stderr=stderr)
    child.buffer(bufsize, mode)
    return child
