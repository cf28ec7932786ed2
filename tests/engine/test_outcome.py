"""What a finished run is found to have been: statuses, roles, culprits, by stage and as a whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from procrun import ExitStatus, Options, RunFailed, cmd

Program = Callable[..., Any]
POSIX = os.name == "posix"

# Python programs ignore SIGPIPE; this one has the action that others have.
ENDLESS = "import signal, os\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\nwhile True: os.write(1, b'line\\n' * 1000)"


@pytest.mark.parametrize(
    ("codes", "roles", "status", "culprit"),
    [
        ((0,), ("ok",), 0, None),
        ((3,), ("failed",), 3, 0),
        ((0, 0, 0), ("ok", "ok", "ok"), 0, None),
        ((3, 0), ("failed", "ok"), 3, 0),
        ((3, 4), ("failed", "failed"), 4, 1),
        ((3, 4, 0), ("failed", "failed", "ok"), 4, 1),
        ((141, 0), ("consequence", "ok"), 0, None),
        ((141, 3), ("consequence", "failed"), 3, 1),
        ((0, 141), ("ok", "failed"), 141, 1),
    ],
)
def test_the_status_of_a_pipeline(
    codes: tuple[int, ...], roles: tuple[str, ...], status: int, culprit: int | None, program: Program
) -> None:
    first, *others = (program("exit_with", code) for code in codes)
    pipeline = first.pipeline
    for other in others:
        pipeline = pipeline | other
    result = pipeline.run(check=False)
    assert tuple(stage.role for stage in result.stages) == roles
    assert tuple(stage.status for stage in result.stages) == tuple(map(ExitStatus, codes))
    assert (result.status, result.culprit) == (ExitStatus(status), culprit)
    assert result.is_success == (culprit is None)


@pytest.mark.parametrize(("codes", "status"), [((3, 0), 0), ((3, 4), 4), ((3, 4, 0), 0)])
def test_without_pipefail_only_the_last_counts(codes: tuple[int, ...], status: int, program: Program) -> None:
    first, *others = (program("exit_with", code) for code in codes)
    pipeline = first.pipeline
    for other in others:
        pipeline = pipeline | other
    result = pipeline.run(check=False, pipefail=False)
    assert result.status == ExitStatus(status)
    assert [stage.role for stage in result.stages][:1] == ["failed"]


@pytest.mark.skipif(not POSIX, reason="Windows has no SIGPIPE")
def test_who_is_ended_by_the_closed_pipe_has_not_failed(program: Program) -> None:
    endless = cmd(sys.executable, "-S", "-c", ENDLESS)
    result = (endless | program("head", 1)).capture()
    assert (result.stdout, result.is_success) == ("line\n", True)
    first, second = result.stages
    assert (first.status, first.role) == (ExitStatus(signal=13), "consequence")
    assert (second.status, second.role) == (ExitStatus(0), "ok")
    with pytest.raises(RunFailed) as raised:
        (endless | program("exit_with", 3)).capture()
    assert str(raised.value).splitlines()[:2] == [
        f"`{program('exit_with', 3)}` exited with status 3 (in stage 2 of 2)",
        f"  stage 1 of 2 `{endless}` ended only because its reader had gone",
    ]


@pytest.mark.parametrize(
    ("ok", "code", "is_success"),
    [([0, 3], 3, True), (3, 3, True), (3, 0, False), (range(10), 9, True), ([1], 3, False), ([141], 141, True)],
)
def test_accepted_codes_of_a_command_and_of_a_run(ok: Any, code: int, is_success: bool, program: Program) -> None:
    command = program("exit_with", code)
    assert command.with_(ok=ok).run(check=False).is_success == is_success
    result = command.run(check=False, ok=ok)
    assert (result.is_success, result.stages[0].ok) == (is_success, Options().with_(ok=ok).ok)
    assert (command | command).run(check=False, ok=ok).is_success == is_success


def test_the_codes_that_a_stage_accepts_are_its_own(program: Program) -> None:
    three = program("exit_with", 3)
    assert (three.with_(ok=3) | program("cat")).run().is_success
    assert not (three | program("exit_with", 0).with_(ok=[0, 3])).run(check=False).is_success
    assert not (three.with_(ok=4) | program("cat")).run(ok=[0, 3], check=False).is_success


@pytest.mark.skipif(not POSIX, reason="Windows has no signals")
@pytest.mark.parametrize("number", [9, 15, 11])
def test_a_signal_is_told_apart_from_a_code(number: int, program: Program) -> None:
    result = program("exit_with", -number).run(check=False)
    assert (result.status.signal, result.status.code) == (number, None)
    assert result.returncode == -number


@pytest.mark.skipif(POSIX, reason="POSIX gives eight bits")
def test_a_code_of_windows_has_all_its_bits(program: Program) -> None:
    assert program("exit_with", 0xC0000005).run(check=False).status == ExitStatus(0xC0000005)


def test_what_each_stage_was(program: Program) -> None:
    first, second = program("exit_with", 0, "", "one\n"), program("exit_with", 3, "", "two\n")
    result = (first | second).capture(check=False)
    assert result.command == f"{first} | {second}"
    assert [stage.command for stage in result.stages] == [str(first), str(second)]
    assert [stage.stderr for stage in result.stages] == [b"one\n", b"two\n"]
    assert len({stage.pid for stage in result.stages}) == 2
    assert sorted(result.stderr.splitlines()) == ["one", "two"]
