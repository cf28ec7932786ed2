"""`procrun pipe` as a job of a shell that controls jobs: Ctrl-Z and back, the background, the end of the session."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

Terminal = Callable[..., Any]

PIPE = [sys.executable, "-m", "procrun", "pipe"]
SECONDS = 30


class Job:
    """A job of tests/programs/job_shell.py: what it is told to do, and what became of the job."""

    def __init__(self, terminal: Terminal, argv: list[str]) -> None:
        theirs_reports, self._orders = os.pipe()
        ours, theirs = os.pipe()
        shell = [sys.executable, "-S", os.path.join(PROGRAMS, "job_shell.py"), str(theirs), str(theirs_reports)]
        self.terminal = terminal([*shell, *argv], pass_fds=[theirs, theirs_reports])
        os.close(theirs)
        os.close(theirs_reports)
        self._reports = os.fdopen(ours)
        self.pid = 0

    def order(self, what: str) -> None:
        """Have the shell start or continue the job (`fg`, `bg`), or kill it."""
        os.write(self._orders, f"{what}\n".encode())
        if not self.pid:
            word, pid = self.report().split()
            assert word == "started"
            self.pid = int(pid)

    def report(self) -> str:
        """What the shell says next of the job; empty when it has ended."""
        return self._reports.readline().strip()

    def states(self) -> set[str]:
        """The states of procrun and all that it has started."""
        return {psutil.Process(self.pid).status(), *_states_below(self.pid)}

    def close(self) -> None:
        """End the shell, which waits for nothing else any more."""
        if self.pid and psutil.pid_exists(self.pid) and self.terminal.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        os.close(self._orders)
        self._reports.close()


PROGRAMS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "programs")


@pytest.fixture
def job(terminal: Terminal) -> Iterator[Callable[..., Job]]:
    """`job(text, …)`: `procrun pipe` with these arguments under a shell, which has not started it yet."""
    jobs: list[Job] = []

    def make(*arguments: str) -> Job:
        jobs.append(Job(terminal, [*PIPE, *arguments]))
        return jobs[-1]

    yield make
    for one in jobs:
        one.close()


def _states_below(pid: int) -> set[str]:
    return {process.status() for process in psutil.Process(pid).children(recursive=True)}


STOPPED = f"stopped {int(signal.SIGTSTP)}"
TEXTS = ["$PY -S $GREET", "true; $PY -S $GREET", "($PY -S $GREET) | cat", "$PY -S $GREET | cat"]


@pytest.mark.parametrize("text", TEXTS)
def test_ctrl_z_and_back(text: str, job: Callable[..., Job], until: Callable[..., Any]) -> None:
    one = job(text)
    one.order("fg")
    one.terminal.until("name? ")
    for _ in range(2):
        one.terminal.type("\x1a")
        assert one.report() == STOPPED
        assert until(lambda: one.states() == {psutil.STATUS_STOPPED})
        one.order("fg")
        assert until(lambda: psutil.STATUS_STOPPED not in one.states())
    one.terminal.type("you\n")
    one.terminal.until("hello, you")
    assert one.report() == "exited 0"


def test_a_stop_and_a_continue_of_procrun_alone_reach_the_programs(
    job: Callable[..., Job], until: Callable[..., Any]
) -> None:
    one = job("$PY -S $SLEEPER | cat")
    one.order("bg")
    one.terminal.until("ready")
    os.kill(one.pid, signal.SIGTSTP)
    assert one.report() == STOPPED
    assert until(lambda: one.states() == {psutil.STATUS_STOPPED})
    os.kill(one.pid, signal.SIGCONT)
    assert until(lambda: psutil.STATUS_STOPPED not in one.states())
    os.kill(one.pid, signal.SIGTERM)
    # To see the job's end the shell has to wait for it again.
    one.order("bg")
    assert one.report() == "exited 143"


@pytest.mark.parametrize("text", TEXTS if sys.version_info >= (3, 11) else TEXTS[:3])
def test_in_the_background_reading_the_terminal_stops_all_of_it(
    text: str, job: Callable[..., Job], until: Callable[..., Any]
) -> None:
    """The system stops the group of who reads, and we are in it: nothing spins, or takes input from the shell.

    Without the last text on Python 3.10, where we may be starting its `cat` then: docs/gotchas.md#vfork.
    """
    one = job(text)
    one.order("bg")
    assert one.report() == f"stopped {int(signal.SIGTTIN)}"
    assert until(lambda: one.states() == {psutil.STATUS_STOPPED})
    one.order("fg")
    one.terminal.type("you\n")
    one.terminal.until("hello, you")
    assert one.report() == "exited 0"


def test_in_the_background_changing_the_terminal_stops_all_of_it(job: Callable[..., Job]) -> None:
    one = job("true | $PY -S $FULL_SCREEN")
    before = one.terminal.settings()
    one.order("bg")
    assert one.report() == f"stopped {int(signal.SIGTTOU)}"
    assert one.terminal.settings() == before
    one.order("fg")
    one.terminal.until("full screen")
    one.terminal.type("q")
    assert one.report() == "exited 0"
    assert one.terminal.settings() == before


def test_in_the_background_a_timeout_leaves_the_terminal_alone(job: Callable[..., Job]) -> None:
    """Who restores settings from there is stopped."""
    one = job("--timeout", "3", "$PY -S $SLEEPER")
    one.order("bg")
    one.terminal.until("ready")
    assert one.report() == "exited 124"


@pytest.mark.parametrize("text", TEXTS)
def test_a_stopped_job_ends_when_the_shell_ends_it(text: str, job: Callable[..., Job]) -> None:
    one = job(text)
    one.order("fg")
    one.terminal.until("name? ")
    one.terminal.type("\x1a")
    assert one.report() == STOPPED
    os.killpg(one.pid, signal.SIGTERM)
    # As `kill %1` does it: continued, so that it hears.
    one.order("bg")
    assert one.report() == "exited 143"


def test_the_end_of_the_session_ends_the_programs(job: Callable[..., Job]) -> None:
    """The window is closed: SIGHUP ends the shell, and with that everything in the foreground gets it."""
    one = job("$PY -S $SAY_SIGNALS | cat")
    one.order("fg")
    one.terminal.until("ready")
    procrun = psutil.Process(one.pid)
    everything = [procrun, *procrun.children(recursive=True)]
    one.terminal.hang_up()
    assert one.report() == ""
    _, living = psutil.wait_procs(everything, SECONDS)
    assert living == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed here")
def test_a_real_shell(terminal: Terminal, until: Callable[..., Any]) -> None:
    """Ctrl-Z, `bg` into the terminal, `fg`, Ctrl-C."""
    procrun = f"{sys.executable} -m procrun pipe"
    opened = terminal(["env", "PS1=$ ", "bash", "--norc", "--noprofile", "--noediting", "-i"])
    opened.until("$ ")
    opened.type(f"{procrun} '$PY -S $GREET | cat'\n")
    opened.until("name? ")
    opened.type("\x1a")
    opened.until("Stopped")
    opened.until("$ ")
    # On a busy machine `greet` may not have stopped yet, and read what is typed next.
    assert until(lambda: _states_below(opened.process.pid) == {psutil.STATUS_STOPPED})
    # `fg` continues what bash knows to be stopped, and by `set -b` it says when it does.
    opened.type("set -b; bg\n")
    opened.until("Stopped")
    opened.type("fg\n")
    opened.until("GREET | cat")
    opened.type("you\n")
    opened.until("hello, you")
    opened.until("$ ")
    opened.type(f"{procrun} '$PY -S $SLEEPER; echo not rea''ched'\n")
    opened.until("ready")
    opened.type("\x03")
    assert "reached" not in opened.until("$ ")
    opened.type("echo sta''tus $?; exit\n")
    opened.until("status 130")
    assert opened.status() == 0
