"""`forward`: what reaches us reaches the run, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from procrun import PIPE
from procrun.signals import SignalError, WrongThread, forward, forwarding

if os.name == "nt":
    pytest.skip("Windows has no signals to pass on", allow_module_level=True)

Program = Callable[..., Any]
PASSED_ON = [signal.Signals(number).name for number in forwarding.FORWARDED if number != signal.SIGTSTP]


@pytest.fixture
def running(program: Program) -> Iterator[Any]:
    """Says the signals that it gets; a session of the tests' own has no foreground that would hear them by itself."""
    with (program("say_signals") | program("cat")).start(stdin=PIPE, stdout=PIPE) as running:
        assert running.stdout.readline().startswith(b"ready")
        yield running


def test_who_has_ended_hears_nothing_and_nobody_is_disturbed(program: Program) -> None:
    with program("hold_pipe").start() as running:
        process = psutil.Process(running.pids[0])
        with forward(to=process, signals="USR1"):
            signal.raise_signal(signal.SIGUSR1)
            assert running.wait().status.signal == signal.SIGUSR1
            signal.raise_signal(signal.SIGUSR1)


@pytest.fixture
def host() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`host(code)`: a program that forwards, in a session without a terminal; it and its children end with the test."""
    hosts: list[subprocess.Popen[str]] = []

    def start(code: str) -> subprocess.Popen[str]:
        hosts.append(
            subprocess.Popen(
                [sys.executable, "-c", HOST + code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
                env={**os.environ, "PROGRAMS": PROGRAMS},
            )
        )
        return hosts[-1]

    yield start
    for process in hosts:
        if process.poll() is None:
            # Some have groups of their own.
            for one in [*psutil.Process(process.pid).children(recursive=True), process]:
                one.kill()
        process.communicate()


PROGRAMS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "programs")
HOST = """
import os, signal, subprocess, sys
from procrun import PIPE, cmd
from procrun.signals import forward
def program(name, *arguments):
    return [sys.executable, "-S", os.path.join(os.environ["PROGRAMS"], name + ".py"), *arguments]
def say(*words):
    # One system call, because the program says something too.
    os.write(1, " ".join(map(str, words)).encode() + b"\\n")
"""


def until_ready(process: subprocess.Popen[str]) -> None:
    """Wait for the program and for the block around it, of which either may be the first."""
    assert process.stdout
    said = [process.stdout.readline() for _ in range(2)]
    assert [line[:5] for line in said] == ["ready", "ready"], (said, process.communicate())


@pytest.mark.parametrize("name", PASSED_ON)
def test_each_signal_reaches_the_programs_of_a_run(name: str, host: Any) -> None:
    process = host("""
with cmd(*program("say_signals")).start() as running, forward(to=running):
    say("ready")
    print("ended by itself:", running.wait().status.code)
""")
    until_ready(process)
    process.send_signal(getattr(signal, name))
    assert process.stdout.readline() == f"{name}\n"
    out, err = process.communicate("\n")
    assert (out, err) == ("ended\nended by itself: 0\n", "")


def test_a_popen_can_be_the_receiver(host: Any) -> None:
    process = host("""
with subprocess.Popen(program("say_signals")) as child, forward(to=child, signals=["TERM", "INT"]):
    say("ready")
    child.wait()
""")
    until_ready(process)
    for name in ("SIGTERM", "SIGINT", "SIGINT"):
        process.send_signal(getattr(signal, name))
        assert process.stdout.readline() == f"{name}\n"
    assert process.communicate("\n") == ("ended\n", "")


def test_signals_that_are_not_named_are_not_touched(running: Any) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    with forward(to=running, signals="USR2"):
        assert signal.getsignal(signal.SIGUSR1) is before
        assert callable(signal.getsignal(signal.SIGUSR2))
    assert signal.getsignal(signal.SIGUSR2) is signal.SIG_DFL


def test_an_ignored_signal_stays_ignored(running: Any) -> None:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        with forward(to=running):
            assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_after_the_end_of_the_run_nothing_is_signalled(program: Program) -> None:
    with program("cat").start(stdin=PIPE) as running, forward(to=running, signals="USR1"):
        running.stdin.close()
        running.wait()
        os.kill(os.getpid(), signal.SIGUSR1)


def test_a_stop_reaches_the_programs_and_stops_us(host: Any, until: Callable[..., Any]) -> None:
    """In a group whose parent is in the same session: elsewhere the system drops SIGTSTP."""
    process = host("""
if os.fork() == 0:
    os.setpgid(0, 0)
    with cmd(*program("say_signals")).start(stdin=PIPE) as running, forward(to=running, signals="TSTP"):
        say(os.getpid(), *running.pids)
        running.wait()
    os._exit(0)
for line in sys.stdin:
    os.kill(int(line), signal.SIGTSTP)
    stopped = os.waitpid(-1, os.WUNTRACED)
    say("stopped", os.WSTOPSIG(stopped[1]))
    os.kill(int(line), signal.SIGCONT)
""")
    said = {process.stdout.readline().strip() for _ in range(2)}
    ((us, child),) = (map(int, line.split()) for line in said if not line.startswith("ready"))
    process.stdin.write(f"{us}\n")
    process.stdin.flush()
    lines = [process.stdout.readline() for _ in range(2)]
    assert lines == [f"stopped {int(signal.SIGTSTP)}\n", "SIGCONT\n"]
    assert until(lambda: psutil.Process(child).status() == psutil.STATUS_SLEEPING)


def test_wrong_receivers_signals_and_threads(running: Any, in_thread: Callable[..., Any]) -> None:
    with pytest.raises(TypeError) as caught, forward(to=17):  # type: ignore[arg-type]
        pass
    assert str(caught.value) == "`forward` sends to what has `send_signal`: a Running or a Popen, not 17"
    with pytest.raises(SignalError), forward(to=running, signals="KILL"):
        pass

    def enter() -> None:
        with forward(to=running):
            pass

    with pytest.raises(WrongThread):
        in_thread(enter)


def until_both(opened: Any) -> None:
    """As `until_ready`, on a terminal."""
    seen = opened.until("\n") + opened.until("\n")
    assert "ready" in seen and "forwards" in seen


def test_nobody_gets_twice_what_the_terminal_sends(terminal: Callable[..., Any]) -> None:
    code = (
        HOST
        + """
with cmd(*program("say_signals")).start() as running, forward(to=running):
    say("forwards")
    running.wait()
"""
    )
    opened = terminal([sys.executable, "-c", f"import os; os.environ['PROGRAMS'] = {PROGRAMS!r}\n{code}"])
    until_both(opened)
    for key, name in (("\x03", "SIGINT"), ("\x1c", "SIGQUIT"), ("\x03", "SIGINT")):
        opened.type(key)
        opened.until(name)
    opened.type("\n")
    assert opened.rest().replace("^C", "").replace("^\\", "").split() == ["ended"]


def test_a_program_in_a_session_of_its_own_gets_what_the_terminal_sends_us(terminal: Callable[..., Any]) -> None:
    code = (
        HOST
        + """
with subprocess.Popen(program("say_signals"), start_new_session=True) as child, forward(to=child):
    say("forwards")
    child.wait()
"""
    )
    opened = terminal([sys.executable, "-c", f"import os; os.environ['PROGRAMS'] = {PROGRAMS!r}\n{code}"])
    until_both(opened)
    for key, name in (("\x03", "SIGINT"), ("\x1c", "SIGQUIT")):
        opened.type(key)
        opened.until(name)
    opened.type("\n")
    assert "ended" in opened.rest()
