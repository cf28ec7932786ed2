"""commands — run a shell command and get its status and output.

Python 2's module of this name, whose functions read

    status, text = commands.getstatusoutput("ls /bin/ls")
    text = commands.getoutput("ls /bin/ls")
    text = commands.getstatus("/bin/ls")        # the output of `ls -ld /bin/ls`

A status is that of `wait(2)`: the exit code times 256, or the number of the signal that ended
the shell (plus 128 if it dumped core). On Windows it is the exit code itself. This is where
`subprocess.getstatusoutput` of today differs, and it also translates newlines and fails on
output that is not text.

What differs from Python 2: text is `str`, in the locale's encoding, with the bytes that are
not text kept as surrogates; a command may end in a comment, `&`, `;`, a newline or a
here-document; the shell's own syntax errors are part of the output; children inherit no
descriptors beyond the first three and SIGPIPE ends them. All differences: docs/legacy.md.

Commands go to the shell as they are. Quote with `mkarg` whatever comes from outside.
"""

from __future__ import annotations

import os
from typing import Union

from procrun.legacy import streams
from procrun.legacy.child import PIPE, STDOUT, Child
from procrun.system.legacy import shell_group

__all__ = ["getstatusoutput", "getoutput", "getstatus"]

Text = Union[str, bytes]


def getstatusoutput(cmd: Text) -> tuple[int, str]:
    """Run a command in the shell; return its status and what it wrote to stdout and stderr.

    One newline at the end is removed. It reads until every writer has closed the output, so
    a background job that keeps it open delays the return. Input, environment and folder are
    those of this process. Threads may call it at the same time.

    >>> getstatusoutput("echo a; exit 3")
    (768, 'a')

    Raises TypeError for anything but text, ValueError for a NUL (Python 2: TypeError) and
    OSError for a command that is too long for the system. The status is 0 when the program
    ignores SIGCHLD, since the system then throws it away (Python 2: IOError, output lost).
    """
    if not isinstance(cmd, (str, bytes)):
        raise TypeError(f"cmd must be a string, not {type(cmd).__name__}")
    # The group joins the streams of the command; stderr=STDOUT is for what the shell says of its text.
    child = Child(shell_group(os.fsdecode(cmd)), shell_name="sh", stdout=PIPE, stderr=STDOUT)
    with child.stdout:
        try:
            output = streams.decode(child.stdout.read())
            status = child.wait()
        except ChildProcessError:
            status = 0
        except BaseException:
            child.abandon()
            raise
    return status, output.removesuffix("\n")


def getoutput(cmd: Text) -> str:
    """Run a command in the shell and return its output, as `getstatusoutput` does; the status is lost.

    >>> getoutput("echo a; echo b >&2")
    'a\\nb'
    """
    return getstatusoutput(cmd)[1]


def getstatus(file: Text | os.PathLike[str]) -> str:
    """Return what `ls -ld` says of a file. This is no status, and always was a misnomer.

    Deprecated since Python 2.6, and says so in a DeprecationWarning. A name that begins with
    a dash is an option of `ls`, as it was.
    """
    import warnings

    warnings.warn("commands.getstatus() is deprecated", DeprecationWarning, stacklevel=2)
    return getoutput("ls -ld" + mkarg(file))


def mk2arg(head: Text | os.PathLike[str], x: Text | os.PathLike[str]) -> str:
    """Join a folder and a name to a path, and make it an argument; an absolute name stands alone.

    >>> mk2arg("/tmp", "a b")
    " '/tmp/a b'"
    """
    return mkarg(os.path.join(os.fsdecode(head), os.fsdecode(x)))


def mkarg(x: Text | os.PathLike[str]) -> str:
    """Quote one argument for the shell of a Unix system, with a blank before it.

    It is put in single quotes, or in double quotes with the necessary backslashes when it
    contains a single quote.

    >>> mkarg("it's $5"), mkarg("plain")
    (' "it\\'s \\\\$5"', " 'plain'")
    """
    text = os.fsdecode(x)
    if "'" not in text:
        return f" '{text}'"
    escaped = "".join(f"\\{char}" if char in '\\$"`' else char for char in text)
    return f' "{escaped}"'
