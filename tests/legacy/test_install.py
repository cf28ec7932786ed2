"""`install()`, `uninstall()` and `installed()`: what they change, and that all of it comes back."""

from __future__ import annotations

import asyncio
import doctest
import importlib
import io
import os
import queue
import signal
import subprocess
import sys
import threading
import time as clock
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import procrun.legacy.child as child_module
import procrun.legacy.install as install_module
from procrun.legacy.install import MODULES, install, installed, uninstall

CHANGED = (os, clock, threading, threading.Thread, threading.Event, threading.Condition, threading.Semaphore)


@pytest.fixture(autouse=True)
def nothing_installed() -> Iterator[None]:
    """Begin and end without anything installed."""
    uninstall()
    yield
    uninstall()


def state() -> list[dict[str, Any]]:
    """Every object that could be changed."""
    modules = {name: sys.modules.get(name) for name in (*MODULES, "threading", "signal", "queue")}
    return [modules, *(dict(vars(holder)) for holder in CHANGED), {"errors": sys.stdout.errors}]


def test_the_examples() -> None:
    assert doctest.testmod(install_module).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_imported_by_its_old_name(name: str) -> None:
    with installed():
        assert __import__(name) is sys.modules[f"procrun.legacy.{name}"]


def test_every_object_is_there_again() -> None:
    before = state()
    install(stdout=True)
    assert state() != before
    uninstall()
    assert state() == before
    uninstall()
    assert state() == before


def test_twice_is_the_same_as_once() -> None:
    before = state()
    install()
    once = state()
    install()
    assert state() == once
    uninstall()
    assert state() == before


@pytest.mark.filterwarnings("ignore:os.popen2 is deprecated:DeprecationWarning")
def test_what_was_made_before_goes_on_working_after_it(python_program: Callable[..., list[str]]) -> None:
    live: Any = threading
    install()
    popen2, Queue, thread = (importlib.import_module(name) for name in ("popen2", "Queue", "thread"))
    child, pair = popen2.Popen3(python_program("cat")), os.popen2(python_program("cat"))  # type: ignore[attr-defined]
    items, lock, event = Queue.PriorityQueue(), thread.allocate_lock(), live.Event(verbose=True)
    monitor, again, few = live.Condition(None, True), live.RLock(True), live.BoundedSemaphore(1, True)
    lock.acquire()
    seen: list[object] = []

    def work() -> None:
        seen.append(items.get())
        with lock, again, again, few, monitor:
            seen.append(monitor.wait_for(event.is_set, 30))

    worker = live.Thread(None, work, None, (), {}, True)
    worker.start()
    timer = live.Timer(0, event.set)
    uninstall()
    items.put(1)
    lock.release()
    timer.start()
    timer.join()
    with monitor:
        monitor.notify_all()
    worker.join(30)
    assert (seen, worker.is_alive(), few.acquire(blocking=False)) == ([1, True], False, True)
    for write, read in ((child.tochild, child.fromchild), pair):
        write.write("line\n")
        write.close()
        assert read.read() == "line\n"
        read.close()
    assert child.wait() == 0
    for dropped in child_module._dropped[:]:
        dropped.wait()
    child_module._reap_dropped()


def test_modules_that_python_uses_are_not_replaced() -> None:
    kept = [sys.modules[name] for name in ("threading", "signal", "queue")]
    with installed():
        assert [sys.modules[name] for name in ("threading", "signal", "queue")] == kept
        assert [threading.__name__, signal.__name__, queue.__name__] == ["threading", "signal", "queue"]


@pytest.mark.parametrize(
    ("chosen", "changed"),
    [
        ({"modules": True}, {"modules"}),
        ({"modules": ["Queue"]}, {"Queue"}),
        ({"os": True}, {"os"}),
        ({"threading": True}, {"threading"}),
        ({"sleep": True}, {"sleep"}),
        ({}, set()),
    ],
)
def test_each_part_can_be_chosen(chosen: dict[str, Any], changed: set[str]) -> None:
    before_sleep = clock.sleep
    with installed(**{"modules": False, "os": False, "threading": False, "sleep": False, **chosen}):
        found = {
            "Queue": "Queue" in sys.modules and "commands" not in sys.modules,
            "modules": "Queue" in sys.modules and "commands" in sys.modules,
            "os": hasattr(os, "popen2") and "popen2" in os.__all__,
            "threading": hasattr(threading.Thread, "isAlive") and "currentThread" in threading.__all__,
            "sleep": clock.sleep is not before_sleep,
        }
    assert {part for part, is_changed in found.items() if is_changed} == changed


