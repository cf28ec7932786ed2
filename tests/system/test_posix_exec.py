"""Why programs do not start on Unix: what is known before, what the system really does, and how it is said."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

if os.name != "posix":
    pytest.skip("these are the rules of Unix", allow_module_level=True)

from procrun import system
from procrun.system import posix_exec


def number_of_start(path: str, argv: list[str], variables: dict[bytes, bytes]) -> int | None:
    """The error with which the system itself answers; None when the program starts."""
    try:
        subprocess.run(argv, executable=path, env=variables, check=False, stdout=subprocess.DEVNULL)
    except OSError as error:
        return error.errno
    return None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"echo\n",
        b"#!/bin/sh\n",
        b"#!/bin/sh",
        b"#! /bin/sh -e\n",
        b"#!/bin/sh\r\n",
        b"#!/no/such\n",
        b"#! /no/such",
    ],
)
def test_what_is_foretold_of_a_file_is_what_happens(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tool"
    path.write_bytes(content)
    path.chmod(0o755)
    obstacle = system.find_obstacle(str(path), ["tool"], {})
    assert (obstacle.errno if obstacle else None) == number_of_start(str(path), ["tool"], {})


@pytest.mark.parametrize("content", [b"\0", b"#!\n", b"#!sh\n", b"\x7fELF\0"])
def test_nothing_is_foretold_where_only_the_system_knows(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tool"
    path.write_bytes(content)
    assert system.find_obstacle(str(path), ["tool"], {}) is None


def test_nothing_is_foretold_of_what_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("gone", "fifo", "."):
        assert system.find_obstacle(str(tmp_path / name), ["tool"], {}) is None


def test_nothing_is_foretold_where_the_kernel_knows_more_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "tool.py"
    script.write_bytes(b"print()\n")
    formats = tmp_path / "formats"
    formats.mkdir()
    monkeypatch.setattr(posix_exec, "_REGISTERED", str(formats))
    for name in ("register", "status"):
        (formats / name).touch()
    assert system.find_obstacle(str(script), ["tool"], {}) is not None
    (formats / "python").touch()
    assert system.find_obstacle(str(script), ["tool"], {}) is None


def test_what_has_no_bytes_is_foretold() -> None:
    obstacle = system.find_obstacle(sys.executable, ["tool", "ü\udcff", "a\ud800"], {})
    assert isinstance(obstacle, ValueError)
    assert str(obstacle) == "its argument 2 holds `\ud800`, which utf-8 cannot encode"


@pytest.mark.parametrize("size", [131_000, 131_071, 131_072, 200_000])
@pytest.mark.parametrize("where", ["argument", "variable"])
def test_what_is_foretold_of_sizes_is_what_happens(size: int, where: str) -> None:
    argv = [sys.executable, "-S", "-c", "", "x" * size] if where == "argument" else [sys.executable, "-S", "-c", ""]
    variables = {b"A": b"x" * (size - 2)} if where == "variable" else {}
    obstacle = system.find_obstacle(sys.executable, argv, variables)
    assert (obstacle.errno if obstacle else None) == number_of_start(sys.executable, argv, variables)


def test_many_arguments_are_too_large_together() -> None:
    count = os.sysconf("SC_ARG_MAX") // 1000
    argv = [sys.executable, "-S", "-c", "", *["ü" * 500] * count]
    obstacle = system.find_obstacle(sys.executable, argv, {})
    assert obstacle is not None
    assert obstacle.errno == number_of_start(sys.executable, argv, {}) == errno.E2BIG


@pytest.mark.parametrize(
    ("number", "reason", "hint"),
    [
        (
            errno.EMFILE,
            "`tool` cannot be started: too many open files",
            "close files, run less at the same time, or raise the limit (`ulimit -n`)",
        ),
        (
            errno.ENFILE,
            "`tool` cannot be started: too many open files",
            "close files, run less at the same time, or raise the limit (`ulimit -n`)",
        ),
        (
            errno.EAGAIN,
            f"`tool` cannot be started: the system has no room for another process ({os.strerror(errno.EAGAIN)})",
            "run less at the same time, or raise the limit (`ulimit -u`)",
        ),
        (
            errno.ENOMEM,
            f"`tool` cannot be started: the system has no room for another process ({os.strerror(errno.ENOMEM)})",
            "run less at the same time, or raise the limit (`ulimit -u`)",
        ),
        (
            errno.EACCES,
            f"`/bin/tool` cannot be started: {os.strerror(errno.EACCES)}",
            "look at the file's permissions and its file system's options",
        ),
        (
            errno.ETXTBSY,
            f"`/bin/tool` cannot be started: {os.strerror(errno.ETXTBSY)}",
            "look at the file's permissions and its file system's options",
        ),
    ],
)
def test_why_a_program_does_not_start(number: int, reason: str, hint: str) -> None:
    error = OSError(number, os.strerror(number))
    assert system.explain_spawn_error(error, "/bin/tool", ["tool", "x"], {}) == (reason, hint)


@pytest.mark.parametrize(
    ("first_line", "interpreter"),
    [
        (b"#!/bin/sh\n", "/bin/sh"),
        (b"#! \t /bin/sh -e\n", "/bin/sh"),
        (b"#!/usr/bin/env python3\n", "/usr/bin/env"),
        (b"#!/bin/sh\r\n", "/bin/sh\r"),
        (b"#!/bin/sh", "/bin/sh"),
        (b"#!\n", ""),
        (b"echo\n", ""),
        (b"", ""),
    ],
)
def test_the_interpreter_of_a_script_is_read_as_the_kernel_does(first_line: bytes, interpreter: str) -> None:
    assert posix_exec._interpreter(first_line) == interpreter
