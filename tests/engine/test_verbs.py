"""The five verbs of a command: what each chooses, gives and raises."""

from __future__ import annotations

import gc
import os
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from procrun import (
    CAPTURE,
    INHERIT,
    MERGE,
    NULL,
    PIPE,
    ExitStatus,
    FunctionFailed,
    Head,
    OutputTooLarge,
    ProgramNotFound,
    RunFailed,
    Running,
    RunTimeout,
    Spill,
    Tail,
    cmd,
)

Program = Callable[..., Any]


class Custom(Exception):
    """An error of the caller's own."""


def both(program: Program, code: int = 0) -> Any:
    return program("exit_with", code, "out\n", "err\n")


def test_run_gives_the_streams_of_this_process(program: Program, capfd: Any) -> None:
    result = both(program).run()
    assert capfd.readouterr() == ("out\n", "err\n")
    assert (result.stdout_bytes, result.stderr_bytes, result.status) == (None, None, ExitStatus(0))


def test_read_gives_stdout_and_passes_stderr_on(program: Program, capfd: Any) -> None:
    assert both(program).read() == "out"
    assert capfd.readouterr() == ("", "err\n")


def test_capture_keeps_both(program: Program, capfd: Any) -> None:
    result = both(program).capture()
    assert (result.stdout, result.stderr) == ("out\n", "err\n")
    assert capfd.readouterr() == ("", "")


def test_lines_gives_stdout_line_by_line_and_passes_stderr_on(program: Program, capfd: Any) -> None:
    assert list(both(program).lines()) == ["out"]
    assert capfd.readouterr() == ("", "err\n")


def test_start_gives_the_streams_of_this_process(program: Program, capfd: Any) -> None:
    with both(program).start() as running:
        assert isinstance(running, Running)
        running.wait()
    assert capfd.readouterr() == ("out\n", "err\n")


@pytest.mark.parametrize("verb", ["run", "read", "capture", "lines"])
def test_a_failure_raises_unless_it_is_accepted(verb: str, program: Program) -> None:
    def act(**options: Any) -> Any:
        made = getattr(both(program, 3).with_(stderr=NULL), verb)(stdin=NULL, **options)
        return list(made) if verb == "lines" else made

    with pytest.raises(RunFailed) as raised:
        act()
    assert raised.value.returncode == 3
    for options in ({"check": False}, {"ok": [0, 3]}):
        act(**options)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"a", "a"),
        (b"a\n", "a"),
        (b"a\n\n\n", "a"),
        (b"\n", ""),
        (b"\na\n", "\na"),
        (b"a b  \n", "a b  "),
        (b"\xff\n", "\udcff"),
    ],
)
def test_read_takes_the_newlines_at_the_end_off(data: bytes, text: str, program: Program) -> None:
    assert program("cat").read(input=data) == text


@pytest.mark.skipif(os.name == "nt", reason="on Windows CR LF is a newline")
@pytest.mark.parametrize(("data", "text"), [(b"a\r", "a\r"), (b"a\r\n", "a\r"), (b"\r\n\r\n", "\r\n\r")])
def test_a_carriage_return_at_the_end_is_the_programs(data: bytes, text: str, program: Program) -> None:
    assert program("cat").read(input=data) == text


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"a\x0bb\x0cc\x1cd\xc2\x85e\xe2\x80\xa8f\n", ["a\x0bb\x0cc\x1cd\x85e\u2028f"]),
        (b"\xff\n\xc3\n\xa9\n", ["\udcff", "\udcc3", "\udca9"]),
        (b"a" * 100_000 + b"\nb", ["a" * 100_000, "b"]),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_only_a_newline_ends_a_line(data: bytes, lines: list[str], program: Program) -> None:
    assert list(program("cat").lines(input=data)) == lines


def test_lines_in_another_encoding(program: Program) -> None:
    data = "é\nü\n"
    assert list(program("cat").lines(input=data, encoding="utf-16")) == ["é", "ü"]


def test_lines_come_as_they_are_written(program: Program) -> None:
    asked = threading.Event()

    def answers() -> Any:
        yield "one\n"
        asked.wait()
        yield "two\n"

    lines = program("upper").lines(input=answers())
    assert next(lines) == "ONE"
    asked.set()
    assert list(lines) == ["TWO"]


def pid_of(lines: Any) -> int:
    return int(next(lines).split()[1])


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_leaving_the_loop_ends_the_run(program: Program) -> None:
    pid = 0
    for line in program("sleeper").lines():
        pid = int(line.split()[1])
        break
    gc.collect()
    assert pid
    assert not is_alive(pid)


@pytest.mark.parametrize("leave", ["close", "forget", "throw"])
def test_every_way_to_leave_lines(leave: str, program: Program) -> None:
    lines = (program("sleeper") | program("cat")).lines()
    pid = pid_of(lines)
    if leave == "close":
        lines.close()
    elif leave == "throw":
        assert isinstance(lines, types.GeneratorType)
        with pytest.raises(Custom):
            lines.throw(Custom())
    del lines
    gc.collect()
    assert not is_alive(pid)