def test_an_unknown_module_is_refused_and_nothing_changes() -> None:
    before = state()
    with pytest.raises(ValueError) as caught:
        install(modules=["commands", "que"])
    assert str(caught.value) == (
        "no legacy module `que`; there are: commands, popen2, pipes, thread, Queue, dummy_thread, dummy_threading"
    )
    assert state() == before


def test_a_block_leaves_what_was_installed_before_it() -> None:
    install(modules=["commands"], threading=False)
    before = state()
    with installed():
        assert hasattr(threading.Thread, "isAlive")
    assert state() == before
    with pytest.raises(KeyError), installed():
        raise KeyError
    assert state() == before


def test_a_module_of_the_programs_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    own = types.ModuleType("commands")
    monkeypatch.setitem(sys.modules, "commands", own)
    with installed():
        assert sys.modules["commands"] is own
        assert "popen2" in sys.modules
    assert sys.modules["commands"] is own


def test_the_pipes_of_an_older_python_is_replaced_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    older = types.ModuleType("pipes")
    monkeypatch.setitem(sys.modules, "pipes", older)
    monkeypatch.setattr(sys, "stdlib_module_names", sys.stdlib_module_names | {"pipes"})
    with installed():
        assert sys.modules["pipes"] is sys.modules["procrun.legacy.pipes"]
    assert sys.modules["pipes"] is older


def test_what_another_has_replaced_since_is_left_to_it() -> None:
    before = clock.sleep

    def theirs(seconds: float) -> None: ...

    install()
    try:
        clock.sleep = theirs
        uninstall()
        assert clock.sleep is theirs
    finally:
        clock.sleep = before


def test_a_change_that_fails_undoes_the_others() -> None:
    class Closed:
        __slots__ = ()

    def changes() -> Iterator[tuple[Any, str, Any]]:
        yield os, "popen2", len
        yield Closed(), "anything", 1

    before = state()
    with pytest.raises(TypeError):
        install_module.apply(changes())
    assert state() == before


def test_surrogates_can_be_printed_only_when_asked(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    code = """
import sys
sys.stdout.reconfigure(encoding="utf-8", errors="strict")
from procrun.legacy.install import install, uninstall
install(); print(sys.stdout.errors)
install(stdout=True); print(sys.stdout.errors, "\\udcff")
uninstall(); print(sys.stdout.errors)
"""
    assert python(code).stdout == "strict\nsurrogateescape \udcff\nstrict\n"


def test_a_stdout_that_is_no_file_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with installed(stdout=True):
        assert sys.stdout.write("\udcff") == 1


def test_importing_procrun_changes_nothing(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    code = """
import os, sys, threading, time
before = dict(vars(os)), dict(vars(time)), dict(vars(threading)), dict(vars(threading.Thread))
import procrun, procrun.legacy, procrun.legacy.install
assert before == (dict(vars(os)), dict(vars(time)), dict(vars(threading)), dict(vars(threading.Thread)))
print(sorted({"commands", "popen2", "thread", "Queue"} & set(sys.modules)))
"""
    assert python(code).stdout == "[]\n"


def test_installing_is_silent_also_where_warnings_are_errors(
    python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = python("import procrun.legacy.install as i; i.install(); import popen2", options=("-W", "error"))
    assert (done.stdout, done.stderr) == ("", "")


def test_asyncio_and_futures_work_while_it_is_installed() -> None:
    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        timer = loop.create_future()
        loop.call_later(0.01, timer.set_result, 2)
        return [await loop.run_in_executor(None, abs, -1), await timer]

    with installed():
        assert asyncio.run(main()) == [1, 2]
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(abs, [-3, -4])) == [3, 4]


def test_threads_are_awaited_at_the_end(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    code = """
import threading
from procrun.legacy.install import install
install()
end = threading.Event()
def last():
    end.wait(); print("last")
threading.Thread(target=last).start()
threading.Timer(0.1, end.set).start()
print("main ends")
"""
    done = python(code)
    assert (done.stdout, done.stderr) == ("main ends\nlast\n", "")
