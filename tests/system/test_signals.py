"""The contract of `procrun.system.signals`, as this system keeps it."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from procrun.system import signals as system

posix = pytest.mark.skipif(os.name == "nt", reason="Windows answers otherwise")
windows = pytest.mark.skipif(os.name != "nt", reason="only Windows answers so")


@posix
@pytest.mark.parametrize("number", sorted(signal.valid_signals()))
def test_every_signal_but_two_has_its_own_place(number: int) -> None:
    expected = None if number in (signal.SIGKILL, signal.SIGSTOP) else number
    assert system.slot(number) == expected


@windows
@pytest.mark.parametrize(
    ("number", "expected"), [(2, 2), (15, 15), (21, 21), (14, 4), (1, None), (9, None), (13, None)]
)
def test_windows_has_places_for_some(number: int, expected: int | None) -> None:
    assert system.slot(number) == expected


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_what_is_no_signal_has_no_place(number: int) -> None:
    assert system.slot(number) is None


@posix
def test_an_action_that_was_saved_can_be_put_back() -> None:
    action = system.save_action(signal.SIGUSR1)
    assert action is not None
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    ignoring = system.save_action(signal.SIGUSR1)
    assert ignoring is not None and ignoring != action
    system.put_back_action(signal.SIGUSR1, action)
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)


@posix
def test_an_action_that_the_system_refuses_is_an_error() -> None:
    action = system.save_action(signal.SIGUSR1)
    assert action is not None
    with pytest.raises(OSError, match="Invalid argument"):
        system.put_back_action(signal.SIGKILL, action)


@windows
def test_windows_does_not_tell_actions() -> None:
    assert system.save_action(signal.SIGINT) is None


@posix
def test_the_timer_tells_what_it_had_left() -> None:
    before = system.set_interval_timer(0)
    try:
        assert system.set_interval_timer(100, 5) == (0, 0)
        assert system.set_interval_timer(0) == (pytest.approx(100, abs=1), pytest.approx(5))
    finally:
        system.set_interval_timer(*before)


@posix
@pytest.mark.parametrize(("action", "status"), [("SIG_DFL", -14), ("SIG_IGN", 3)], ids=["default", "ignored"])
def test_an_alarm_does_what_the_signal_does(action: str, status: int) -> None:
    code = f"""
import signal, sys
from procrun.system import signals
signal.signal(14, signal.{action})
signals.raise_alarm()
sys.exit(3)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == status


def test_bytes_go_through_the_descriptors_for_waiting() -> None:
    ours, theirs = system.open_wakeup()
    with descriptors(ours, theirs):
        assert system.read_wakeup(ours) == b""
        system.write_wakeup(theirs, b"ab" * 5000)
        assert select.select([ours], [], [], 60) == ([ours], [], [])
        assert system.read_wakeup(ours) == b"ab" * 5000
        assert system.read_wakeup(ours) == b""
        assert signal.set_wakeup_fd(theirs) == -1
        assert signal.set_wakeup_fd(-1) == theirs


def test_what_a_descriptor_has_no_room_for_is_dropped() -> None:
    ours, theirs = system.open_wakeup()
    with descriptors(ours, theirs):
        for _ in range(1000):
            system.write_wakeup(theirs, b"x" * 4096)
        assert len(system.read_wakeup(ours)) < 1000 * 4096


def test_what_nobody_reads_is_dropped() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        ours.close()
        system.write_wakeup(theirs.fileno(), b"ab")


@contextmanager
def descriptors(*numbers: int) -> Iterator[None]:
    """Close descriptors, which are handles of sockets on Windows."""
    yield
    for number in numbers:
        if os.name == "nt":
            socket.socket(fileno=number).close()
        else:
            os.close(number)
