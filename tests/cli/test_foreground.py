"""Signals and terminals: what reaches the programs of `procrun pipe`, what ends them, what is left."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

if os.name == "nt":
    pytest.skip("signals and terminals of Unix", allow_module_level=True)

PROGRAMS = Path(__file__).parent.parent / "programs"
PROCRUN = [sys.executable, "-m", "procrun"]
SECONDS = 60

Terminal = Callable[..., Any]

ENV = {**os.environ, "PY": sys.executable, **{path.stem.upper(): str(path) for path in PROGRAMS.glob("*.py")}}


def start(text: str, *args: str, wrapped_in: Sequence[str] = ()) -> subprocess.Popen[str]:
    """`procrun pipe` in a session of its own, without a terminal."""
    return subprocess.Popen(
        [*wrapped_in, *PROCRUN, "pipe", text, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=ENV,
    )


def end_of(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """The status, stdout and stderr; these end only when nothing that was started is left."""
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


def ready(process: subprocess.Popen[str], line: str = "ready") -> int:
    """Wait for a program of the run to be ready, and give its pid if it said it."""
    assert process.stdout
    said, _, pid = process.stdout.readline().strip().partition(" ")
    assert said == line, process.communicate()
    return int(pid or 0)


def has_ended(pid: int) -> bool:
    try:
        # Whoever adopts orphans may take its time to reap them.
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


TEXTS = [
    "$PY -S $SLEEPER",
    "$PY -S $SLEEPER | cat",
    "true; $PY -S $SLEEPER; echo not reached",
    "($PY -S $SLEEPER; echo not reached) | cat || echo not reached",
    "X=$($PY -S $SLEEPER >&2) && echo not reached",
]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("text", TEXTS[:4])
def test_a_signal_ends_the_programs_and_then_procrun(text: str, number: signal.Signals) -> None:
    process = start(text)
    pid = ready(process)
    process.send_signal(number)
    assert end_of(process) == (128 + number, "", "")
    assert has_ended(pid)


def test_a_signal_ends_what_the_programs_have_started() -> None:
    process = start("$PY -S $GRANDCHILD --stay sleeper")
    assert process.stdout
    said = {process.stdout.readline(), process.stdout.readline()}
    (pid,) = (int(line.split()[1]) for line in said if line.startswith("ready "))
    process.terminate()
    assert end_of(process) == (143, "", "")
    assert has_ended(pid)


@pytest.mark.slow
def test_a_program_that_will_not_end_is_killed_after_the_grace() -> None:
    process = start("$PY -S $IGNORE_TERM | cat")
    ready(process)
    process.terminate()
    # Asked again it does not start again, and does not give up.
    process.terminate()
    assert end_of(process) == (143, "", "")


def test_nothing_is_left_whenever_the_signal_comes() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT) * 4:
        process = start("$PY -S $SLEEPER | cat")
        try:
            process.wait(random.uniform(0.05, 0.4))
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        # The pipes end only when no program is left that holds them.
        status, _, err = end_of(process)
        # Before procrun has begun it is Python that is interrupted, in its own ways.
        assert status in (128 + number, -number) or "KeyboardInterrupt" in err


@pytest.mark.parametrize("text", TEXTS)
def test_an_interrupt_of_procrun_alone_is_passed_on(text: str) -> None:
    process = start(text)
    if text.startswith("X="):
        assert process.stderr
        assert process.stderr.readline().startswith("ready")
    else:
        ready(process)
    process.send_signal(signal.SIGINT)
    assert end_of(process) == (130, "", "")


def test_what_a_program_makes_of_an_interrupt_decides() -> None:
    process = start("$PY -S $ON_INTERRUPT 0; echo went on; $PY -S $ON_INTERRUPT 7")
    ready(process)
    process.send_signal(signal.SIGINT)
    assert process.stdin and process.stdout
    assert process.stdout.readline() == "interrupted 1\n"
    process.stdin.write("\n\n")
    process.stdin.flush()
    assert end_of(process) == (7, "ended after 1\nwent on\nready\nended after 0\n", "")


@pytest.mark.parametrize("text", ["cat < $1", "true; cat < $1", "(true; cat < $1) | cat"])
def test_an_interrupt_that_no_program_hears_stops_the_run(text: str, tmp_path: Path) -> None:
    """Nobody writes to the FIFO, so that opening it takes for ever."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = start(f"printf 'begun\\n' >&2; {text}" if ";" in text else text, str(fifo))
    assert process.stderr
    if ";" in text:
        assert process.stderr.readline() == "begun\n"
    _wait_until_opening(process.pid)
    if text.endswith("| cat"):
        # The first is for the `cat` at the end.
        process.send_signal(signal.SIGINT)
        _wait_for_no_children(process.pid)
    process.send_signal(signal.SIGINT)
    status, out, err = end_of(process)
    assert (status, out, err) == (130, "", "")


