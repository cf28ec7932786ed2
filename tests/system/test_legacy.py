"""What the systems differ in for Python 2 programs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from procrun.system import legacy

POSIX = os.name == "posix"


def run(command: str, name: str = "sh") -> subprocess.CompletedProcess[str]:
    arguments, executable = legacy.shell_arguments(command, name)
    return subprocess.run(arguments, executable=executable, capture_output=True, text=True)


def test_a_command_goes_to_the_systems_shell() -> None:
    done = run("echo a&& exit 3")
    assert (done.stdout.strip(), done.returncode) == ("a", 3)


@pytest.mark.skipif(not POSIX, reason="a shell of Windows has no name of its own")
@pytest.mark.parametrize("name", ["sh", "/bin/sh"])
def test_the_shell_calls_itself_by_the_name(name: str) -> None:
    assert run("echo $0", name).stdout == f"{name}\n"
    assert run("no-such-program", name).stderr.startswith(f"{name}: ")


@pytest.mark.skipif(not POSIX, reason="a shell of Windows has no groups")
@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("echo a; echo b >&2", "a\nb\n"),
        ("echo a # comment", "a\n"),
        ("echo a;", "a\n"),
        ("echo a &", "a\n"),
        ("echo a\n", "a\n"),
        ("cat <<E\na\nE", "a\n"),
        ("", ""),
        ("# nothing", ""),
    ],
)
def test_a_group_holds_any_command(command: str, output: str) -> None:
    done = run(legacy.shell_group(command))
    assert (done.stdout, done.stderr, done.returncode) == (output, "", 0)


@pytest.mark.skipif(not POSIX, reason="there are no wait statuses")
@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_no_shell_gives_its_place_to_the_last_program_of_a_group(shell: str) -> None:
    try:
        process = subprocess.Popen([shell, "-c", legacy.shell_group("sh -c 'kill -9 $$'")], stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        pytest.skip(f"there is no {shell}")
    assert legacy.take_status(process, block=True) == 137 << 8


def test_a_status_is_taken_once(python_program: Callable[..., list[str]]) -> None:
    process = subprocess.Popen(python_program("exit_with", 3), stdin=subprocess.PIPE)
    status = legacy.take_status(process, block=True)
    assert status == legacy.status_of_code(3)
    assert process.returncode == 3
    if POSIX:
        with pytest.raises(ChildProcessError):
            legacy.take_status(process, block=False)
    assert process.stdin
    process.stdin.close()


def test_a_running_process_has_no_status_yet() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert legacy.take_status(process, block=False) is None
    process.communicate(b"\n")


def test_the_status_of_a_code() -> None:
    assert legacy.status_of_code(3) == (768 if POSIX else 3)
    assert legacy.HAS_SH == POSIX
    assert (130 if POSIX else 0xC000013A) == legacy.INTERRUPTED
