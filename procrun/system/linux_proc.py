"""The contract of `procrun.system.processes` on Linux: everything is read from /proc (proc(5)).

Who may read what: the state of every process, everybody; its descriptors, and the function of the kernel it
sleeps in, its own user; its system call, only who may trace it, which Yama narrows to its ancestors. Root all.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from procrun.system.facts import Descriptor, FileLock, Interest, Kind, On, Task, Waiting
from procrun.system.linux_calls import NUMBERS, Frame, decode, interests
from procrun.system.linux_sockets import socket_addresses, socket_peers

__all__ = [
    "KNOWS_WAITS",
    "descriptors",
    "file_locks",
    "is_fifo",
    "locked_files",
    "socket_addresses",
    "socket_peers",
    "stop_signal",
    "tasks",
    "tracer",
]

KNOWS_WAITS = True

# From what the link of a descriptor begins with; the terminals are those of a console, a line or an emulator.
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("pipe:[", "pipe"),
    ("socket:[", "socket"),
    ("anon_inode:[pidfd]", "process"),
    ("pidfd:[", "process"),
    ("anon_inode:[eventpoll]", "epoll"),
    ("anon_inode:[eventfd", "event"),
    ("anon_inode:[timerfd]", "timer"),
    ("anon_inode:[signalfd]", "signal"),
    ("anon_inode:inotify", "watch"),
    ("anon_inode:[fanotify]", "watch"),
    ("anon_inode:", "event"),
    ("/dev/pts/ptmx", "file"),
    ("/dev/pts/", "terminal"),
    ("/dev/tty", "terminal"),
    ("/dev/console", "terminal"),
)

# From the functions in which a thread sleeps, of kernels 4.19 to 6.18: (part of the name, sort, kinds of
# descriptor, whether it writes). The first that fits counts.
_CHANNELS: tuple[tuple[str, On, tuple[Kind, ...], bool], ...] = (
    ("pipe_read", "descriptor", ("pipe", "file"), False),
    ("pipe_write", "descriptor", ("pipe", "file"), True),
    ("n_tty_read", "descriptor", ("terminal",), False),
    ("n_tty_write", "descriptor", ("terminal",), True),
    ("wait_woken", "descriptor", ("terminal", "socket"), False),
    ("unix_stream_read", "descriptor", ("socket",), False),
    ("unix_stream_data_wait", "descriptor", ("socket",), False),
    ("skb_wait_for_more", "descriptor", ("socket",), False),
    ("csk_accept", "descriptor", ("socket",), False),
    ("sock_alloc_send", "descriptor", ("socket",), True),
    ("sk_stream_wait_mem", "descriptor", ("socket",), True),
    ("poll", "descriptor", ("pipe", "socket", "terminal", "process"), False),
    ("do_select", "descriptor", ("pipe", "socket", "terminal", "process"), False),
    ("wait_for_partner", "open", (), False),
    # Before `do_wait`, which is part of `futex_do_wait`.
    ("futex", "futex", (), False),
    ("do_wait", "child", (), False),
    ("nanosleep", "time", (), False),
    ("lock_inode_wait", "lock", (), False),
    ("fcntl_setlk", "lock", (), False),
    ("sigtimedwait", "signal", (), False),
    ("sigsuspend", "signal", (), False),
    ("pause", "signal", (), False),
)

_STOPPED = "Tt"

# The fields of /proc/PID/stat behind the command's name, counted from 0 there.
_STATE, _EXIT_CODE = 0, 49

_MACHINE = os.uname().machine if hasattr(os, "uname") else ""


def tasks(pid: int) -> tuple[Task, ...]:
    with _gone_or_refused(pid):
        numbers = sorted(map(int, os.listdir(f"/proc/{pid}/task")), key=lambda number: (number != pid, number))
    found = []
    for number in numbers:
        try:
            found.append(_task(pid, number))
        except (FileNotFoundError, ProcessLookupError):
            continue  # The thread has ended meanwhile.
    return tuple(found)


def descriptors(pid: int) -> tuple[Descriptor, ...]:
    with _gone_or_refused(pid):
        numbers = sorted(map(int, os.listdir(f"/proc/{pid}/fd")))
    found = []
    for number in numbers:
        path = f"/proc/{pid}/fd/{number}"
        try:
            # Of the link itself, whose permissions are how the file was opened: what it leads to is not
            # touched, because a dead network disk would stop us too.
            mode = os.lstat(path).st_mode
            name = os.readlink(path)
        except (FileNotFoundError, ProcessLookupError):
            continue  # Closed meanwhile.
        kind: Kind = next((kind for start, kind in _KINDS if name.startswith(start)), "file")
        process = int(_fdinfo(pid, number).get("Pid", ["0"])[0]) if kind == "process" else 0
        found.append(
            Descriptor(number, kind, name, bool(mode & stat.S_IRUSR), bool(mode & stat.S_IWUSR), max(0, process))
        )
    return tuple(found)


def is_fifo(pid: int, number: int) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(f"/proc/{pid}/fd/{number}").st_mode)
    except OSError:
        return False


def file_locks() -> tuple[FileLock, ...]:
    # 1: -> FLOCK  ADVISORY  WRITE 5179 fe:00:2170888 0 EOF
    locks = []
    for line in _read("/proc/locks").decode().splitlines():
        words = line.split()[1:]
        is_waiting = words[:1] == ["->"]
        kind, _, _, process, file = words[is_waiting : is_waiting + 5]
        locks.append(FileLock(kind, int(process), file, is_waiting))
    return tuple(locks)


def locked_files(pid: int) -> tuple[tuple[str, str], ...]:
    with _gone_or_refused(pid):
        numbers = os.listdir(f"/proc/{pid}/fd")
    # lock:   1: FLOCK  ADVISORY  WRITE 359 00:13:11691 0 EOF
    lines = [line.split() for number in numbers for line in _fdinfo(pid, int(number)).get("lock", ())]
    return tuple((words[1], words[5]) for words in lines)


def stop_signal(pid: int) -> int:
    with _gone_or_refused(pid):
        return int(_stat(f"/proc/{pid}")[_EXIT_CODE])


def tracer(pid: int) -> int:
    with _gone_or_refused(pid):
        return next(
            int(line.split()[1]) for line in _read(f"/proc/{pid}/status").splitlines() if line.startswith(b"TracerPid:")
        )


def _task(pid: int, number: int) -> Task:
    folder = f"/proc/{pid}/task/{number}"
    state = _stat(folder)[_STATE].decode()
    if state in "RZX":
        return Task(number, state, None)
    channel = _readable(f"{folder}/wchan")
    channel = "" if channel == "0" else channel
    return Task(number, state, _waiting(pid, folder, state, channel), channel)


def _waiting(pid: int, folder: str, state: str, channel: str) -> Waiting | None:
    words = _readable(f"{folder}/syscall").split()
    guess = next((row for row in _CHANNELS if row[0] in channel), None)
    # `running`, or -1 outside of a system call.
    if len(words) == 9 and int(words[0]) >= 0 and not _is_32_bit(pid):
        name = NUMBERS.get(_MACHINE, {}).get(int(words[0]), "")
        if name == "restart_syscall" and guess is not None and guess[0] == "poll":
            # Stopped and continued; the arguments are still those of poll(2), which alone comes back like this.
            name = "poll"
        args = tuple(int(word, 16) for word in words[1:7])
        waiting = decode(Frame(name, args, partial(_memory, pid), partial(_epoll, pid)))
        if waiting is not None and waiting.is_exact:
            return waiting
    if guess is None or state in _STOPPED:
        return None
    _, on, kinds, writes = guess
    call = channel.partition(".")[0]
    if not kinds:
        return Waiting(on, call)
    return Waiting(on, call, *_candidates(pid, kinds, writes))


def _candidates(pid: int, kinds: tuple[Kind, ...], writes: bool) -> tuple[tuple[Interest, ...], bool]:
    """The descriptors of some kinds that a thread may be waiting for, and whether these are it.

    One that polls may wait for any of them or for none, but for its only epoll, if it has one.
    """
    try:
        held = descriptors(pid)
    except (PermissionError, ProcessLookupError):
        return (), False
    polls = "process" in kinds
    epolls = [entry.number for entry in held if entry.kind == "epoll"]
    if polls and epolls:
        return interests([pair for number in epolls for pair in _epoll(pid, number)]), len(epolls) == 1
    found = tuple(
        Interest(entry.number, writes)
        for entry in held
        if entry.kind in kinds
        and (entry.writes if writes else entry.reads)
        and (entry.kind != "file" or is_fifo(pid, entry.number))
    )
    return found, len(found) == 1 and not polls


def _epoll(pid: int, number: int) -> tuple[tuple[int, int], ...]:
    """The (descriptor, events) that an epoll descriptor waits for; those of one inside it are not looked up."""
    # tfd:        3 events:       19 data:     7fda00000003  pos:0 ino:5d3db sdev:5
    lines = [line.split() for line in _fdinfo(pid, number).get("tfd", ())]
    return tuple((int(words[0]), int(words[2], 16)) for words in lines)


def _memory(pid: int, address: int, size: int) -> bytes:
    """Bytes of a process's memory; fewer or none when they cannot be read."""
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
            return os.pread(file.fileno(), size, address)
    except (OSError, OverflowError):
        return b""


