"""Terminals: whom their keys reach, and their settings. What programs do to them: tests/posix/test_terminal.py."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from procrun.system import terminal as system

Terminal = Callable[..., Any]

POSIX_ONLY = pytest.mark.skipif(
    os.name == "nt", reason="terminals of Unix; Windows has consoles, which have none of this"
)


def in_session(code: str) -> str:
    """What a program says that has no terminal."""
    command = [sys.executable, "-c", f"import os; from procrun.system import terminal; {code}"]
    return subprocess.run(command, stdout=subprocess.PIPE, start_new_session=True, check=True, text=True).stdout


@POSIX_ONLY
def test_without_a_terminal_nothing_is_shared_and_nothing_set() -> None:
    assert in_session("print(terminal.shares_signals(), terminal.settings())") == "False None\n"
    assert in_session("terminal.put_back_settings(None); terminal.put_back_settings([0])") == ""


@POSIX_ONLY
def test_the_foreground_shares_signals(terminal: Terminal) -> None:
    code = """
import os, subprocess, sys
from procrun.system import terminal
sleeper = [sys.executable, "-S", os.environ["SLEEPER"]]
other = [subprocess.Popen(sleeper, stdout=-3), subprocess.Popen(sleeper, stdout=-3, start_new_session=True)]
one, its_own = (process.pid for process in other)
print([terminal.shares_signals(pids) for pids in ((), (one,), (its_own,), (one, its_own))])
for process in other:
    process.kill()
    process.wait()
print(terminal.shares_signals([its_own]))
"""
    assert terminal([sys.executable, "-c", code]).rest() == "[True, True, False, False]\nTrue\n"


@POSIX_ONLY
def test_settings_are_put_back(terminal: Terminal) -> None:
    code = """
import termios, tty
from procrun.system import terminal
found = terminal.settings()
tty.setraw(0)
print(terminal.settings() == found, end="\\r\\n")
terminal.put_back_settings(found)
print(termios.tcgetattr(0) == found)
"""
    assert terminal([sys.executable, "-c", code]).rest() == "False\nTrue\n"


@POSIX_ONLY
def test_in_the_background_nothing_is_looked_at_and_nothing_set(terminal: Terminal) -> None:
    """There a change stops who makes it (SIGTTOU)."""
    code = """
import os, termios, tty
from procrun.system import terminal
found = terminal.settings()
tty.setraw(0)
raw = termios.tcgetattr(0)
if os.fork() == 0:
    os.setpgid(0, 0)
    terminal.put_back_settings(found)
    os._exit(terminal.settings() is not None or terminal.shares_signals())
_, status = os.waitpid(-1, os.WUNTRACED)
print(status, termios.tcgetattr(0) == raw)
"""
    assert terminal([sys.executable, "-c", code]).rest() == "0 True\n"


@POSIX_ONLY
def test_a_terminal_that_has_gone_is_none(terminal: Terminal) -> None:
    code = """
import os, signal, sys
from procrun.system import terminal
signal.signal(signal.SIGHUP, lambda *_: None)
found = terminal.settings()
report = int(sys.argv[1])
os.write(1, b"ready\\n")
try:
    os.read(0, 1)
except OSError:
    pass  # EIO: by SIGHUP's default it would have ended
terminal.put_back_settings(found)
os.write(report, b"%r %r" % (terminal.settings(), terminal.shares_signals()))
"""
    ours, theirs = os.pipe()
    opened = terminal([sys.executable, "-c", code, str(theirs)], pass_fds=[theirs])
    os.close(theirs)
    opened.until("ready")
    opened.hang_up()
    with os.fdopen(ours) as report:
        assert report.read() == "None False"


@pytest.mark.skipif(os.name != "nt", reason="consoles of Windows")
def test_a_console_tells_everybody() -> None:
    assert system.shares_signals([1])
    assert system.settings() is None
    system.put_back_settings(None)
