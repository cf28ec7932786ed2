"""`commands`, `popen2` and `os.popen2` with programs that every system has; Windows has other statuses."""

from __future__ import annotations

import gc
import importlib
import os
import shlex
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator

import pytest

from procrun.legacy import child as child_module, commands, os_popen
from procrun.legacy.install import MODULES
from procrun.system.legacy import status_of_code

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from procrun.legacy import popen2

pytestmark = pytest.mark.filterwarnings("ignore:os.popen. is deprecated:DeprecationWarning")

Program = Callable[..., list[str]]

# What a program writes to both its outputs, in the newlines of its system.
BOTH = "import sys; print('out'); sys.stdout.flush(); print('err', file=sys.stderr)"


@pytest.fixture(autouse=True)
def nothing_dropped() -> Iterator[None]:
    """Reap what a test has dropped."""
    yield
    gc.collect()
    for dropped in [*popen2._active, *child_module._dropped]:
        try:
            dropped.wait()
        except ChildProcessError:
            continue  # One of another test, which has let its status be taken.
    popen2._cleanup()
    child_module._reap_dropped()


def shell_text(argv: list[str]) -> str:
    """A program and its arguments as a command of the system's shell."""
    return shlex.join(argv) if os.name == "posix" else subprocess.list2cmdline(argv)


def test_status_and_output(python_program: Program) -> None:
    assert commands.getstatusoutput(shell_text(python_program("exit_with", 3))) == (status_of_code(3), "")
    assert commands.getstatusoutput(shell_text(python_program("exit_with", 0))) == (0, "")
    assert commands.getoutput(shell_text([sys.executable, "-c", BOTH])) == "out\nerr"


def test_the_systems_shell_is_asked() -> None:
    assert commands.getstatusoutput("echo a&& exit 7") == (status_of_code(7), "a")
    status, text = commands.getstatusoutput("no-such-program-anywhere")
    assert status != 0
    assert "no-such-program-anywhere" in text


@pytest.mark.parametrize("as_text", [True, False])
def test_a_child_with_two_pipes(python_program: Program, as_text: bool) -> None:
    argv = python_program("upper")
    child_stdout, child_stdin = popen2.popen2(shell_text(argv) if as_text else argv)
    with child_stdout:
        child_stdin.write("a\nb\n")
        child_stdin.close()
        assert child_stdout.readlines() == ["A\n", "B\n"]


def test_a_child_in_binary_mode(python_program: Program) -> None:
    child_stdout, child_stdin = popen2.popen2(python_program("upper"), mode="b")
    with child_stdout:
        child_stdin.write(b"a\r\nb\xff\n")
        child_stdin.close()
        assert child_stdout.read() == b"A\r\nB\xff\n"


def test_outputs_apart_and_together() -> None:
    argv = [sys.executable, "-c", BOTH]
    child_stdout, child_stdin, child_stderr = popen2.popen3(argv)
    with child_stdin, child_stdout, child_stderr:
        assert (child_stdout.read(), child_stderr.read()) == ("out\n", "err\n")
    both, child_stdin = popen2.popen4(argv)
    with child_stdin, both:
        assert both.read() == "out\nerr\n"


def test_a_child_and_its_status(python_program: Program) -> None:
    child = popen2.Popen3(python_program("cat"))
    assert child.poll() == -1
    child.tochild.close()
    assert child.wait() == child.poll() == child.sts == 0
    child.fromchild.close()
    child = popen2.Popen4(python_program("exit_with", 3))
    assert child.wait() == status_of_code(3)
    child.tochild.close()
    child.fromchild.close()


@pytest.mark.parametrize("cmd", [["no-such-program-anywhere"], [], None, 5, ["a\0b"]])
def test_a_command_that_cannot_be_run_has_a_status(cmd: popen2.Command) -> None:
    child = popen2.Popen3(cmd, True)
    assert child.wait() == status_of_code(1)
    assert child.childerr
    assert (child.fromchild.read(), child.childerr.read()) == ("", "")
    for stream in (child.tochild, child.fromchild, child.childerr):
        stream.close()


def test_a_dialogue() -> None:
    answer = "import sys\nfor line in sys.stdin: print('got', line, end='', flush=True)"
    child_stdout, child_stdin = popen2.popen2([sys.executable, "-c", answer], 0)
    with child_stdout, child_stdin:
        for word in ("one", "two"):
            child_stdin.write(f"{word}\n")
            assert child_stdout.readline() == f"got {word}\n"


def test_the_functions_of_os(python_program: Program) -> None:
    child_stdin, child_stdout = os_popen.popen2(shell_text(python_program("upper")))
    with child_stdout:
        child_stdin.write("a\n")
        child_stdin.close()
        assert child_stdout.read() == "A\n"
    with pytest.raises(FileNotFoundError):
        os_popen.popen3(["no-such-program-anywhere"])


@pytest.mark.parametrize("name", [*MODULES, "threading", "signal", "os_popen", "time"])
def test_a_module_says_in_which_it_differs(name: str) -> None:
    text = importlib.import_module(f"procrun.legacy.{name}").__doc__
    assert text is not None
    assert "All differences:\ndocs/legacy.md" in text or "All differences: docs/legacy.md" in text
