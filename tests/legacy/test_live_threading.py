"""The live `threading` with the old names, as `install()` leaves it."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from procrun.legacy.install import installed, uninstall
from procrun.legacy.live_threading import Private, without_verbose


@pytest.fixture(autouse=True)
def old_names() -> Iterator[None]:
    """Old names, and every warning an error."""
    with installed(), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


live: Any = threading


def test_methods_of_every_thread_work_without_a_warning() -> None:
    for thread in (live.currentThread(), live.Thread(), live.Timer(1, len)):
        name = thread.getName()
        thread.setName("other")
        assert thread.getName() == thread.name == "other"
        thread.setName(name)
        assert thread.isDaemon() is False
        assert thread.isAlive() == thread.is_alive()


def test_functions_and_methods_work_without_a_warning() -> None:
    assert live.currentThread() is threading.current_thread()
    assert live.activeCount() == threading.active_count()
    assert not live.Event().isSet()
    condition = live.Condition()
    with condition:
        condition.notifyAll()


@pytest.mark.parametrize("name", ["Timer", "Event", "Condition", "Semaphore", "BoundedSemaphore"])
def test_the_classes_have_their_old_names(name: str) -> None:
    assert getattr(live, f"_{name}") is getattr(threading, name)


def test_a_reentrant_lock_is_an_instance_of_its_class() -> None:
    assert isinstance(live.RLock(), live._RLock)
    assert isinstance(live.RLock(True), live._RLock)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Thread", (None, None, "name", (), {}, True)),
        ("RLock", (True,)),
        ("Condition", (None, True)),
        ("Semaphore", (1, True)),
        ("BoundedSemaphore", (1, True)),
        ("Event", (True,)),
    ],
)
def test_verbose_is_accepted(name: str, arguments: tuple[Any, ...]) -> None:
    getattr(live, name)(*arguments)
    getattr(live, name)(verbose=True)


def test_names_are_numbers_only() -> None:
    first, second = live.Thread(target=len), live.Thread(target=len, daemon=True)
    assert first.name.partition("-")[0] == "Thread"
    assert int(second.name.partition("-")[2]) == int(first.name.partition("-")[2]) + 1
    assert live.Thread(target=len, name="mine (own)").name == "mine (own)"


class Stoppable(threading.Thread):
    """The well-known class of its time."""

    def __init__(self) -> None:
        super().__init__()
        self._stop = threading.Event()
        self._started = self._context = "mine"

    def run(self) -> None:
        self._stop.wait(30)


def test_a_subclass_has_attributes_of_its_own() -> None:
    thread = Stoppable()
    thread.start()
    assert thread.is_alive()
    assert thread._started == "mine"
    thread._stop.set()
    thread.join(30)
    assert not thread.is_alive()
    del thread._started
    assert thread._started.is_set()


def test_a_thread_outlives_the_old_names() -> None:
    uninstall()

    class Own(Stoppable):
        pass

    with installed():
        running, ready = Own(), Own()
        running.start()
    # Also one that is made only now: without its attributes apart it could not be started at all.
    for thread in (running, ready, Own()):
        assert isinstance(thread._stop, threading.Event)
        assert (thread._started, thread._context) == ("mine", "mine")
        if thread is not running:
            thread.start()
        thread._stop.set()
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize("cls", [threading.Thread, threading.Timer])
def test_classes_of_pythons_own_are_as_before(cls: Any) -> None:
    uninstall()
    before = dict(vars(cls))
    with installed():
        thread = cls(1, len) if cls is threading.Timer else cls()
        thread._started = "mine"
        assert thread._started == "mine"
    assert dict(vars(cls)) == before


def test_without_a_value_of_its_own_a_subclass_sees_threads() -> None:
    class Other:
        pass

    private = Private("_no_such_attribute")
    with pytest.raises(AttributeError, match=r"^'Thread' object has no attribute '_no_such_attribute'$"):
        private.__get__(threading.Thread(), threading.Thread)
    with pytest.raises(AttributeError, match=r"^_no_such_attribute$"):
        private.__delete__(threading.Thread())


def test_only_one_argument_more_is_dropped() -> None:
    accept = without_verbose(lambda *args, **keywords: (args, keywords), 2)
    assert accept(1) == ((1,), {})
    assert accept(1, 2) == ((1, 2), {})
    assert accept(1, 2, 3) == ((1, 2), {})
    assert accept(1, 2, 3, 4) == ((1, 2, 3, 4), {})
    assert accept(1, verbose=1, other=2) == ((1,), {"other": 2})


def test_a_star_gives_the_old_names() -> None:
    names: dict[str, Any] = {}
    exec("from threading import *", names)
    assert (names["currentThread"], names["activeCount"]) == (threading.current_thread, threading.active_count)
    assert threading.__all__.count("currentThread") == 1


def test_inside_names_of_the_time() -> None:
    assert live._newname().startswith("Thread-")
    assert live._newname("own-%d").startswith("own-")
    assert live._pickSomeNonDaemonThread() is threading.main_thread()
    try:
        raise KeyError("a")
    except KeyError:
        assert live._format_exc().endswith("KeyError: 'a'\n")


class Mixin:
    """A class beside Thread, with a method by the name of one of Thread's own."""

    def _is_stopped(self) -> str:
        return "of course"


def with_methods() -> type[Any]:
    """A subclass that is defined while the old names are there."""

    class Own(Mixin, threading.Thread):
        calls: list[str]

        def _stop(self) -> None:  # type: ignore[override]
            self.calls.append("_stop")

        def _started(self) -> str:  # type: ignore[override]
            return "mine"

        @property
        def _handle(self) -> str:
            return "handle"

        def run(self) -> None:
            self._stop()

    class Further(Own):
        def _started(self) -> str:  # type: ignore[override]
            return super()._started() + " too"

    return Further


def test_a_subclass_has_methods_of_its_own() -> None:
    thread = with_methods()()
    thread.calls = []
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert thread.calls == ["_stop"]
    assert (thread._started(), thread._is_stopped(), thread._handle) == ("mine too", "of course", "handle")
    assert type(thread)._started(thread) == "mine too"


def test_a_subclass_keeps_its_methods_when_the_old_names_go() -> None:
    uninstall()
    with installed():
        thread = with_methods()()
    thread.calls = []
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert (thread.calls, thread._started()) == (["_stop"], "mine too")
