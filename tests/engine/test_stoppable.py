"""Ending a run in other ways than by waiting for it: aborted, given up, with others within it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

import procrun
from procrun import CAPTURE, ExitStatus, Function, RunTimeout, engine
from procrun.engine.function import Context, RunStopped

Program = Callable[..., Any]
POSIX = os.name == "posix"
TERMINATED = ExitStatus(signal=15) if POSIX else ExitStatus(15)


def started_by(program: Program, seen: list[Any], ready: threading.Event) -> Function:
    """A stage that starts a run of its own and waits for it, as a group of a text does."""

    def function(context: Context) -> ExitStatus:
        inner = context.start((program("hold_pipe") | program("hold_pipe")).with_(stdout=CAPTURE))
        seen.append(inner)
        ready.set()
        return inner.wait().status

    return Function(function, "group", wants_context=True)


def test_stopping_a_run_stops_those_within_it(program: Program) -> None:
    seen: list[Any] = []
    ready = threading.Event()
    with (started_by(program, seen, ready) | program("hold_pipe")).start(stdout=CAPTURE) as running:
        ready.wait()
        assert set(running.living_pids()) == {*running.pids, *seen[0].pids}
        result = running.stop()
    assert result.survivors == ()
    assert [stage.status for stage in seen[0].wait().stages] == [TERMINATED] * 2
    assert running.living_pids() == []


def test_a_timeout_reaches_the_runs_within(program: Program) -> None:
    seen: list[Any] = []
    with pytest.raises(RunTimeout):
        started_by(program, seen, threading.Event()).pipeline.capture(timeout=1)
    assert [stage.status for stage in seen[0].wait().stages] == [TERMINATED] * 2


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_nothing_is_started_in_a_run_that_is_being_stopped(
    depth: int, program: Program, until: Callable[..., Any]
) -> None:
    ready = threading.Event()
    errors: list[BaseException] = []

    def function(context: Context) -> None:
        ready.set()
        until(lambda: context.is_stopped)
        try:
            context.start(program("hold_pipe").pipeline)
        except RunStopped as error:
            errors.append(error)
            raise

    def within(stage: Function) -> Function:
        """A stage that runs another, as the text `(…) | cat` does."""
        return Function(lambda context: context.start(stage.pipeline).wait().status, "text", wants_context=True)

    stage = Function(function, "group", wants_context=True)
    for _ in range(depth):
        stage = within(stage)
    with (stage | program("hold_pipe")).start() as running:
        ready.wait()
        assert running.stop().stages[0].status == ExitStatus(signal=15)
    assert [str(error) for error in errors] == ["the run is being stopped"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
def test_what_was_just_being_started_is_ended(
    tmp_path: Path, python_program: Callable[..., list[str]], until: Callable[..., Any]
) -> None:
    """The list is in the middle of a start, and waits for a file to be opened, when the run is stopped."""
    first, second = tmp_path / "first", tmp_path / "second"
    os.mkfifo(first)
    os.mkfifo(second)
    with procrun.start("$1 $2 $3 < $4 > $5; :", *python_program("hold_pipe"), first, second) as running:
        # From here on it waits for the other end of the second.
        ends = [os.open(first, os.O_WRONLY)]
        running.stop()
        ends.append(os.open(second, os.O_RDONLY | os.O_NONBLOCK))
        until(lambda: not any(thread.name.startswith("procrun") for thread in threading.enumerate()))
        assert psutil.Process().children() == []
    for end in ends:
        os.close(end)


def test_a_run_that_nobody_waits_for_is_ended_at_once(program: Program) -> None:
    running = engine.start(program("ignore_term").pipeline.with_(stdout=CAPTURE, grace=1000))
    start = time.monotonic()
    running.discard()
    running.discard()
    assert time.monotonic() - start < 30
    assert running.living_pids() == []
    assert running.wait() is running.stop()


def test_a_run_is_aborted_by_one_of_its_threads(program: Program) -> None:
    running = engine.start((program("hold_pipe") | program("hold_pipe")).with_(stdout=CAPTURE))
    thread = threading.Thread(target=running.abort)
    thread.start()
    result = running.wait()
    thread.join()
    running.abort()
    assert [stage.status for stage in result.stages] == [TERMINATED] * 2


def test_a_stop_before_the_end_of_the_wait_of_another_thread(program: Program) -> None:
    """The one that waits loses its patience while the other stops: somebody has to reap."""
    for _ in range(10):
        with (program("hold_pipe") | program("hold_pipe")).start(stdout=CAPTURE) as running:

            def wait(running: Any = running) -> None:
                try:
                    running.wait(0.01)
                except TimeoutError:
                    return

            threads = [threading.Thread(target=wait) for _ in range(3)]
            for thread in threads:
                thread.start()
            result = running.stop()
            for thread in threads:
                thread.join()
        assert [stage.status for stage in result.stages] == [TERMINATED] * 2
