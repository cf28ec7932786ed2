"""One child: its end is awaited without reaping, and no signal reaches a stranger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from procrun.engine.child import Child
from procrun.errors import ProcrunError
from procrun.status import ExitStatus

POSIX = os.name == "posix"
Argv = Callable[..., list[str]]


def spawn(argv: list[str]) -> Child:
    return Child(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))


@pytest.mark.parametrize("code", [0, 3, 255])
def test_its_status_is_what_it_gave(code: int, python_program: Argv) -> None:
    child = spawn(python_program("exit_with", code))
    assert child.wait(None)
    assert child.is_done
    assert child.status == ExitStatus(code)
    assert child.ending is not None
    assert child.ending.user_time + child.ending.system_time > 0
    assert child.started <= child.ended <= time.monotonic()
    assert child.process.returncode == code


def test_waiting_ends_at_the_deadline(python_program: Argv) -> None:
    child = spawn(python_program("hold_pipe"))
    for deadline in (time.monotonic() - 1, time.monotonic(), time.monotonic() + 0.05):
        assert not child.wait(deadline)
        assert time.monotonic() >= deadline
        assert not child.is_done
    assert child.send_signal(signal.SIGTERM)
    assert child.wait(None)


@pytest.mark.skipif(not POSIX, reason="Windows has no signals")
def test_a_child_that_has_ended_keeps_its_pid_until_it_is_reaped(python_program: Argv) -> None:
    child = spawn(python_program("exit_with", 0))
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    # A zombie can be signalled, which does nothing.
    assert child.send_signal(signal.SIGKILL)
    assert child.wait(None)
    assert child.status == ExitStatus(0)


def test_a_signal_after_the_reaping_is_dropped(python_program: Argv, monkeypatch: pytest.MonkeyPatch) -> None:
    child = spawn(python_program("exit_with", 0))
    assert child.wait(None)
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(pid))
    assert not child.send_signal(signal.SIGTERM)
    assert sent == []


def test_many_threads_wait_and_signal_at_once(python_program: Argv) -> None:
    child = spawn(python_program("hold_pipe"))
    barrier = threading.Barrier(8)
    ended: list[bool] = []

    def work(place: int) -> None:
        barrier.wait()
        if place % 2:
            child.send_signal(signal.SIGTERM)
        ended.append(child.wait(None))

    threads = [threading.Thread(target=work, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [True] * 8
    assert child.status.signal == signal.SIGTERM or not POSIX


def test_serving_twice_reaps_once(python_program: Argv) -> None:
    child = spawn(python_program("exit_with", 3))
    assert child.wait(None)
    ended = child.ended
    child.serve()
    assert (child.ended, child.status, child.error) == (ended, ExitStatus(3), None)


@pytest.mark.skipif(not POSIX, reason="Windows has no wait()")
def test_a_status_that_somebody_else_took_is_no_success(python_program: Argv) -> None:
    child = spawn(python_program("exit_with", 0))
    assert os.waitpid(child.pid, 0)[0] == child.pid
    assert child.wait(None)
    assert child.status == ExitStatus(125)
    assert isinstance(child.error, ProcrunError)
    assert str(child.error) == (
        f"the status of process {child.pid} was taken by another part of this program\n"
        "  do not ignore SIGCHLD and do not call os.wait() while procrun runs programs"
    )


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux has pidfds")
def test_it_is_a_stream_that_becomes_readable_at_its_end(python_program: Argv) -> None:
    from procrun import system

    child = spawn(python_program("exit_with", 3))
    assert child.watch()
    descriptor = child.descriptor
    assert child.watch()
    assert child.descriptor == descriptor
    assert system.serve_streams([child], time.monotonic() + 60)
    assert (child.is_done, child.status, child.descriptor) == (True, ExitStatus(3), -1)
    assert not child.watch()


def test_one_that_could_not_be_ended_counts_as_killed() -> None:
    child = spawn([sys.executable, "-S", "-c", "input()"])
    assert child.status == ExitStatus(signal=9)
    child.close()
    child.send_signal(signal.SIGTERM)
    assert child.wait(None)
