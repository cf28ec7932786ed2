"""Programs that take over the terminal, as stages of `procrun pipe`: afterwards it is set as it was."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
from collections.abc import Callable
from typing import Any

import pytest

Terminal = Callable[..., Any]

PIPE = [sys.executable, "-m", "procrun", "pipe"]
TEXTS = ["$PY -S $FULL_SCREEN $@", "printf 'a\\n' | $PY -S $FULL_SCREEN $@", "true; (true | $PY -S $FULL_SCREEN $@)"]
LOCAL_FLAGS = 3


def opened_full_screen(
    terminal: Terminal, *arguments: str, text: str = TEXTS[1], how: str = ""
) -> tuple[Any, Any, int]:
    """A terminal in whose foreground `full_screen` runs, how it was set before, and the program's pid."""
    opened = terminal(["sh", "-c", 'read go; ulimit -c 0; exec "$@"', "sh", *PIPE, *arguments, text, *how.split()])
    before = opened.settings()
    opened.type("\n")
    opened.until("full screen ")
    pid = int(re.match(r"\d+", opened.until("\n"))[0])  # type: ignore[index]
    assert opened.settings() != before
    return opened, before, pid


@pytest.mark.parametrize("text", TEXTS)
def test_a_full_screen_program_works_and_leaves_the_terminal_as_it_was(text: str, terminal: Terminal) -> None:
    opened, before, _ = opened_full_screen(terminal, text=text)
    for key in ("k", "\x03", "\x1a"):
        # All of them are keys to it, and signals to nobody.
        opened.type(key)
        opened.until(f"key {ord(key)}")
    opened.type("q")
    assert opened.status() == 0
    assert opened.settings() == before


def test_a_program_that_ends_by_itself_may_leave_the_terminal_changed(terminal: Terminal) -> None:
    """That is what `stty` is for."""
    opened, before, _ = opened_full_screen(terminal)
    opened.type("x")
    assert opened.status() == 0
    of_lines = termios.ECHO | termios.ICANON | termios.ISIG
    assert (before[LOCAL_FLAGS] & of_lines, opened.settings()[LOCAL_FLAGS] & of_lines) == (of_lines, 0)


def test_a_timeout_puts_the_terminal_back(terminal: Terminal) -> None:
    opened, before, _ = opened_full_screen(terminal, "--timeout", "3")
    assert opened.status() == 124
    assert opened.settings() == before


@pytest.mark.slow
def test_so_it_does_after_a_program_that_has_to_be_killed(terminal: Terminal) -> None:
    opened, before, _ = opened_full_screen(terminal, "--timeout", "3", how="stay")
    assert opened.status() == 124
    assert opened.settings() == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_end_of_the_program_by_a_signal_puts_the_terminal_back(number: signal.Signals, terminal: Terminal) -> None:
    opened, before, pid = opened_full_screen(terminal)
    os.kill(pid, number)
    assert opened.status() == 128 + number
    assert opened.settings() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_end_of_procrun_by_a_signal_puts_the_terminal_back(number: signal.Signals, terminal: Terminal) -> None:
    opened, before, pid = opened_full_screen(terminal)
    os.kill(opened.process.pid, number)
    if number == signal.SIGINT:
        # To us alone, which looks as if the terminal had told everybody (docs/signals.md#forwarding).
        os.kill(pid, number)
    assert opened.status() == (-number if number == signal.SIGINT else 128 + number)
    assert opened.settings() == before


@pytest.mark.parametrize(("key", "status"), [("\x03", -signal.SIGINT), ("\x1c", 128 + signal.SIGQUIT)])
def test_the_end_by_a_key_puts_the_terminal_back(key: str, status: int, terminal: Terminal) -> None:
    opened, before, _ = opened_full_screen(terminal, how="signals")
    opened.type(key)
    assert opened.status() == status
    assert opened.settings() == before


def test_the_terminal_is_closed(terminal: Terminal, until: Callable[..., Any]) -> None:
    """procrun leads the session: the system tells it alone, and it ends the programs."""
    opened, _, pid = opened_full_screen(terminal, how="stay")
    opened.hang_up()
    assert opened.status() == 128 + signal.SIGHUP
    assert until(_has_ended, pid)


def _has_ended(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
