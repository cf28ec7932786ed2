"""The contract of `procrun.system` on Windows."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Container, Mapping, Sequence
from subprocess import Popen, TimeoutExpired
from typing import TYPE_CHECKING, Any

from procrun.status import ExitStatus
from procrun.system.facts import Ending
from procrun.system.windows_exec import explain_spawn_error, find_obstacle

if TYPE_CHECKING:
    from procrun.system import Stream, Wake

assert sys.platform == "win32"

__all__ = [
    "LARGEST_CODE",
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
    "program_candidates",
    "reap",
    "reap_orphan",
    "send_signal",
    "serve_streams",
    "set_nonblocking",
    "variable_key",
    "shell_argv",
    "wait_readable",
    "widen_pipe",
    "write_all",
]

LARGEST_CODE = 0xFFFFFFFF
NEWLINE = None
PATH_SEPARATORS = ("/", "\\", ":")
TERMINATION_SIGNALS = (signal.SIGTERM, signal.SIGBREAK)

# Without these no program starts, or Winsock and the C runtime fail in it.
_KEPT = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE")

_SIGKILL = 9
_DEFAULT_EXTENSIONS = ".COM;.EXE;.BAT;.CMD"


class _EventWake:
    descriptors = ()

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    def wait(self, deadline: float | None) -> None:
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        self._event.wait(None if timeout is None else min(timeout, threading.TIMEOUT_MAX))
        self.clear()

    def close(self) -> None:
        return


def make_wake(signals: int = -1) -> Wake:
    return _EventWake()


def serve_streams(streams: Sequence[Stream], deadline: float | None, wake: Wake | None = None) -> bool:
    news = wake or make_wake()
    servers = [_server(stream) for stream in streams if not stream.is_done]
    for server in servers:
        server.news = news
    while not all(server.has_ended for server in servers):
        news.wait(deadline)
        if wake is not None or (deadline is not None and time.monotonic() >= deadline):
            break
    for server in servers:
        server.tell()
    return all(stream.is_done for stream in streams)


def are_quiet(streams: Sequence[Stream]) -> bool | None:
    return None


def set_nonblocking(descriptor: int) -> None:
    return


def widen_pipe(descriptor: int) -> None:
    return


def above_stdio(descriptor: int) -> int:
    return descriptor


def wait_readable(descriptor: int, other: int) -> bool:
    return True


def has_data(descriptor: int) -> bool | None:
    import _winapi
    import msvcrt

    try:
        return bool(_winapi.PeekNamedPipe(msvcrt.get_osfhandle(descriptor), 0)[0])
    except OSError:
        return None  # Its writers have gone, and it is empty.


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def has_other_end(descriptor: int) -> bool:
    return False


def is_broken_pipe(error: OSError) -> bool:
    # A write to a pipe without a reader is EINVAL here (python/cpython#79935), elsewhere EPIPE.
    return error.errno in (errno.EPIPE, errno.EINVAL)


def exit_descriptor(process: Popen[bytes]) -> int | None:
    return None


def await_exit(process: Popen[bytes], timeout: float | None) -> bool:
    try:
        process.wait(None if timeout is None else max(0.0, timeout))
    except TimeoutExpired:
        return False
    return True


def reap(process: Popen[bytes]) -> Any:
    return Ending(ExitStatus(process.wait() & 0xFFFFFFFF), *_process_times(process), 0)


def own_peak_memory() -> int:
    return 0


def environment(changes: Sequence[tuple[str, str | None]], *, clean: bool, marks: Sequence[str]) -> Mapping[str, str]:
    # os.environ has its names in capitals here, as Windows compares them.
    variables = {name: value for name, value in os.environ.items() if not clean or name.upper() in _KEPT}
    for name, value in changes:
        for known in [known for known in variables if known.upper() == name.upper()]:
            del variables[known]
        if value is not None:
            variables[name] = value
    # A run inside another keeps the marks of those around it, so that each can find it.
    variables["PROCRUN_RUN"] = " ".join([*os.environ.get("PROCRUN_RUN", "").split(), *marks])
    return variables


def variable_key(name: str) -> str:
    return name.upper()


def program_candidates(name: str, extensions: str | None) -> tuple[str, ...]:
    known = [extension for extension in (extensions or _DEFAULT_EXTENSIONS).split(";") if extension]
    if any(name.lower().endswith(extension.lower()) for extension in known):
        return (name,)
    return (*(name + extension.lower() for extension in known), name)


def is_runnable(path: str) -> bool:
    return True


def counts_writing() -> bool:
    return True


def bytes_written(pid: int) -> int | None:
    import psutil

    try:
        counters = psutil.Process(pid).io_counters()
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:
        return None
    # A console is written to by a call that is counted as another one.
    return int(counters.write_bytes + counters.other_bytes)


def send_signal(pid: int, number: int) -> None:
    if number not in (signal.SIGTERM, _SIGKILL):
        raise OSError(errno.EINVAL, f"Windows has no signal {number} for other processes")
    import psutil

    try:
        psutil.Process(pid).kill()
    except psutil.NoSuchProcess as error:
        raise ProcessLookupError(pid) from error
    except psutil.AccessDenied as error:
        raise PermissionError(pid) from error


def adopt_orphans(yes: bool) -> bool:
    return False


def reap_orphan(own: Container[int]) -> bool:
    return False


def end_by_signal(number: int) -> None:
    return


def shell_argv(text: str, args: Sequence[str]) -> list[str]:
    return [os.environ.get("COMSPEC", "cmd.exe"), "/d", "/c", text, *args]


# The threads at work, so that a stream which outlives one `serve_streams` keeps its thread in the next.
_servers: dict[int, _Server] = {}


def _server(stream: Stream) -> _Server:
    """The thread that serves a stream, started unless it is at work already."""
    server = _servers.get(id(stream))
    if server is None:
        server = _servers[id(stream)] = _Server(stream)
        server.start()
    return server


class _Server(threading.Thread):
    """Serves one stream to its end."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(name="procrun stream", daemon=True)
        self.news: Wake = make_wake()
        """What is set at the end; who changes it looks at `has_ended` afterwards."""
        self.has_ended = False
        self._stream = stream
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._stream.is_done:
                self._stream.serve()
        except BaseException as error:  # `tell` raises it in the thread that waits.
            self._error = error
        _servers.pop(id(self._stream), None)
        self.has_ended = True
        self.news.set()

    def tell(self) -> None:
        """Raise, once, what a sink raised."""
        error, self._error = self._error, None
        if error is not None:
            raise error


def _process_times(process: Popen[bytes]) -> tuple[float, float]:
    """Seconds of CPU of an ended process, from its handle (GetProcessTimes)."""
    import ctypes
    from ctypes import wintypes

    times = [wintypes.FILETIME() for _ in range(4)]
    handle = wintypes.HANDLE(int(process._handle))  # type: ignore[attr-defined]
    if not ctypes.windll.kernel32.GetProcessTimes(handle, *(ctypes.byref(moment) for moment in times)):
        return 0.0, 0.0
    kernel, user = ((moment.dwHighDateTime << 32 | moment.dwLowDateTime) / 1e7 for moment in times[2:])
    return user, kernel
