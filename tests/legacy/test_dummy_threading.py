"""`dummy_threading`, beyond what the transcripts show: data of threads, hooks, and the words for a thread."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from procrun.legacy import dummy_threading


def run(function: Any, *args: Any) -> None:
    dummy_threading.Thread(target=function, args=args).start()


def test_each_thread_has_its_own_data() -> None:
    class Mine(dummy_threading.local):
        def __init__(self, start: int) -> None:
            self.value = start

    data = Mine(5)
    data.value = 6
    found = []

    def change() -> None:
        found.append(data.value)
        data.value = 7
        run(lambda: found.append(data.value))
        found.append(data.value)

    run(change)
    assert (found, data.value) == ([5, 5, 7], 6)


def test_data_may_be_made_in_a_thread() -> None:
    made: list[Any] = []

    def make() -> None:
        made.append(dummy_threading.local())
        made[0].x = 1

    run(make)
    assert not hasattr(made[0], "x")
    with pytest.raises(AttributeError):
        del made[0].x


def test_a_thread_says_how_it_is() -> None:
    thread = dummy_threading.Thread(name="n")
    found = [repr(thread)]
    thread = dummy_threading.Thread(target=lambda: found.append(repr(thread)), name="n")
    thread.setDaemon(True)
    thread.start()
    found.append(repr(thread))
    assert found == ["<Thread(n, initial)>", "<Thread(n, started daemon -1)>", "<Thread(n, stopped daemon -1)>"]
    assert repr(dummy_threading.currentThread()) == "<_MainThread(MainThread, started -1)>"


def test_hooks_are_those_of_threads_only() -> None:
    events = []

    def hook(frame: Any, event: str, argument: Any) -> None:
        events.append(event)

    before = sys.gettrace(), sys.getprofile()
    dummy_threading.settrace(hook)
    dummy_threading.setprofile(hook)
    try:
        run(lambda: None)
    finally:
        dummy_threading.settrace(None)
        dummy_threading.setprofile(None)
    assert events
    assert (sys.gettrace(), sys.getprofile()) == before


def test_an_exception_is_told_with_the_threads_name(capsys: pytest.CaptureFixture[str]) -> None:
    dummy_threading.Thread(target=lambda: 1 // 0, name="failing").start()
    text = capsys.readouterr().err
    assert text.startswith("Exception in thread failing:\nTraceback (most recent call last):\n")
    assert text.endswith("ZeroDivisionError: integer division or modulo by zero\n")


def test_a_keyboard_interrupt_in_a_thread_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    run(interrupted)
    assert capsys.readouterr().err.endswith("KeyboardInterrupt\n")
    assert dummy_threading.activeCount() == 1


def test_every_listed_name_is_there() -> None:
    assert [name for name in dummy_threading.__all__ if not hasattr(dummy_threading, name)] == []
