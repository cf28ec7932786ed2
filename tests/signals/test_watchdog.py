"""Calls are made at their time and in their order, or not at all when they are cancelled; no thread is left."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from procrun.signals.watchdog import Call, Watchdog

LONG = 30.0


def test_calls_are_made_in_the_order_of_their_times() -> None:
    watchdog, made, done = Watchdog(), [], threading.Event()
    now = time.monotonic()
    for place in (2, 0, 1):
        watchdog.add(Call(now + place * 0.02, lambda place=place: made.append(place)))
    watchdog.add(Call(now + 0.06, done.set))
    assert done.wait(LONG)
    assert made == [0, 1, 2]
    assert time.monotonic() - now >= 0.06


def test_a_call_whose_time_is_over_is_made_at_once() -> None:
    watchdog, done = Watchdog(), threading.Event()
    watchdog.add(Call(time.monotonic() - 1, done.set))
    assert done.wait(LONG)


def test_a_call_is_made_in_another_thread() -> None:
    watchdog, idents, done = Watchdog(), [], threading.Event()

    def note() -> None:
        idents.append(threading.get_ident())
        done.set()

    watchdog.add(Call(0, note))
    assert done.wait(LONG)
    assert idents != [threading.get_ident()]


def test_an_earlier_call_does_not_wait_for_a_later_one() -> None:
    watchdog, done = Watchdog(), threading.Event()
    later, begun = Call(time.monotonic() + LONG, lambda: None), threading.Event()
    watchdog.add(later)
    watchdog.add(Call(0, begun.set))
    assert begun.wait(LONG)
    with watchdog.lock:
        # Now it waits for the later one.
        start = time.monotonic()
    watchdog.add(Call(start + 0.02, done.set))
    assert done.wait(LONG)
    assert time.monotonic() - start < LONG / 2
    watchdog.cancel(later)


def test_a_cancelled_call_is_not_made() -> None:
    watchdog, made, done = Watchdog(), [], threading.Event()
    now = time.monotonic()
    cancelled = Call(now + 0.02, lambda: made.append(1))
    watchdog.add(cancelled)
    watchdog.add(Call(now + 0.04, done.set))
    watchdog.cancel(cancelled)
    watchdog.cancel(cancelled)
    assert done.wait(LONG)
    assert made == []


def test_after_cancel_a_call_has_been_made_or_never_will_be() -> None:
    watchdog = Watchdog()
    for _ in range(300):
        made: list[int] = []
        call = Call(time.monotonic() + 0.0002, lambda made=made: made.append(1))
        watchdog.add(call)
        while time.monotonic() < call.due:
            continue
        watchdog.cancel(call)
        count = len(made)
        assert watchdog._calls == []
        assert len(made) == count <= 1


def test_the_thread_ends_with_the_last_call_and_comes_again() -> None:
    watchdog = Watchdog()
    for _ in range(3):
        done = threading.Event()
        watchdog.add(Call(0, done.set))
        assert done.wait(LONG)
        with watchdog.lock:
            # Whoever has called does not let go of the lock before it has seen that there is nothing more.
            assert not watchdog._is_working


FORK = """
import os, threading, time
from procrun.signals.watchdog import Call, watchdog
made = threading.Event()
of_another = []
def add(): watchdog.add(Call(time.monotonic() + 0.05, lambda: of_another.append(os.getpid())))
thread = threading.Thread(target=add)
thread.start()
thread.join()
watchdog.add(Call(time.monotonic() + 0.1, made.set))
child = os.fork()
assert made.wait(30)
if child == 0:
    os._exit(len(of_another))
assert (os.waitpid(child, 0)[1], of_another) == (0, [os.getpid()])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_keeps_the_calls_of_its_thread(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    run_python("import warnings\nwarnings.simplefilter('ignore', DeprecationWarning)\n" + FORK)
