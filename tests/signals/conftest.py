"""What the tests of signals share: SIGALRM to themselves, Pythons of their own, and a look at what is left behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from procrun import system
from procrun.signals.ending import end
from procrun.signals.members import Members
from procrun.signals.report import StopReport
from procrun.signals.timer import timer
from procrun.system import table
from procrun.system.ends import Ends

SECONDS = 60

Argv = Callable[..., list[str]]

MARK = f"test.{os.getpid()}"

SUBINTERPRETER = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
inner = interpreters.create()
failure = interpreters.run_string(inner, f"import sys; sys.path[:] = {{sys.path!r}}" + {code!r})
assert failure is None, failure
"""


@pytest.fixture(autouse=True)
def everything_is_put_back() -> Iterator[None]:
    """Fail a test after which a handler, the wakeup descriptor or the owner of the timer is another."""
    # Without SIGALRM, which pytest-timeout gives up early when a test fails; `own_alarm` looks at it.
    numbers = signal.valid_signals() - {getattr(signal, "SIGALRM", None)}
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    assert {number: signal.getsignal(number) for number in numbers} == before
    assert signal.set_wakeup_fd(-1) == -1
    assert (timer._layer, timer._watched, timer._is_armed) == (None, [], False)


@pytest.fixture
def own_alarm() -> Iterator[None]:
    """No timer and no handler of SIGALRM, as in most programs; those of pytest-timeout come back afterwards."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    left, interval = signal.setitimer(signal.ITIMER_REAL, 0)
    handler = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    yield
    now = signal.setitimer(signal.ITIMER_REAL, 0)
    found = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, left, interval)
    assert (now, found) == ((0.0, 0.0), signal.SIG_DFL)


@pytest.fixture
def no_garbage() -> Iterator[None]:
    """Leave other tests' garbage alone: Python drops an exception that arrives in one of its destructors."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="session")
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`run_python(code)`: runs a program in a Python of its own, to its end."""

    def run(code: str, *, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=check, **options)

    return run


@pytest.fixture(scope="session")
def run_in_subinterpreter(run_python: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[[str], str]:
    """`run_in_subinterpreter(code)`: what a program prints in an interpreter that is not the main one."""

    def run(code: str) -> str:
        return run_python(SUBINTERPRETER.format(code=code)).stdout

    return run


@pytest.fixture(params=["main", "thread"])
def call(request: pytest.FixtureRequest) -> Callable[[Callable[[], Any]], Any]:
    """`call(function)`: what a function gives or raises, in the main thread and in another one."""
    return _in_thread if request.param == "thread" else lambda function: function()


@pytest.fixture
def in_thread() -> Callable[[Callable[[], Any]], Any]:
    """`in_thread(function)`: what a function gives or raises in a thread named `worker`."""
    return _in_thread


def _in_thread(function: Callable[[], Any]) -> Any:
    results: list[Any] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(function())
        except BaseException as error:  # raised where the test can see it
            errors.append(error)

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


class Tree:
    """Processes of a test, which are reaped at its end."""

    def __init__(self, argv: Argv) -> None:
        self.since = table.clock()
        self._argv = argv
        self.children: list[subprocess.Popen[bytes]] = []
        self.others: list[int] = []

    def start(self, name: str, *args: object, mark: str | None = None) -> tuple[int, str]:
        """Start a program and wait for the first line it writes."""
        variables = {**os.environ, **({} if mark is None else {system.MARK: mark})}
        child = subprocess.Popen(self._argv(name, *args), stdout=subprocess.PIPE, env=variables)
        self.children.append(child)
        assert child.stdout is not None
        return child.pid, child.stdout.readline().decode().strip()

    def roots(self) -> list[int]:
        return [child.pid for child in self.children if child.poll() is None]

    def members(self, mark: str = MARK) -> Members:
        """As a run finds its own."""
        return Members(self.roots, mark=mark, since=self.since)

    def found(self, mark: str = MARK) -> set[int]:
        return {row.pid for row in self.members(mark).find({})}

    def stop(self, grace: float = 60, mark: str = MARK) -> StopReport:
        return end(self.members(mark), grace=grace, serve=Ends.wait)

    def reap(self) -> None:
        """Wait until the children have ended by themselves."""
        for child in self.children:
            child.wait()

    def close(self) -> None:
        for pid in self.others:
            if psutil.pid_exists(pid):
                psutil.Process(pid).kill()
        for child in self.children:
            # By psutil, and not by what is tested.
            if child.poll() is None:
                for below in psutil.Process(child.pid).children(recursive=True):
                    below.kill()
            child.kill()
            child.wait()
            assert child.stdout is not None
            child.stdout.close()


@pytest.fixture
def tree(python_program: Argv) -> Iterator[Tree]:
    tree = Tree(python_program)
    yield tree
    tree.close()
