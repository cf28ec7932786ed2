"""`procrun pipe` with limits: of silence, of what programs use, and of how long anything may live."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Programs = Callable[..., "list[str]"]

POSIX = pytest.mark.skipif(os.name == "nt", reason="limits and guards are only kept on Unix")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the environments of all programs")


def test_silence(run_cli: Run, python_program: Programs) -> None:
    text = "$1 $2 $3 here | $1 $2 $4"
    words = [*python_program("say_and_wait"), python_program("hold_pipe")[-1]]
    done = run_cli("pipe", "--idle-timeout", "1", "--grace", "0.5", text, *words)
    assert (done.returncode, done.stdout) == (124, "")
    first, *rest = done.stderr.splitlines()
    assert first.startswith("procrun: the run was stopped after 1 s without output (in `")
    assert rest == [
        "  give it more time with `idle_timeout`, or find out what it waits for; "
        "a program may also keep its output in a buffer"
    ]


def test_the_grace_is_over_when_it_says_so(run_cli: Run, python_program: Programs) -> None:
    # One that ignores SIGTERM would have five seconds.
    done = run_cli("pipe", "--timeout", "1", "--grace", "0", "$1 $2 $3", *python_program("ignore_term"))
    assert done.returncode == 124


@POSIX
def test_limits_reach_every_program(run_cli: Run) -> None:
    text = "(sh -c 'ulimit -n'; sh -c 'ulimit -n') | cat; sh -c 'ulimit -t'"
    done = run_cli("pipe", "--limit", "files=63", "--limit", "cpu=77", text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "63\n63\n77\n", "")


@POSIX
@pytest.mark.parametrize("text", ["$@", "$@ && exit 0", "($@) | cat"], ids=["program", "list", "group"])
def test_a_broken_limit_is_told(text: str, run_cli: Run, python_program: Programs) -> None:
    done = run_cli("pipe", "--limit", "cpu=1", text, *python_program("use", "cpu", 60))
    assert done.returncode == 128 + 24
    first, second = done.stderr.splitlines()
    assert "` was ended by SIGXCPU: it used " in first
    assert " s of CPU, and its limit is 1 s" in first
    assert second == "  give it more `cpu` in its limits, or look why it uses so much"


@POSIX
def test_a_failure_under_limits_tells_which_there_were(run_cli: Run, python_program: Programs) -> None:
    done = run_cli("pipe", "--limit", "files=63", "$@", *python_program("exit_with", 3))
    assert done.returncode == 3
    first, second = done.stderr.splitlines()
    assert first.startswith("procrun: `")
    assert first.endswith("` exited with status 3")
    assert second == "  it may have met a limit: files 63"


@pytest.fixture
def mark() -> Iterator[str]:
    value = uuid.uuid4().hex
    yield value
    for process in marked(value):
        process.kill()


def marked(value: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("TEST_PIPE_LIMITS") == value:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@LINUX
def test_nothing_outlives_a_procrun_that_is_killed(
    mark: str, python_program: Programs, until: Callable[..., Any]
) -> None:
    text = "(setsid sleep 1000; $@) | $@"
    argv = [
        sys.executable,
        "-m",
        "procrun",
        "pipe",
        "--die-with-parent",
        "--grace",
        "0.2",
        text,
        *python_program("grandchild", "--stay"),
    ]
    with subprocess.Popen(
        argv, env={**os.environ, "TEST_PIPE_LIMITS": mark}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as host:
        # procrun, its guard, `sleep`, and the second stage with its grandchild.
        until(lambda: len(marked(mark)) >= 5)
        host.kill()
        until(lambda: not marked(mark))
