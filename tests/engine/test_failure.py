"""Failed runs as errors: the standard fields, the whole texts, and that both survive pickling."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from procrun import (
    CAPTURE,
    MERGE,
    NULL,
    ExitStatus,
    FunctionFailed,
    OutputTooLarge,
    ProcrunError,
    Result,
    RunFailed,
    RunTimeout,
    cmd,
)
from procrun.engine.buffer import OutputLimit
from procrun.engine.failure import explain_result, failure_of
from procrun.engine.result import StageResult
from procrun.signals.report import Holder, StopReport, Survivor

Program = Callable[..., Any]


def stage(
    command: str, code: int | ExitStatus = 0, role: Any = None, stderr: bytes = b"", **fields: Any
) -> StageResult:
    status = code if isinstance(code, ExitStatus) else ExitStatus(code)
    return StageResult(
        command, status, role or ("ok" if status.is_success else "failed"), 1, 1.0, stderr=stderr, **fields
    )


def result(*stages: StageResult, **fields: Any) -> Result:
    failed = [place for place, one in enumerate(stages) if one.role == "failed"]
    culprit = failed[-1] if failed else None
    return Result(
        command=" | ".join(one.command for one in stages),
        stages=stages,
        status=ExitStatus(0) if culprit is None else stages[culprit].status,
        culprit=culprit,
        started=0.0,
        duration=1.0,
        **fields,
    )


KILLED, PIPE = ExitStatus(signal=9), ExitStatus(signal=13)
ACCEPT = "  if 3 is no failure here, accept it: ok=[0, 3]; for any status: check=False"


@pytest.mark.parametrize(
    ("failed", "text"),
    [
        (result(stage("a", 3)), f"`a` exited with status 3\n{ACCEPT}"),
        (result(stage("a"), stage("b", 3), stage("c")), f"`b` exited with status 3 (in stage 2 of 3)\n{ACCEPT}"),
        (
            result(stage("a", PIPE, "consequence"), stage("b", 1), stage("c", 3)),
            "`c` exited with status 3 (in stage 3 of 3)\n"
            "  stage 1 of 3 `a` ended only because its reader had gone\n"
            "  stage 2 of 3 `b` exited with status 1, too\n"
            f"{ACCEPT}",
        ),
        (
            result(stage("a", KILLED)),
            "`a` was ended by SIGKILL\n  something ended it with that signal; 9 is often the system short of memory",
        ),
        (result(stage("a", ExitStatus(signal=15))), "`a` was ended by SIGTERM"),
        (
            result(stage("a", 3, stderr=b"one\n\x1b[31mtwo\xff\n"), stage("b", stderr=b"not shown")),
            f"`a` exited with status 3 (in stage 1 of 2)\n  stderr: one\n  stderr: \\e[31mtwo\ufffd\n{ACCEPT}",
        ),
        (
            result(stage("a", 3, stderr=b"\xe9\n"), encoding="latin-1"),
            f"`a` exited with status 3\n  stderr: \u00e9\n{ACCEPT}",
        ),
        (
            result(stage("a", 3, stderr=b"".join(b"line %d\n" % n for n in range(20)))),
            "`a` exited with status 3\n  stderr: (5 more lines before)\n"
            + "".join(f"  stderr: line {n}\n" for n in range(5, 20))
            + ACCEPT,
        ),
        (
            result(stage("x" * 400, 3, stderr=b"y" * 400)),
            f"`{'x' * 149} … {'x' * 148}` exited with status 3\n  stderr: {'y' * 149} … {'y' * 148}\n{ACCEPT}",
        ),
        (
            result(stage("a", 3), stop_report=StopReport((), (Survivor(7, "b -c", "it is stubborn"),))),
            f"`a` exited with status 3\n  still running: process 7 (`b -c`): it is stubborn\n{ACCEPT}",
        ),
        (
            result(stage("a"), stage("f", 1, error=ValueError("wrong")), error=ValueError("wrong")),
            "a function stage raised ValueError: wrong (in stage 2 of 2, `f`)\n"
            "  the exception itself is this error's __cause__",
        ),
        (
            result(stage("a", 5, ok=frozenset({3, 0, 1}))),
            "`a` exited with status 5\n"
            "  if 5 is no failure here, accept it: ok=[0, 1, 3, 5]; for any status: check=False",
        ),
        (
            result(stage("f", 1, error=KeyboardInterrupt()), error=KeyboardInterrupt()),
            "a function stage raised KeyboardInterrupt (in stage 1 of 1, `f`)\n"
            "  the exception itself is this error's __cause__",
        ),
        (
            result(stage("a"), error=KeyError("k"), error_from="input"),
            "`input` raised KeyError: 'k' (in `a`)\n  the exception itself is this error's __cause__",
        ),
        (
            result(stage("a"), stage("b"), error=OSError(28, "No space left on device"), error_from="stderr"),
            "a sink of `stderr` raised OSError: [Errno 28] No space left on device (in `a | b`)\n"
            "  the exception itself is this error's __cause__",
        ),
        (
            result(stage("a"), error=RuntimeError("of a signal's handler")),
            "the run was stopped by RuntimeError: of a signal's handler (in `a`)\n"
            "  the exception itself is this error's __cause__",
        ),
        (
            result(stage("a", KILLED), error=OutputLimit(9)),
            "the output is larger than max_output=9 bytes (in `a`)\n"
            "  raise the limit, keep a part with Head(n) or Tail(n), or spill to a file with Spill(n, path)",
        ),
        (
            result(stage("a"), stage("b", stderr=b"so far\n"), timed_out=True, timeout=2.5),
            "the run was stopped after its timeout of 2.5 s (in `a | b`)\n"
            "  stderr: so far\n"
            "  give it more time, or find out what it waits for",
        ),
        (
            result(
                stage("a"),
                timed_out=True,
                timeout=1.0,
                stop_report=StopReport((), (Survivor(None, "f", "it goes on"),), (Holder(7, "d", "stdout"),)),
            ),
            "the run was stopped after its timeout of 1 s (in `a`)\n"
            "  still running: `f`: it goes on\n"
            "  stdout is held open by process 7 (`d`)\n"
            "  give it more time, or find out what it waits for",
        ),
    ],
)
def test_the_whole_text(failed: Result, text: str) -> None:
    error = failure_of(failed)
    assert str(error) == text
    assert str(pickle.loads(pickle.dumps(error))) == text


@pytest.mark.parametrize(
    "why",
    [
        {"timed_out": True, "timeout": 1.0},
        {"timed_out": True, "was_idle": True, "idle_timeout": 1.0},
        {"error": OutputLimit(9)},
        {"error": KeyError("k")},
        {},
    ],
    ids=["timeout", "idle", "output", "sink", "status"],
)
def test_whatever_stopped_it_what_is_left_is_told(why: Any) -> None:
    report = StopReport((), (Survivor(3, "f", "it goes on"),), (Holder(7, "d", "stdout"),))
    assert str(failure_of(result(stage("a", KILLED), stop_report=report, **why))).splitlines()[1:3] == [
        "  still running: process 3 (`f`): it goes on",
        "  stdout is held open by process 7 (`d`)",
    ]


def test_a_hint_of_the_command_lines_own() -> None:
    assert explain_result(result(stage("a", 3)), hint="use --ok") == "`a` exited with status 3\n  use --ok"
    assert explain_result(result(stage("a", 3)), hint="") == "`a` exited with status 3"


def test_an_error_of_ours_is_told_as_it_is() -> None:
    ours = ProcrunError("the status was taken")
    assert failure_of(result(stage("a", 125, error=ours), error=ours)) is ours


@pytest.mark.parametrize(
    ("failed", "kind", "exit_code"),
    [
        (result(stage("a", 3)), RunFailed, 3),
        (result(stage("a", KILLED)), RunFailed, 137),
        (result(stage("f", 1), error=ValueError()), FunctionFailed, 1),
        # The input raised, and the program did what it could.
        (result(stage("a", 0), error=ValueError()), FunctionFailed, 1),
        (result(stage("a", KILLED), error=OutputLimit(9)), OutputTooLarge, 137),
        (result(stage("a", KILLED), timed_out=True, timeout=1), RunTimeout, 124),
    ],
)
def test_the_class_and_the_exit_status(failed: Result, kind: type[ProcrunError], exit_code: int) -> None:
    error = failure_of(failed)
    assert type(error) is kind
    assert isinstance(error, ProcrunError)
    assert error.exit_code == exit_code
    standard = subprocess.TimeoutExpired if kind is RunTimeout else subprocess.CalledProcessError
    assert isinstance(error, standard)
    with pytest.raises(kind):
        failed.check()


def test_success_is_its_own_check() -> None:
    fine = result(stage("a"), stage("b"))
    assert fine.check() is fine


def test_the_fields_of_called_process_error(program: Program) -> None:
    command = program("exit_with", 3, "out", "err\n")
    with pytest.raises(subprocess.CalledProcessError) as raised:
        command.capture()
    error = raised.value
    assert (error.returncode, error.cmd) == (3, str(command))
    assert (error.output, error.stdout, error.stderr) == ("out", "out", "err\n")
    assert isinstance(error, RunFailed)
    assert error.result.stdout_bytes == b"out"
    assert str(error) == f"`{command}` exited with status 3\n  stderr: err\n{ACCEPT}"


def test_what_was_not_captured_is_none(program: Program) -> None:
    with pytest.raises(RunFailed) as raised:
        program("exit_with", 3, "out", "err").run(stdout=NULL, stderr=NULL)
    assert (raised.value.stdout, raised.value.stderr) == (None, None)


def test_the_fields_of_timeout_expired(program: Program) -> None:
    command = program("say_and_wait", "out \xff", "err\n")
    with pytest.raises(subprocess.TimeoutExpired) as raised:
        command.capture(timeout=1.5, grace=1)
    error = raised.value
    assert (error.cmd, error.timeout) == (str(command), 1.5)
    assert (error.output, error.stdout, error.stderr) == ("out \xff", "out \xff", "err\n")
    assert isinstance(error, RunTimeout)
    assert error.result.stdout_bytes == "out \xff".encode()
    assert error.result.timed_out


def test_read_and_lines_keep_what_came_before_the_timeout(program: Program) -> None:
    with pytest.raises(RunTimeout) as raised:
        program("say_and_wait", "partial").read(timeout=1.5)
    assert raised.value.stdout == "partial"
    got: list[str] = []
    with pytest.raises(RunTimeout):
        got.extend(program("say_and_wait", "partial\nand more").lines(timeout=1.5))
    assert got == ["partial", "and more"]


def test_strict_decoding_does_not_hide_a_failure() -> None:
    code = "import os; os.write(1, b'\\xff'); os._exit(3)"
    with pytest.raises(RunFailed) as raised:
        cmd(sys.executable, "-S", "-c", code).capture(errors="strict")
    assert (raised.value.stdout, raised.value.returncode) == ("\udcff", 3)


class Awkward(Exception):
    """An exception that can be pickled and not be had back, as many can."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


