"""The table of processes from /proc: names with brackets, threads that outlive the first one, long environments."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest

from procrun.system import linux_table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about Linux")


def test_everybody_is_there() -> None:
    pids = {row.pid for row in linux_table.read_table()}
    assert {1, os.getpid(), os.getppid()} <= pids


def test_a_name_may_hold_anything(tmp_path: object) -> None:
    code = "import sys; open('/proc/self/comm', 'w').write('a) (b'); sys.stdout.write('x'); sys.stdout.flush(); input()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(1)
    row = linux_table.find_row(process.pid)
    process.communicate(b"\n")
    assert row is not None
    assert (row.name, row.parent) == ("a) (b", os.getpid())


def test_a_program_lives_as_long_as_one_of_its_threads(until: Callable[..., object]) -> None:
    """pthread_exit(3) in the main thread leaves what looks like a zombie."""
    code = (
        "import ctypes, threading, sys\n"
        "threading.Thread(target=sys.stdin.buffer.raw.read).start()\n"
        "ctypes.CDLL(None).pthread_exit(None)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
        row = linux_table.find_row(process.pid)
        assert row is not None and not row.has_ended
    finally:
        process.kill()
        process.communicate()


def test_an_environment_of_many_pages(python_program: Callable[..., list[str]]) -> None:
    variables = {**os.environ, "A": "x" * 100_000, "PROCRUN_RUN": "mark", "Z": "mark2 " * 1000}
    process = subprocess.Popen(python_program("sleeper"), stdout=subprocess.PIPE, env=variables)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        assert linux_table.carries(process.pid, "mark")
        assert not linux_table.carries(process.pid, "mark2")
    finally:
        process.kill()
        process.communicate()


def test_a_program_in_the_middle_of_exec_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no arguments and no environment yet; which is too short a moment to be met on purpose."""
    answers = iter([b"", b"", b"", b"", b"A=1\0PROCRUN_RUN=mark\0"])
    monkeypatch.setattr(linux_table, "_read", lambda path: next(answers))
    assert linux_table.carries(1, "mark")


def test_a_program_without_an_environment_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([b"", b"sleep\x0060\0"])
    monkeypatch.setattr(linux_table, "_read", lambda path: next(answers))
    assert not linux_table.carries(1, "mark")
