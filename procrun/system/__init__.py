"""The only place that asks which operating system this is.

Each function here is a contract that raises; at the bottom the file of this system is
imported over it. Callers never test for a platform: what a system lacks is a documented
answer of its function.
"""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from subprocess import Popen
from typing import Any, Protocol

from procrun.system.facts import Ending


class Stream(Protocol):
    """One pipe between this process and a run, served piece by piece."""

    @property
    def descriptor(self) -> int:
        """This process's end."""

    @property
    def writes(self) -> bool:
        """Whether this process writes to it, rather than reads."""

    @property
    def is_done(self) -> bool:
        """Whether it has ended and its descriptor is closed."""

    def serve(self) -> None:
        """Read or write one piece; at the end close the descriptor."""

    def close(self) -> None:
        """Give the stream up."""


class Wake(Protocol):
    """Rouses the thread that is in `serve_streams` or in `wait`, from any other thread."""

    @property
    def descriptors(self) -> Sequence[int]:
        """What becomes readable then; nothing where the system does not poll."""

    def set(self) -> None:
        """Rouse it now, or as soon as it is there; nothing after `close`."""

    def clear(self) -> None:
        """Note that it was roused."""

    def wait(self, deadline: float | None) -> None:
        """Wait until it is set, or until the monotonic deadline; then clear it."""

    def close(self) -> None:
        """Give back what it holds of the system."""


def make_wake(signals: int = -1) -> Wake:
    """A new `Wake`; POSIX: what can be read at `signals` rouses the main thread too. Raises OSError without room."""
    raise NotImplementedError


def serve_streams(streams: Sequence[Stream], deadline: float | None, wake: Wake | None = None) -> bool:
    """Serve every stream until all are done (True), or the monotonic deadline has passed or `wake` was set (False).

    A stream that a sink of another has ended meanwhile, by stopping the run, is not served again.

    POSIX: `poll(2)` in the calling thread. Windows, whose pipes cannot be polled: a daemon
    thread for each stream; one that is stuck when the deadline passes is left behind.
    """
    raise NotImplementedError


def are_quiet(streams: Sequence[Stream]) -> bool | None:
    """Whether none of the streams could be served now. Windows does not tell: None."""
    raise NotImplementedError


def set_nonblocking(descriptor: int) -> None:
    """Make writes to our end of a pipe return at once; nothing on Windows, where a thread writes.

    Only for pipes that no child has: the mode belongs to all who share them (docs/gotchas.md#nonblock).
    """
    raise NotImplementedError


def widen_pipe(descriptor: int) -> None:
    """Give a pipe more room, where the system can and lets us; otherwise nothing (Linux: pipe(7))."""
    raise NotImplementedError


def above_stdio(descriptor: int) -> int:
    """The descriptor, or a copy of it above 2 in its place: 0, 1 and 2 are those of a child.

    A process that has closed its own stdin is given that number for its next pipe. Windows
    passes handles, which have no such numbers.
    """
    raise NotImplementedError


def wait_readable(descriptor: int, other: int) -> bool:
    """Block until `descriptor` can be read (True) or `other` can (False).

    Windows cannot wait for two pipes: it answers True at once, and the read blocks.
    """
    raise NotImplementedError


