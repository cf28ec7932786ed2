"""Processes on Unix: their end, their status, and their environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

if os.name != "posix":
    pytest.skip("these are the processes of Unix", allow_module_level=True)

from procrun import system
from procrun.status import ExitStatus

Argv = Callable[..., list[str]]


def spawn(argv: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture(params=["pidfd", "looking"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way to wait for a process with a timeout that this system has."""
    if request.param == "pidfd" and not hasattr(os, "pidfd_open"):
        pytest.skip("only Linux has pidfds")
    if request.param == "looking":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_waiting_for_an_end_does_not_reap(python_program: Argv) -> None:
    process = spawn(python_program("exit_with", 3))
    assert system.await_exit(process, 60)
    assert system.await_exit(process, None)
    assert system.await_exit(process, 0)
    ending = system.reap(process)
    assert (ending.status, process.returncode) == (ExitStatus(3), 3)
    assert ending.user_time + ending.system_time > 0
    assert ending.peak_memory > 1_000_000


@pytest.mark.usefixtures("way")
def test_waiting_for_an_end_takes_no_longer_than_it_may(python_program: Argv) -> None:
    process = spawn(python_program("hold_pipe"))
    try:
        for timeout in (-1.0, 0.0, 0.05):
            start = time.monotonic()
            assert not system.await_exit(process, timeout)
            assert time.monotonic() - start >= timeout
    finally:
        end(process)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("timeout", [1e10, float("inf")])
def test_waiting_for_very_long(timeout: float, python_program: Argv) -> None:
    process = spawn(python_program("exit_with", 0))
    assert system.await_exit(process, timeout)
    system.reap(process)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("timeout", [None, 60.0])
def test_a_status_that_somebody_else_took(timeout: float | None, python_program: Argv) -> None:
    process = spawn(python_program("exit_with", 3))
    os.waitpid(process.pid, 0)
    assert system.await_exit(process, timeout)
    with pytest.raises(ChildProcessError):
        system.reap(process)
    process.returncode = 3


def test_without_a_pidfd_the_process_is_no_stream(python_program: Argv, monkeypatch: pytest.MonkeyPatch) -> None:
    process = spawn(python_program("exit_with", 0))
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    assert system.exit_descriptor(process) is None
    process.wait()


def test_a_signal_is_told_with_its_number(python_program: Argv) -> None:
    process = spawn(python_program("exit_with", -15))
    system.await_exit(process, None)
    assert system.reap(process).status == ExitStatus(signal=signal.SIGTERM)


def test_the_environment_of_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "ours")
    monkeypatch.setenv("GONE", "gone")
    monkeypatch.delenv(system.MARK, raising=False)
    changes = [("NEW", "new"), ("GONE", None), ("NEVER", None), ("NEW", "newer"), ("ÄÖ", "ü\udcff")]
    variables = system.environment(changes, clean=False, marks=("a", "b"))
    assert variables[b"OURS"] == b"ours"
    assert variables[b"NEW"] == b"newer"
    assert variables["ÄÖ".encode()] == b"\xc3\xbc\xff"
    assert variables[b"PROCRUN_RUN"] == b"a b"
    assert not {b"GONE", b"NEVER"} & set(variables)
    assert system.environment(changes, clean=True, marks=("a",)) == {
        b"NEW": b"newer",
        "ÄÖ".encode(): b"\xc3\xbc\xff",
        b"PROCRUN_RUN": b"a",
    }


def test_a_run_inside_another_keeps_its_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(system.MARK, "outer one")
    assert system.environment((), clean=True, marks=("own",)) == {b"PROCRUN_RUN": b"outer one own"}


def test_signalling_a_process(python_program: Argv) -> None:
    process = spawn(python_program("hold_pipe"))
    system.send_signal(process.pid, signal.SIGTERM)
    assert system.await_exit(process, 60)
    assert system.reap(process).status == ExitStatus(signal=signal.SIGTERM)
    with pytest.raises(ProcessLookupError):
        system.send_signal(process.pid, signal.SIGTERM)


def test_a_shell_gets_its_text_and_arguments() -> None:
    done = subprocess.run(system.shell_argv('printf %s- "$0" "$@"', ["a b", "$c"]), capture_output=True, check=True)
    assert done.stdout == b"sh-a b-$c-"


def test_ending_by_a_signal() -> None:
    code = "import signal; from procrun import system; system.end_by_signal(signal.SIGINT)"
    done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL, check=False)
    assert done.returncode == -signal.SIGINT


def test_a_terminal_is_shared_only_where_there_is_one() -> None:
    code = "from procrun.system import terminal; print(terminal.shares_signals())"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True, check=True)
    assert done.stdout == b"False\n"
