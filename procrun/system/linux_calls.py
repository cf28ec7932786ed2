"""Which system call waits for what: numbers and arguments of /proc/PID/syscall as a `Waiting`.

Pure but for the reader of the process's memory, which it is given: `poll` and `select` keep their
descriptors there. Numbers are those of the kernel's tables (arch/x86/entry/syscalls/syscall_64.tbl, and
include/uapi/asm-generic/unistd.h for the other 64-bit machines); other machines go by `wchan` alone.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass

from procrun.system.facts import Interest, On, Waiting

_PAGE = 4096
_LONGEST_PATH = 4096
_MOST_DESCRIPTORS = 65536

# The same everywhere since Linux 5.1.
_SHARED = {426: "io_uring_enter", 435: "clone3", 437: "openat2", 441: "epoll_pwait2", 449: "futex_waitv"}

_X86_64 = {
    0: "read", 1: "write", 2: "open", 7: "poll", 16: "ioctl", 17: "pread64", 18: "pwrite64", 19: "readv",
    20: "writev", 23: "select", 34: "pause", 35: "nanosleep", 40: "sendfile", 42: "connect", 43: "accept",
    44: "sendto", 45: "recvfrom", 46: "sendmsg", 47: "recvmsg", 56: "clone", 58: "vfork", 61: "wait4",
    72: "fcntl", 73: "flock", 128: "rt_sigtimedwait", 130: "rt_sigsuspend", 202: "futex", 219: "restart_syscall",
    230: "clock_nanosleep", 232: "epoll_wait", 247: "waitid", 257: "openat", 270: "pselect6", 271: "ppoll",
    275: "splice", 276: "tee", 278: "vmsplice", 281: "epoll_pwait", 288: "accept4", 295: "preadv", 296: "pwritev",
    299: "recvmmsg", 307: "sendmmsg", 327: "preadv2", 328: "pwritev2", **_SHARED,
}  # fmt: skip

_GENERIC = {
    22: "epoll_pwait", 25: "fcntl", 29: "ioctl", 32: "flock", 56: "openat", 63: "read", 64: "write", 65: "readv",
    66: "writev", 67: "pread64", 68: "pwrite64", 69: "preadv", 70: "pwritev", 71: "sendfile", 72: "pselect6",
    73: "ppoll", 75: "vmsplice", 76: "splice", 77: "tee", 95: "waitid", 98: "futex", 101: "nanosleep",
    115: "clock_nanosleep", 128: "restart_syscall", 133: "rt_sigsuspend", 137: "rt_sigtimedwait", 202: "accept",
    203: "connect", 206: "sendto", 207: "recvfrom", 211: "sendmsg", 212: "recvmsg", 220: "clone", 242: "accept4",
    243: "recvmmsg", 260: "wait4", 269: "sendmmsg", 286: "preadv2", 287: "pwritev2", **_SHARED,
}  # fmt: skip

NUMBERS = {"x86_64": _X86_64, "aarch64": _GENERIC, "riscv64": _GENERIC, "loongarch64": _GENERIC}
"""For each machine (uname(2)), the names of the calls that can wait."""

# poll(2): POLLIN, POLLPRI, POLLRDHUP; POLLOUT. epoll_ctl(2) has the same numbers.
_IN, _OUT = 0x1 | 0x2 | 0x2000, 0x4

# futex(2)
_FUTEX_PRIVATE = 128


@dataclass(frozen=True, slots=True)
class Frame:
    """A thread in a system call."""

    name: str
    """The call."""
    args: tuple[int, ...]
    """Its six arguments, unsigned."""
    memory: Callable[[int, int], bytes]
    """Gives so many bytes at an address of the process, or fewer."""
    epoll: Callable[[int], tuple[tuple[int, int], ...]]
    """Gives the (descriptor, events) that an epoll descriptor of the process waits for."""


def decode(frame: Frame) -> Waiting | None:
    """What the thread waits for; None for a call that is not in the table."""
    read = _CALLS.get(frame.name)
    return None if read is None else read(frame)


def _number(value: int) -> int:
    """An argument of the C type int."""
    value &= 0xFFFFFFFF
    return value - 2**32 if value >= 2**31 else value


def _on(*interests: tuple[int, bool]) -> Callable[[Frame], Waiting]:
    """A call that waits for descriptors, each (which argument, whether to write)."""

    def read(frame: Frame) -> Waiting:
        return Waiting(
            "descriptor",
            frame.name,
            tuple(Interest(_number(frame.args[place]), writes) for place, writes in interests),
        )

    return read


def _plain(on: On, limit: int | None = None) -> Callable[[Frame], Waiting]:
    """A call that says nothing but what sort it waits for; `limit` is the argument that points to a time."""
    return lambda frame: Waiting(on, frame.name, has_limit=limit is not None and frame.args[limit] != 0)


def _poll(frame: Frame) -> Waiting:
    address, count = frame.args[0], min(frame.args[1], _MOST_DESCRIPTORS)
    data = frame.memory(address, 8 * count)
    found = [
        (number, events) for number, events, _ in struct.iter_unpack("=ihh", data[: len(data) & ~7]) if number >= 0
    ]
    has_limit = frame.args[2] != 0 if frame.name == "ppoll" else _number(frame.args[2]) >= 0
    return _many(frame, found, is_exact=len(data) == 8 * count, has_limit=has_limit)


def _select(frame: Frame) -> Waiting:
    count = min(frame.args[0], _MOST_DESCRIPTORS)
    # The kernel's fd_set is an array of long.
    size = (count + 63) // 64 * 8
    found: list[tuple[int, int]] = []
    is_exact = True
    for address, events in zip(frame.args[1:4], (_IN, _OUT, _IN)):
        bits = frame.memory(address, size) if address else b""
        is_exact = is_exact and (not address or len(bits) == size)
        mask = int.from_bytes(bits, "little")
        found += [(number, events) for number in range(min(count, 8 * len(bits))) if mask >> number & 1]
    return _many(frame, found, is_exact=is_exact, has_limit=frame.args[4] != 0)


def _epoll(frame: Frame) -> Waiting:
    has_limit = frame.args[3] != 0 if frame.name == "epoll_pwait2" else _number(frame.args[3]) >= 0
    return _many(frame, frame.epoll(_number(frame.args[0])), is_exact=True, has_limit=has_limit)


def _many(
    frame: Frame, found: list[tuple[int, int]] | tuple[tuple[int, int], ...], *, is_exact: bool, has_limit: bool
) -> Waiting:
    """A wait for any of several descriptors; for none of them, it is one for time or for a signal."""
    if not found and is_exact:
        return Waiting("time" if has_limit else "signal", frame.name, has_limit=has_limit)
    return Waiting("descriptor", frame.name, interests(found), is_exact, has_limit=has_limit)


def interests(found: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> tuple[Interest, ...]:
    """(descriptor, events) of poll(2) as what is waited for; one that waits for errors only waits like a reader."""
    reads = [Interest(number, False) for number, events in found if events & _IN or not events & _OUT]
    return (*reads, *(Interest(number, True) for number, events in found if events & _OUT))


def _child(frame: Frame) -> Waiting:
    if frame.name == "waitid":
        # idtype_t of waitid(2): 1 is P_PID, 3 is P_PIDFD.
        if frame.args[0] == 3:
            return Waiting("descriptor", frame.name, (Interest(_number(frame.args[1]), False),))
        return Waiting("child", frame.name, child=_number(frame.args[1]) if frame.args[0] == 1 else 0)
    return Waiting("child", frame.name, child=max(0, _number(frame.args[0])))


def _futex(frame: Frame) -> Waiting:
    return Waiting("futex", frame.name, is_private=bool(frame.args[1] & _FUTEX_PRIVATE), has_limit=frame.args[3] != 0)


def _lock(frame: Frame) -> Waiting:
    return Waiting("lock", frame.name, (Interest(_number(frame.args[0]), True),))


def _open(frame: Frame) -> Waiting:
    address, flags = frame.args[:2] if frame.name == "open" else frame.args[1:3]
    if frame.name == "openat2":
        # struct open_how begins with the flags.
        flags = int.from_bytes(frame.memory(flags, 8), "little")
    to_write = flags & os.O_ACCMODE == os.O_WRONLY
    return Waiting("open", frame.name, path=_text(frame, address), opens_to_write=to_write)


def _text(frame: Frame, address: int) -> str:
    """The string at an address, page by page: the next one may not be there."""
    text = b""
    while len(text) < _LONGEST_PATH:
        size = _PAGE - (address + len(text)) % _PAGE
        piece = frame.memory(address + len(text), size)
        text += piece
        if b"\0" in piece or len(piece) < size:
            break
    return os.fsdecode(text.partition(b"\0")[0])


_reads, _writes = _on((0, False)), _on((0, True))

_CALLS: dict[str, Callable[[Frame], Waiting]] = {
    **dict.fromkeys(("read", "readv", "pread64", "preadv", "preadv2"), _reads),
    **dict.fromkeys(("recvfrom", "recvmsg", "recvmmsg", "accept", "accept4"), _reads),
    **dict.fromkeys(("write", "writev", "pwrite64", "pwritev", "pwritev2", "vmsplice"), _writes),
    **dict.fromkeys(("sendto", "sendmsg", "sendmmsg", "connect", "ioctl"), _writes),
    "splice": _on((0, False), (2, True)),
    "tee": _on((0, False), (1, True)),
    "sendfile": _on((1, False), (0, True)),
    **dict.fromkeys(("poll", "ppoll"), _poll),
    **dict.fromkeys(("select", "pselect6"), _select),
    **dict.fromkeys(("epoll_wait", "epoll_pwait", "epoll_pwait2"), _epoll),
    **dict.fromkeys(("wait4", "waitid"), _child),
    # Who sleeps in these waits for the new process to run a program (CLONE_VFORK).
    **dict.fromkeys(("clone", "clone3", "vfork"), _plain("child")),
    "futex": _futex,
    "futex_waitv": _plain("futex", limit=3),
    **dict.fromkeys(("nanosleep", "clock_nanosleep"), _plain("time")),
    **dict.fromkeys(("pause", "rt_sigsuspend"), _plain("signal")),
    "rt_sigtimedwait": _plain("signal", limit=2),
    **dict.fromkeys(("flock", "fcntl"), _lock),
    **dict.fromkeys(("open", "openat", "openat2"), _open),
    "io_uring_enter": _plain("other"),
}
