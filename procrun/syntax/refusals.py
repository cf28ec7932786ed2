"""What the language leaves out, by name: tables of what is refused, each with what to do instead.

The lexer and the parser look things up here and raise with `refuse`; nothing else words an
error of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from procrun.errors import PipelineSyntaxError

SHELL = "`--shell` hands the text to the system's own shell"
"""The end of the hint for what only a shell can do."""

_CHOICE = f"write a && b || c; quote the word if it is a program's name; {SHELL}"
_LOOP = f"let a program or Python repeat things; quote the word if it is a program's name; {SHELL}"

RESERVED_WORDS = {
    **dict.fromkeys(("if", "then", "else", "elif", "fi", "case", "esac"), _CHOICE),
    **dict.fromkeys(("for", "while", "until", "do", "done", "select"), _LOOP),
    "function": f"put the commands into a file, run by `procrun pipe -f FILE`; {SHELL}",
    "time": f"`procrun pipe --verbose` tells what each stage used; {SHELL}",
    "coproc": f"in Python, start() gives both streams of a run; {SHELL}",
    "[[": f"write `[ … ]`, which is a program; {SHELL}",
}
"""Words refused where a command is expected, unless quoted: each with the hint."""

_NOTHING_LIKE_IT = f"the language has nothing like it; {SHELL}"
_JOBS = f"a run has no background jobs; in Python, start() runs on its own; {SHELL}"

SHELL_WORDS = {
    **dict.fromkeys(("eval", "trap", "alias", "ulimit", "umask", "type", "hash", "shopt"), _NOTHING_LIKE_IT),
    **dict.fromkeys(("wait", "jobs", "fg", "bg"), _JOBS),
    **dict.fromkeys(("source", "."), f"run the file as a program of its own: `procrun pipe -f FILE`; {SHELL}"),
    **dict.fromkeys(("local", "declare", "typeset", "readonly", "let"), f"write NAME=value; {SHELL}"),
    **dict.fromkeys(("return", "break", "continue"), f"`exit` leaves a group or the program; {SHELL}"),
    **dict.fromkeys(("pushd", "popd"), f"write (cd FOLDER; …), which comes back by itself; {SHELL}"),
    "exec": f"leave it out: the last program's status is that of the text; {SHELL}",
    "read": f"write NAME=$(head -n 1); {SHELL}",
    "set": f"leave it out: an unset variable and a failed stage are errors already; {SHELL}",
    "shift": f"name the arguments: $1, $2, … or $@; {SHELL}",
}
"""Names that only a shell can mean, refused unless a program has that name: each with the hint."""

SPECIAL_COMMANDS = frozenset({"cd", "exit", "export", "unset"})
"""The commands that act on the running program, and so stand alone in a pipeline."""

REFUSED_OPERATORS = {
    "&": ("`&`, running in the background,", f"join commands with `;` or `&&`; quote it to pass it on: '&'; {SHELL}"),
    "<<": ("`<<`, a here-document,", "write <<< $'first line\\nsecond line'"),
    "<<-": ("`<<-`, a here-document,", "write <<< $'first line\\nsecond line'"),
    "<(": ("`<(…)`, a process as a file,", f"write `a | b`, or put the output into a file first; {SHELL}"),
    ">(": ("`>(…)`, a process as a file,", f"write `a | b`; `a | tee FILE | b` also keeps it in a file; {SHELL}"),
    "<>": ("`<>`, a file opened for reading and writing,", f"write < FILE or > FILE; {SHELL}"),
    "<&": ("`<&`, stdin from another descriptor,", f"leave it out, or write < FILE; {SHELL}"),
    "((": ("`((`, arithmetic,", f"for a group in a group write `( (`; {SHELL}"),
    ";;": ("`;;`, of `case`,", f"write one `;`; {SHELL}"),
    ";&": ("`;&`, of `case`,", f"write one `;`; {SHELL}"),
    ";;&": ("`;;&`, of `case`,", f"write one `;`; {SHELL}"),
}
"""Operators of shells, each with its name and the hint."""

REFUSED_PARAMETERS = {
    "$": ("`$$`, the process id of a shell,", f"`mktemp` makes a name that nothing else has; {SHELL}"),
    "!": ("`$!`, the last background process,", f"there are no background processes; {SHELL}"),
    "*": ("`$*`", "write $@, which becomes one word for each argument"),
    "-": ("`$-`, the options of a shell,", SHELL),
    "0": ("`$0`, the name of a shell,", "write the name itself"),
}
"""Parameters that only a shell has, each with its name and the hint."""

REFUSED_EXPANSIONS = {
    ":": ("`${NAME:…}`, a part of a value,", f"`cut -c` takes parts; {SHELL}"),
    "/": ("`${NAME/…}`, replacing,", f"`sed` replaces; {SHELL}"),
    "^": ("`${NAME^}`, changing to capitals,", f"`tr a-z A-Z` changes them; {SHELL}"),
    ",": ("`${NAME,}`, changing to small letters,", f"`tr A-Z a-z` changes them; {SHELL}"),
    "[": ("`${NAME[…]}`, an array,", f"use several variables; {SHELL}"),
    "@": ("`${NAME@…}`", SHELL),
    "!": ("`${!NAME}`, a variable that names another,", SHELL),
}
"""What may stand behind the name in `${NAME…}` in shells only, each with its name and the hint."""


def refuse(
    text: str,
    start: int,
    end: int,
    reason: str,
    *,
    expected: str = "",
    hint: str = "",
    incomplete: bool = False,
) -> NoReturn:
    """Raise PipelineSyntaxError for a place in the text."""
    details: Sequence[str] = (f"expected {expected}",) if expected else ()
    raise PipelineSyntaxError(
        reason, text=text, start=start, end=end, details=details, hint=hint, incomplete=incomplete
    )


def refuse_feature(text: str, start: int, end: int, feature: tuple[str, str]) -> NoReturn:
    """Raise PipelineSyntaxError for a feature of shells, given by its name and the hint."""
    name, hint = feature
    refuse(text, start, end, f"{name} is not part of the language", hint=hint)
