"""Waiting for all parts of a run under one deadline, and being roused from it."""

from __future__ import annotations

import math
import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from procrun.engine.child import Child
from procrun.engine.stdio import Wiring
from procrun.engine.wait import Course, earliest
from procrun.system import table
from procrun.system.ends import Ends

Argv = Callable[..., list[str]]


def course(*argvs: list[str]) -> Course:
    children = tuple(Child(subprocess.Popen(argv, stdin=subprocess.DEVNULL)) for argv in argvs)
    return Course(children, Wiring())


def end(running: Course) -> None:
    for child in running.children:
        child.send_signal(15)
    assert running.settle(None)
    running.close()


@pytest.mark.parametrize(
    ("moments", "first"),
    [
        ((), None),
        ((None,), None),
        ((None, 3.0), 3.0),
        ((2.0, 3.0), 2.0),
        ((3.0, None, 1.0), 1.0),
        ((math.inf,), math.inf),
    ],
)
def test_the_earliest_of_several_times(moments: tuple[float | None, ...], first: float | None) -> None:
    assert earliest(*moments) == first


@pytest.mark.parametrize("count", [1, 2])
def test_settling_ends_at_the_deadline_or_with_the_last_child(count: int, python_program: Argv) -> None:
    running = course(*[python_program("hold_pipe")] * count)
    for deadline in (time.monotonic() - 1, time.monotonic() + 0.05):
        assert not running.settle(deadline)
        assert time.monotonic() >= deadline
    end(running)
    assert running.settle(time.monotonic() - 1)
    assert all(child.is_done for child in running.children)


def test_processes_are_waited_for_while_the_run_is_served(python_program: Argv) -> None:
    running = course(python_program("hold_pipe"), python_program("hold_pipe"))
    ends = Ends((row, None) for child in running.children if (row := table.find_row(child.pid)) is not None)
    running.serve_until(ends, time.monotonic() + 0.05)
    assert not ends.is_done
    for child in running.children:
        child.send_signal(15)
    running.serve_until(ends, time.monotonic() + 60)
    assert ends.is_done
    ends.close()
    end(running)


@pytest.mark.parametrize("deadline", [None, math.inf])
def test_another_thread_sets_a_limit_while_it_waits(deadline: float | None, python_program: Argv) -> None:
    running = course(python_program("hold_pipe"))
    running.make_wakeable()
    assert not running.is_given_up
    is_waiting = threading.Event()
    answers: list[bool] = []

    def wait() -> None:
        is_waiting.set()
        answers.append(running.settle(deadline))

    thread = threading.Thread(target=wait)
    thread.start()
    is_waiting.wait()
    limit = time.monotonic() + 0.05
    running.hurry(limit)
    running.hurry(limit + 60)
    thread.join()
    assert time.monotonic() >= limit
    assert answers == [False]
    assert running.is_given_up
    end_at_once(running)


def end_at_once(running: Course) -> None:
    """A limit that has passed lets nothing wait any more; what has ended is seen all the same."""
    for child in running.children:
        child.send_signal(15)
        child.wait(None)
    assert running.settle(None)
    running.close()


def test_a_limit_set_before_the_wait_holds_for_it(python_program: Argv) -> None:
    running = course(python_program("hold_pipe"))
    running.make_wakeable()
    limit = time.monotonic() + 0.05
    running.hurry(limit)
    assert not running.settle(None)
    assert time.monotonic() >= limit
    end_at_once(running)


def test_closing_twice_and_rousing_afterwards(python_program: Argv) -> None:
    running = course(python_program("exit_with", 0))
    running.make_wakeable()
    running.make_wakeable()
    assert running.settle(None)
    running.close()
    running.close()
    running.hurry(time.monotonic())