def has_data(descriptor: int) -> bool | None:
    """Whether a pipe holds something to read; None at its end."""
    raise NotImplementedError


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of the bytes, also to a descriptor that somebody made non-blocking."""
    raise NotImplementedError


def has_other_end(descriptor: int) -> bool:
    """Whether anybody holds the other end of a pipe. Windows does not tell: no."""
    raise NotImplementedError


def is_broken_pipe(error: OSError) -> bool:
    """Whether a write failed because nobody reads any more: EPIPE, on Windows also EINVAL."""
    raise NotImplementedError


def exit_descriptor(process: Popen[bytes]) -> int | None:
    """A new descriptor that `serve_streams` finds readable once the process has ended (Linux: pidfd), or None."""
    raise NotImplementedError


def await_exit(process: Popen[bytes], timeout: float | None) -> bool:
    """Wait until the process has ended, without reaping it; False when `timeout` seconds passed.

    Its pid stays taken until `reap`, so that no signal can reach a stranger. Linux: pidfd, or
    `waitid(WNOWAIT)` without a timeout; BSD and macOS: kqueue; elsewhere by looking again and again.
    """
    raise NotImplementedError


def reap(process: Popen[bytes]) -> Ending:
    """Take the status of a process that has ended. Raises ChildProcessError when another took it."""
    raise NotImplementedError


def own_peak_memory() -> int:
    """This process's largest resident size in bytes, included in a child's (docs/gotchas.md#peak-memory); 0 if not."""
    raise NotImplementedError


def environment(changes: Sequence[tuple[str, str | None]], *, clean: bool, marks: Sequence[str]) -> Mapping[Any, Any]:
    """The environment of a child: ours or none, changed, and marked as part of its runs.

    Windows: names are case-insensitive, and what programs cannot start without stays (SystemRoot, …);
    docs/gotchas.md#environment. POSIX: raises ValueError for what has no bytes in the system's encoding.
    """
    raise NotImplementedError


def variable_key(name: str) -> str:
    """The form in which names of variables are compared. POSIX: as it is; Windows: in capitals."""
    raise NotImplementedError


def program_candidates(name: str, extensions: str | None) -> tuple[str, ...]:
    """The file names that a program's name can stand for. POSIX: itself; Windows: by PATHEXT."""
    raise NotImplementedError


def is_runnable(path: str) -> bool:
    """Whether the file may be executed. POSIX: its permission; Windows: it exists."""
    raise NotImplementedError


def find_obstacle(path: str, argv: Sequence[str], variables: Mapping[Any, Any]) -> OSError | ValueError | None:
    """The error with which the start of this program is bound to fail, as far as that can be known before.

    POSIX: an interpreter that does not exist, a text without `#!`, arguments or variables that are too
    large, and (ValueError) arguments that have no bytes. Windows: a command line that is too long.
    """
    raise NotImplementedError


def explain_spawn_error(
    error: OSError, path: str, argv: Sequence[str], variables: Mapping[Any, Any]
) -> tuple[str, str]:
    """The reason and the hint for a program that the system did not start with these arguments and variables.

    Its number alone misleads: docs/gotchas.md#enoexec, docs/gotchas.md#e2big.
    """
    raise NotImplementedError


def counts_writing() -> bool:
    """Whether the system tells how much a process has written: Linux (/proc/PID/io, proc(5)), Windows."""
    raise NotImplementedError


def bytes_written(pid: int) -> int | None:
    """How many bytes a process has written, to whatever, with its children that it has waited for.

    None for one that we may not look into; 0 for one that has ended meanwhile. Linux counts the calls of `write` and
    its like; bytes that `splice` moves it does not count.
    """
    raise NotImplementedError


def send_signal(pid: int, number: int) -> None:
    """Signal a process whose number is known to be its own.

    Windows: SIGTERM and SIGKILL are TerminateProcess, there are no others. Ctrl-Break reaches a process group, and a
    run's programs share ours. Raises ProcessLookupError, PermissionError, and OSError for what is not there.
    """
    raise NotImplementedError


def adopt_orphans(yes: bool) -> bool:
    """Have every descendant that loses its parent become our child (or no longer); whether the system does so.

    Linux: PR_SET_CHILD_SUBREAPER of prctl(2). False also for a process that a shell's `exec` left children.
    """
    raise NotImplementedError


def reap_orphan(own: Container[int]) -> bool:
    """Reap a child that has ended and is not one of our own; whether there was one to be seen. Never waits."""
    raise NotImplementedError


def end_by_signal(number: int) -> None:
    """End this process by a signal, for whoever looks how it ended. Windows has no such endings: nothing happens.

    Returns where the system keeps the process alive: it is the first of a container.
    """
    raise NotImplementedError


def shell_argv(text: str, args: Sequence[str]) -> list[str]:
    """The command that hands a text to the system's own shell: `sh -c`, `cmd /d /c`."""
    raise NotImplementedError


def shim_argv(
    program: str, argv: Sequence[str], limits: Mapping[str, int], report: int, variables: Mapping[Any, Any]
) -> list[str]:
    """The arguments that start the shim, which sets limits, then becomes the program; its report goes to a descriptor.

    Raises NotSupported when there is no interpreter to run it.
    """
    raise NotImplementedError


def own_python() -> list[str]:
    """How to start this Python, with nothing but its builtins, on a source that follows.

    Raises NotSupported when this program has no interpreter of its own.
    """
    raise NotImplementedError


HAS_GUARD = False
"""Whether a run can be given a guard, which ends it when this process is killed. POSIX: yes. Windows: not yet."""

LIMITS: frozenset[str] = frozenset()
"""The names of the limits that the system keeps (`plan/limits.py`). POSIX: all but what it does not enforce (macOS:
memory). Windows: none yet."""

NEWLINE: str | None = "\n"
"""How streams of text end their lines, as `io.TextIOWrapper` takes it. POSIX: only a newline does, and a
carriage return is the program's. Windows: CR LF is read as a newline, because that is what programs write."""

LARGEST_CODE = 255
"""The largest exit code of a program. POSIX: 255; Windows: 4294967295 (docs/gotchas.md#exit-codes)."""

TERMINATION_SIGNALS: tuple[int, ...] = ()
"""The signals by which the system asks a program in the foreground to end, other than Ctrl-C."""

PATH_SEPARATORS: tuple[str, ...] = ("/",)
"""The characters that make a program's name a path."""

MARK = "PROCRUN_RUN"
"""The variable by which the descendants of a run are found."""

if os.name == "nt":
    from procrun.system.windows import *  # noqa: F403
else:
    from procrun.system.posix import *  # noqa: F403
