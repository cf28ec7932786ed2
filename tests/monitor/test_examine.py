"""Real processes in each condition that does not depend on another: the cause, told whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from procrun.system import processes as system

linux = pytest.mark.skipif(not system.KNOWS_WAITS, reason="only Linux tells what a process waits for")

READ = "waits for data on stdin (pipe {pipe}, which {by} can write)"
LOOK = "look where it stands: `gdb -p {pid}`, for Python `py-spy dump --pid {pid}`"
# How Python sleeps (time.sleep): since 3.11 by a call of its own.
SLEEP = "clock_nanosleep" if sys.version_info >= (3, 11) else "pselect6"
OWN = "a lock or an event of its own threads"


# States.


@linux
@pytest.mark.parametrize(("is_told", "brackets"), [(False, " (SIGSTOP)"), (True, "")], ids=["untold", "told"])
def test_stopped(is_told: bool, brackets: str, ward: Any) -> None:
    """The kernel forgets the signal when the parent has asked."""
    process = ward.start("stop")
    ward.has_state(process.pid, psutil.STATUS_STOPPED)
    if is_told:
        os.waitpid(process.pid, os.WUNTRACED)
    assert ward.cause(process)[:2] == ("stopped", f"{ward.who(process.pid)} is stopped{brackets}")


@linux
def test_held_by_a_debugger(ward: Any) -> None:
    tracer = ward.start("traced")
    child = int(ward.said(tracer))
    ward.has_state(child, psutil.STATUS_TRACING_STOP)
    ward.stands(tracer.pid, "pause")
    assert ward.cause(tracer) == (
        "traced",
        f"{ward.who(child)} is held by a debugger, process {tracer.pid}",
        "let it go on in the debugger, or end the debugger",
    )


@pytest.mark.parametrize("interval", [0, 0.2])
def test_computing(interval: float, ward: Any) -> None:
    process = ward.start("spin", stdout=subprocess.DEVNULL)
    assert ward.said(process) == "ready"
    found = ward.look(process, interval=interval)
    share = found.processes[0].activity.share
    part = "an unknown part" if share is None else f"{share:.0%}"
    assert (found.cause.kind, found.cause.text, found.cause.advice) == (
        "busy",
        f"{ward.who(process.pid)} computes: it used {part} of a CPU for {interval:g} s",
        f"if that is not its work, it is in an endless loop; {LOOK.format(pid=process.pid)}",
    )


@linux
def test_computing_with_output_in_a_buffer(ward: Any) -> None:
    writer = ward.start("print_and_spin")
    reader = ward.start("read", stdin=writer.stdout)
    ward.stands(reader.pid, "read")
    ward.until(lambda: psutil.Process(writer.pid).cpu_times().user > 0.2)
    found = ward.look(reader, writer)
    share = next(one.activity.share for one in found.processes if one.entry.pid == writer.pid)
    wait = READ.format(pipe=ward.number(writer.stdout), by=writer.pid)
    assert share is not None
    assert (found.cause.kind, found.cause.text, found.cause.advice) == (
        "buffered",
        f"{ward.who(writer.pid)} computes: it used {share:.0%} of a CPU for 0.1 s, and has written nothing "
        f"since its start: its output may be in a buffer, because stdout is a pipe; {ward.who(reader.pid)} {wait}",
        "let it write every line at once: `python -u`, `stdbuf -oL`, `grep --line-buffered`",
    )


@linux
def test_at_work(ward: Any) -> None:
    process = ward.start("work")
    assert process.stdin is not None and process.stdout is not None
    source, sink = process.stdin, process.stdout
    has_seen_enough = threading.Event()

    def feed() -> None:
        while not has_seen_enough.is_set():
            os.write(source.fileno(), b"x")
            os.read(sink.fileno(), 1)

    feeder = threading.Thread(target=feed)
    # It works, and not only starts, when the first byte has come through.
    os.write(source.fileno(), b"x")
    os.read(sink.fileno(), 1)
    feeder.start()
    try:
        found = ward.look(process)
    finally:
        has_seen_enough.set()
        feeder.join()
    activity = found.processes[0].activity
    assert activity.read and activity.written
    if found.cause.kind == "works":
        assert found.cause.text == (
            f"{ward.who(process.pid)} is at work: in 0.1 s it read {activity.read} and wrote {activity.written} bytes"
        )
    else:
        assert found.cause.kind == "busy" and activity.is_busy


@linux
@pytest.mark.parametrize(
    ("how", "call", "kind", "what"),
    [
        ("lock", "futex", "lock", OWN),
        ("wait_a_while", "futex", "time", f"{OWN}, for a limited time"),
        ("sleep", SLEEP, "time", "a time that it has set itself"),
        ("pause", "pause", "signal", "a signal"),
        ("watch", "read", "watch", "a change of files (descriptor 3)"),
    ],
)
def test_waits_of_its_own(how: str, call: str, kind: str, what: str, ward: Any) -> None:
    process = ward.start(how, stdout=subprocess.DEVNULL)
    ward.stands(process.pid, call)
    assert ward.cause(process)[:2] == (kind, f"{ward.who(process.pid)} waits for {what}")


# Terminals.


def in_terminal(argv: list[str], slave: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=subprocess.PIPE, start_new_session=True)


@linux
def test_a_question_to_the_terminal(
    python_program: Callable[..., list[str]], terminal: tuple[int, str], ward: Any
) -> None:
    process = in_terminal(python_program("in_terminal", *python_program("hang", "read")), terminal[0])
    with process:
        try:
            ward.stands(process.pid, "read")
            assert ward.cause(process) == (
                "terminal",
                f"{ward.who(process.pid)} waits for input from the terminal `{terminal[1]}` (stdin)",
                "type something, or end the input with Ctrl-D; start it with `< /dev/null` if it should not ask",
            )
        finally:
            process.kill()


@linux
@pytest.mark.parametrize("is_told", [False, True], ids=["untold", "told"])
def test_a_question_from_the_background(
    is_told: bool,
    python_program: Callable[..., list[str]],
    terminal: tuple[int, str],
    ward: Any,
) -> None:
    how = ("background", "asks") if is_told else ("background",)
    process = in_terminal(python_program("in_terminal", *python_program("hang", *how)), terminal[0])
    with process:
        try:
            child = int(ward.said(process))
            ward.has_state(child, psutil.STATUS_STOPPED)
            if is_told:
                assert ward.said(process) == "told"
            kind, text, advice = ward.cause(child)
            assert (kind, advice) == (
                "background",
                "bring it to the foreground (`fg`), or keep it from the terminal (`< /dev/null`)",
            )
            assert text == f"{ward.who(child)} was stopped (SIGTTIN) because it used its terminal from the background"
        finally:
            os.kill(child, signal.SIGKILL)
            process.kill()
