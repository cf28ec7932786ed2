"""Waiting for processes that are not our children: by events, and by looking where there are none."""

from __future__ import annotations

import math
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from procrun.system import table
from procrun.system.ends import Ends
from procrun.system.facts import Row

Argv = Callable[..., list[str]]
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture(params=["events", "looking"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "looking":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    elif not hasattr(os, "pidfd_open"):
        pytest.skip("this system or Python has no pidfds")
    return str(request.param)


@pytest.fixture
def start(python_program: Argv) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def one() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(python_program("hold_pipe"), stdin=subprocess.DEVNULL))
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.wait()


def row_of(process: subprocess.Popen[bytes]) -> Row:
    row = table.find_row(process.pid)
    assert row is not None
    return row


def test_all_of_them_are_waited_for(way: str, start: Start) -> None:
    processes = [start() for _ in range(3)]
    ends = Ends((row_of(process), None) for process in processes)
    assert bool(ends.descriptors) == (way != "looking")
    killer = threading.Thread(target=lambda: [process.kill() for process in processes])
    killer.start()
    ends.wait(time.monotonic() + 60)
    killer.join()
    # A zombie has ended; nobody has reaped them.
    assert ends.is_done
    ends.close()


@pytest.mark.parametrize("deadline", [1e10, math.inf])
def test_a_deadline_beyond_what_the_system_waits_for_at_once(deadline: float, way: str, start: Start) -> None:
    process = start()
    ends = Ends([(row_of(process), None)])
    # It is still there when the wait begins.
    killer = threading.Timer(0.2, process.kill)
    killer.start()
    ends.wait(deadline)
    killer.join()
    assert ends.is_done
    ends.close()


def test_not_longer_than_until_the_deadline(way: str, start: Start) -> None:
    processes = [start(), start()]
    ends = Ends((row_of(process), None) for process in processes)
    processes[0].kill()
    begin = time.monotonic()
    ends.wait(begin + 0.3)
    assert 0.3 <= time.monotonic() - begin < 30
    assert not ends.is_done
    ends.close()


def test_a_handle_of_the_caller_s_stays_open(start: Start) -> None:
    process = start()
    row = row_of(process)
    handle = table.open_handle(row)
    if handle is None:
        pytest.skip("this system or Python has no pidfds")
    ends = Ends([(row, handle)])
    process.kill()
    ends.wait(time.monotonic() + 60)
    assert ends.is_done
    ends.close()
    os.close(handle)


def test_who_has_gone_already_is_not_waited_for(way: str, start: Start) -> None:
    process = start()
    row = row_of(process)
    process.kill()
    process.wait()
    ends = Ends([(row, None)])
    ends.wait(time.monotonic() + 60)
    assert ends.is_done
    ends.close()


def test_looking_again_later_and_later(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    ends = Ends([(row_of(start()), None)])
    now = time.monotonic()
    pauses = [ends.limit(now + 1000) - now for _ in range(10)]
    assert pauses == sorted(pauses)
    assert pauses[-1] < 30
    assert ends.limit(now) == now
    ends.set()
    ends.close()