@pytest.mark.parametrize("kind", ["awkward", "local", "lock"])
def test_an_error_survives_pickling_whatever_a_function_raised(kind: str, program: Program) -> None:
    import threading

    class Local(Exception):
        pass

    def fail(stdin: Any, stdout: Any, stderr: Any) -> None:
        raise {"awkward": Awkward(1, 2), "local": Local("here"), "lock": ValueError(threading.Lock())}[kind]

    with pytest.raises(FunctionFailed) as raised:
        (program("exit_with", 0) | fail).capture()
    copy = pickle.loads(pickle.dumps(raised.value))
    assert str(copy) == str(raised.value)
    assert copy.__cause__ is copy.result.error
    assert copy.result.stages[1].error is not None


@pytest.mark.parametrize("options", [{}, {"stdout": CAPTURE}, {"stderr": [CAPTURE]}, {"stderr": MERGE}])
def test_every_error_of_a_run_survives_pickling(options: dict[str, Any], program: Program) -> None:
    for make in (
        lambda: (program("exit_with", 0) | program("exit_with", 3, "o", "e\n")).run(**options),
        lambda: program("hold_pipe").run(timeout=0.05, **options),
    ):
        with pytest.raises(ProcrunError) as raised:
            make()
        copy = pickle.loads(pickle.dumps(raised.value))
        assert type(copy) is type(raised.value)
        assert str(copy) == str(raised.value)
        assert copy.result == raised.value.result  # type: ignore[attr-defined]


def test_the_end_of_a_stderr_that_was_passed_on_is_in_the_error(python_program: Any, capfd: Any) -> None:
    with pytest.raises(RunFailed) as raised:
        cmd(*python_program("exit_with", 3, "", "said why\n")).read()
    assert raised.value.stderr == capfd.readouterr().err == "said why\n"
