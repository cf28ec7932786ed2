"""A signal ends the wait, none is lost, and what others wait for with a wakeup descriptor of their own reaches them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from procrun.signals import handle
from procrun.signals.wakeup import Wakeup

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such thing")
TERM = signal.SIGTERM
LONG = 30.0


def nothing(number: int, frame: object) -> None:
    """A handler."""


def send() -> None:
    """Send the signal to this process; it is served in the calling thread."""
    signal.raise_signal(TERM)


@contextmanager
def sent_meanwhile() -> Iterator[None]:
    """Send the signal from another thread, some time after the block has begun."""
    timer = threading.Timer(0.05, send)
    timer.start()
    yield
    timer.join()


@contextmanager
def wakeup_to(descriptor: int) -> Iterator[None]:
    """Have the interpreter write to a descriptor, as asyncio does."""
    assert signal.set_wakeup_fd(descriptor) == -1
    yield
    assert signal.set_wakeup_fd(-1) == descriptor


def test_a_signal_ends_the_wait() -> None:
    start = time.monotonic()
    with handle("TERM", nothing), Wakeup() as wakeup, sent_meanwhile():
        assert wakeup.wait(LONG)
    assert time.monotonic() - start < LONG / 2


def test_a_signal_that_came_before_the_wait_ends_it_too() -> None:
    with handle("TERM", nothing), Wakeup() as wakeup:
        send()
        assert wakeup.wait(LONG)


def test_a_signal_that_came_before_the_block_does_not() -> None:
    with handle("TERM", nothing):
        send()
        with Wakeup() as wakeup:
            assert not wakeup.wait(0)


def test_a_signal_ends_one_wait() -> None:
    with handle("TERM", nothing), Wakeup() as wakeup:
        send()
        assert wakeup.wait(LONG)
        assert not wakeup.wait(0)


def test_the_handler_has_run_when_the_wait_is_over() -> None:
    came: list[int] = []
    with handle("TERM", lambda number, frame: came.append(number)), Wakeup() as wakeup:
        for count in range(1, 200):
            sender = threading.Thread(target=send)
            sender.start()
            assert wakeup.wait(LONG)
            assert len(came) == count
            sender.join()


def test_the_time_ends_it_as_well() -> None:
    start = time.monotonic()
    with Wakeup() as wakeup:
        assert not wakeup.wait(0.05)
    assert 0.05 <= time.monotonic() - start < LONG / 2


def test_an_exception_of_the_handler_comes_out() -> None:
    def refuse(number: int, frame: object) -> None:
        raise LookupError

    with pytest.raises(LookupError), handle("TERM", refuse), Wakeup() as wakeup, sent_meanwhile():
        wakeup.wait(LONG)
    # Its byte was for that wait and does not end the next.
    with Wakeup() as wakeup:
        assert not wakeup.wait(0)


@posix
@pytest.mark.parametrize("pair", [socket.socketpair, os.pipe])
def test_the_previous_descriptor_gets_what_came(pair: Callable[[], Any]) -> None:
    ours, theirs = pair()
    reader, writer = (end if isinstance(end, int) else end.detach() for end in (ours, theirs))
    os.set_blocking(writer, False)
    try:
        with handle("TERM", nothing), wakeup_to(writer):
            with Wakeup() as wakeup:
                send()
                assert wakeup.wait(LONG)
                assert os.read(reader, 100) == bytes([TERM])
                send()
            assert os.read(reader, 100) == bytes([TERM])
            send()
            assert os.read(reader, 100) == bytes([TERM])
    finally:
        os.close(reader)
        os.close(writer)


@posix
def test_a_descriptor_that_the_handler_chose_stays() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        with handle("TERM", lambda number, frame: signal.set_wakeup_fd(writer)):
            with Wakeup() as wakeup:
                send()
                assert wakeup.wait(LONG)
            send()
        assert signal.set_wakeup_fd(-1) == writer
        assert os.read(reader, 100) == bytes([TERM])
    finally:
        os.close(reader)
        os.close(writer)


@posix
def test_a_previous_descriptor_that_was_closed_is_forgotten() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    with handle("TERM", nothing), Wakeup() as wakeup:
        os.close(reader)
        os.close(writer)
        send()
        assert wakeup.wait(LONG)
    assert signal.set_wakeup_fd(-1) == -1


def test_a_handler_may_wait_itself() -> None:
    inner: list[bool] = []

    def wait_too(number: int, frame: object) -> None:
        with Wakeup() as wakeup:
            inner.append(wakeup.wait(0.01))

    with handle("TERM", wait_too), Wakeup() as wakeup:
        send()
        assert wakeup.wait(LONG)
    assert inner == [False]


def test_what_comes_while_a_handler_waits_ends_both() -> None:
    inner: list[bool] = []

    def wait_too(number: int, frame: object) -> None:
        with handle("TERM", nothing), Wakeup() as wakeup, sent_meanwhile():
            inner.append(wakeup.wait(LONG))

    with handle("TERM", wait_too), Wakeup() as wakeup:
        send()
        assert wakeup.wait(LONG)
    assert inner == [True]


@posix
def test_asyncio_hears_of_signals_that_came_meanwhile() -> None:
    async def main() -> None:
        came = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(TERM, came.set)
        with Wakeup() as wakeup, sent_meanwhile():
            assert wakeup.wait(LONG)
        await asyncio.wait_for(came.wait(), LONG)

    asyncio.run(main())


@posix
def test_no_signal_is_lost_however_close_it_comes() -> None:
    """From the moment of entering; a signal lost would wait for the whole time."""
    chance = random.Random(7)
    come = threading.Event()
    go = threading.Semaphore(0)
    rounds = 2000

    def work() -> None:
        for _ in range(rounds):
            go.acquire()
            end = time.perf_counter() + chance.uniform(0, 2e-4)
            while time.perf_counter() < end:
                continue
            signal.pthread_kill(chance.choice((threading.main_thread(), sender)).ident or 0, TERM)

    with handle("TERM", lambda number, frame: come.set()):
        sender = threading.Thread(target=work)
        sender.start()
        for _ in range(rounds):
            come.clear()
            go.release()
            with Wakeup() as wakeup:
                while not come.is_set():
                    assert wakeup.wait(LONG), "the signal did not end the wait"
        sender.join()


FORK = """
import os, signal, threading
from procrun.signals import handle
from procrun.signals.wakeup import Wakeup

