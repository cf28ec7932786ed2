"""The interval timer serves the program and its deadlines at once, and is the program's again afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from procrun.signals import DeadlineExceeded, deadline, deadlines
from procrun.signals.timer import timer
from procrun.system import signals as system

pytestmark = [
    pytest.mark.usefixtures("own_alarm"),
    pytest.mark.skipif(os.name == "nt", reason="there is no interval timer"),
]
LONG = 30.0
SHORT = 0.05


@pytest.fixture
def came() -> Iterator[list[float]]:
    """The moments at which the program's own handler of SIGALRM has been called."""
    moments: list[float] = []

    def note(number: int, frame: object) -> None:
        assert (number, frame is None) == (14, False)
        moments.append(time.monotonic())

    signal.signal(signal.SIGALRM, note)
    yield moments
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def wait(seconds: float) -> None:
    """Let time go by, with a step of Python in between for the handlers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        threading.Event().wait(min(0.01, seconds))


def left() -> float:
    return signal.getitimer(signal.ITIMER_REAL)[0]


def test_only_the_main_thread_can_use_it(in_thread: Callable[[Callable[[], Any]], Any]) -> None:
    assert (timer.is_usable, in_thread(lambda: timer.is_usable)) == (True, False)


def test_handler_and_timer_of_the_program_are_back(came: list[float]) -> None:
    handler = signal.getsignal(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, LONG, 7.0)
    start = time.monotonic()
    with deadline(LONG / 2):
        assert signal.getsignal(signal.SIGALRM) is not handler
        wait(SHORT)
    expected = LONG - (time.monotonic() - start)
    seconds, interval = signal.getitimer(signal.ITIMER_REAL)
    assert (seconds, interval) == (pytest.approx(expected, abs=0.02), pytest.approx(7.0, abs=0.001))
    assert signal.getsignal(signal.SIGALRM) is handler
    assert came == []


def test_it_is_back_after_the_deadline_was_exceeded_as_well(came: list[float]) -> None:
    signal.setitimer(signal.ITIMER_REAL, LONG)
    with pytest.raises(DeadlineExceeded), deadline(SHORT):
        wait(LONG)
    assert LONG - 2 < left() < LONG - SHORT


def test_without_a_timer_none_is_left() -> None:
    with deadline(LONG), deadline(LONG / 2):
        assert left() > 0
    assert (left(), signal.getsignal(signal.SIGALRM)) == (0, signal.SIG_DFL)


def test_the_program_s_timer_comes_at_its_time_within_the_block(came: list[float]) -> None:
    start = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, SHORT)
    with pytest.raises(DeadlineExceeded), deadline(4 * SHORT):
        wait(LONG)
    (moment,) = came
    assert moment - start >= SHORT
    assert time.monotonic() - start >= 4 * SHORT


def test_the_program_s_interval_goes_on_within_the_block(came: list[float]) -> None:
    start = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    with deadline(LONG):
        while len(came) < 5:
            wait(0.005)
    while len(came) < 8:
        wait(0.005)
    assert len(came) <= (came[-1] - start) / 0.02 + 0.1


def test_a_timer_that_ends_while_the_block_is_left_is_not_lost(came: list[float]) -> None:
    for count in range(200):
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
        with deadline(LONG):
            end = time.monotonic() + random.uniform(0.0001, 0.0004)
            while time.monotonic() < end:
                continue
        give_up = time.monotonic() + LONG
        while len(came) == count:
            wait(0.0001)
            assert time.monotonic() < give_up, "the program's alarm was lost"
    assert len(came) == 200


def test_what_the_program_s_handler_raises_comes_out() -> None:
    def refuse(number: int, frame: object) -> None:
        raise LookupError

    signal.signal(signal.SIGALRM, refuse)
    signal.setitimer(signal.ITIMER_REAL, SHORT)
    with pytest.raises(LookupError), deadline(LONG):
        wait(LONG)
    assert signal.signal(signal.SIGALRM, signal.SIG_DFL) is refuse


def test_a_signal_that_somebody_sends_is_the_program_s(came: list[float]) -> None:
    with pytest.raises(DeadlineExceeded), deadline(3 * SHORT):
        wait(0.01)
        os.kill(os.getpid(), signal.SIGALRM)
        wait(LONG)
    assert len(came) == 1


@pytest.mark.parametrize("call", [1, 2, 3, 4, 5])
def test_a_signal_that_somebody_sends_while_the_timer_is_set_is_not_lost(
    call: int, came: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at each setting of the timer: on taking it over, for the outer and the inner block, on their ends."""
    calls = 0

    def send_and_set(*arguments: float) -> tuple[float, float]:
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.SIGALRM)
        return set_interval_timer(*arguments)

    set_interval_timer = system.set_interval_timer
    monkeypatch.setattr(system, "set_interval_timer", send_and_set)
    with deadline(LONG), deadline(LONG):
        pass
    assert calls >= 5
    assert len(came) == 1


