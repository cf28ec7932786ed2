"""`threading` of procrun.legacy, beyond what the transcripts show: how it goes together with the live module."""

from __future__ import annotations

import subprocess
import threading as live
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from procrun.legacy.install import apply, uninstall
from procrun.legacy.live_threading import thread_changes


@pytest.fixture
def threading() -> Iterator[Any]:
    """The module, as if just imported."""
    from procrun.legacy import threading

    apply(thread_changes())
    yield threading
    uninstall()


def test_its_classes_are_those_of_today(threading: Any) -> None:
    for name in ("Thread", "Timer", "Event", "Condition", "Semaphore", "BoundedSemaphore"):
        assert issubclass(getattr(threading, name), getattr(live, name))
    assert issubclass(threading.Timer, threading.Thread)
    assert threading.currentThread() is live.main_thread()


def test_other_names_are_those_of_the_live_module(threading: Any) -> None:
    assert threading.main_thread is live.main_thread
    assert threading._shutdown is live._shutdown  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        threading.no_such_name  # noqa: B018


def test_threads_of_both_know_each_other(threading: Any) -> None:
    go = live.Event()
    threads = [threading.Thread(target=go.wait), live.Thread(target=go.wait)]
    for thread in threads:
        thread.start()
    assert set(threads) <= set(threading.enumerate()) & set(live.enumerate())
    assert [thread.isAlive() for thread in threads] == [True, True]
    go.set()
    for thread in threads:
        thread.join()


def test_its_threads_take_what_todays_take(threading: Any) -> None:
    assert threading.Thread(target=len, daemon=True).isDaemon()
    assert threading.Thread(None, len, None, ("",), {}, 0, daemon=True).getName().count(" ") == 0


def test_importing_it_gives_only_thread_its_methods(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    code = """
import threading as live, time
before = dict(vars(live)), dict(vars(live.Event)), time.sleep
methods = dict(vars(live.Thread))
from procrun.legacy import threading
assert before == (dict(vars(live)), dict(vars(live.Event)), time.sleep)
assert threading.currentThread().isAlive()
from procrun.legacy.install import uninstall
uninstall()
assert dict(vars(live.Thread)) == methods
"""
    assert python(code, options=("-W", "error")).stderr == ""


def test_in_place_of_the_module_it_still_ends_well(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    # docs/legacy.md says not to; programs do.
    code = """
import sys
from procrun.legacy import threading
sys.modules["threading"] = threading
threading.Timer(0.1, print, ["late"]).start()
print("main ends")
"""
    done = python(code)
    assert (done.stdout, done.stderr) == ("main ends\nlate\n", "")