def send_to(process): os.kill(process, signal.SIGUSR1)
def serve(number, frame): pass

with handle("USR1", serve):
    with Wakeup() as wakeup:
        pass
    ready, go = os.pipe()
    child = {fork}
    if child == 0:
        with Wakeup() as wakeup:
            send_to(os.getpid())
            assert wakeup.wait(30)
        os.write(go, b"x")
        with Wakeup() as wakeup:
            assert wakeup.wait(30)
        os._exit(0)
    with Wakeup() as wakeup:
        os.read(ready, 1)
        assert not wakeup.wait(0), "the child's signal woke the parent"
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            send_to(child)
        send_to(os.getpid())
        assert wakeup.wait(30)
"""


@posix
def test_a_forked_child_has_its_own(run_python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert run_python(FORK.replace("{fork}", "os.fork()")).stderr == ""


FORK_IN_THREAD = """
import os, signal, threading, warnings
from procrun.signals.wakeup import Wakeup
warnings.simplefilter("ignore", DeprecationWarning)
ours, theirs = os.pipe()
os.set_blocking(theirs, False)
signal.set_wakeup_fd(theirs)
statuses = []
entered = threading.Event()

def fork():
    entered.wait()
    child = os.fork()
    if child == 0:
        os._exit(0 if signal.set_wakeup_fd(-1) == theirs else 1)
    statuses.append(os.waitpid(child, 0)[1])

thread = threading.Thread(target=fork)
thread.start()
with Wakeup() as wakeup:
    entered.set()
    thread.join()
assert statuses == [0], statuses
"""


@posix
def test_a_child_of_another_thread_has_the_previous_descriptor(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    assert run_python(FORK_IN_THREAD).stderr == ""


@posix
def test_descriptors_beyond_the_reach_of_select_do(run_python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    code = """
import os, resource, signal, sys
from procrun.signals import handle
from procrun.signals.wakeup import Wakeup
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if hard != resource.RLIM_INFINITY and hard < 1200:
    sys.exit("few")
resource.setrlimit(resource.RLIMIT_NOFILE, (1200, hard))
taken = [os.dup(0) for _ in range(1100)]
with handle("USR1", lambda number, frame: None), Wakeup() as wakeup:
    assert not wakeup.wait(0.001)
    os.kill(os.getpid(), signal.SIGUSR1)
    assert wakeup.wait(30)
"""
    done = run_python(code, check=False)
    if done.stderr == "few\n":
        pytest.skip("this process may not open so many files")
    assert (done.returncode, done.stderr) == (0, "")
