"""Why CreateProcess refuses a program: what can be known before anything starts, and how to say it."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from subprocess import list2cmdline
from typing import Any

# CreateProcessW: so many characters, the NUL at the end included.
_LONGEST_COMMAND_LINE = 32767
_TOO_LONG = 206  # ERROR_FILENAME_EXCED_RANGE


def find_obstacle(path: str, argv: Sequence[str], variables: Mapping[Any, Any]) -> OSError | None:
    if sum(map(len, argv)) < _LONGEST_COMMAND_LINE // 4 or len(list2cmdline(argv)) < _LONGEST_COMMAND_LINE:
        return None
    return OSError(errno.ENAMETOOLONG, "The filename or extension is too long", path, _TOO_LONG)


def explain_spawn_error(
    error: OSError, path: str, argv: Sequence[str], variables: Mapping[Any, Any]
) -> tuple[str, str]:
    code = getattr(error, "winerror", None)
    if code == _TOO_LONG:
        return (
            f"the command line of `{argv[0]}` has {len(list2cmdline(argv))} characters; Windows takes "
            f"{_LONGEST_COMMAND_LINE - 1}",
            "pass the data through stdin or a file, or call the program several times",
        )
    if code == 193:
        return f"`{path}` is not a program of Windows", "name the interpreter that runs it, such as `python SCRIPT`"
    return f"`{path}` cannot be started: {error.strerror}", "look at the file's permissions"
