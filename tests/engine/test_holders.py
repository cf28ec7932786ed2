"""Who holds a pipe of a run that has been stopped: a daemon that hides is named."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from procrun import PIPE, RunTimeout
from procrun.system import processes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="only POSIX has daemons")
Program = Callable[..., Any]


@pytest.fixture
def doomed() -> Iterator[list[int]]:
    """Processes that nobody else would end."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        if psutil.pid_exists(pid):
            psutil.Process(pid).kill()


def test_a_daemon_that_hides_holds_the_output(program: Program, doomed: list[int]) -> None:
    with pytest.raises(RunTimeout) as raised:
        program("daemon", "--clean").capture(timeout=2, grace=0.1)
    doomed.append(int(raised.value.stdout or 0))
    report = raised.value.stop_report
    assert report is not None and not report.is_complete
    if processes.KNOWS_WAITS:
        assert sorted((one.pid, one.stream) for one in report.holders) == [
            (doomed[0], "stderr"),
            (doomed[0], "stdout"),
        ]
        command = " ".join(psutil.Process(doomed[0]).cmdline())
        assert f"\n  stdout is held open by process {doomed[0]} (`{command}`)\n" in str(raised.value)
    else:
        assert [one.pid for one in report.holders] == [None, None]


def test_of_what_the_caller_reads(program: Program, doomed: list[int]) -> None:
    with program("daemon", "--clean").start(stdout=PIPE, timeout=2, grace=0.1) as running:
        assert running.stdout is not None
        doomed.append(int(running.stdout.read()))
    report = running.wait().stop_report
    assert report is not None
    assert [one.stream for one in report.holders] == ["stdout"]


def test_nobody_holds_anything(program: Program) -> None:
    with (program("hold_pipe") | program("hold_pipe")).start(stdout=PIPE) as running:
        report = running.stop().stop_report
    assert report is not None and report.is_complete


def test_a_function_of_ours_that_goes_on_is_no_holder(program: Program) -> None:
    may_end = threading.Event()
    try:
        with pytest.raises(RunTimeout) as raised:
            (program("hold_pipe") | (lambda stdin, stdout, stderr: may_end.wait())).capture(timeout=0.2, grace=0.1)
        report = raised.value.stop_report
        assert report is not None
        assert (report.holders, [one.pid for one in report.survivors]) == ((), [None])
    finally:
        may_end.set()
