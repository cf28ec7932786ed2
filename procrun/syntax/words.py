"""Words that mean something to a shell, with what to do instead."""

from __future__ import annotations

_SHELL = "`--shell` hands the text to the system's own shell"
_LOOP = f"`procrun map` and Python repeat things; quote the word if it is a program's name; {_SHELL}"
_CHOICE = f"write a && b || c; quote the word if it is a program's name; {_SHELL}"

RESERVED_WORDS = {
    **dict.fromkeys(("if", "then", "else", "elif", "fi", "case", "esac"), _CHOICE),
    **dict.fromkeys(("for", "while", "until", "do", "done", "select"), _LOOP),
    "function": f"put the commands into a file, run by `procrun pipe -f FILE`; {_SHELL}",
    "time": f"`procrun pipe --stats` tells what each stage used; {_SHELL}",
    "coproc": f"in Python start() gives both streams of a run; {_SHELL}",
    "[[": f"write [ … ], which is a program; {_SHELL}",
}
"""Refused where a command is expected, unless quoted: each with the hint."""

SPECIAL_COMMANDS = frozenset({"cd", "exit", "export", "unset"})
"""The commands that act on the running program itself."""

_HERE = f"there is nothing like it in the language; {_SHELL}"

SHELL_WORDS = {
    **dict.fromkeys(
        [
            "read",
            "eval",
            "exec",
            "source",
            ".",
            "trap",
            "alias",
            "wait",
            "umask",
            "ulimit",
            "type",
            "hash",
            "jobs",
            "fg",
            "bg",
            "shopt",
            "let",
        ],
        _HERE,
    ),
    **dict.fromkeys(("local", "declare", "typeset", "readonly"), f"write NAME=value; {_SHELL}"),
    **dict.fromkeys(("return", "break", "continue"), f"`exit` leaves a group or the program; {_SHELL}"),
    **dict.fromkeys(("pushd", "popd"), f"write ( cd FOLDER; … ), which comes back by itself; {_SHELL}"),
    "set": f"errors and unset variables already end or fail what they should; {_SHELL}",
    "shift": f"name the arguments: $1, $2, … or $@; {_SHELL}",
}
"""Names that only a shell can mean: refused unless a program has that name, each with the hint."""
