"""What system calls wait for, from their arguments; that these are the kernel's is shown in test_linux_proc.py."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from procrun.system.facts import Interest, Waiting
from procrun.system.linux_calls import _CALLS, NUMBERS, Frame, decode, interests

IN, OUT, PRI, RDHUP = 0x1, 0x4, 0x2, 0x2000
BASE = 0x1000
MINUS_ONE = 0xFFFFFFFFFFFFFFFF


def waiting(name: str, *args: int, memory: bytes = b"", polled: tuple[tuple[int, int], ...] = ()) -> Any:
    """The answer for a call whose process has some bytes of memory at BASE."""

    def read(address: int, size: int) -> bytes:
        return memory[address - BASE : address - BASE + size] if address >= BASE else b""

    return decode(Frame(name, (*args, *(0,) * (6 - len(args))), read, lambda number: polled))


def reads(*numbers: int) -> tuple[Interest, ...]:
    return tuple(Interest(number, False) for number in numbers)


def writes(*numbers: int) -> tuple[Interest, ...]:
    return tuple(Interest(number, True) for number in numbers)


def pollfds(*entries: tuple[int, int]) -> bytes:
    return b"".join(struct.pack("=ihh", number, events, 0) for number, events in entries)


@pytest.mark.parametrize(
    ("name", "args", "wanted"),
    [
        ("read", (3,), reads(3)),
        ("recvmsg", (4,), reads(4)),
        ("accept4", (5,), reads(5)),
        ("write", (1,), writes(1)),
        ("sendto", (6,), writes(6)),
        ("connect", (6,), writes(6)),
        ("splice", (3, 0, 4, 0), (*reads(3), *writes(4))),
        ("tee", (3, 4), (*reads(3), *writes(4))),
        ("sendfile", (4, 3), (*reads(3), *writes(4))),
        # An int of 32 bits, in a register of 64 with anything above.
        ("read", (0xFFFFFFFF00000003,), reads(3)),
    ],
)
def test_a_call_on_descriptors(name: str, args: tuple[int, ...], wanted: tuple[Interest, ...]) -> None:
    assert waiting(name, *args) == Waiting("descriptor", name, wanted)


@pytest.mark.parametrize(("timeout", "has_limit"), [(0xFFFFFFFF, False), (MINUS_ONE, False), (0, True), (1000, True)])
def test_poll(timeout: int, has_limit: bool) -> None:
    # A negative descriptor is one that poll(2) ignores.
    memory = pollfds((0, IN), (1, OUT), (-1, IN), (5, IN | OUT), (6, RDHUP))
    wanted = (*reads(0, 5, 6), *writes(1, 5))
    assert waiting("poll", BASE, 5, timeout, memory=memory) == Waiting(
        "descriptor", "poll", wanted, has_limit=has_limit
    )


@pytest.mark.parametrize(("pointer", "has_limit"), [(0, False), (BASE, True)])
def test_a_pointer_to_a_time_is_a_limit(pointer: int, has_limit: bool) -> None:
    memory = pollfds((0, IN))
    assert waiting("ppoll", BASE, 1, pointer, memory=memory).has_limit == has_limit
    assert waiting("pselect6", 0, 0, 0, 0, pointer).has_limit == has_limit
    assert waiting("futex", 0, 0, 0, pointer).has_limit == has_limit
    assert waiting("rt_sigtimedwait", 0, 0, pointer).has_limit == has_limit
    assert waiting("epoll_pwait2", 3, 0, 1, pointer, polled=((0, IN),)).has_limit == has_limit


def test_memory_that_cannot_be_read_is_not_exact() -> None:
    whole = pollfds((0, IN), (1, OUT))
    assert waiting("poll", BASE, 2, MINUS_ONE, memory=whole[:9]) == Waiting(
        "descriptor", "poll", reads(0), is_exact=False
    )
    assert waiting("select", 8, BASE, 0, 0, 0, memory=b"").is_exact is False


def test_select() -> None:
    sets = {place: bytearray(16) for place in range(3)}
    for place, number in ((0, 3), (0, 70), (1, 4), (2, 5)):
        sets[place][number // 8] |= 1 << number % 8
    memory = b"".join(map(bytes, sets.values()))
    found = waiting("select", 71, BASE, BASE + 16, BASE + 32, 0, memory=memory)
    assert found == Waiting("descriptor", "select", (*reads(3, 70, 5), *writes(4)))
    # Bits behind the count are the caller's, and not looked at.
    assert waiting("select", 70, BASE, 0, 0, 0, memory=memory).interests == reads(3)


@pytest.mark.parametrize(
    ("name", "args", "on"),
    [("poll", (0, 0, 50), "time"), ("poll", (0, 0, MINUS_ONE), "signal"), ("select", (0, 0, 0, 0, BASE), "time")],
)
def test_waiting_for_no_descriptor_is_waiting_for_time(name: str, args: tuple[int, ...], on: str) -> None:
    assert waiting(name, *args) == Waiting(on, name, has_limit=on == "time")  # type: ignore[arg-type]


def test_epoll() -> None:
    found = waiting("epoll_wait", 3, 0, 10, 0xFFFFFFFF, polled=((0, IN | PRI), (7, OUT), (9, 0)))
    assert found == Waiting("descriptor", "epoll_wait", (*reads(0, 9), *writes(7)))


@pytest.mark.parametrize(
    ("name", "args", "wanted"),
    [
        ("wait4", (77,), Waiting("child", "wait4", child=77)),
        ("wait4", (MINUS_ONE,), Waiting("child", "wait4")),
        # A group of processes.
        ("wait4", (0xFFFFFF00,), Waiting("child", "wait4")),
        ("waitid", (1, 77), Waiting("child", "waitid", child=77)),
        ("waitid", (0, 0), Waiting("child", "waitid")),
        ("waitid", (3, 5), Waiting("descriptor", "waitid", reads(5))),
        ("clone3", (), Waiting("child", "clone3")),
    ],
)
def test_waiting_for_children(name: str, args: tuple[int, ...], wanted: Waiting) -> None:
    assert waiting(name, *args) == wanted


@pytest.mark.parametrize(("operation", "is_private"), [(0x189, True), (128, True), (0, False), (9, False)])
def test_a_futex_tells_whether_others_share_it(operation: int, is_private: bool) -> None:
    assert waiting("futex", BASE, operation, 2) == Waiting("futex", "futex", is_private=is_private)


@pytest.mark.parametrize("name", ["open", "openat", "openat2"])
@pytest.mark.parametrize(
    ("flags", "to_write"), [(os.O_RDONLY, False), (os.O_WRONLY | os.O_CREAT, True), (os.O_RDWR, False)]
)
def test_opening_a_file(name: str, flags: int, to_write: bool) -> None:
    memory = b"/tmp/a b\0garbage".ljust(64, b"\xff") + struct.pack("=Q", flags)
    args = {
        "open": (BASE, flags),
        "openat": (0xFFFFFF9C, BASE, flags),
        "openat2": (0xFFFFFF9C, BASE, BASE + 64, 24),
    }
    found = waiting(name, *args[name], memory=memory)
    assert found == Waiting("open", name, path="/tmp/a b", opens_to_write=to_write)


def test_a_path_that_goes_on_behind_its_page() -> None:
    start = 4096 - 5
    path = b"/" + b"x" * 20
    assert waiting("openat", 0, BASE + start, 0, memory=bytes(start) + path + b"\0").path == os.fsdecode(path)


def test_a_path_that_never_ends_is_cut() -> None:
    assert len(waiting("openat", 0, BASE, 0, memory=b"x" * 20000).path) <= 8192


def test_a_call_that_is_not_known_says_nothing() -> None:
    assert waiting("") is None
    assert waiting("fsync", 3) is None


def test_events_of_errors_only_are_a_reader_s() -> None:
    assert interests([(3, 0), (4, 0x8)]) == reads(3, 4)


@pytest.mark.parametrize("machine", NUMBERS)
def test_every_call_of_the_tables_has_a_meaning(machine: str) -> None:
    assert set(NUMBERS[machine].values()) - set(_CALLS) == {"restart_syscall"}


HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_the_kernel_s(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.is_file():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text("utf-8"), re.MULTILINE)
    numbers = {int(number): name for name, number in found}
    known = {number: name for number, name in NUMBERS[machine].items() if number in numbers}
    assert {number: numbers[number] for number in known} == known
    assert len(known) > 30