def _wait_until_opening(pid: int) -> None:
    """Wait until a thread of a process is inside `open` of a FIFO, where the system tells."""
    while sys.platform == "linux":
        tasks = Path(f"/proc/{pid}/task").glob("*/wchan")
        if any("wait_for_partner" in task.read_text() for task in tasks):
            return


def _wait_for_no_children(pid: int) -> None:
    while psutil.Process(pid).children():
        continue


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_was_ignored_stays_ignored(number: signal.Signals) -> None:
    ignoring = ["sh", "-c", f'trap "" {number.name[3:]}; exec "$@"', "sh"]
    process = start("cat | cat", wrapped_in=ignoring)
    assert process.stdin and process.stdout
    for line in ("a\n", "b\n"):
        process.stdin.write(line)
        process.stdin.flush()
        assert process.stdout.readline() == line
        process.send_signal(number)
    assert end_of(process) == (0, "", "")


def test_ctrl_c_reaches_a_program_once_and_procrun_waits(terminal: Terminal) -> None:
    opened = terminal([*PROCRUN, "pipe", "$PY -S $ON_INTERRUPT 3"])
    opened.until("ready")
    for count in (1, 2):
        opened.type("\x03")
        opened.until(f"interrupted {count}")
    opened.type("\n")
    assert "ended after 2\n" in opened.rest()
    assert opened.status() == 3


def test_ctrl_c_reaches_every_stage(terminal: Terminal) -> None:
    opened = terminal([*PROCRUN, "pipe", "$PY -S $SLEEPER | cat"])
    opened.until("ready")
    opened.type("\x03")
    # By the signal, so that whoever started it knows; a shell shows 130.
    assert opened.status() == -signal.SIGINT
    assert opened.rest().strip("0123456789 \n") == "^C"


def test_ctrl_c_ends_a_list(terminal: Terminal) -> None:
    opened = terminal([*PROCRUN, "pipe", "$PY -S $SLEEPER; echo not reached || echo nor this"])
    opened.until("ready")
    opened.type("\x03")
    assert opened.status() == -signal.SIGINT
    assert "reached" not in opened.rest()


def test_a_program_that_handles_ctrl_c_lets_the_list_go_on(terminal: Terminal) -> None:
    opened = terminal([*PROCRUN, "pipe", "$PY -S $ON_INTERRUPT 0; echo went on"])
    opened.until("ready")
    opened.type("\x03")
    opened.until("interrupted 1")
    opened.type("\n")
    assert opened.rest().endswith("ended after 1\nwent on\n")
    assert opened.status() == 0


def test_a_shell_sees_130_and_ends_its_loop(terminal: Terminal) -> None:
    procrun = f"{sys.executable} -m procrun pipe '$PY -S $SLEEPER'"
    opened = terminal(["bash", "-c", f"trap : INT; {procrun}; echo status $?; trap - INT; {procrun}; echo not reached"])
    opened.until("ready")
    opened.type("\x03")
    opened.until("status 130")
    opened.until("ready")
    opened.type("\x03")
    assert opened.status() == -signal.SIGINT
    assert "reached" not in opened.rest()


