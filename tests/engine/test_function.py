"""Python functions as stages: streams, statuses, errors, and functions that do not end."""

from __future__ import annotations

import errno
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from procrun import CAPTURE, ExitStatus, FunctionFailed, RunFailed, RunTimeout, each_line

Program = Callable[..., Any]


def shout(stdin: Any, stdout: Any, stderr: Any) -> None:
    stdout.write(stdin.read().upper())


def source(stdin: Any, stdout: Any, stderr: Any) -> None:
    stdout.write(b"made here\n")


def sink(stdin: Any, stdout: Any, stderr: Any) -> None:
    stdout.write(b"%d bytes" % len(stdin.read()))


def test_a_function_at_every_place(program: Program) -> None:
    cat = program("cat")
    assert (source | cat).read() == "made here"
    assert (program("exit_with", 0, "said") | shout | cat).read() == "SAID"
    assert (program("exit_with", 0, "12345") | sink).read() == "5 bytes"
    assert (cat | shout | sink).read(input=b"abc") == "3 bytes"


def test_a_pipeline_of_functions_only(program: Program) -> None:
    from procrun import Function

    result = (Function(source) | shout | shout | sink).capture()
    assert result.stdout == "10 bytes"
    assert [stage.pid for stage in result.stages] == [None] * 4


def test_a_function_passes_on_more_than_a_pipe_holds(program: Program) -> None:
    def copy(stdin: Any, stdout: Any, stderr: Any) -> None:
        while piece := stdin.read(100_003):
            stdout.write(piece)

    result = (program("flood", 5_000_000) | copy | copy | program("cat")).capture()
    assert len(result.stdout_bytes or b"") == 5_000_000


def test_what_a_function_writes_to_stderr(program: Program) -> None:
    def complain(stdin: Any, stdout: Any, stderr: Any) -> None:
        stderr.write(b"too bad\n")

    result = (program("cat") | complain).capture()
    assert result.stderr == "too bad\n"
    assert result.stages[1].stderr == b"too bad\n"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (None, ExitStatus(0)),
        (ExitStatus(0), ExitStatus(0)),
        (ExitStatus(3), ExitStatus(3)),
        (ExitStatus(signal=15), ExitStatus(signal=15)),
        (17, ExitStatus(0)),
        ("text", ExitStatus(0)),
    ],
)
def test_the_status_of_a_function_is_what_it_answers(answer: Any, status: ExitStatus, program: Program) -> None:
    result = (program("cat") | (lambda *streams: answer)).run(check=False)
    assert result.stages[1].status == status
    assert result.is_success == status.is_success


def test_a_lambda_whose_answer_is_the_count_of_a_write(program: Program) -> None:
    assert (program("exit_with", 0, "abc") | (lambda i, o, e: o.write(i.read()))).read() == "abc"


@pytest.mark.parametrize(
    ("code", "status", "stderr"),
    [
        (None, 0, ""),
        (0, 0, ""),
        (3, 3, ""),
        (True, 1, ""),
        (-1, 255, ""),
        (256, 0, ""),
        ("no input", 1, "no input\n"),
    ],
)
def test_leaving_by_sys_exit(code: Any, status: int, stderr: str, program: Program) -> None:
    def function(stdin: Any, stdout: Any, stderr: Any) -> None:
        stdout.write(b"written before")
        sys.exit(code)

    result = (function | program("cat")).capture(check=False)
    assert result.stages[0].status == ExitStatus(status)
    assert (result.stdout, result.stderr) == ("written before", stderr)
    assert (result.culprit, result.error) == (0 if status else None, None)


class Custom(Exception):
    """An error of the caller's own."""


def test_an_exception_is_the_cause_of_the_runs_error(program: Program) -> None:
    def fail(stdin: Any, stdout: Any, stderr: Any) -> None:
        raise Custom("wrong")

    with pytest.raises(FunctionFailed) as raised:
        (fail | program("cat")).capture()
    error = raised.value
    assert isinstance(error.__cause__, Custom)
    assert error.result.error is error.__cause__
    assert error.result.stages[0].error is error.__cause__
    name = "test_an_exception_is_the_cause_of_the_runs_error.<locals>.fail"
    assert str(error) == (
        f"a function stage raised Custom: wrong (in stage 1 of 2, `{name}`)\n"
        "  the exception itself is this error's __cause__"
    )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_exception_ends_neighbours_that_neither_read_nor_write(place: int, program: Program) -> None:
    def fail(stdin: Any, stdout: Any, stderr: Any) -> None:
        raise Custom("wrong")

    stages: list[Any] = [program("hold_pipe"), program("hold_pipe")]
    stages.insert(place, fail)
    with pytest.raises(FunctionFailed) as raised:
        (stages[0] | stages[1] | stages[2]).run(check=False)
    assert isinstance(raised.value.__cause__, Custom)
    assert [stage.error is not None for stage in raised.value.result.stages] == [n == place for n in range(3)]


