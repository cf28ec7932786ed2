"""The table of processes on Linux, read from /proc (proc(5)): several times as fast as by psutil."""

from __future__ import annotations

import os
import time
from collections.abc import Container

from procrun.system.facts import Row

__all__ = ["arguments", "carries", "clock", "find_row", "is_thread", "last_started", "read_table"]

_VARIABLE = b"PROCRUN_RUN="
_ENOUGH = 4096

# What follows in the kernel takes some microseconds, unless the processors are busy. No event tells of it.
_TRIES, _PAUSE = 50, 0.001

# The fields of /proc/PID/stat behind the command's name, counted from 0 there.
_STATE, _PARENT, _THREADS, _START = 0, 1, 17, 19

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def clock() -> float:
    # That of /proc/PID/stat, which setting the date does not touch; the ticks are whole there.
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * _TICKS)


def read_table(skip: Container[int] = ()) -> list[Row]:
    numbers = (int(name) for name in os.listdir("/proc") if "0" < name < ":")
    return [row for pid in numbers if pid not in skip and (row := find_row(pid)) is not None]


def find_row(pid: int) -> Row | None:
    try:
        data = _read(f"/proc/{pid}/stat")
    except OSError:
        return None
    # The name may hold anything, blanks and brackets too.
    name, _, rest = data.rpartition(b")")
    fields = rest.split(None, _START + 1)
    # The main thread of a program can end before the others; then it looks like a zombie, and is none.
    has_ended = fields[_STATE] in b"ZX" and int(fields[_THREADS]) <= 1
    return Row(
        pid, int(fields[_PARENT]), int(fields[_START]), name.partition(b"(")[2].decode(errors="replace"), has_ended
    )


def is_thread(number: int) -> bool:
    try:
        return b"\nTgid:\t%d\n" % number not in _read(f"/proc/{number}/status")
    except OSError:
        return False  # It has gone.


def last_started() -> int:
    # The number that was given last (proc(5)).
    return int(_read("/proc/loadavg").rpartition(b" ")[2])


def carries(pid: int, mark: str) -> bool:
    try:
        data = _environment(pid)
    except OSError:
        return False
    wanted = mark.encode()
    # The mark is random: hardly any environment holds it by chance, and few need be taken apart.
    return wanted in data and any(
        wanted in variable[len(_VARIABLE) :].split() for variable in data.split(b"\0") if variable.startswith(_VARIABLE)
    )


def arguments(pid: int) -> list[str]:
    try:
        data = _read(f"/proc/{pid}/cmdline")
    except OSError:
        return []
    return [os.fsdecode(word) for word in data.removesuffix(b"\0").split(b"\0")] if data else []


def _environment(pid: int) -> bytes:
    """The environment of a process, once it has one.

    In the middle of exec a program has neither arguments nor an environment yet, though its parent has been told
    already that it has been started. A program without an environment has arguments all the same.
    """
    for _ in range(_TRIES):
        data = _read(f"/proc/{pid}/environ")
        if data or _read(f"/proc/{pid}/cmdline"):
            break
        time.sleep(_PAUSE)
    return data


def _read(path: str) -> bytes:
    """A file of /proc: by bare system calls, because `open` takes twice as long and there may be thousands."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = piece = os.read(descriptor, _ENOUGH)
        while len(piece) == _ENOUGH:
            piece = os.read(descriptor, _ENOUGH)
            data += piece
        return data
    finally:
        os.close(descriptor)
