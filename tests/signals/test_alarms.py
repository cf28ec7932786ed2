"""There is one alarm, replaced by the next, with the seconds left; a process that does not handle it ends."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from procrun.signals import DeadlineExceeded, alarm, deadline, handle, ignored, pause, sleep
from procrun.signals.alarms import _set_by_watchdog

pytestmark = pytest.mark.usefixtures("own_alarm")
posix = pytest.mark.skipif(os.name == "nt", reason="there is no interval timer")
LONG = 30.0
SHORT = 0.05


@pytest.fixture(params=["timer", "watchdog"])
def set_alarm(request: pytest.FixtureRequest) -> Callable[[float], float]:
    """`alarm` with the system's timer, and as it is where there is none."""
    return alarm if request.param == "timer" else _set_by_watchdog


@pytest.fixture
def came() -> Any:
    """The numbers of the alarms that a handler has got."""
    numbers: list[int] = []
    with handle("ALRM", lambda number, frame: numbers.append(number)):
        yield numbers


def test_the_handler_is_called_after_the_time(set_alarm: Callable[[float], float], came: list[int]) -> None:
    start = time.monotonic()
    assert set_alarm(SHORT) == 0
    pause()
    assert SHORT <= time.monotonic() - start < LONG
    assert came == [14]


def test_it_ends_a_sleep(set_alarm: Callable[[float], float], came: list[int]) -> None:
    set_alarm(SHORT)
    assert LONG / 2 < sleep(LONG) < LONG
    assert came == [14]


def test_it_comes_once(set_alarm: Callable[[float], float], came: list[int]) -> None:
    set_alarm(0.01)
    assert sleep(LONG) > 0
    assert sleep(SHORT) == 0
    assert came == [14]


def test_a_new_one_takes_the_place_of_the_last(set_alarm: Callable[[float], float], came: list[int]) -> None:
    assert set_alarm(LONG) == 0
    assert LONG - 1 < set_alarm(2.5) <= LONG
    assert 1.5 < set_alarm(SHORT) <= 2.5
    sleep(LONG)
    assert set_alarm(0) == 0
    assert came == [14]


def test_0_takes_it_away(set_alarm: Callable[[float], float], came: list[int]) -> None:
    set_alarm(SHORT)
    assert 0 < set_alarm(0) <= SHORT + 1e-6
    assert set_alarm(0) == 0
    sleep(2 * SHORT)
    assert came == []


def test_an_ignored_one_does_nothing(set_alarm: Callable[[float], float]) -> None:
    with ignored("ALRM"):
        set_alarm(0.01)
        assert sleep(SHORT) == 0


def test_another_thread_may_set_it(in_thread: Callable[[Callable[[], Any]], Any], came: list[int]) -> None:
    in_thread(lambda: alarm(SHORT))
    pause()
    assert came == [14]


@pytest.mark.parametrize("function", ["alarm", "alarms._set_by_watchdog"])
def test_without_a_handler_the_process_ends(
    function: str, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    code = f"from procrun.signals import alarm, alarms, sleep\n{function}(0.05)\nsleep(30)"
    assert run_python(code, check=False).returncode == (142 if os.name == "nt" else -14)


@posix
def test_within_a_deadline_both_come_in_their_time(came: list[int]) -> None:
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded), deadline(3 * SHORT):
        assert alarm(SHORT) == 0
        pause()
        assert time.monotonic() - start >= SHORT
        assert (came, alarm(LONG)) == ([14], 0)
        pause()
    assert 3 * SHORT <= time.monotonic() - start < LONG / 2
    assert LONG / 2 < alarm(0) < LONG
    assert came == [14]


@posix
def test_one_from_before_a_deadline_goes_on_within_it(came: list[int]) -> None:
    alarm(LONG)
    with deadline(2 * LONG):
        assert LONG - 1 < alarm(2 * SHORT) <= LONG
    assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 2 * SHORT
    pause()
    assert came == [14]


@posix
def test_a_handler_set_within_a_deadline_gets_it() -> None:
    came: list[str] = []
    with deadline(LONG):
        with handle("ALRM", lambda number, frame: came.append("inner")):
            alarm(0.01)
            pause()
        with handle("ALRM", lambda number, frame: came.append("next")):
            alarm(0.01)
            pause()
    assert came == ["inner", "next"]


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf], ids=repr)
def test_a_wrong_number_of_seconds_is_a_value_error(seconds: float) -> None:
    with pytest.raises(ValueError) as caught:
        alarm(seconds)
    assert str(caught.value) == f"`alarm` takes a number of seconds from 0 up, not {seconds!r}"


@pytest.mark.parametrize("seconds", ["1", None, True], ids=repr)
def test_what_is_no_number_is_a_type_error(seconds: Any) -> None:
    with pytest.raises(TypeError) as caught:
        alarm(seconds)
    assert str(caught.value) == f"`alarm` takes a number of seconds, or 0 for none, not {seconds!r}"
