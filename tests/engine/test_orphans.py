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


@pytest.mark.parametrize("when", ["start", "end"])
def test_they_are_reaped_when_a_program_starts_or_ends(when: str, python_program: Argv) -> None:
    code = """if True:
        import sys, time
        import psutil
        from procrun import PIPE, cmd
        from procrun.engine.orphans import adopting
        def states():
            return {child.status() for child in psutil.Process().children() if child.pid not in own}
        with adopting(), cmd(*sys.argv[2:]).start(stdin=PIPE, stdout=PIPE) as running:
            own = list(running.pids)
            print(len(running.stdout.readline().split()))
            while states() != {psutil.STATUS_ZOMBIE}:
                time.sleep(0.005)
            if sys.argv[1] == "start":
                with cmd("sleep", "1000").start() as other:
                    own += other.pids
                    print(states(), running.poll())
            running.stdin.close()
            print(running.wait().status.code, states())
    """
    done = subprocess.run(
        [sys.executable, "-c", code, when, *python_program("make_orphans", 20)],
        capture_output=True,
        text=True,
        check=False,
    )
    seen = "set() None\n" if when == "start" else ""
    assert (done.stdout, done.stderr) == (f"20\n{seen}3 set()\n", "")


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
        "from procrun.engine.orphans import adopting, orphans\n"
        "with adopting():\n"
        "    print(orphans.are_adopted)\n"
        "print(orphans.are_adopted)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\nFalse\n", "")


def test_a_library_takes_no_orphans() -> None:
    assert not orphans.are_adopted
    with orphans.starting() as own:
        own.add(os.getpid())
    orphans.forget(os.getpid())
