"""pipes — templates for conversions that go through several steps, as a shell script.

Python 2's module of this name (Python 3 had it until 3.12, with flaws of its own):

    t = pipes.Template()
    t.append("tr a-z A-Z", "--")            # reads stdin, writes stdout
    t.append("sort $IN > $OUT", "ff")       # reads and writes files by name
    t.copy("infile", "outfile")
    for line in t.open("infile", "r"): ...

The kind of a step is two characters, for its input and its output: `-` for stdin or stdout,
`f` for a file whose name the command finds in $IN or $OUT, `.` for none. A template makes a
script for /bin/sh out of its steps; temporary files lie between steps that need files. The
script's text is as it was, character by character, and so are its habits:

- ` <infile` and ` >outfile` are put after the text of a step; in `a; b` they belong to `b`.
- With temporary files the last command of the script is `rm -f`, so the status is 0 whatever
  failed. Without them the last step decides.
- The temporary files are made with the script, and removed by it. A script that is never run
  leaves them.

Where there is no sh (Windows), the steps are commands of the pipeline language (docs/language.md),
the script is a text in it, and procrun runs it and removes the temporary files itself.

What differs from Python 2: commands and file names may be `str` or `bytes`; text is `str` in
the locale's encoding, with the bytes that are not text kept as surrogates; Ctrl-C during `copy`
ends the steps and raises KeyboardInterrupt. All differences: docs/legacy.md.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import string
import sys
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from typing import IO, Any, Union

from procrun.legacy import streams
from procrun.legacy.child import PIPE, Child, CommandStream
from procrun.system import NEWLINE
from procrun.system.legacy import HAS_SH

__all__ = ["Template"]

FILEIN_FILEOUT = "ff"  # reads and writes files
STDIN_FILEOUT = "-f"  # writes a file
FILEIN_STDOUT = "f-"  # reads a file
STDIN_STDOUT = "--"  # an ordinary element of a pipeline
SOURCE = ".-"  # comes first, reads nothing
SINK = "-."  # comes last, writes nothing

stepkinds = [FILEIN_FILEOUT, STDIN_FILEOUT, FILEIN_STDOUT, STDIN_STDOUT, SOURCE, SINK]

Path = Union[str, bytes, "os.PathLike[str]"]
Step = tuple[str, str]

_SAFE = frozenset(string.ascii_letters + string.digits + "@%_-+=:,./")


class Template:
    """The steps of a conversion, to be used with any number of files.

    >>> t = Template()
    >>> t.append("sort", "--")
    >>> t.append("uniq", "--")
    >>> t.makepipeline("in", "out")
    'sort <in |\\nuniq >out'
    """

    uses_sh = HAS_SH
    """Whether the steps are commands of /bin/sh, or of the pipeline language."""

    steps: list[Step]
    """Pairs (command, kind)."""

    def __init__(self) -> None:
        self.debugging: Any = 0
        self.reset()

    def __repr__(self) -> str:
        return f"<Template instance, steps={self.steps!r}>"

    def reset(self) -> None:
        """Forget the steps."""
        self.steps = []

    def clone(self) -> Template:
        """A Template (also of a subclass's object) with the same steps."""
        copy = Template()
        copy.steps = self.steps[:]
        copy.debugging = self.debugging
        return copy

    def debug(self, flag: Any) -> None:
        """Set whether scripts are printed, and trace their commands (`set -x`)."""
        self.debugging = flag

    def append(self, cmd: str | bytes, kind: str) -> None:
        """Add a step at the end. Raises TypeError for a command that is no string, ValueError for a bad step."""
        command = _checked("append", cmd, kind)
        if kind == SOURCE:
            raise ValueError("Template.append: SOURCE can only be prepended")
        if self.steps and self.steps[-1][1] == SINK:
            raise ValueError("Template.append: already ends with SINK")
        _check_names("append", command, kind)
        self.steps.append((command, kind))

    def prepend(self, cmd: str | bytes, kind: str) -> None:
        """Add a step at the beginning. Raises as `append` does."""
        command = _checked("prepend", cmd, kind)
        if kind == SINK:
            raise ValueError("Template.prepend: SINK can only be appended")
        if self.steps and self.steps[0][1] == SOURCE:
            raise ValueError("Template.prepend: already begins with SOURCE")
        _check_names("prepend", command, kind)
        self.steps.insert(0, (command, kind))

    def open(self, file: Path, rw: str) -> IO[Any]:
        """Open a file through the steps: to read what they make of it, or to write what they make it of.

        The stream's `close` returns the status, or None for 0. Without steps it is the file
        itself. Raises ValueError for `rw` other than "r" and "w".
        """
        if rw == "r":
            return self.open_r(file)
        if rw == "w":
            return self.open_w(file)
        raise ValueError(f"Template.open: rw must be 'r' or 'w', not {rw!r}")

    def open_r(self, file: Path) -> IO[Any]:
        """`open` for reading. Raises ValueError when the last step is a SINK."""
        if not self.steps:
            return _open(file, "r")
        if self.steps[-1][1] == SINK:
            raise ValueError("Template.open_r: pipeline ends width SINK")
        return self._start(file, "", "r")

    def open_w(self, file: Path) -> IO[Any]:
        """`open` for writing. Raises ValueError when the first step is a SOURCE."""
        if not self.steps:
            return _open(file, "w")
        if self.steps[0][1] == SOURCE:
            raise ValueError("Template.open_w: pipeline begins with SOURCE")
        return self._start("", file, "w")

    def copy(self, infile: Path, outfile: Path) -> int:
        """Convert a file to another and return the status; "" stands for our stdin, and our stdout."""
        script, temporary = self._script(infile, outfile)
        # The script writes to the descriptor, past what `sys.stdout` still holds.
        sys.stdout.flush()
        if not self.uses_sh:
            from procrun.legacy import pipes_without_sh

            return pipes_without_sh.run(script, temporary)
        child = Child(script, shell_name="sh")
        try:
            return child.wait()
        except ChildProcessError:
            return -1  # SIGCHLD is ignored: as system(3) says it.
        except BaseException:
            child.abandon()
            # A shell that had to be killed has not removed them.
            for path in temporary:
                with contextlib.suppress(FileNotFoundError):
                    os.remove(path)
            raise

    def makepipeline(self, infile: Path, outfile: Path) -> str:
        """The script that copies one file to the other."""
        return self._script(infile, outfile)[0]

    def _script(self, infile: Path, outfile: Path) -> tuple[str, list[str]]:
        if self.uses_sh:
            script, temporary = _compose(infile, self.steps, outfile)
            script = _with_removal(script, temporary)
        else:
            from procrun.legacy.pipes_without_sh import copy_command

            script, temporary = _compose(infile, self.steps, outfile, copy_command())
        if self.debugging:
            print_to = sys.stdout
            print_to.write(script + "\n")
            script = "set -x; " + script if self.uses_sh else script
        return script, temporary

    def _start(self, infile: Path, outfile: Path, mode: str) -> IO[Any]:
        script, temporary = self._script(infile, outfile)
        sys.stdout.flush()
        if not self.uses_sh:
            from procrun.legacy import pipes_without_sh

            return pipes_without_sh.start(script, temporary, mode)
        if mode == "r":
            child = Child(script, shell_name="sh", stdout=PIPE)
            buffer: Any = io.BufferedReader(child.stdout)
        else:
            child = Child(script, shell_name="sh", stdin=PIPE)
            buffer = streams.Writer(child.stdin, -1)
        stream = streams.text_stream(buffer, kind=CommandStream)
        stream.wait = child.wait
        return stream


def makepipeline(infile: Path, steps: Iterable[Step], outfile: Path) -> str:
    """The sh script that takes a file through steps, pairs (command, kind), to another.

    >>> makepipeline("in", [("cat $IN > $OUT", "ff")], "out file")
    "IN=in; OUT='out file'; cat $IN > $OUT"
    """
    return _with_removal(*_compose(infile, steps, outfile))


def quote(file: Path) -> str:
    """Quote one word for sh, if it needs it. Raises TypeError for what is no string.

    >>> quote("plain"), quote("it's"), quote("")
    ('plain', '\\'it\\'"\\'"\\'s\\'', "''")
    """
    text = os.fsdecode(file)
    if text and _SAFE.issuperset(text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"


def _checked(method: str, cmd: Any, kind: Any) -> str:
    if not isinstance(cmd, (str, bytes)):
        raise TypeError(f"Template.{method}: cmd must be a string")
    if kind not in stepkinds:
        raise ValueError(f"Template.{method}: bad kind {kind!r}")
    return os.fsdecode(cmd)


def _check_names(method: str, cmd: str, kind: str) -> None:
    """A command that wants a file has to say where its name goes."""
    if kind[0] == "f" and not re.search(r"\$IN\b", cmd):
        raise ValueError(f"Template.{method}: missing $IN in cmd")
    if kind[1] == "f" and not re.search(r"\$OUT\b", cmd):
        raise ValueError(f"Template.{method}: missing $OUT in cmd")


def _open(file: Path, mode: str) -> IO[Any]:
    return open(file, mode, encoding=streams.encoding(), errors=streams.ERRORS, newline=NEWLINE)


def _compose(infile: Path, steps: Iterable[Step], outfile: Path, cat: str = "cat") -> tuple[str, list[str]]:
    """The script without the removal of its temporary files, and these, which now exist."""
    chain = list(steps) or [(cat, STDIN_STDOUT)]
    # An end that reads our stdin or writes our stdout, but needs a file, gets a `cat` and a temporary file.
    if chain[0][1][0] == "f" and not infile:
        chain.insert(0, (cat, STDIN_STDOUT))
    if chain[-1][1][1] == "f" and not outfile:
        chain.append((cat, STDIN_STDOUT))
    temporary: list[str] = []
    links = [os.fsdecode(infile)]
    for (_, left), (_, right) in pairwise(chain):
        links.append(_temporary_file(temporary) if "f" in left[1] + right[0] else "")
    links.append(os.fsdecode(outfile))
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


def _with_removal(script: str, temporary: list[str]) -> str:
    """The sh script that also removes its temporary files, at its end or when a signal ends it."""
    if not temporary:
        return script
    removal = "rm -f " + " ".join(quote(path) for path in temporary)
    return f"trap {quote(removal + '; exit')} 1 2 3 13 14 15\n{script}\n{removal}"