def test_the_first_of_two_errors_is_told(program: Program) -> None:
    def first(stdin: Any, stdout: Any, stderr: Any) -> None:
        raise Custom("first")

    def second(stdin: Any, stdout: Any, stderr: Any) -> None:
        stdin.read()
        raise Custom("second")

    with pytest.raises(FunctionFailed) as raised:
        (first | program("cat") | second).run()
    assert str(raised.value.__cause__) == "first"


def test_a_function_whose_reader_goes_away_ends_like_a_program(program: Program) -> None:
    def endless(stdin: Any, stdout: Any, stderr: Any) -> None:
        while True:
            stdout.write(b"line\n" * 1000)

    result = (endless | program("head", 2)).capture()
    assert result.stdout == "line\nline\n"
    assert result.stages[0].role == "consequence"
    assert result.stages[0].status == ExitStatus(signal=13)
    assert result.is_success


def test_a_function_that_ignores_its_input(program: Program) -> None:
    result = (program("flood", 1_000_000) | (lambda i, o, e: o.write(b"done"))).capture(check=False, stderr=CAPTURE)
    assert result.stdout == "done"


def test_an_error_of_a_file_is_not_taken_for_a_broken_pipe(program: Program) -> None:
    def broken(stdin: Any, stdout: Any, stderr: Any) -> None:
        raise OSError(errno.EPIPE, "Broken pipe", "/a/fifo/of/its/own")

    with pytest.raises(FunctionFailed):
        (broken | program("cat")).run()


@pytest.mark.parametrize("closing", [("stdout",), ("stdin", "stdout", "stderr")])
def test_a_function_may_close_its_streams(closing: tuple[str, ...], program: Program) -> None:
    went_on = threading.Event()

    def close(stdin: Any, stdout: Any, stderr: Any) -> None:
        stdout.write(b"closed early")
        streams = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        for name in closing:
            streams[name].close()
        # The neighbour sees the end although this goes on.
        went_on.wait()

    running = (close | program("cat", stdout=[lambda data: went_on.set(), CAPTURE])).start()
    with running:
        assert running.wait().stdout == "closed early"


def test_what_a_function_leaves_in_its_buffers_goes_to_nobody_else(program: Program) -> None:
    def fail(stdin: Any, stdout: Any, stderr: Any) -> None:
        while True:
            stdout.write(b"never read")

    result = (fail | program("no_input", "--close")).capture()
    assert result.stdout == "done\n"
    assert result.stages[0].role == "consequence"


def test_a_function_that_goes_on_is_reported_and_not_waited_for(program: Program) -> None:
    may_end = threading.Event()

    def stuck(stdin: Any, stdout: Any, stderr: Any) -> None:
        may_end.wait()

    try:
        with pytest.raises(RunTimeout) as raised:
            (program("hold_pipe") | stuck).capture(timeout=0.1, grace=0.1)
        result = raised.value.result
        (survivor,) = result.survivors
        name = "test_a_function_that_goes_on_is_reported_and_not_waited_for.<locals>.stuck"
        assert str(survivor) == f"`{name}`: it works in a thread of this process, which cannot be killed"
        assert f"  still running: {survivor}\n" in str(raised.value)
        assert result.stages[1].status == ExitStatus(signal=15)
    finally:
        may_end.set()


def test_a_stuck_function_does_not_keep_up_a_run_whose_other_function_failed(program: Program) -> None:
    may_end = threading.Event()

    def fail(stdin: Any, stdout: Any, stderr: Any) -> None:
        raise Custom("wrong")

    def stuck(stdin: Any, stdout: Any, stderr: Any) -> None:
        may_end.wait()

    try:
        with pytest.raises(FunctionFailed) as raised:
            (fail | program("cat") | stuck).capture()
        assert [survivor.pid for survivor in raised.value.result.survivors] == [None]
    finally:
        may_end.set()


def test_an_input_that_goes_on_is_reported_and_not_waited_for(program: Program) -> None:
    may_end = threading.Event()

    def stuck() -> Any:
        yield b"one\n"
        may_end.wait()

    try:
        with pytest.raises(RunTimeout) as raised:
            program("cat").capture(input=stuck(), timeout=1.5, grace=0.1)
        assert [survivor.command for survivor in raised.value.result.survivors] == ["input"]
        assert raised.value.stdout == "one\n"
    finally:
        may_end.set()


def test_each_line_as_a_stage(program: Program) -> None:
    pipeline = program("lines", 5, "a") | each_line(lambda line: line.upper() if "3" not in line else None)
    assert list(pipeline.lines()) == ["A 1", "A 2", "A 4", "A 5"]
    with pytest.raises(FunctionFailed) as raised:
        (program("lines", 2) | each_line(lambda line: 5)).read()
    assert isinstance(raised.value.__cause__, TypeError)


def test_a_failed_status_of_a_function_is_the_runs(program: Program) -> None:
    with pytest.raises(RunFailed) as raised:
        (program("exit_with", 0) | (lambda *streams: ExitStatus(7))).run()
    assert (raised.value.returncode, raised.value.exit_code) == (7, 7)


def test_no_thread_is_left_and_no_descriptor(program: Program) -> None:
    before = set(threading.enumerate())
    for _ in range(20):
        assert (source | program("cat") | sink).read() == "10 bytes"
    assert set(threading.enumerate()) == before