@pytest.mark.parametrize("text", ["$PY -S $GREET", "true; $PY -S $GREET", "($PY -S $GREET)"])
def test_an_interactive_program_has_the_terminal(text: str, terminal: Terminal) -> None:
    opened = terminal([*PROCRUN, "pipe", text])
    opened.until("terminal: name? ")
    opened.type("you\n")
    assert opened.rest() == "you\nhello, you\n"
    assert opened.status() == 0


@pytest.mark.parametrize("text", ["$PY -S $SAY_SIGNALS", "true; $PY -S $SAY_SIGNALS"])
@pytest.mark.parametrize("name", ["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"])
def test_what_reaches_procrun_alone_reaches_the_programs(name: str, text: str) -> None:
    process = start(text)
    ready(process)
    process.send_signal(getattr(signal, name))
    assert process.stdin and process.stdout
    assert process.stdout.readline() == f"{name}\n"
    process.stdin.write("\n")
    process.stdin.flush()
    assert end_of(process) == (0, "ended\n", "")


def test_signals_that_come_together_all_reach_the_programs_of_a_list(hear: Callable[..., set[str]]) -> None:
    """While the main thread takes one, the thread of the list is given the next (docs/gotchas.md#other-thread)."""
    process = start("true; $PY -S $AWAIT_SIGNALS")
    ready(process)
    sent = {"SIGUSR1", "SIGUSR2", "SIGWINCH"}
    for _ in range(1000):
        for name in sent:
            process.send_signal(getattr(signal, name))
        assert hear(process, sent) == sent
    process.terminate()
    assert end_of(process)[0] == 143


@pytest.fixture
def hear() -> Callable[..., set[str]]:
    """`hear(process, names)`: read lines until all these have come, or none for half a minute; gives them."""

    def hear_all(process: subprocess.Popen[str], names: set[str]) -> set[str]:
        assert process.stdout
        heard: set[str] = set()
        while not names <= heard and select.select([process.stdout], [], [], SECONDS / 2)[0]:
            heard.update(os.read(process.stdout.fileno(), 4096).decode().split())
        return heard & names

    return hear_all


NO_CORE = ["sh", "-c", 'ulimit -c 0; exec "$@"', "sh"]


@pytest.mark.parametrize("text", TEXTS[:4])
def test_a_quit_of_procrun_alone_is_passed_on_and_ends_a_list(text: str) -> None:
    process = start(text, wrapped_in=NO_CORE)
    ready(process)
    process.send_signal(signal.SIGQUIT)
    assert end_of(process) == (131, "", "")


def test_a_quit_that_no_program_hears_stops_the_run(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = start("cat < $1", str(fifo), wrapped_in=NO_CORE)
    _wait_until_opening(process.pid)
    process.send_signal(signal.SIGQUIT)
    assert end_of(process) == (131, "", "")


@pytest.mark.parametrize("text", TEXTS[:4])
def test_ctrl_backslash_ends_everything_once(text: str, terminal: Terminal) -> None:
    opened = terminal([*NO_CORE, *PROCRUN, "pipe", text])
    opened.until("ready")
    opened.type("\x1c")
    assert opened.status() == 131
    assert "reached" not in opened.rest()


def test_ctrl_backslash_reaches_a_program_once(terminal: Terminal) -> None:
    opened = terminal([*PROCRUN, "pipe", "$PY -S $SAY_SIGNALS"])
    opened.until("ready")
    for _ in range(2):
        opened.type("\x1c")
        opened.until("SIGQUIT")
    opened.type("\n")
    assert opened.rest().split() == ["ended"]
    assert opened.status() == 0


def _has_ended_within(process: subprocess.Popen[Any], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_ctrl_c_while_a_run_is_being_stopped_kills_what_is_left(terminal: Terminal) -> None:
    """`say_signals` does not end by SIGTERM, and says that it got it: the grace has begun."""
    opened = terminal([*PROCRUN, "pipe", "--timeout", "3", "--grace", "1000", "$PY -S $SAY_SIGNALS"])
    opened.until("SIGTERM")
    # Again, because one that comes just before procrun waits is heard only after that (docs/gotchas.md#other-thread).
    for _ in range(10):
        opened.type("\x03")
        if _has_ended_within(opened.process, 3):
            break
    assert opened.status() == 124
