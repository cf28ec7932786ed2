"""The contract of `procrun.system` on Linux, macOS and other Unix systems."""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from subprocess import Popen
from typing import TYPE_CHECKING, Any

from procrun.status import ExitStatus

if TYPE_CHECKING:
    from procrun.system import Stream

__all__ = [
    "NEWLINE",
    "PATH_SEPARATORS",
    "TERMINATION_SIGNALS",
    "await_exit",
    "environment",
    "exit_descriptor",
    "explain_spawn_error",
    "is_broken_pipe",
    "is_runnable",
    "program_candidates",
    "reap",
    "send_kill",
    "send_terminate",
    "serve_streams",
    "set_nonblocking",
    "variable_key",
    "shares_terminal_signals",
    "shell_argv",
    "wait_readable",
    "widen_pipe",
    "write_all",
]

NEWLINE = "\n"
PATH_SEPARATORS = ("/",)
TERMINATION_SIGNALS = (signal.SIGTERM, signal.SIGHUP)

# Four times the usual 64 KiB: copy-bound pipelines get faster, and a user's 16 MiB of
# pipe buffers (pipe-user-pages-soft) still holds 64 such pipes. 1 MiB adds little.
_PIPE_SIZE = 256 * 1024
_F_SETPIPE_SZ = 1031

# getrusage(2): kilobytes, except on macOS, where they are bytes.
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


def serve_streams(streams: Sequence[Stream], deadline: float | None) -> bool:
    active = {stream.descriptor: stream for stream in streams if not stream.is_done}
    if len(active) == 1 and deadline is None:
        (stream,) = active.values()
        if not stream.writes:
            # Nothing else to look after: a plain blocking read saves a system call for each piece.
            while not stream.is_done:
                stream.serve()
            return True
    poller = select.poll()
    for descriptor, stream in active.items():
        poller.register(descriptor, select.POLLOUT if stream.writes else select.POLLIN)
    while active:
        for descriptor, _ in poller.poll(_milliseconds(deadline)):
            stream = active[descriptor]
            stream.serve()
            if stream.is_done:
                # Before anything else can open a file and be given the same number.
                poller.unregister(descriptor)
                del active[descriptor]
        if active and deadline is not None and time.monotonic() >= deadline:
            return False
    return True


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


def wait_readable(descriptor: int, other: int) -> bool:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    poller.register(other, select.POLLIN)
    return any(ready == descriptor for ready, _ in poller.poll())


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            poller = select.poll()
            poller.register(descriptor, select.POLLOUT)
            poller.poll()


def is_broken_pipe(error: OSError) -> bool:
    return error.errno == errno.EPIPE


def exit_descriptor(process: Popen[bytes]) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(process.pid)
    except OSError:
        return None  # ENOSYS, EMFILE, a sandbox's EPERM: `await_exit` has other ways.


def await_exit(process: Popen[bytes], timeout: float | None) -> bool:
    if timeout is None and hasattr(os, "waitid"):
        try:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            pass  # Another took the status; `reap` says so.
        return True
    handle = exit_descriptor(process)
    if handle is not None:
        try:
            poller = select.poll()
            poller.register(handle, select.POLLIN)
            return bool(poller.poll(None if timeout is None else max(0.0, timeout) * 1000))
        finally:
            os.close(handle)
    if hasattr(select, "kqueue"):
        return _await_by_kqueue(process.pid, timeout)
    return _await_in_thread(process.pid, timeout)


def reap(process: Popen[bytes]) -> Any:
    from procrun.system import Ending

    _, raw, usage = os.wait4(process.pid, 0)
    status = ExitStatus.from_wait_status(raw)
    process.returncode = status.returncode
    return Ending(status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * _MEMORY_UNIT)


def environment(
    changes: Sequence[tuple[str, str | None]], *, clean: bool, marks: Sequence[str]
) -> Mapping[bytes, bytes]:
    # Bytes, because subprocess would encode each name and value again at every spawn.
    variables = {} if clean else dict(os.environb)
    for name, value in changes:
        if value is None:
            variables.pop(os.fsencode(name), None)
        else:
            variables[os.fsencode(name)] = os.fsencode(value)
    # A run inside another keeps the marks of those around it, so that each can find it.
    variables[b"PROCRUN_RUN"] = b" ".join([*os.environb.get(b"PROCRUN_RUN", b"").split(), *map(str.encode, marks)])
    return variables


def variable_key(name: str) -> str:
    return name


def program_candidates(name: str, extensions: str | None) -> tuple[str, ...]:
    return (name,)


def is_runnable(path: str) -> bool:
    return os.access(path, os.X_OK)


def explain_spawn_error(error: OSError, path: str, argv: Sequence[str]) -> tuple[str, str]:
    if error.errno == errno.E2BIG:
        longest = max(len(os.fsencode(argument)) for argument in argv)
        total = sum(len(os.fsencode(argument)) + 1 for argument in argv)
        return (
            f"the arguments of `{argv[0]}` are too large for the system: {len(argv)} arguments, {total} bytes, "
            f"the longest {longest} bytes; the limit is {_argument_limit()} bytes with the environment, "
            "and on Linux 131072 bytes for each",
            "pass the data through stdin or a file, or call the program several times",
        )
    if error.errno == errno.ENOEXEC:
        return (
            f"`{path}` is neither a program of this system nor a script that names its interpreter",
            "begin the script with a line such as `#!/bin/sh`, or name the interpreter: `sh SCRIPT`",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        interpreter = _interpreter(path)
        if interpreter:
            return (
                f"`{path}` asks for the interpreter `{interpreter}`, which does not exist",
                "correct its first line, or install the interpreter",
            )
        return (
            f"`{path}` or its loader has gone",
            "look whether the file still exists, and for which system it was built",
        )
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return (
            f"`{argv[0]}` cannot be started: too many open files",
            "close files, run less at the same time, or raise the limit (`ulimit -n`)",
        )
    if error.errno in (errno.EAGAIN, errno.ENOMEM):
        return (
            f"`{argv[0]}` cannot be started: the system has no room for another process ({error.strerror})",
            "run less at the same time, or raise the limit (`ulimit -u`)",
        )
    return (
        f"`{path}` cannot be started: {error.strerror}",
        "look at the file's permissions and its file system's options",
    )


def send_terminate(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)


def send_kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def shares_terminal_signals() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False  # There is no terminal, so somebody signalled us alone.
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def shell_argv(text: str, args: Sequence[str]) -> list[str]:
    return ["/bin/sh", "-c", text, "sh", *args]


def _milliseconds(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000


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


def _await_in_thread(pid: int, timeout: float | None) -> bool:
    ended = threading.Event()

    def wait() -> None:
        try:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            pass  # Another took the status; `reap` says so.
        ended.set()

    threading.Thread(target=wait, name=f"procrun waits for {pid}", daemon=True).start()
    return ended.wait(timeout)


def _argument_limit() -> int:
    return os.sysconf("SC_ARG_MAX")


def _interpreter(path: str) -> str:
    """The interpreter that a script's first line names, or nothing."""
    try:
        with open(path, "rb") as file:
            line = file.readline(4096)
    except OSError:
        return ""
    words = line[2:].split() if line.startswith(b"#!") else []
    return os.fsdecode(words[0]) if words else ""
