"""The text of the scripts that `pipes` makes of steps and files."""

from __future__ import annotations

import contextlib
import os
import string
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from typing import Union

Path = Union[str, bytes, "os.PathLike[str]"]
File = Union[Path, None]
"""A file's name; one that is false stands for our stdin, or our stdout."""

Step = tuple[str, str]
"""A command and its kind."""

_SAFE = frozenset(string.ascii_letters + string.digits + "@%_-+=:,./")


class Script(str):
    """The text of a script, which knows its temporary files."""

    temporary: list[str]

    def __new__(cls, text: str, temporary: list[str]) -> Script:
        script = super().__new__(cls, text)
        script.temporary = temporary
        return script


def temporary_files_of(script: str) -> list[str]:
    """The temporary files of a script; none are known of one that a subclass made or changed."""
    return script.temporary if isinstance(script, Script) else []


def remove(paths: Iterable[str]) -> None:
    """Remove temporary files, those that are still there."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


def compose(infile: File, steps: Iterable[Step], outfile: File, cat: str = "cat") -> tuple[str, list[str]]:
    """The script without the removal of its temporary files, and these, which now exist."""
    chain = list(steps) or [(cat, "--")]
    # An end that reads our stdin or writes our stdout, but needs a file, gets a `cat` and a temporary file.
    if chain[0][1][0] == "f" and not infile:
        chain.insert(0, (cat, "--"))
    if chain[-1][1][1] == "f" and not outfile:
        chain.append((cat, "--"))
    temporary: list[str] = []
    links = [os.fsdecode(infile or "")]
    try:
        for (_, left), (_, right) in pairwise(chain):
            links.append(_temporary_file(temporary) if "f" in left[1] + right[0] else "")
    except BaseException:
        remove(temporary)
        raise
    links.append(os.fsdecode(outfile or ""))
    script = _with_files(*chain[0], links[0], links[1])
    for (command, kind), source, target in zip(chain[1:], links[1:], links[2:]):
        text = _with_files(command, kind, source, target)
        if source:
            script += "\n" + text
        else:
            script += " |\n" + ("{ " + text + "; }" if "f" in kind else text)
    return script, temporary


def _temporary_file(temporary: list[str]) -> str:
    descriptor, path = tempfile.mkstemp()
    os.close(descriptor)
    temporary.append(path)
    return path


def _with_files(command: str, kind: str, source: str, target: str) -> str:
    """A step's command, told its files by variables or by redirections."""
    if kind[1] == "f":
        command = f"OUT={quote(target)}; {command}"
    if kind[0] == "f":
        command = f"IN={quote(source)}; {command}"
    if kind[0] == "-" and source:
        command += f" <{quote(source)}"
    if kind[1] == "-" and target:
        command += f" >{quote(target)}"
    return command


def with_removal(script: str, temporary: list[str]) -> str:
    """The sh script that also removes its temporary files, at its end or when a signal ends it."""
    if not temporary:
        return script
    removal = "rm -f " + " ".join(quote(path) for path in temporary)
    return f"trap {quote(removal + '; exit')} 1 2 3 13 14 15\n{script}\n{removal}"


def quote(file: Path) -> str:
    """Quote one word for sh, if it needs it. Raises TypeError for what is no string.

    >>> quote("plain"), quote("it's"), quote("")
    ('plain', '\\'it\\'"\\'"\\'s\\'', "''")
    """
    text = os.fsdecode(file)
    if text and _SAFE.issuperset(text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"
