"""Exit statuses in their four spellings."""

from __future__ import annotations

import os
import pickle
import signal

import pytest
from hypothesis import given, strategies as st

from procrun.status import ExitStatus, signal_name, signal_numbers

POSIX = os.name == "posix"


@pytest.mark.parametrize(
    ("status", "returncode", "shell", "wait_status"),
    [
        (ExitStatus(0), 0, 0, 0),
        (ExitStatus(1), 1, 1, 256),
        (ExitStatus(3), 3, 3, 768),
        (ExitStatus(255), 255, 255, 65280),
        (ExitStatus(0xC0000005), 0xC0000005, 0xC0000005, 0xC0000005 << 8),
        (ExitStatus(signal=9), -9, 137, 9),
        (ExitStatus(signal=15), -15, 143, 15),
        (ExitStatus(signal=11, dumped_core=True), -11, 139, 139),
        (ExitStatus(signal=64), -64, 192, 64),
    ],
)
def test_spellings(status: ExitStatus, returncode: int, shell: int, wait_status: int) -> None:
    assert (status.returncode, status.shell, status.wait_status) == (returncode, shell, wait_status)


@given(st.integers(0, 255))
def test_a_code_survives_each_way_there_and_back(code: int) -> None:
    assert ExitStatus.from_returncode(code) == ExitStatus.from_wait_status(code << 8) == ExitStatus(code)
    assert ExitStatus.from_wait_status(ExitStatus(code).wait_status) == ExitStatus(code)


@given(st.integers(1, 126), st.booleans())
def test_a_signal_survives_each_way_there_and_back(number: int, core: bool) -> None:
    status = ExitStatus(signal=number, dumped_core=core)
    assert ExitStatus.from_wait_status(status.wait_status) == status
    assert ExitStatus.from_returncode(status.returncode) == ExitStatus(signal=number)


@pytest.mark.skipif(not POSIX, reason="wait statuses are POSIX's")
@given(st.integers(0, 0xFFFF))
def test_a_wait_status_means_what_the_system_says(raw: int) -> None:
    if os.WIFEXITED(raw):
        assert ExitStatus.from_wait_status(raw) == ExitStatus(os.WEXITSTATUS(raw))
    elif os.WIFSIGNALED(raw):
        expected = ExitStatus(signal=os.WTERMSIG(raw), dumped_core=os.WCOREDUMP(raw))
        assert ExitStatus.from_wait_status(raw) == expected


@pytest.mark.parametrize("raw", [0x137F, 0x7F, 0xFFFF])
def test_a_process_that_has_only_stopped_has_no_exit_status(raw: int) -> None:
    with pytest.raises(ValueError) as raised:
        ExitStatus.from_wait_status(raw)
    assert str(raised.value) == f"the wait status {raw:#x} is that of a process that was stopped, and has not ended"


@pytest.mark.parametrize("fields", [{}, {"code": 1, "signal": 1}, {"code": 0, "signal": 15}])
def test_a_status_is_a_code_or_a_signal(fields: dict[str, int]) -> None:
    with pytest.raises(ValueError) as raised:
        ExitStatus(**fields)
    assert str(raised.value) == "an ExitStatus has either a code or a signal"


@pytest.mark.parametrize(
    ("status", "is_success", "is_broken_pipe", "words"),
    [
        (ExitStatus(0), True, False, "exited with status 0"),
        (ExitStatus(3), False, False, "exited with status 3"),
        (ExitStatus(127), False, False, "exited with status 127"),
        (ExitStatus(141), False, True, "exited with status 141"),
        (ExitStatus(0x7FFFFFFF), False, False, "exited with status 2147483647"),
        (ExitStatus(0xC0000005), False, False, "exited with status 0xc0000005"),
        (ExitStatus(signal=13), False, True, "was ended by SIGPIPE"),
        (ExitStatus(signal=15), False, False, "was ended by SIGTERM"),
        (ExitStatus(signal=11, dumped_core=True), False, False, "was ended by SIGSEGV (core dumped)"),
        (ExitStatus(signal=99), False, False, "was ended by signal 99"),
    ],
)
def test_what_a_status_says(status: ExitStatus, is_success: bool, is_broken_pipe: bool, words: str) -> None:
    assert (status.is_success, status.is_broken_pipe, status.describe()) == (is_success, is_broken_pipe, words)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL", "SIGPIPE", "SIGSEGV"])
def test_a_signal_has_the_name_that_people_know(name: str) -> None:
    assert signal_name(signal_numbers()[name]) == name


def test_every_signal_of_python_is_named() -> None:
    for kind in signal.Signals:
        if kind.name.startswith("SIG"):
            assert signal_numbers()[signal_name(kind)] == kind


def test_a_status_is_a_value() -> None:
    status = ExitStatus(signal=9)
    assert {status: 1}[ExitStatus(signal=9)] == 1
    assert pickle.loads(pickle.dumps(status)) == status
    with pytest.raises(AttributeError):
        status.code = 1  # type: ignore[misc]