def test_lines_that_nobody_asks_for_start_nothing(program: Program, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for _ in range(3):
        program("exit_with", 0).lines(stderr=out)
    lines = cmd("no-such-program-at-all").lines()
    del lines
    gc.collect()
    assert not out.exists()


def test_lines_starts_with_the_first_that_is_asked_for(program: Program) -> None:
    lines = cmd("no-such-program-at-all").lines()
    with pytest.raises(ProgramNotFound):
        next(lines)
    assert list(lines) == []


def test_lines_of_a_program_that_floods_stderr(program: Program) -> None:
    kept: list[bytes] = []
    lines = list(program("flood", 6_400, 3_000_000).lines(stderr=kept.append))
    assert len(lines) == 100
    assert len(b"".join(kept)) == 3_000_000


def test_lines_raises_at_the_end(program: Program) -> None:
    got = []
    with pytest.raises(RunFailed):
        for line in both(program, 3).lines(stderr=NULL):
            got.append(line)
    assert got == ["out"]


def test_lines_ends_in_time_though_nothing_comes(program: Program) -> None:
    with pytest.raises(RunTimeout):
        list(program("hold_pipe").lines(timeout=0.2, grace=1))
    with pytest.raises(RunTimeout):
        for _ in program("lines").lines(timeout=0.3):
            continue


def test_what_a_sink_of_lines_raises(program: Program) -> None:
    def fail(data: bytes) -> None:
        raise Custom("wrong")

    with pytest.raises(FunctionFailed) as raised:
        list(program("say_and_wait", "a\n", "x").lines(stderr=fail))
    assert isinstance(raised.value.__cause__, Custom)


@pytest.mark.parametrize("verb", ["run", "read", "capture"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"stdin": PIPE},
            "`stdin=PIPE` is for `start`, whose caller reads and writes while it runs; here write input=…",
        ),
        (
            {"stdout": PIPE},
            "`stdout=PIPE` is for `start`, whose caller reads and writes while it runs; here write stdout=CAPTURE",
        ),
        (
            {"stderr": PIPE},
            "`stderr=PIPE` is for `start`, whose caller reads and writes while it runs; here write stderr=CAPTURE",
        ),
    ],
)
def test_a_pipe_is_for_start(verb: str, options: dict[str, Any], message: str, program: Program) -> None:
    command = program("cat")
    for act in (lambda: getattr(command, verb)(**options), getattr(command.with_(**options), verb)):
        with pytest.raises(ValueError) as raised:
            act()
        assert str(raised.value) == message


@pytest.mark.parametrize("options", [{"stdout": CAPTURE}, {"stdout": "f"}, {"stdout": PIPE}])
def test_lines_reads_stdout_itself(options: dict[str, Any], program: Program) -> None:
    command = program("cat")
    for act in (lambda: command.lines(**options), command.with_(**options).lines):
        with pytest.raises(TypeError) as raised:
            act()
        assert str(raised.value) == ("`lines` reads stdout itself; to send it elsewhere as well use run(stdout=[…])")


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("lines", {}),
        ("lines", {"stderr": [INHERIT]}),
        ("run", {}),
        ("start", {"stdout": PIPE}),
        ("capture", {"stdout": NULL, "stderr": MERGE}),
    ],
)
@pytest.mark.parametrize("limit", [10, Head(10), Tail(0), Spill(0, "spilt")])
def test_a_limit_where_nothing_is_kept(verb: str, options: dict[str, Any], limit: Any, program: Program) -> None:
    pipeline = program("flood", 1000).pipeline
    said = {"max_output": limit, **options}
    for act in (lambda: getattr(pipeline, verb)(**said), getattr(pipeline.with_(**said), verb)):
        with pytest.raises(ValueError) as raised:
            act()
        assert str(raised.value) == (
            "`max_output` is a limit for what is captured, and nothing is here; use `read` or `capture`, or write "
            "stdout=CAPTURE where the verb allows it"
        )


def test_a_limit_for_the_stderr_of_lines(program: Program) -> None:
    assert len(list(program("flood", 6_400, 100).lines(stderr=CAPTURE, max_output=100))) == 100
    with pytest.raises(OutputTooLarge):
        list(program("flood", 6_400, 101).lines(stderr=CAPTURE, max_output=100))


@pytest.mark.parametrize("sink", [INHERIT, os.devnull, print, [INHERIT]])
def test_read_refuses_a_stdout_that_leaves_it_nothing(sink: Any, program: Program) -> None:
    with pytest.raises(TypeError) as raised:
        program("cat").read(stdout=sink)
    assert str(raised.value) == "`read` reads stdout itself; to send it elsewhere as well use run(stdout=[…])"


def test_read_shares_its_stdout(program: Program, capfd: Any) -> None:
    assert program("cat").read(input="x", stdout=[INHERIT, CAPTURE]) == "x"
    assert capfd.readouterr().out == "x"


def test_wrong_options_are_refused_by_every_verb_at_once(program: Program) -> None:
    for verb in ("run", "read", "capture", "lines", "start"):
        with pytest.raises(TypeError) as raised:
            getattr(program("cat"), verb)(time_out=3)
        assert str(raised.value) == "unknown option `time_out`; did you mean `timeout`?"


def test_what_was_said_before_wins_over_the_choice_of_a_verb(program: Program, capfd: Any) -> None:
    assert both(program).with_(stderr=CAPTURE).capture(stdout=INHERIT).stderr == "err\n"
    assert capfd.readouterr().out == "out\n"
    assert sorted(both(program).capture(stderr=MERGE).stdout.split()) == ["err", "out"]
    result = both(program).with_(stdout=INHERIT).capture()
    assert (result.stdout_bytes, result.stderr) == (None, "err\n")
    assert capfd.readouterr().out == "out\n"