def _is_32_bit(pid: int) -> bool:
    """Whether a process runs a 32-bit program, whose system calls have other numbers; no, when that is not told."""
    try:
        with open(f"/proc/{pid}/exe", "rb", buffering=0) as file:
            # EI_CLASS of elf(5).
            return file.read(5) == b"\x7fELF\x01"
    except OSError:
        return struct.calcsize("P") == 4


def _fdinfo(pid: int, number: int) -> dict[str, list[str]]:
    """The lines of /proc/PID/fdinfo/N by what stands before their colon."""
    found: dict[str, list[str]] = {}
    for line in _readable(f"/proc/{pid}/fdinfo/{number}").splitlines():
        key, _, value = line.partition(":")
        found.setdefault(key, []).append(value.strip())
    return found


def _stat(folder: str) -> list[bytes]:
    """The fields behind the name, which may hold anything, blanks and brackets too."""
    return _read(f"{folder}/stat").rpartition(b")")[2].split()


def _readable(path: str) -> str:
    """A file of /proc; nothing when we may not read it, or its process has gone."""
    try:
        return _read(path).decode(errors="replace").strip()
    except OSError:
        return ""


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


@contextmanager
def _gone_or_refused(pid: int) -> Iterator[None]:
    """A missing file of /proc is a process that has gone."""
    try:
        yield
    except FileNotFoundError as error:
        raise ProcessLookupError(f"there is no process {pid}") from error
