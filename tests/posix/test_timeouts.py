"""Time is kept though somebody holds the pipe: a grandchild, an orphan, a daemon, one that hides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import psutil
import pytest

from procrun import CAPTURE, NULL, PIPE, ExitStatus, RunTimeout, cmd, system
from procrun.engine import stoppable

Program = Callable[..., Any]

# Enough for Python programs to start and to say who they are on a machine that does other things, too.
TIMEOUT = 2.0

HOLDERS = {
    "a grandchild": ("grandchild", "--stay"),
    "an orphan": ("grandchild",),
    "one that does not listen": ("grandchild", "--stay", "ignore_term"),
    "a daemon": ("daemon",),
    "a daemon with its parent": ("daemon", "--stay"),
    "a daemon that hides": ("daemon", "--clean", "--stay"),
}


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("way", ["capture", "lines", "start", "pipes", "pipeline"])
def test_the_run_ends_in_time_and_so_does_who_holds_the_pipe(
    holder: str, way: str, program: Program, doomed: list[int]
) -> None:
    name, *args = HOLDERS[holder]
    command = program(name, *args)
    start = time.monotonic()
    if way == "capture":
        with pytest.raises(RunTimeout) as raised:
            command.capture(timeout=TIMEOUT, grace=0.5)
        text = raised.value.stdout
    elif way == "pipeline":
        with pytest.raises(RunTimeout) as raised:
            (command | program("cat")).capture(timeout=TIMEOUT, grace=0.5)
        text = raised.value.stdout
    elif way == "lines":
        got = []
        with pytest.raises(RunTimeout):
            for line in command.lines(timeout=TIMEOUT, grace=0.5):
                got.append(line)
        text = got[0]
    elif way == "start":
        with command.start(stdout=CAPTURE, timeout=TIMEOUT, grace=0.5) as running:
            result = running.wait()
        assert result.timed_out
        text = result.stdout
    else:
        with command.start(stdout=PIPE, timeout=TIMEOUT, grace=0.5) as running:
            assert running.stdout is not None
            text = running.stdout.read().decode()
            assert running.wait().timed_out
    took = time.monotonic() - start
    doomed.append(int(str(text).split()[0]))
    assert took >= TIMEOUT
    assert took < TIMEOUT + 0.5 + 5
    assert not is_alive(doomed[0])


def test_lines_end_in_time_though_only_they_are_held(program: Program, doomed: list[int]) -> None:
    with pytest.raises(RunTimeout) as raised:
        for line in program("daemon").lines(timeout=TIMEOUT, stderr=NULL):
            doomed.append(int(line))
    assert raised.value.result.stages[0].status == ExitStatus(0)
    assert not is_alive(doomed[0])


def test_waiting_first_and_reading_afterwards(program: Program) -> None:
    with program("exit_with", 0, "out").start(stdout=PIPE, timeout=60) as running:
        assert running.wait().is_success
        assert running.stdout is not None
        assert running.stdout.read() == b"out"


@pytest.mark.parametrize("way", ["capture", "lines", "start", "pipes", "leave"])
def test_one_that_cannot_be_found_costs_nothing(
    way: str,
    program: Program,
    doomed: list[int],
    monkeypatch: pytest.MonkeyPatch,
    until: Callable[..., Any],
) -> None:
    monkeypatch.setattr(stoppable, "_DRAIN_SECONDS", 1000.0)
    command = program("daemon", "--clean")
    text: Any = ""
    if way == "capture":
        with pytest.raises(RunTimeout) as raised:
            command.capture(timeout=TIMEOUT, grace=60)
        text = raised.value.stdout
    elif way == "lines":
        with pytest.raises(RunTimeout):
            for line in command.lines(timeout=TIMEOUT, grace=60):
                text = line
    elif way == "start":
        with command.start(stdout=CAPTURE, timeout=TIMEOUT, grace=60) as running:
            text = running.wait().stdout
    elif way == "pipes":
        with command.start(stdout=PIPE, timeout=TIMEOUT, grace=60) as running:
            assert running.stdout is not None
            text = running.stdout.read().decode()
    else:
        pieces: SimpleQueue[bytes] = SimpleQueue()
        with command.start(stdout=pieces.put, grace=60) as running:
            text = pieces.get(timeout=60)
            # Until its parent has gone it is found as a child.
            assert until(lambda: psutil.Process(int(text)).ppid() not in running.pids)
    doomed.append(int(text))
    assert is_alive(doomed[0])


def test_what_was_written_is_not_lost_to_one_that_holds_the_pipe(
    program: Program, doomed: list[int], until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is stopped while its sink is at work, and the rest is still in the pipe."""
    monkeypatch.setattr(stoppable, "_DRAIN_SECONDS", 1000.0)
    is_at_work, may_go_on = threading.Event(), threading.Event()

    def look(data: bytes) -> None:
        is_at_work.set()
        may_go_on.wait()

    script = '"$@"; read line; head -c 50000 /dev/zero; echo written >&2; read line'
    command = cmd("sh", "-c", script, "sh", *program("daemon", "--clean").argv)
    with command.start(stdin=PIPE, stdout=[CAPTURE, look], stderr=PIPE, grace=1000) as running:
        assert running.stdin is not None and running.stderr is not None
        is_at_work.wait()
        running.stdin.write(b"\n")
        running.stdin.flush()
        assert running.stderr.readline() == b"written\n"
        results: list[Any] = []
        thread = threading.Thread(target=lambda: results.append(running.stop()))
        thread.start()
        until(lambda: running.is_stopping)
        may_go_on.set()
        thread.join()
    pid, rest = results[0].stdout_bytes.split(b"\n")
    doomed.append(int(pid))
    assert rest == bytes(50_000)
    assert {holder.pid for holder in results[0].stop_report.holders} == {doomed[0]}


def test_time_is_counted_from_the_spawn_and_not_from_the_wait(program: Program) -> None:
    with program("hold_pipe").start(timeout=0.3) as running:
        # Nobody waits, and it ends all the same.
        assert system.await_exit(running._course.children[0].process, 60)
        result = running.wait()
    assert result.timed_out
    assert 0.3 <= result.duration < 10


def test_a_run_that_is_faster_than_its_timeout_is_not_touched(program: Program) -> None:
    result = (program("cat") | program("cat")).capture(input=b"x", timeout=100)
    assert (result.timed_out, result.stdout) == (False, "x")


def test_each_stage_tells_how_it_was_ended(program: Program) -> None:
    with pytest.raises(RunTimeout) as raised:
        (program("exit_with", 3) | program("hold_pipe") | program("ignore_term")).capture(timeout=TIMEOUT, grace=0.3)
    statuses = [stage.status for stage in raised.value.result.stages]
    assert statuses == [ExitStatus(3), ExitStatus(signal=15), ExitStatus(signal=9)]


def test_a_timeout_of_nothing(program: Program) -> None:
    with pytest.raises(RunTimeout):
        program("hold_pipe").run(timeout=0)
    with pytest.raises(RunTimeout):
        (program("hold_pipe") | program("cat")).capture(timeout=0)


def test_without_a_grace_it_is_killed_at_once(program: Program) -> None:
    with pytest.raises(RunTimeout) as raised:
        program("hold_pipe").capture(timeout=0.2, grace=0)
    assert raised.value.result.status == ExitStatus(signal=9)