def test_a_signal_of_ours_that_is_served_late_is_nobody_s(came: list[float]) -> None:
    with deadline(LONG):
        # As if a setting had ended, and another thread were about to serve its signal.
        timer._coming = 1
        os.kill(os.getpid(), signal.SIGALRM)
        wait(0.01)
        assert came == []
        os.kill(os.getpid(), signal.SIGALRM)
        wait(0.01)
    assert len(came) == 1


@pytest.mark.parametrize(
    ("action", "status"), [("", -14), ("signal.signal(signal.SIGALRM, signal.SIG_IGN)", 7)], ids=["default", "ignored"]
)
@pytest.mark.parametrize(
    "cause",
    ["signal.setitimer(signal.ITIMER_REAL, 0.2)", "os.kill(os.getpid(), signal.SIGALRM)"],
    ids=["timer", "sent"],
)
def test_the_default_and_to_ignore_mean_what_they_mean(
    action: str, status: int, cause: str, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    code = f"""
import os, signal, sys, threading
from procrun.signals import deadline
{action}
before = {"setitimer" in cause}
if before: {cause}
with deadline(30):
    if not before: {cause}
    threading.Event().wait(0.4)
sys.exit(7)
"""
    assert run_python(code, check=False).returncode == status


def test_a_timer_that_the_block_sets_itself_is_left_running(came: list[float]) -> None:
    with deadline(LONG):
        signal.setitimer(signal.ITIMER_REAL, LONG / 2, 3.0)
    assert signal.getitimer(signal.ITIMER_REAL) == (pytest.approx(LONG / 2, abs=0.05), pytest.approx(3.0, abs=0.001))


def test_a_timer_that_the_block_takes_away_stays_away(came: list[float]) -> None:
    signal.setitimer(signal.ITIMER_REAL, LONG)
    with deadline(2 * LONG):
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert left() == 0


def test_a_timer_that_the_block_sets_itself_comes_to_the_program(came: list[float]) -> None:
    with pytest.raises(DeadlineExceeded), deadline(3 * SHORT):
        signal.setitimer(signal.ITIMER_REAL, SHORT)
        wait(LONG)
    assert len(came) == 1


def test_a_deadline_whose_timer_was_taken_away_ends_with_its_block(came: list[float]) -> None:
    with pytest.raises(DeadlineExceeded), deadline(SHORT):
        signal.setitimer(signal.ITIMER_REAL, 0)
        wait(2 * SHORT)


FORK = """
import os, signal, threading, warnings
from procrun.signals import DeadlineExceeded, alarm, deadline
warnings.simplefilter("ignore", DeprecationWarning)
alarm(60)
def fork_in_thread():
    child = os.fork()
    if child == 0:
        os._exit(9 if alarm(0) else 4)
    statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
statuses = []
thread = threading.Thread(target=fork_in_thread)
with deadline(60):
    thread.start()
    thread.join()
    try:
        with deadline(0.05):
            child = os.fork()
            threading.Event().wait(60)
    except DeadlineExceeded:
        if child == 0:
            os._exit(9 if alarm(0) else 3)
    statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
assert statuses == [4, 3], statuses
assert 0 < alarm(0) < 60
"""


def test_a_forked_child_has_the_deadlines_of_its_thread_and_no_alarm(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    run_python(FORK)


def test_whenever_the_time_is_over_nothing_is_left(no_garbage: None, came: list[float]) -> None:
    """Two deadlines that are over anywhere: within the blocks, between them, on entering, on leaving."""
    chance = random.Random(3)
    handler = signal.getsignal(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, LONG)
    exceeded = 0
    for _ in range(3000):
        outer, inner, work = (chance.uniform(0, 2e-4) for _ in range(3))
        try:
            with deadline(outer):
                try:
                    with deadline(inner):
                        end = time.perf_counter() + work
                        while time.perf_counter() < end:
                            continue
                except DeadlineExceeded:
                    exceeded += 1
        except DeadlineExceeded:
            exceeded += 1
        assert (timer._layer, timer._watched, deadlines._stack()) == (None, [], [])
        assert signal.getsignal(signal.SIGALRM) is handler
    assert LONG - 20 < left() < LONG
    assert came == []
    assert exceeded > 300
