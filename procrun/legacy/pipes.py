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

import io
import os
import re
import sys
from collections.abc import Iterable
from typing import IO, Any

from procrun.legacy import streams
from procrun.legacy.child import PIPE, Child, CommandStream
from procrun.legacy.pipes_script import (
    File,
    Script,
    Step,
    compose,
    quote,  # noqa: F401
    remove,
    temporary_files_of,
    with_removal,
)
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

    def open(self, file: File, rw: str) -> IO[Any]:
        """Open a file through the steps: to read what they make of it, or to write what they make it of.

        The stream's `close` returns the status, or None for 0. Without steps it is the file
        itself. Raises ValueError for `rw` other than "r" and "w".
        """
        if rw == "r":
            return self.open_r(file)
        if rw == "w":
            return self.open_w(file)
        raise ValueError(f"Template.open: rw must be 'r' or 'w', not {rw!r}")

    def open_r(self, file: File) -> IO[Any]:
        """`open` for reading. Raises ValueError when the last step is a SINK."""
        if not self.steps:
            return _open(file, "r")
        if self.steps[-1][1] == SINK:
            raise ValueError("Template.open_r: pipeline ends width SINK")
        return self._start(file, "", "r")

    def open_w(self, file: File) -> IO[Any]:
        """`open` for writing. Raises ValueError when the first step is a SOURCE."""
        if not self.steps:
            return _open(file, "w")
        if self.steps[0][1] == SOURCE:
            raise ValueError("Template.open_w: pipeline begins with SOURCE")
        return self._start("", file, "w")

    def copy(self, infile: File, outfile: File) -> int:
        """Convert a file to another and return the status; "" or None stands for our stdin, and our stdout."""
        script = self.makepipeline(infile, outfile)
        # The script writes to the descriptor, past what `sys.stdout` still holds.
        sys.stdout.flush()
        if not self.uses_sh:
            from procrun.legacy import pipes_without_sh

            return pipes_without_sh.run(script, temporary_files_of(script))
        child = _shell(script)
        try:
            return child.wait()
        except ChildProcessError:
            return -1  # SIGCHLD is ignored: as system(3) says it.
        except BaseException:
            child.abandon()
            # A shell that had to be killed has not removed them.
            remove(temporary_files_of(script))
            raise

    def makepipeline(self, infile: File, outfile: File) -> str:
        """The script that copies one file to the other. `copy` and `open` run what this gives, also in a subclass."""
        if self.uses_sh:
            script, temporary = compose(infile, self.steps, outfile)
            script = with_removal(script, temporary)
        else:
            from procrun.legacy.pipes_without_sh import copy_command

            script, temporary = compose(infile, self.steps, outfile, copy_command())
        if self.debugging:
            sys.stdout.writelines([script + "\n"])
            script = "set -x; " + script if self.uses_sh else script
        return Script(script, temporary)

    def _start(self, infile: File, outfile: File, mode: str) -> IO[Any]:
        script = self.makepipeline(infile, outfile)
        sys.stdout.flush()
        if not self.uses_sh:
            from procrun.legacy import pipes_without_sh

            return pipes_without_sh.start(script, temporary_files_of(script), mode)
        if mode == "r":
            child = _shell(script, stdout=PIPE)
            buffer: Any = io.BufferedReader(child.stdout)
        else:
            child = _shell(script, stdin=PIPE)
            buffer = streams.Writer(child.stdin, -1)
        stream = streams.text_stream(buffer, kind=CommandStream)
        stream.name = script
        stream.wait = child.wait
        return stream


def makepipeline(infile: File, steps: Iterable[Step], outfile: File) -> str:
    """The sh script that takes a file through steps, pairs (command, kind), to another.

    >>> makepipeline("in", [("cat $IN > $OUT", "ff")], "out file")
    "IN=in; OUT='out file'; cat $IN > $OUT"
    """
    return with_removal(*compose(infile, steps, outfile))


def _shell(script: str, **ends: int) -> Child:
    try:
        return Child(script, shell_name="sh", **ends)
    except BaseException:
        remove(temporary_files_of(script))
        raise


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


def _open(file: Any, mode: str) -> IO[Any]:
    # Not a descriptor, which today's `open` would take.
    return open(os.fspath(file), mode, encoding=streams.encoding(), errors=streams.ERRORS, newline=NEWLINE)
