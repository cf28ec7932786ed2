"""Waiting for all parts of a run under one deadline, and being roused from it."""

from __future__ import annotations

import math
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from procrun.engine.child import Child
from procrun.engine.pump import Drain, Feeder
from procrun.engine.stdio import Wiring
from procrun.engine.wait import Course, earliest
from procrun.plan.options import Options
from procrun.system import table
from procrun.system.ends import Ends

Argv = Callable[..., list[str]]
posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows does not tell that a pipe is empty")


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


@pytest.fixture
def working() -> Iterator[Course]:
    """A course in which a thread of this process works, as long as the test goes on."""
    may_end = threading.Event()

    def pieces() -> Iterator[bytes]:
        may_end.wait()
        yield from ()

    feeder = Feeder(os.open(os.devnull, os.O_WRONLY), pieces(), Options(), lambda: None)
    running = Course((), Wiring(), (feeder,))
    running.start()
    yield running
    may_end.set()
    feeder.join()
    assert running.settle(None)
    running.close()


@pytest.mark.parametrize("deadline", [None, math.inf])
def test_another_thread_sets_a_limit_while_it_waits(deadline: float | None, working: Course) -> None:
    running = working
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


def test_a_limit_set_before_the_wait_holds_for_it(working: Course) -> None:
    limit = time.monotonic() + 0.05
    working.hurry(limit)
    assert not working.settle(None)
    assert time.monotonic() >= limit


@posix_only
def test_what_has_been_written_is_read_and_no_more_is_waited_for(python_program: Argv) -> None:
    """The limit is far away, and the pipe of somebody else's does not end."""
    child = Child(subprocess.Popen(python_program("hold_pipe"), stdin=subprocess.DEVNULL))
    reading, writing = os.pipe()
    got: list[bytes] = []
    os.write(writing, b"written")
    running = Course((child,), Wiring(streams=[Drain(reading, [got.append])]))
    running.hurry(math.inf)
    assert not running.settle(None)
    assert running.is_given_up
    assert b"".join(got) == b"written"
    # What has ended is seen all the same.
    os.close(writing)
    child.send_signal(15)
    child.wait(None)
    assert running.settle(None)
    running.close()


def test_sinks_are_told_how_long_they_have(python_program: Argv) -> None:
    reading, writing = os.pipe()
    running = course(python_program("hold_pipe"))
    drain = Drain(reading, [])
    running.wiring.streams.append(drain)
    (child,) = running.children
    deadline = time.monotonic() + 0.01
    row = table.find_row(child.pid)
    assert row is not None
    ends = Ends([(row, None)])
    running.serve_until(ends, deadline)
    assert drain.until == deadline
    ends.close()
    running.hurry(deadline - 5)
    assert drain.until == deadline - 5
    os.close(writing)
    child.send_signal(15)
    child.wait(None)
    running.close()


def test_closing_twice_and_rousing_afterwards(python_program: Argv) -> None:
    running = course(python_program("exit_with", 0))
    running.make_wakeable()
    running.make_wakeable()
    assert running.settle(None)
    running.close()
    running.close()
    running.hurry(time.monotonic())
