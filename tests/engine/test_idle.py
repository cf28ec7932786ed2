"""Silence: each way in which an output can be seen, and what is no silence."""

from __future__ import annotations

import itertools
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import procrun
from procrun import CAPTURE, INHERIT, NULL, PIPE, NotSupported, RunIdle, RunTimeout, cmd, system
from procrun.engine.idle import Idle
from procrun.system import table
from procrun.system.facts import Row

Program = Callable[..., Any]

# Long enough that a program which has started is heard of in time, on a machine that does other things, too.
IDLE = 2.0

counts = pytest.mark.skipif(not system.counts_writing(), reason="this system does not tell what programs write")


def idle_error(run: Callable[[], object]) -> RunIdle:
    with pytest.raises(RunIdle) as raised:
        run()
    assert raised.value.result.was_idle
    assert raised.value.result.timed_out
    return raised.value


def test_the_error_has_every_field_and_the_last_output(program: Program) -> None:
    command = program("say_and_wait", "one\ntwo\nthree\nfour\n", "oops\n")
    error = idle_error(lambda: command.capture(idle_timeout=IDLE, grace=0.5))
    assert isinstance(error, (RunTimeout, subprocess.TimeoutExpired))
    assert (error.timeout, error.cmd) == (IDLE, str(command))
    assert (error.output, error.stdout, error.stderr) == ("one\ntwo\nthree\nfour\n",) * 2 + ("oops\n",)
    assert sorted(error.result.last_output.splitlines()) == [b"four", b"one", b"oops", b"three", b"two"]
    assert error.exit_code == 124
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.timeout) == (RunIdle, str(error), IDLE)


def test_the_error_tells_what_to_do(program: Program) -> None:
    command = program("say_and_wait", "a\nb\nc\nd\n")
    error = idle_error(lambda: command.capture(idle_timeout=IDLE, grace=0.5))
    first, *rest = str(error).splitlines()
    assert first.startswith("the run was stopped after 2 s without output (in `")
    assert rest == [
        "  last output: (1 more lines before)",
        "  last output: b",
        "  last output: c",
        "  last output: d",
        "  give it more time with `idle_timeout`, or find out what it waits for; "
        "a program may also keep its output in a buffer",
    ]


def test_one_that_goes_on_writing_is_not_idle(program: Program) -> None:
    idle = 1.0
    seen = threading.Event()
    pieces = []

    def sink(data: bytes) -> None:
        pieces.append(data)
        if len(pieces) == 20:
            seen.set()

    with program("cat").start(stdin=PIPE, stdout=sink, idle_timeout=idle) as running:
        for _ in range(20):
            assert not seen.wait(idle / 8)
            running.stdin.write(b"x")
            running.stdin.flush()
        running.stdin.close()
        assert not running.wait().was_idle


def test_lines_end_by_silence(program: Program) -> None:
    got = []

    # What was read before is with the caller.
    error = idle_error(
        lambda: [got.append(line) for line in program("say_and_wait", "a\nb\n").lines(idle_timeout=IDLE, grace=0.5)]
    )
    assert got == ["a", "b"]
    assert error.result.last_output == b"a\nb\n"


def test_a_reader_who_takes_long_does_not_make_the_run_idle() -> None:
    lines = cmd(sys.executable, "-c", "print(*range(200000), sep='\\n')").lines(idle_timeout=IDLE)
    got = [next(lines)]
    # Longer than the run may be silent: it has written all that a pipe holds.
    assert not threading.Event().wait(1.5 * IDLE)
    got += itertools.islice(lines, 199999)
    # And now only its end is to be read.
    assert not threading.Event().wait(1.5 * IDLE)
    assert [*got, *lines][-1] == "199999"


def test_a_sink_that_takes_long_does_not_make_the_run_idle() -> None:
    waits = []

    def sink(data: bytes) -> None:
        if not waits:
            waits.append(threading.Event().wait(1.5 * IDLE))

    command = cmd(sys.executable, "-c", "print(*range(200000), sep='\\n')")
    result = command.run(stdout=sink, idle_timeout=IDLE)
    assert not result.was_idle


def test_a_started_run_that_nobody_waits_for_is_stopped(program: Program) -> None:
    with program("say_and_wait", "a").start(stdout=CAPTURE, idle_timeout=IDLE, grace=0.5) as running:
        result = running.wait()
    assert (result.was_idle, result.stdout) == (True, "a")


