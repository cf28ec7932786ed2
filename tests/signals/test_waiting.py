"""`sleep` and `pause` end when a handler has run, and `until` closes the gap between a look and the wait."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from procrun.signals import DeadlineExceeded, WrongThread, deadline, handle, ignored, pause, sleep

LONG = 30.0
SHORT = 0.05


def nothing(number: int, frame: object) -> None:
    """A handler."""


@contextmanager
def sent_meanwhile(times: int = 1) -> Iterator[None]:
    """Send the signal from another thread, some time after the block has begun, perhaps again and again."""
    over = threading.Event()

    def work() -> None:
        for _ in range(times):
            over.wait(SHORT)
            signal.raise_signal(signal.SIGTERM)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def test_a_handler_ends_the_sleep() -> None:
    with handle("TERM", nothing), sent_meanwhile():
        start = time.monotonic()
        left = sleep(LONG)
        slept = time.monotonic() - start
    assert slept < LONG / 2
    assert left == pytest.approx(LONG - slept, abs=0.05)


def test_the_next_sleep_is_whole_again() -> None:
    with handle("TERM", nothing):
        with sent_meanwhile():
            assert sleep(LONG) > 0
        start = time.monotonic()
        assert sleep(SHORT) == 0
        assert time.monotonic() - start >= SHORT


def test_an_ignored_signal_does_not_end_it() -> None:
    with ignored("TERM"), sent_meanwhile():
        start = time.monotonic()
        assert sleep(3 * SHORT) == 0
        assert time.monotonic() - start >= 3 * SHORT


def test_an_exception_of_the_handler_comes_out() -> None:
    def refuse(number: int, frame: object) -> None:
        raise LookupError

    with pytest.raises(LookupError), handle("TERM", refuse), sent_meanwhile():
        sleep(LONG)


@pytest.mark.parametrize("seconds", [0, 0.0, 0.0001, 0.01])
def test_without_a_signal_nothing_is_left(call: Callable[[Callable[[], Any]], Any], seconds: float) -> None:
    start = time.monotonic()
    assert call(lambda: sleep(seconds)) == 0
    assert time.monotonic() - start >= seconds


def test_in_a_thread_signals_do_not_shorten_it(in_thread: Callable[[Callable[[], Any]], Any]) -> None:
    times: list[float] = []

    def work() -> float:
        start = time.monotonic()
        left = sleep(3 * SHORT)
        times.append(time.monotonic() - start)
        return left

    with handle("TERM", nothing), sent_meanwhile():
        assert in_thread(work) == 0
    assert times[0] >= 3 * SHORT


def test_a_deadline_ends_it_in_time_in_every_thread(call: Callable[[Callable[[], Any]], Any], own_alarm: None) -> None:
    def work() -> None:
        with deadline(SHORT):
            sleep(LONG)

    start = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        call(work)
    assert time.monotonic() - start < LONG / 2


def test_with_until_it_sleeps_on_until_that_is_true() -> None:
    came: list[int] = []
    with handle("TERM", lambda number, frame: came.append(number)), sent_meanwhile(3):
        assert 0 < sleep(LONG, until=lambda: len(came) == 3) < LONG
    assert len(came) == 3


def test_with_until_that_is_true_already_it_does_not_sleep() -> None:
    assert sleep(LONG, until=lambda: True) == pytest.approx(LONG, abs=1)


def test_with_until_that_stays_false_it_is_whole() -> None:
    assert sleep(SHORT, until=lambda: False) == 0


def test_a_handler_ends_the_pause() -> None:
    with handle("TERM", nothing), sent_meanwhile():
        pause()


def test_a_pause_until_something_goes_on_until_then() -> None:
    came: list[int] = []
    with handle("TERM", lambda number, frame: came.append(number)), sent_meanwhile(3):
        pause(until=lambda: len(came) == 3)
    assert len(came) == 3


def test_a_signal_between_the_look_and_the_wait_is_not_lost() -> None:
    came: list[int] = []

    def look() -> bool:
        seen = bool(came)
        if not seen:
            # It comes when the answer is given, but the wait has not begun.
            signal.raise_signal(signal.SIGTERM)
        return seen

    with handle("TERM", lambda number, frame: came.append(number)):
        pause(until=look)
    assert len(came) == 1


def test_a_deadline_ends_a_pause(own_alarm: None) -> None:
    with pytest.raises(DeadlineExceeded), deadline(SHORT):
        pause()


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (pause, "pause"),
        (lambda: pause(until=lambda: True), "pause"),
        (lambda: sleep(1, until=bool), "sleep(…, until=…)"),
    ],
)
def test_a_thread_that_no_signal_reaches_is_told(
    in_thread: Callable[[Callable[[], Any]], Any], function: Callable[[], Any], what: str
) -> None:
    with pytest.raises(WrongThread) as caught:
        in_thread(function)
    assert str(caught.value) == (
        f"`{what}` was called in the thread `worker`: Python handles signals in the main thread only\n"
        "  wait there for an Event that the handler sets"
    )


@pytest.mark.parametrize("seconds", [-1, float("nan")], ids=repr)
def test_a_wrong_number_of_seconds_is_a_value_error(seconds: float) -> None:
    with pytest.raises(ValueError) as caught:
        sleep(seconds)
    assert str(caught.value) == f"`sleep` takes a number of seconds from 0 up, not {seconds!r}"


@pytest.mark.parametrize("seconds", ["1", None], ids=repr)
def test_what_is_no_number_is_a_type_error(seconds: Any) -> None:
    with pytest.raises(TypeError) as caught:
        sleep(seconds)
    assert str(caught.value) == f"`sleep` takes a number of seconds, not {seconds!r}"
