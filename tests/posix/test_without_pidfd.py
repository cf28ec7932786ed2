"""Systems without pidfds (macOS, older kernels, some sandboxes): the same answers by other ways of waiting."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from procrun import CAPTURE, PIPE, ExitStatus, FunctionFailed, RunTimeout

Program = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_pidfd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)


def test_pipelines_of_all_kinds(program: Program) -> None:
    cat = program("cat")
    assert (cat | cat).read(input="x") == "x"
    assert (cat | (lambda i, o, e: o.write(i.read())) | cat).capture(input=iter(["x"])).stdout == "x"
    assert list((program("lines", 3) | cat).lines()) == ["line 1", "line 2", "line 3"]
    assert (program("exit_with", 3) | cat).run(check=False, timeout=60).status == ExitStatus(3)
    assert program("exit_with", 0).run(timeout=60).is_success


@pytest.mark.parametrize("stages", [1, 2])
def test_timeouts(stages: int, program: Program) -> None:
    pipeline = program("hold_pipe") if stages == 1 else program("hold_pipe") | program("hold_pipe")
    for options in ({}, {"stdout": CAPTURE}):
        with pytest.raises(RunTimeout) as raised:
            pipeline.run(timeout=0.3, **options)
        assert [stage.status for stage in raised.value.result.stages] == [ExitStatus(signal=15)] * stages


def test_a_child_is_reaped_though_another_holds_its_pipe(program: Program, doomed: list[int]) -> None:
    with pytest.raises(RunTimeout) as raised:
        program("daemon", "--clean").capture(timeout=2)
    doomed.append(int(raised.value.stdout or 0))
    assert raised.value.result.status == ExitStatus(0)


def test_starting_polling_waiting_and_stopping(program: Program) -> None:
    with (program("sleeper") | program("cat")).start(stdout=PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        assert running.poll() is None
        with pytest.raises(TimeoutError):
            running.wait(0.05)
        results: list[Any] = []
        thread = threading.Thread(target=lambda: results.append(running.wait()))
        thread.start()
        running.send_signal(signal.SIGTERM)
        thread.join()
        assert running.poll() == results[0].status
    with program("hold_pipe").start(stdout=CAPTURE) as running:
        assert running.stop().status == ExitStatus(signal=15)
    with program("exit_with", 3).start() as running:
        while running.poll() is None:
            continue
        assert running.poll() == ExitStatus(3)


def test_a_function_that_fails(program: Program) -> None:
    def fail(stdin: Any, stdout: Any, stderr: Any) -> None:
        raise ValueError("wrong")

    with pytest.raises(FunctionFailed):
        (program("hold_pipe") | fail | program("hold_pipe")).capture()
