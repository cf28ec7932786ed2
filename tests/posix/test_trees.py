"""Trees that are hard to end, all of real processes: each is ended completely, reported right, and in bounded time."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from procrun import CAPTURE, PIPE, RunTimeout
from procrun.signals import StopReport, stop
from procrun.system import table

Program = Callable[..., Any]

SECONDS = 60
"""As long as it may take on a machine that does other things, too; alone it takes less than one."""


@pytest.fixture
def marked(program: Program) -> Iterator[Callable[..., Any]]:
    """`marked(name, …)`: a run that has said it is ready; whatever a failed test leaves of it is killed."""
    runs: list[Any] = []

    def start(name: str, *args: object, **options: Any) -> Any:
        running = program(name, *args).start(stdout=PIPE, **options)
        runs.append(running)
        running.first = running.stdout.readline().decode().strip()
        return running

    yield start
    for running in runs:
        running.close()
        assert left(running) == []


def left(running: Any) -> list[int]:
    """Who still carries the mark of a run."""
    rows = [row for row in table.read_table() if not row.has_ended]
    return [row.pid for row in rows if table.carries(row.pid, running.marks[-1])]


def endings(report: StopReport) -> dict[int | None, int]:
    """How many ended by which signal."""
    return {
        one: len(report.ended_by(one)) for one in sorted({end.signal for end in report.ended}, key=lambda n: n or 0)
    }


@pytest.mark.parametrize("depth", [1, 50])
@pytest.mark.parametrize("grace", [0, 60])
def test_a_thousand_processes(depth: int, grace: float, marked: Callable[..., Any]) -> None:
    running = marked("fork_tree", 1000, depth)
    report = stop(running, grace)
    assert report.is_complete
    assert endings(report) == {15 if grace else 9: 1001}
    assert report.seconds < SECONDS
    assert left(running) == []


@pytest.mark.parametrize("grace", [0, 0.2])
def test_one_that_forks_for_every_kill(grace: float, marked: Callable[..., Any]) -> None:
    running = marked("fork_again")
    report = stop(running, grace)
    assert report.is_complete
    assert running.pids[0] in {one.pid for one in report.ended_by(9)}
    assert report.seconds < SECONDS
    assert left(running) == []


def test_what_is_started_meanwhile_does_not_escape(python_program: Callable[..., list[str]]) -> None:
    """No mark leads to it, only its parent, which must not be killed before it is found."""
    word = f"--word={os.getpid()}"
    process = subprocess.Popen(python_program("fork_again", "--grow", word), stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        report = stop(process.pid, 0)
        assert report.is_complete
        assert {one.signal for one in report.ended} == {9}
        rows = [row for row in table.read_table() if not row.has_ended and row.pid != os.getpid()]
        left_over = [row.pid for row in rows if word in table.arguments(row.pid)]
        for pid in left_over:
            os.kill(pid, 9)
        assert left_over == []
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_one_that_is_never_there_twice(marked: Callable[..., Any]) -> None:
    """Each process forks and ends: no parent is there to lead to the next, only the mark."""
    running = marked("fork_again", "--hop")
    report = stop(running, 0)
    assert report.is_complete
    assert report.seconds < SECONDS
    assert left(running) == []


@pytest.mark.parametrize(
    ("name", "args", "ended"),
    [
        ("ignore_term", (), {9: 1}),
        ("daemon", (), {15: 1}),
        ("daemon", ("--stay",), {15: 2}),
        ("daemon", ("--clean", "--stay"), {15: 2}),
        ("grandchild", (), {15: 1}),
        ("leave_zombie", (), {15: 1}),
    ],
    ids=["ignores", "daemon", "daemon and parent", "hidden daemon", "orphan", "zombie"],
)
def test_who_does_not_make_it_easy(
    name: str, args: tuple[str, ...], ended: dict[int, int], marked: Callable[..., Any]
) -> None:
    running = marked(name, *args)
    if ended == {15: 1} and name != "leave_zombie":
        os.waitid(os.P_PID, running.pids[0], os.WEXITED | os.WNOWAIT)
    report = stop(running, 0.5 if 9 in ended else SECONDS)
    assert endings(report) == ended
    assert report.is_complete
    assert report.seconds < SECONDS
    if running.first.isdigit() and name != "leave_zombie":
        assert int(running.first) in {one.pid for one in report.ended}


def test_a_zombie_is_neither_ended_nor_a_survivor(marked: Callable[..., Any]) -> None:
    running = marked("leave_zombie")
    assert psutil.Process(int(running.first)).status() == psutil.STATUS_ZOMBIE
    report = stop(running, SECONDS)
    assert int(running.first) not in {one.pid for one in report.ended}
    assert [one.pid for one in report.ended] == list(running.pids)


@pytest.mark.parametrize("grace", [0, SECONDS])
def test_one_that_is_stopped(grace: float, marked: Callable[..., Any]) -> None:
    running = marked("sleeper")
    running.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, running.pids[0], os.WSTOPPED | os.WNOWAIT)
    report = stop(running, grace)
    assert endings(report) == {15 if grace else 9: 1}
    assert report.seconds < SECONDS


def test_who_holds_our_output_is_ended_and_the_run_returns(program: Program) -> None:
    start = time.monotonic()
    with pytest.raises(RunTimeout) as raised:
        program("grandchild", "--stay", "ignore_term").capture(timeout=2, grace=0.2)
    assert time.monotonic() - start < SECONDS
    report = raised.value.stop_report
    assert report is not None and report.is_complete
    assert endings(report) == {9: 1, 15: 1}


def test_what_is_written_within_the_grace_is_kept(program: Program) -> None:
    with program("tidy_up", 0).start(stdout=CAPTURE, stderr=CAPTURE) as running:
        while not running._course.wiring.buffers[1].value():
            continue
        result = running.stop(SECONDS)
    assert result.stdout == "ready\ntidied\n"


def test_others_are_left_alone(marked: Callable[..., Any]) -> None:
    other = marked("sleeper")
    stop(marked("fork_tree", 20), 0)
    assert other.poll() is None
    assert psutil.Process(other.pids[0]).status() != psutil.STATUS_STOPPED
