"""A block ends when its time is over, in the main thread and in others, and nothing arrives after it."""

from __future__ import annotations

import errno
import gc
import inspect
import math
import os
import pickle
import random
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Any

import pytest

from procrun.errors import ProcrunError
from procrun.signals import DeadlineExceeded, check, deadline, deadlines, time_left
from procrun.signals.watchdog import watchdog

pytestmark = pytest.mark.usefixtures("own_alarm")
Call = Callable[[Callable[[], Any]], Any]
LONG = 30.0
SHORT = 0.05


def compute(seconds: float) -> None:
    """Do something in Python.

    Not without ever giving up the interpreter's lock: until then CPython before 3.13 may overlook a signal that comes
    just when it looks for one.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        select.select([], [], [], 0)


def place(function: Callable[..., Any], text: str) -> str:
    """Where a line of a function is, as the errors say it."""
    lines, first = inspect.getsourcelines(function)
    line = first + next(number for number, line in enumerate(lines) if text in line)
    return f"{__file__}:{line} in `{function.__name__}`"


def in_time() -> None:
    with deadline(SHORT):
        compute(LONG)


def test_the_block_ends_when_the_time_is_over(call: Call) -> None:
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded) as caught:
        call(in_time)
    assert SHORT <= time.monotonic() - start < LONG / 2
    error = caught.value
    assert isinstance(error, ProcrunError) and isinstance(error, TimeoutError)
    assert (error.seconds, error.exit_code, error.errno) == (SHORT, 124, errno.ETIMEDOUT)
    assert error.set_at == place(in_time, "deadline(SHORT)")
    assert error.stopped_at in (place(compute, "while"), place(compute, "select"))
    assert str(error) == (
        "the deadline of 0.05 s is over\n"
        f"  set at {error.set_at}\n"
        f"  stopped at {error.stopped_at}\n"
        "  give it more time, or look at what takes so long there"
    )


def test_the_error_is_pickled_whole(call: Call) -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        call(in_time)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.strerror) == (str(caught.value), "the deadline of 0.05 s is over")


def test_a_block_that_ends_in_time_is_left_alone(call: Call) -> None:
    def work() -> str:
        with deadline(LONG) as limit:
            assert LONG - 5 < limit.left <= LONG == limit.seconds
            return "done"

    assert call(work) == "done"


@pytest.mark.parametrize("seconds", [None, math.inf])
def test_no_limit_can_be_said(call: Call, seconds: float | None) -> None:
    def work() -> tuple[float | None, float, float | None]:
        with deadline(seconds) as limit:
            return limit.seconds, limit.left, time_left()

    assert call(work) == (None, math.inf, None)


@pytest.mark.parametrize("seconds", [0, 1e-9])
def test_no_time_at_all_ends_the_block_at_once(call: Call, seconds: float) -> None:
    def work() -> None:
        with deadline(seconds):
            compute(LONG)

    start = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        call(work)
    assert time.monotonic() - start < LONG / 2


def test_a_time_beyond_all_timers_is_no_mistake(call: Call) -> None:
    def work() -> float:
        with deadline(1e30) as limit:
            return limit.left

    assert call(work) == pytest.approx(1e30)


def test_an_inner_deadline_does_not_extend_the_outer(call: Call) -> None:
    def work() -> None:
        with deadline(SHORT), deadline(LONG):
            compute(LONG)

    start = time.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"^the deadline of 0\.05 s is over\n"):
        call(work)
    assert time.monotonic() - start < LONG / 2


@pytest.mark.parametrize("inner", [SHORT / 5, LONG], ids=["exceeded", "left early"])
def test_after_an_inner_deadline_the_outer_has_its_own_time(call: Call, inner: float) -> None:
    def work() -> None:
        with deadline(3 * SHORT) as outer:
            try:
                with deadline(inner):
                    compute(SHORT)
            except DeadlineExceeded as error:
                assert error.seconds == inner
            assert 0 < outer.left <= 3 * SHORT
            compute(LONG)

    start = time.monotonic()
    with pytest.raises(DeadlineExceeded) as caught:
        call(work)
    assert caught.value.seconds == 3 * SHORT
    assert 3 * SHORT <= time.monotonic() - start < LONG / 2


def test_deadlines_end_their_blocks_one_after_the_other(call: Call) -> None:
    ended: list[float] = []

    def work() -> None:
        with deadline(1.0):
            try:
                with deadline(0.5):
                    try:
                        with deadline(0.1):
                            compute(LONG)
                    except DeadlineExceeded as error:
                        ended.append(error.seconds)
                    compute(LONG)
            except DeadlineExceeded as error:
                ended.append(error.seconds)
            compute(LONG)

    with pytest.raises(DeadlineExceeded) as caught:
        call(work)
    assert [*ended, caught.value.seconds] == [0.1, 0.5, 1.0]


def test_one_that_is_swallowed_comes_again_at_the_end_of_the_block(call: Call) -> None:
    def work() -> list[str]:
        steps = []
        try:
            with deadline(SHORT):
                try:
                    compute(LONG)
                except Exception:
                    steps.append("swallowed")
                compute(SHORT)
                steps.append("went on")
        except DeadlineExceeded as error:
            steps.append(error.stopped_at)
        return steps

    *steps, stopped_at = call(work)
    assert steps == ["swallowed", "went on"]
    assert stopped_at in (place(compute, "while"), place(compute, "select"))


def too_late() -> None:
    with deadline(SHORT) as limit:
        limit._block.is_fired = True  # type: ignore[union-attr]  # as if it could not be told
        compute(2 * SHORT)


def test_a_block_that_ends_too_late_by_itself_ends_with_it(call: Call) -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        call(too_late)
    assert str(caught.value) == (
        "the deadline of 0.05 s is over\n"
        f"  set at {place(too_late, 'deadline(SHORT)')}\n"
        "  give it more time, or look at what takes so long there"
    )


def test_another_exception_is_not_replaced(call: Call) -> None:
    def work() -> None:
        with deadline(SHORT):
            try:
                compute(LONG)
            finally:
                raise LookupError

    with pytest.raises(LookupError) as caught:
        call(work)
    assert isinstance(caught.value.__context__, DeadlineExceeded)


def test_a_deadline_can_be_used_again_but_not_within_itself(call: Call) -> None:
    def work() -> str:
        limit = deadline(LONG)
        for _ in range(2):
            with limit:
                assert limit.left < math.inf
            assert limit.left == math.inf
        with limit, pytest.raises(RuntimeError) as caught, limit:
            raise AssertionError("entered")
        return str(caught.value)

    assert call(work) == "the block of this deadline has been entered already; make another: deadline(seconds)"


def test_time_left_is_that_of_the_first_to_be_over(call: Call) -> None:
    def work() -> None:
        assert time_left() is None
        with deadline(LONG):
            with deadline(LONG / 2):
                assert LONG / 2 - 5 < (time_left() or 0) <= LONG / 2
                with deadline(2 * LONG):
                    assert LONG / 2 - 5 < (time_left() or 0) <= LONG / 2
            assert LONG - 5 < (time_left() or 0) <= LONG
        assert time_left() is None

    call(work)


def test_check_raises_what_is_over_once(in_thread: Call) -> None:
    """Held by the lock of the watchdog, which so cannot come first."""

    def work() -> str:
        with watchdog.lock, pytest.raises(DeadlineExceeded) as caught, deadline(0.001), deadline(LONG):
            check()
            compute(0.002)
            check()
        compute(SHORT)
        return caught.value.stopped_at

    assert in_thread(work).endswith(" in `work`")


def test_check_does_nothing_while_there_is_time(call: Call) -> None:
    def work() -> None:
        check()
        with deadline(LONG):
            check()

    call(work)


def read_what_never_comes() -> None:
    reader, writer = os.pipe()
    try:
        os.read(reader, 1)
    finally:
        os.close(reader)
        os.close(writer)


def wait_for_ever() -> None:
    threading.Event().wait()


@pytest.mark.skipif(os.name == "nt", reason="the interval timer breaks off waiting")
@pytest.mark.parametrize("wait", [read_what_never_comes, wait_for_ever])
def test_in_the_main_thread_waiting_is_broken_off(wait: Callable[[], None]) -> None:
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded), deadline(SHORT):
        wait()
    assert time.monotonic() - start < LONG / 2


@pytest.mark.skipif(os.name == "nt", reason="the interval timer breaks off waiting")
def test_in_the_main_thread_waiting_for_a_process_is_broken_off() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with pytest.raises(DeadlineExceeded), deadline(SHORT):
            process.wait()
        process.communicate(b"\n")
    assert process.returncode == 0


def test_in_a_thread_it_comes_when_waiting_is_over(in_thread: Call) -> None:
    def work() -> float:
        start = time.monotonic()
        try:
            with deadline(SHORT):
                threading.Event().wait(3 * SHORT)
        except DeadlineExceeded:
            return time.monotonic() - start
        raise AssertionError("nothing came")

    assert in_thread(work) >= 3 * SHORT


def test_threads_have_their_own_deadlines() -> None:
    ended: list[tuple[float, float]] = []

    def work(seconds: float) -> None:
        try:
            with deadline(seconds):
                compute(LONG)
        except DeadlineExceeded as error:
            ended.append((seconds, error.seconds))

    own = (3 * SHORT, SHORT, 2 * SHORT)
    threads = [threading.Thread(target=work, args=(seconds,)) for seconds in own]
    for thread in threads:
        thread.start()
    with deadline(LONG):
        for thread in threads:
            thread.join()
    assert sorted(ended) == sorted(zip(own, own))


def test_after_the_block_nothing_arrives(no_garbage: None, in_thread: Call) -> None:
    """Two deadlines in a thread that are over anywhere: within the blocks, between them, on entering, on leaving."""

    def work() -> tuple[int, int]:
        chance = random.Random(5)
        exceeded = arrived_late = 0
        for _ in range(2000):
            outer, inner, effort = (chance.uniform(0, 3e-4) for _ in range(3))
            try:
                try:
                    with deadline(outer):
                        try:
                            with deadline(inner):
                                compute(effort)
                        except DeadlineExceeded as error:
                            exceeded += bool(error.set_at)
                except DeadlineExceeded as error:
                    exceeded += bool(error.set_at)
                for _ in range(30):
                    time_left()
            except DeadlineExceeded:
                arrived_late += 1
        return exceeded, arrived_late

    exceeded, arrived_late = in_thread(work)
    assert arrived_late == 0
    assert exceeded > 200
    assert watchdog._calls == []


def test_an_exit_stack_ends_with_it(call: Call) -> None:
    def work() -> None:
        with ExitStack() as stack:
            stack.enter_context(deadline(SHORT))
            compute(LONG)

    with pytest.raises(DeadlineExceeded) as caught:
        call(work)
    assert caught.value.set_at.endswith(" in `work`")


def test_a_generator_that_is_closed_has_left_its_block(call: Call) -> None:
    def numbers() -> Iterator[int]:
        with deadline(SHORT):
            yield 1
            yield 2

    def work() -> None:
        for number in numbers():
            assert number == 1
            break
        gc.collect()
        compute(2 * SHORT)
        assert deadlines._stack() == []

    call(work)


def test_a_block_that_is_left_elsewhere_takes_its_exception_back(in_thread: Call) -> None:
    """The thread has been asked to raise it, but waits in C, when the block is left in another thread."""

    def numbers() -> Iterator[int]:
        with deadline(0.01):
            yield 1

    def close() -> None:
        (block,) = begun.get()
        while not block.is_awaited:
            threading.Event().wait(0.001)
        generator.close()
        lock.release()

    def work() -> list[Any]:
        next(generator)
        begun.put(tuple(deadlines._stack()))
        lock.acquire()
        compute(SHORT)
        return deadlines._stack()

    generator, lock, begun = numbers(), threading.Lock(), SimpleQueue[Any]()
    lock.acquire()
    closer = threading.Thread(target=close)
    closer.start()
    assert in_thread(work) == []
    closer.join()


def test_a_block_that_is_entered_and_thrown_away_is_left(call: Call) -> None:
    def work() -> None:
        deadline(SHORT).__enter__()
        gc.collect()
        assert deadlines._stack() == []
        compute(2 * SHORT)

    call(work)


def test_a_block_that_was_not_left_ends_with_the_one_around_it(call: Call) -> None:
    def work() -> None:
        with deadline(LONG):
            lost = deadline(SHORT)
            lost.__enter__()
        compute(2 * SHORT)
        assert deadlines._stack() == []

    call(work)


@pytest.mark.parametrize("seconds", [-1, math.nan], ids=repr)
def test_a_wrong_number_of_seconds_is_a_value_error(seconds: float) -> None:
    with pytest.raises(ValueError) as caught:
        deadline(seconds)
    assert str(caught.value) == f"a deadline is a number of seconds from 0 up, not {seconds!r}"


@pytest.mark.parametrize("seconds", ["1", True, [1]], ids=repr)
def test_what_is_no_number_is_a_type_error(seconds: Any) -> None:
    with pytest.raises(TypeError) as caught:
        deadline(seconds)
    assert str(caught.value) == f"a deadline is a number of seconds, or None for no limit, not {seconds!r}"


def test_a_subinterpreter_is_told_that_it_has_none(run_in_subinterpreter: Callable[[str], str]) -> None:
    code = """
from procrun.signals import deadline
try:
    with deadline(30):
        pass
except ValueError as error:
    print(error)
"""
    assert run_in_subinterpreter(code) == (
        "`deadline` was called in a sub-interpreter: Python handles signals in the main interpreter only\n"
        "  call it in the main interpreter\n"
    )
