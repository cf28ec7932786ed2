"""The turn: one thread at a time, deadlines, and what the thread that has it is told."""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from procrun.engine.turn import Turn


def test_one_has_it_until_it_is_given_back() -> None:
    turn = Turn()
    assert not turn.is_mine
    assert turn.take(None)
    assert turn.is_mine
    turn.give()
    assert not turn.is_mine
    assert turn.take(time.monotonic())
    turn.give()


def test_giving_back_what_one_does_not_have() -> None:
    turn = Turn()
    turn.give()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(turn.take, None).result()
        turn.give()
        assert not turn.is_mine
        assert not turn.take(time.monotonic())
        other.submit(turn.give).result()
    assert turn.take(time.monotonic())
    turn.give()


def test_it_is_given_back_though_a_handler_raised_in_between() -> None:
    turn = Turn()
    # As if the exception had come after the lock was acquired, and before that was written down.
    turn._lock.acquire()
    assert not turn.is_mine
    assert turn.take(None)
    turn.give()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(turn.take, time.monotonic()).result()
        other.submit(turn.give).result()


@pytest.mark.parametrize("patience", [-1.0, 0.0, 0.05])
def test_another_thread_waits_until_its_deadline(patience: float) -> None:
    turn = Turn()
    answers: list[object] = []

    def try_it() -> None:
        start = time.monotonic()
        answers.append(turn.is_mine)
        answers.append(turn.take(start + patience))
        answers.append(time.monotonic() - start >= patience)

    turn.take(None)
    thread = threading.Thread(target=try_it)
    thread.start()
    thread.join()
    turn.give()
    assert answers == [False, False, True]


@pytest.mark.parametrize("deadline", [None, math.inf, 1e300])
def test_another_thread_gets_it_when_it_is_given_back(deadline: float | None) -> None:
    turn = Turn()
    is_waiting = threading.Event()
    answers: list[bool] = []

    def wait_for_it() -> None:
        is_waiting.set()
        answers.append(turn.take(deadline))
        turn.give()

    turn.take(None)
    thread = threading.Thread(target=wait_for_it)
    thread.start()
    is_waiting.wait()
    turn.give()
    thread.join()
    assert answers == [True]