def test_a_grandchild_that_holds_the_pipe_in_silence_is_idle(program: Program) -> None:
    with program("grandchild").start(stdout=PIPE, idle_timeout=IDLE, grace=0.5) as running:
        assert running.stdout is not None
        assert running.stdout.read().strip().isdigit()
        running.close()
        assert running.wait().was_idle


@counts
@pytest.mark.parametrize("where", [INHERIT, NULL], ids=repr)
def test_what_does_not_pass_through_here_is_counted_by_the_system(where: Any, program: Program) -> None:
    idle = 1.0
    with program("cat").start(stdin=PIPE, stdout=where, stderr=where, idle_timeout=idle) as running:
        for _ in range(12):
            assert running.poll() is None
            running.stdin.write(b" ")
            running.stdin.flush()
            threading.Event().wait(idle / 4)
        assert running.poll() is None
        # And now nothing comes any more.
        assert running.wait().was_idle


@counts
def test_between_the_stages_it_is_counted(program: Program) -> None:
    error = idle_error(
        lambda: (program("say_and_wait", "a") | program("cat")).run(stdout=CAPTURE, idle_timeout=1.0, grace=0.5)
    )
    assert error.result.stdout == "a"


@counts
def test_the_programs_of_a_text_are_counted(python_program: Callable[..., list[str]]) -> None:
    argv = python_program("say_and_wait", "")
    idle_error(lambda: procrun.run("$1 $2 $3 '' ; true", *argv, idle_timeout=1.0, grace=0.5))


def test_where_nothing_can_be_seen_it_is_refused(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "counts_writing", lambda: False)
    with pytest.raises(NotSupported) as raised:
        program("cat").run(idle_timeout=5, stdin=NULL)
    assert str(raised.value) == (
        "`idle_timeout` sees no output: none passes through this process, and this system does not tell what programs "
        "write\n"
        "  capture or read stdout or stderr, or give a list such as stdout=[INHERIT]"
    )
    # What passes through is enough.
    assert program("cat").run(idle_timeout=60, input=b"", stdout=[NULL]).is_success


def test_a_process_that_we_may_not_look_into_is_not_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = Idle(1.0)
    idle.asks_system = True
    idle.begin(0.0)
    answers = iter([5, 5, None, 6])
    monkeypatch.setattr(system, "bytes_written", lambda process: next(answers))
    row = Row(1, 0, 1.0, "program", False)
    verdicts = []
    for _ in range(4):
        idle.begin(0.0)
        verdicts.append(idle.is_over(is_caller_late=False, look=lambda: [row]))
    # Five bytes since the start; none since then; who knows; and then not.
    assert verdicts == [False, True, False, False]


@pytest.mark.parametrize("seconds", [0, -1, "1", True])
def test_the_time_is_more_than_none(seconds: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        cmd("true").run(idle_timeout=seconds)


@counts
@pytest.mark.skipif(not hasattr(os, "waitid"), reason="Windows has no children that have ended and can be looked at")
def test_what_a_program_has_written_is_not_forgotten_at_its_end(python_program: Callable[..., list[str]]) -> None:
    idle = Idle(1e-9)
    idle.asks_system = True
    argv = python_program("say_and_wait", "a\n")
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"a\n"
        row = table.find_row(process.pid)
        assert row is not None
        assert not idle.is_over(is_caller_late=False, look=lambda: [row])
        assert idle.is_over(is_caller_late=False, look=lambda: [row])
        # Nothing since then.
        idle.note_end(process.pid)
        assert idle.is_over(is_caller_late=False, look=tuple)
        other = Idle(1e-9)
        other.asks_system = True
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        other.note_end(process.pid)
        assert not other.is_over(is_caller_late=False, look=tuple)
        assert other.is_over(is_caller_late=False, look=tuple)


@counts
@pytest.mark.parametrize("text", ["$@; $@; $@", "($@; $@) | $@", "echo $($@; $@) | $@"])
def test_each_program_of_a_text_is_heard_of_when_it_ends(
    text: str, python_program: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a list may all be shorter than the time, and write to files that no descriptor of ours leads to."""
    heard: list[bool] = []
    monkeypatch.setattr(Idle, "note_end", lambda idle, pid: heard.append(idle.asks_system))
    procrun.capture(text, *python_program("exit_with", 0), idle_timeout=60)
    assert heard == [True] * (3 + ("echo" in text))
