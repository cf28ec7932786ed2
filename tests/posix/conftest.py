"""Host programs: Pythons of their own in which procrun is used as a program would use it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

Host = Callable[..., "subprocess.CompletedProcess[str]"]

SECONDS = 80
SECONDS_OF_HANG = 60
"""After so long a host says where it hangs, and ends."""

PRELUDE = """
import faulthandler
faulthandler.dump_traceback_later({seconds}, exit=True)
import os, sys, signal, threading, time, gc, json
import procrun
from procrun import *

PYTHON = [sys.executable, "-S"]
PROGRAMS = {programs!r}

def program(name, *args, **options):
    return cmd(*PYTHON, os.path.join(PROGRAMS, name + ".py"), *args, **options)

def descriptors():
    from procrun.signals.wakeup import _ends
    numbers = [int(name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)]
    return sorted(number for number in numbers if number not in _ends())

def children():
    import psutil
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return []  # a hundred times faster than a look at every process
    return [child.pid for child in psutil.Process().children()]

def say(*words):
    print(*words, flush=True)
"""


def host_code(code: str) -> str:
    programs = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "programs")
    return PRELUDE.format(programs=programs, seconds=SECONDS_OF_HANG) + textwrap.dedent(code)


@pytest.fixture(scope="session")
def host() -> Host:
    """`host(code, **options)`: runs a program that has imported procrun, to its end, and gives what it printed."""

    def run(code: str, *, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        given: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            **options,
        }
        done = subprocess.run(
            [sys.executable, "-c", host_code(code)],
            text=True,
            timeout=SECONDS,
            check=False,
            **given,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


class Started:
    """A host program that runs."""

    def __init__(self, code: str) -> None:
        # A session of its own: what is sent to its group reaches it and its children, as Ctrl-C does.
        self.process = subprocess.Popen(
            [sys.executable, "-c", host_code(code)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def readline(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def finish(self) -> tuple[str, str]:
        """Wait for its end; its stdout and stderr."""
        return self.process.communicate(timeout=SECONDS)


@pytest.fixture
def started(end_session: Callable[..., None]) -> Iterator[Callable[[str], Started]]:
    """`started(code)`: starts such a program and gives it to be talked to; it is ended with the test."""
    hosts: list[Started] = []

    def start(code: str) -> Started:
        hosts.append(Started(code))
        return hosts[-1]

    yield start
    for host in hosts:
        end_session(host.process)
        host.process.communicate(timeout=SECONDS)


@pytest.fixture
def doomed() -> Iterator[list[int]]:
    """Processes that nobody else would end: they are killed after the test."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        if psutil.pid_exists(pid):
            psutil.Process(pid).kill()
