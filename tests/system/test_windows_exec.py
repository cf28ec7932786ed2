"""Why Windows does not start a program: the rules and their words need no Windows, only the errors do."""

from __future__ import annotations

import errno

import pytest

from procrun.system import windows_exec

LONG = ["tool", "x" * 32_762]
"""One character more than there may be."""


def test_a_command_line_that_is_too_long() -> None:
    error = windows_exec.find_obstacle("C:\\tool.exe", LONG, {})
    assert error is not None
    assert (error.errno, error.filename) == (errno.ENAMETOOLONG, "C:\\tool.exe")
    assert windows_exec.find_obstacle("C:\\tool.exe", ["tool", "x" * 32_761], {}) is None
    # Each of these is passed with a backslash before it.
    assert windows_exec.find_obstacle("C:\\tool.exe", ["tool", '"' * 16_400], {}) is not None


@pytest.mark.parametrize(
    ("winerror", "argv", "reason", "hint"),
    [
        (
            206,
            LONG,
            "the command line of `tool` has 32767 characters; Windows takes 32766",
            "pass the data through stdin or a file, or call the program several times",
        ),
        (
            193,
            ["tool"],
            "`tool.py` is not a program of Windows",
            "name the interpreter that runs it, such as `python SCRIPT`",
        ),
        (5, ["tool"], "`tool.py` cannot be started: Access is denied", "look at the file's permissions"),
    ],
)
def test_why_a_program_does_not_start(winerror: int, argv: list[str], reason: str, hint: str) -> None:
    error = OSError(errno.EACCES, "Access is denied", "tool.py")
    error.winerror = winerror
    assert windows_exec.explain_spawn_error(error, "tool.py", argv, {}) == (reason, hint)
