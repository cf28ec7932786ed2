"""Orphans that come to procrun: the command line ends and reaps them, and takes nobody's status."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from procrun.engine.orphans import adopting, orphans

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux brings orphans to others than process 1")

Argv = Callable[..., list[str]]


def pipe(*args: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "procrun", "pipe", *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_they_are_reaped_and_the_status_is_the_program_s(python_program: Argv, until: Callable[..., Any]) -> None:
    run = pipe('"$@"', *python_program("make_orphans", 20))
    assert run.stdout is not None
    pids = [int(word) for word in run.stdout.readline().split()]
    assert len(pids) == 20
    until(lambda: not any(psutil.pid_exists(pid) for pid in pids))
    assert run.poll() is None
    run.communicate()
    assert run.returncode == 3


def test_a_list_of_programs_keeps_its_statuses(python_program: Argv) -> None:
    """Programs end while orphans do, in many orders; each status has to be its own."""
    text = (
        "; ".join(['"$@" < /dev/null || echo $1 > /dev/null'] * 3) + '; "$@" < /dev/null > /dev/null | "$@" < /dev/null'
    )
    run = pipe(text, *python_program("make_orphans", 10))
    _, stderr = run.communicate()
    assert (run.returncode, stderr) == (3, "")


def test_a_daemon_that_hides_is_ended(python_program: Argv) -> None:
    start = time.monotonic()
    text = '"$1" "$2" "$3" --clean; "$4" "$5" "$6"'
    run = pipe("--timeout", "2", text, *python_program("daemon"), *python_program("hold_pipe"))
    stdout, _ = run.communicate()
    assert time.monotonic() - start < 60
    assert run.returncode == 124
    assert not psutil.pid_exists(int(stdout)) or psutil.Process(int(stdout)).status() == psutil.STATUS_ZOMBIE


def test_who_has_children_already_takes_no_others(python_program: Argv) -> None:
    """`sleep 60 & exec procrun pipe …`: the shell's job is no part of the run."""
    child = subprocess.Popen(python_program("hold_pipe"), stdin=subprocess.DEVNULL)
    try:
        with adopting():
            assert not orphans.are_adopted
    finally:
        child.kill()
        child.wait()


def test_afterwards_all_is_as_before() -> None:
    code = (
        "import signal\n"
        "from procrun.engine.orphans import adopting, orphans\n"
        "with adopting():\n"
        "    print(orphans.are_adopted, callable(signal.getsignal(signal.SIGCHLD)))\n"
        "print(orphans.are_adopted, signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True True\nFalse True\n", "")


def test_a_library_takes_no_orphans() -> None:
    assert not orphans.are_adopted
    with orphans.starting() as own:
        own.add(os.getpid())
    orphans.forget(os.getpid())
