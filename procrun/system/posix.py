"""The contract of `procrun.system` on Linux, macOS and other Unix systems."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Container, Mapping, Sequence
from subprocess import Popen
from typing import TYPE_CHECKING, Any, cast

from procrun.status import ExitStatus
from procrun.system.facts import Ending
from procrun.system.posix_exec import explain_spawn_error, find_obstacle, without_bytes
from procrun.system.posix_pipe import (
    above_stdio,
    are_quiet,
    has_data,
    has_other_end,
    is_broken_pipe,
    make_wake,
    poll_until,
    serve_streams,
    set_nonblocking,
    wait_readable,
    widen_pipe,
    write_all,
)
from procrun.system.posix_shim import HAS_GUARD, LIMITS, own_python, shim_argv

if TYPE_CHECKING:
    pass

__all__ = [
    "HAS_GUARD",
    "LIMITS",
    "NEWLINE",
    "PATH_SEPARATORS",
    "TERMINATION_SIGNALS",
    "above_stdio",
    "adopt_orphans",
    "are_quiet",
    "await_exit",
    "bytes_written",
    "counts_writing",
    "end_by_signal",
    "environment",
    "exit_descriptor",
    "explain_spawn_error",
    "find_obstacle",
    "has_data",
    "has_other_end",
    "is_broken_pipe",
    "is_runnable",
    "make_wake",
    "own_peak_memory",
    "own_python",
    "program_candidates",
    "reap",
    "reap_orphan",
    "send_signal",
    "serve_streams",
    "set_nonblocking",
    "variable_key",
    "shell_argv",
    "shim_argv",
    "wait_readable",
    "widen_pipe",
    "write_all",
]

NEWLINE = "\n"
PATH_SEPARATORS = ("/",)
TERMINATION_SIGNALS = (signal.SIGTERM, signal.SIGHUP)

# prctl(2)
_PR_SET_CHILD_SUBREAPER = 36

# getrusage(2): kilobytes, except on macOS, where they are bytes.
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


def exit_descriptor(process: Popen[bytes]) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(process.pid)
    except OSError:
        return None  # ENOSYS, EMFILE, a sandbox's EPERM: `await_exit` has other ways.


def await_exit(process: Popen[bytes], timeout: float | None) -> bool:
    if hasattr(os, "waitid") and (timeout is None or timeout <= 0):
        return _has_ended(process.pid, 0 if timeout is None else os.WNOHANG)
    handle = exit_descriptor(process)
    if handle is not None:
        try:
            poller = select.poll()
            poller.register(handle, select.POLLIN)
            return poll_until(poller, None if timeout is None else time.monotonic() + timeout)
        finally:
            os.close(handle)
    if hasattr(select, "kqueue"):
        return _await_by_kqueue(process.pid, timeout)
    return _await_by_looking(process.pid, timeout)


def reap(process: Popen[bytes]) -> Any:
    _, raw, usage = os.wait4(process.pid, 0)
    status = ExitStatus.from_wait_status(raw)
    process.returncode = status.returncode
    return Ending(status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * _MEMORY_UNIT)


def own_peak_memory() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MEMORY_UNIT


def environment(
    changes: Sequence[tuple[str, str | None]], *, clean: bool, marks: Sequence[str]
) -> Mapping[bytes, bytes]:
    # Bytes, because subprocess would encode each name and value again at every spawn.
    variables = {} if clean else dict(os.environb)
    for name, value in changes:
        try:
            if value is None:
                variables.pop(os.fsencode(name), None)
            else:
                variables[os.fsencode(name)] = os.fsencode(value)
        except UnicodeEncodeError as error:
            raise without_bytes(f"the variable `{name}`", error) from None
    # A run inside another keeps the marks of those around it, so that each can find it.
    variables[b"PROCRUN_RUN"] = b" ".join([*os.environb.get(b"PROCRUN_RUN", b"").split(), *map(str.encode, marks)])
    return variables


def variable_key(name: str) -> str:
    return name


def program_candidates(name: str, extensions: str | None) -> tuple[str, ...]:
    return (name,)


def is_runnable(path: str) -> bool:
    return os.access(path, os.X_OK)


def counts_writing() -> bool:
    return os.path.exists("/proc/self/io")


def bytes_written(pid: int) -> int | None:
    import psutil

    try:
        return int(psutil.Process(pid).io_counters().write_chars)  # type: ignore[attr-defined,unused-ignore]
    except (psutil.NoSuchProcess, ProcessLookupError):
        return 0
    except (psutil.AccessDenied, PermissionError):
        return None


def send_signal(pid: int, number: int) -> None:
    os.kill(pid, number)


def adopt_orphans(yes: bool) -> bool:
    if sys.platform != "linux" or (yes and _has_children()):
        return False
    try:
        # Not `ctypes`, which takes five times as long to load, and every `procrun pipe` would wait for it.
        import _ctypes

        prctl = _ctypes.dlsym(_ctypes.dlopen(cast(str, None), 0), "prctl")
        return bool(_ctypes.call_function(prctl, (_PR_SET_CHILD_SUBREAPER, int(yes), 0, 0, 0)) == 0)
    except (ImportError, AttributeError, OSError):
        return False  # A Python without it, or one linked statically.


def reap_orphan(own: Container[int]) -> bool:
    try:
        seen = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        # One of our own, which its run is about to reap, hides those behind it until then.
        if seen is None or seen.si_pid in own:
            return False
        os.waitpid(seen.si_pid, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def end_by_signal(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def shell_argv(text: str, args: Sequence[str]) -> list[str]:
    return ["/bin/sh", "-c", text, "sh", *args]


def _await_by_kqueue(pid: int, timeout: float | None) -> bool:
    queue: Any = select.kqueue()  # type: ignore[attr-defined,unused-ignore]
    kevent: Callable[..., Any] = select.kevent  # type: ignore[attr-defined,unused-ignore]
    try:
        event = kevent(
            pid,
            select.KQ_FILTER_PROC,  # type: ignore[attr-defined,unused-ignore]
            select.KQ_EV_ADD | select.KQ_EV_ONESHOT,  # type: ignore[attr-defined,unused-ignore]
            select.KQ_NOTE_EXIT,  # type: ignore[attr-defined,unused-ignore]
        )
        return bool(queue.control([event], 1, timeout))
    except ProcessLookupError:
        return True  # It ended before it could be watched; kqueue(2): ESRCH for a zombie.
    finally:
        queue.close()


def _await_by_looking(pid: int, timeout: float | None) -> bool:
    """Look again and again, as `subprocess` does: a thread that waits could not be called off."""
    deadline = None if timeout is None else time.monotonic() + timeout
    pause = 0.0005
    while not _has_ended(pid, os.WNOHANG):
        rest = pause if deadline is None else min(pause, deadline - time.monotonic())
        if rest <= 0:
            return False
        time.sleep(rest)
        pause = min(2 * pause, 0.05)
    return True


def _has_ended(pid: int, flags: int) -> bool:
    """Whether a child has ended, without reaping it; without WNOHANG this waits until it has."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | flags) is not None
    except ChildProcessError:
        return True  # Another took the status; `reap` says so.


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
