"""Why execve(2) refuses a program: what can be known before anything starts, and how to say it."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from procrun.quoting import quote_word

# A page more than the kernel reads of a script's first line (BINPRM_BUF_SIZE is 256).
_HEAD = 4096

# execve(2): no string may have more than 32 pages on Linux (MAX_ARG_STRLEN), whatever the limit of the whole.
_LONGEST = 131072 if sys.platform == "linux" else None

# Programs of any form that somebody has registered with the kernel are here, beside these two.
_REGISTERED, _ALWAYS_THERE = "/proc/sys/fs/binfmt_misc", {"register", "status"}


def find_obstacle(path: str, argv: Sequence[str], variables: Mapping[Any, Any]) -> OSError | ValueError | None:
    for place, argument in enumerate(argv):
        try:
            argument.isascii() or os.fsencode(argument)
        except UnicodeEncodeError as error:
            return without_bytes(f"its argument {place}", error)
    if _are_too_large(argv, variables):
        return OSError(errno.E2BIG, os.strerror(errno.E2BIG))
    head = _head(path)
    if head is None:
        return None
    interpreter = _interpreter(head)
    if interpreter.startswith("/"):
        return None if os.path.exists(interpreter) else FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    # Every binary has a NUL near its beginning. Text without `#!` is what a shell would run, and the kernel does not.
    if not head.startswith(b"#!") and b"\0" not in head and not _has_registered_formats():
        return OSError(errno.ENOEXEC, os.strerror(errno.ENOEXEC), path)
    return None


def without_bytes(what: str, error: UnicodeEncodeError) -> ValueError:
    """The error for text that is no bytes here: half a surrogate pair, or a character that the encoding lacks."""
    return ValueError(f"{what} holds `{error.object[error.start]}`, which {error.encoding} cannot encode")


def explain_spawn_error(
    error: OSError, path: str, argv: Sequence[str], variables: Mapping[Any, Any]
) -> tuple[str, str]:
    if error.errno == errno.E2BIG:
        sizes = {os.fsdecode(name): len(name) + len(value) + 2 for name, value in variables.items()}
        if sum(sizes.values()) > sum(len(os.fsencode(argument)) + 1 for argument in argv):
            largest = max(sizes, key=lambda name: sizes[name])
            return (
                f"the environment of `{argv[0]}` is too large for the system: {len(sizes)} variables, "
                f"{sum(sizes.values())} bytes, the largest `{largest}` with {sizes[largest]} bytes; "
                f"the limit is {_argument_limit()} bytes with the arguments, and on Linux 131072 bytes for each",
                f"shorten `{largest}` or take it away, and pass the data through stdin or a file",
            )
        longest = max(len(os.fsencode(argument)) for argument in argv)
        total = sum(len(os.fsencode(argument)) + 1 for argument in argv)
        return (
            f"the arguments of `{argv[0]}` are too large for the system: {len(argv)} arguments, {total} bytes, "
            f"the longest {longest} bytes; the limit is {_argument_limit()} bytes with the environment, "
            "and on Linux 131072 bytes for each",
            "pass the data through stdin or a file, or call the program several times",
        )
    if error.errno == errno.ENOEXEC:
        return (
            f"`{path}` is neither a program of this system nor a script that names its interpreter",
            "begin the script with a line such as `#!/bin/sh`, or name the interpreter: `sh SCRIPT`",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        interpreter = _interpreter(_head(path) or b"")
        if interpreter.endswith("\r"):
            return (
                f"`{path}` asks for an interpreter whose name ends in a carriage return: its lines end in CR LF",
                f"save the script with the line ends of Unix: `sed -i 's/\\r$//' {quote_word(path)}`",
            )
        if interpreter:
            return (
                f"`{path}` asks for the interpreter `{interpreter}`, which does not exist",
                "correct its first line, or install the interpreter",
            )
        return (
            f"`{path}` or its loader has gone",
            "look whether the file still exists, and for which system it was built",
        )
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return (
            f"`{argv[0]}` cannot be started: too many open files",
            "close files, run less at the same time, or raise the limit (`ulimit -n`)",
        )
    if error.errno in (errno.EAGAIN, errno.ENOMEM):
        return (
            f"`{argv[0]}` cannot be started: the system has no room for another process ({error.strerror})",
            "run less at the same time, or raise the limit (`ulimit -u`)",
        )
    return (
        f"`{path}` cannot be started: {error.strerror}",
        "look at the file's permissions and its file system's options",
    )


def _are_too_large(argv: Sequence[str], variables: Mapping[Any, Any]) -> bool:
    """Whether the arguments and the environment are certainly beyond the system's limit."""
    characters = sum(map(len, argv)) + sum(map(len, variables)) + sum(map(len, variables.values()))
    # A character has four bytes at most, and every string ends with a NUL.
    if 4 * characters + len(argv) + 2 * len(variables) < (_LONGEST or _argument_limit()):
        return False
    sizes = [len(os.fsencode(argument)) + 1 for argument in argv]
    sizes += [len(name) + len(value) + 2 for name, value in variables.items()]
    return sum(sizes) > _argument_limit() or (_LONGEST is not None and max(sizes) > _LONGEST)


def _argument_limit() -> int:
    return os.sysconf("SC_ARG_MAX")


def _head(path: str) -> bytes | None:
    """The beginning of a program's file; None where it is no file or not ours to read, which the start will show."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        # Not `os.open`: a signal's handler that raises right after it loses the descriptor.
        with io.FileIO(path) as file:
            return file.read(_HEAD)
    except OSError:
        return None


def _interpreter(head: bytes) -> str:
    """The interpreter that a script's first line names, or nothing."""
    if not head.startswith(b"#!"):
        return ""
    # As the kernel does, for which a carriage return is part of the name (fs/binfmt_script.c).
    words = head[2:].split(b"\n", 1)[0].replace(b"\t", b" ").split(b" ")
    return next((os.fsdecode(word) for word in words if word), "")


def _has_registered_formats() -> bool:
    """Whether the kernel may start files that it knows by name or by other marks (Linux's binfmt_misc)."""
    try:
        return not set(os.listdir(_REGISTERED)) <= _ALWAYS_THERE
    except OSError:
        return False
