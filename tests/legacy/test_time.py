"""`sleep` that a signal ends; how it waits is tested in tests/signals/test_wakeup.py."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import time as today
from collections.abc import Callable, Iterator

import pytest

from procrun.legacy import time
from procrun.legacy.time import sleep

needs_alarms = pytest.mark.skipif(os.name != "posix", reason="timers that send signals are POSIX's")


@pytest.fixture
def handled() -> Iterator[list[int]]:
    """The signals that came, from a timer that runs soon."""
    came: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: came.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    yield came
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_everything_else_is_that_of_today() -> None:
    assert (time.time, time.monotonic, time.strftime) == (today.time, today.monotonic, today.strftime)


@needs_alarms
def test_a_handler_ends_it_early(handled: list[int]) -> None:
    start = today.monotonic()
    assert sleep(60) is None  # type: ignore[func-returns-value]
    assert handled == [signal.SIGALRM]
    assert today.monotonic() - start < 30


@needs_alarms
def test_the_next_is_whole_again(handled: list[int]) -> None:
    sleep(60)
    start = today.monotonic()
    sleep(0.2)
    assert today.monotonic() - start >= 0.2


@needs_alarms
def test_in_a_thread_it_is_whole(handled: list[int]) -> None:
    found = []

    def measure() -> None:
        start = today.monotonic()
        sleep(0.3)
        found.append(today.monotonic() - start)

    thread = threading.Thread(target=measure)
    thread.start()
    thread.join()
    assert found[0] >= 0.3
    assert handled == [signal.SIGALRM]


@needs_alarms
def test_asyncio_gets_its_signal_too() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        came = asyncio.Event()
        loop.add_signal_handler(signal.SIGALRM, came.set)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        start = today.monotonic()
        sleep(60)  # blocks the loop, as careless programs do
        await asyncio.wait_for(came.wait(), 30)
        loop.remove_signal_handler(signal.SIGALRM)
        return today.monotonic() - start

    assert asyncio.run(main()) < 30


@pytest.mark.parametrize("seconds", [0, 0.0, 0.01, True])
def test_it_sleeps_as_long_as_asked(seconds: float) -> None:
    start = today.monotonic()
    sleep(seconds)
    assert today.monotonic() - start >= seconds


@pytest.mark.parametrize("wrong", ["1", None, [], -1, -0.5, float("nan"), 1e300, float("inf"), 1 + 1j])
def test_what_is_no_time_is_refused_as_today(wrong: object) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)) as todays:
        today.sleep(wrong)  # type: ignore[arg-type]
    with pytest.raises(type(todays.value)) as ours:
        sleep(wrong)  # type: ignore[arg-type]
    assert str(ours.value) == str(todays.value)


class Count:
    """A number by another name."""

    def __index__(self) -> int:
        return 60


@needs_alarms
def test_other_integers_are_numbers(handled: list[int]) -> None:
    sleep(Count())  # type: ignore[arg-type]
    assert handled == [signal.SIGALRM]


@pytest.mark.skipif(os.name != "posix", reason="Windows does not limit descriptors")
def test_without_descriptors_it_still_sleeps(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    code = """
import resource, time
from procrun.legacy.time import sleep
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
start = time.monotonic(); sleep(0.2)
print(time.monotonic() - start >= 0.2)
"""
    assert python(code).stdout == "True\n"
