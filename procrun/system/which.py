"""Find the program that a name stands for, as the system would, and say why not.

A name with a path separator is a path, relative to the folder given; any other is
searched in PATH. The current folder is never searched unless PATH names it (an empty
entry does not): a program of that name lying in a download folder must not run
(docs/gotchas.md#lookup).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from procrun import system
from procrun.errors import ProgramNotFound, ProgramNotRunnable
from procrun.quoting import quote_word

IS_COMMAND = "the name has a blank in it: without quotes, the program and its arguments are words of their own"
"""The hint for a name that is more than one."""


def find(name: str, *, path: str | None = None, folder: str | None = None, extensions: str | None = None) -> str:
    """The path of the program that `name` stands for.

    `path` is the PATH to search (this process's unless given), `folder` the one that
    relative names and PATH entries start from, `extensions` the PATHEXT of Windows.

    Raises ProgramNotFound, with what was searched and names that come near, and
    ProgramNotRunnable for a folder or a file without permission to execute.
    """
    if extensions is None:
        extensions = os.environ.get("PATHEXT")
    candidates = system.program_candidates(name, extensions)
    if any(separator in name for separator in system.PATH_SEPARATORS):
        return _find_path(name, candidates, folder)
    folders = _folders(path, folder)
    refused = ""
    for place in folders:
        for candidate in candidates:
            found = os.path.join(place, candidate)
            mode = _mode(found)
            if stat.S_ISREG(mode):
                if system.is_runnable(found):
                    return found
                refused = refused or found
    if refused:
        raise _no_permission(refused)
    raise _not_found(name, folders, folder)


def _find_path(name: str, candidates: Sequence[str], folder: str | None) -> str:
    """The program at a path, which must be a file that may be executed."""
    for candidate in candidates:
        # Absolute, because a child with another folder would look for it there (docs/gotchas.md#relative-program).
        found = os.path.join(os.path.abspath(folder or os.curdir), candidate)
        mode = _mode(found)
        if stat.S_ISDIR(mode):
            raise ProgramNotRunnable(
                f"`{name}` is a folder",
                program=name,
                cause=IsADirectoryError(21, "Is a directory", name),
                hint="name a program; `cd` enters a folder",
            )
        if mode:
            if not system.is_runnable(found):
                raise _no_permission(name)
            return found
    error = ProgramNotFound(f"no program `{name}`", program=name)
    error.details = (f"there is no such file in `{os.path.abspath(folder or os.curdir)}`",)
    words = name.split()
    is_command = len(words) > 1 and stat.S_ISREG(_mode(os.path.join(folder or os.curdir, words[0])))
    error.hint = IS_COMMAND if is_command else "look at the path; it starts from the folder the command is written in"
    raise error


def _folders(path: str | None, folder: str | None) -> list[str]:
    """The folders of PATH, each once, absolute."""
    if path is None:
        path = os.environ.get("PATH", os.defpath)
    start = folder or os.curdir
    entries = [entry for entry in path.split(os.pathsep) if entry]
    return list(
        dict.fromkeys(
            entry if os.path.isabs(entry) else os.path.abspath(os.path.join(start, entry)) for entry in entries
        )
    )


def _mode(path: str) -> int:
    """The file's mode, or 0 where there is none."""
    try:
        return os.stat(path).st_mode
    except (OSError, ValueError):
        return 0


def _no_permission(path: str) -> ProgramNotRunnable:
    return ProgramNotRunnable(
        f"`{path}` may not be executed",
        program=path,
        cause=PermissionError(13, "Permission denied", path),
        hint=f"make it a program (`chmod +x {quote_word(path)}`), or name its interpreter (`sh {quote_word(path)}`)",
    )


def _not_found(name: str, folders: Sequence[str], folder: str | None) -> ProgramNotFound:
    """The error for a name that no folder of PATH has, with what comes near."""
    import difflib

    near = difflib.get_close_matches(name, set(_program_names(folders)), 3, 0.7)
    here = os.path.join(folder or os.curdir, name)
    if stat.S_ISREG(_mode(here)):
        hint = f"`{name}` lies in the current folder, which is not searched: write `./{name}`"
    elif len(name.split()) > 1:
        hint = IS_COMMAND
    elif name.startswith("!"):
        hint = f"to turn the status of `{name[1:]}` around put a blank behind the `!`: `! {name[1:]}`"
    elif near:
        hint = f"did you mean {' or '.join(f'`{other}`' for other in near)}?"
    else:
        hint = "correct the name, install the program, or add its folder to PATH"
    searched = f"searched in {os.pathsep.join(folders)}" if folders else "PATH is empty"
    return ProgramNotFound(f"no program `{name}`", program=name, searched=folders, details=(searched,), hint=hint)


def _program_names(folders: Sequence[str]) -> Iterator[str]:
    for folder in folders:
        try:
            yield from os.listdir(folder)
        except OSError:
            continue  # An entry of PATH that does not exist is usual.
