"""What threads wait for, in words and with whom; and which of several waits holds a process up."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import psutil
import pytest

from procrun.monitor.locks import Locks
from procrun.monitor.pipes import Survey
from procrun.monitor.waits import Wait, deciding, listed, waits_of
from procrun.system import processes as system


def waits(pid: int) -> tuple[Wait, ...]:
    pids = psutil.pids()
    children = tuple(child.pid for child in psutil.Process(pid).children())
    return waits_of(pid, system.tasks(pid), children, Survey(pids), Locks(pids))


linux = pytest.mark.skipif(not system.KNOWS_WAITS, reason="only Linux tells what a process waits for")


@linux
def test_a_pipe(ward: Any) -> None:
    process = ward.start("read")
    ward.stands(process.pid, "read")
    pipe = ward.number(process.stdin)
    us = os.getpid()
    what = f"data on stdin (pipe {pipe}, which {us} can write)"
    assert waits(process.pid) == (Wait("pipe", what, process.pid, (us,), 0, f"pipe:[{pipe}]"),)


@linux
def test_every_thread_and_every_descriptor(ward: Any) -> None:
    process = ward.start("wait_in_thread")
    ward.stands(process.pid, "read")
    ward.stands(process.pid, "futex")
    main, other = waits(process.pid)
    assert (main.kind, main.thread, other.kind, other.writes) == ("lock", process.pid, "pipe", False)
    both = ward.start("poll_both")
    ward.stands(both.pid, "poll")
    assert [(wait.kind, wait.descriptor, wait.writes) for wait in waits(both.pid)] == [
        ("pipe", 0, False),
        ("pipe", 1, True),
    ]


@linux
@pytest.mark.parametrize(("count", "what"), [(1, "its child {}"), (2, "one of its children {} or {}")])
def test_any_child(count: int, what: str, ward: Any) -> None:
    process = ward.start("wait_for_any", count, stdout=subprocess.DEVNULL)
    children = tuple(int(ward.said(process)) for _ in range(count))
    ward.stands(process.pid, "wait4")
    (wait,) = waits(process.pid)
    assert (wait.kind, wait.targets, wait.what) == ("child", children, what.format(*children))


@linux
def test_what_is_only_probable(ward: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system call is not told, several pipes may be the one."""
    from procrun.system import linux_proc

    process = ward.start("own_pipe")
    ward.stands(process.pid, "read")
    monkeypatch.setattr(linux_proc, "_MACHINE", "vax")
    one, other = waits(process.pid)
    assert (one.is_certain, one.descriptor, other.is_certain, other.descriptor) == (False, 0, False, 3)
    assert one.what == f"probably data on stdin (pipe {ward.number(process.stdin)}, which {os.getpid()} can write)"


@linux
def test_a_process_that_tells_nothing() -> None:
    assert waits_of(os.getpid(), (), (), Survey([]), Locks([])) == ()


MAIN, OTHER = 10, 11


def wait(kind: str, thread: int) -> Wait:
    return Wait(kind, "it", thread)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kinds", "wanted"),
    [
        ([("pipe", MAIN), ("pipe", OTHER)], [0]),
        ([("pipe", MAIN), ("terminal", MAIN)], [0, 1]),
        # An event loop: what wakes it up says nothing.
        ([("lock", MAIN), ("child", MAIN)], [1]),
        ([("lock", MAIN), ("pipe", OTHER)], [1]),
        ([("time", MAIN), ("pipe", OTHER), ("network", OTHER)], [1, 2]),
        ([("lock", MAIN), ("lock", OTHER)], [0]),
        # Who sleeps may give the lock afterwards.
        ([("lock", MAIN), ("time", OTHER)], [1]),
        ([("signal", MAIN), ("lock", OTHER)], [0]),
        # The main thread runs, or has ended.
        ([("lock", OTHER)], [0]),
        ([], []),
    ],
)
def test_what_holds_a_process_up(kinds: list[tuple[str, int]], wanted: list[int]) -> None:
    found = tuple(wait(kind, thread) for kind, thread in kinds)
    assert deciding(MAIN, found) == tuple(found[place] for place in wanted)


@pytest.mark.parametrize(
    ("pids", "text"),
    [
        ((), ""),
        ((1,), "1"),
        ((1, 2), "1 and 2"),
        ((1, 2, 3), "1, 2 and 3"),
        (tuple(range(9)), "0, 1, 2, 3, 4 and 4 more"),
    ],
)
def test_processes_in_a_sentence(pids: tuple[int, ...], text: str) -> None:
    assert listed(pids) == text
    assert listed(pids, "or") == text.replace("and", "or")
