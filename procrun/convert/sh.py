"""A program of the language as a script for any POSIX sh.

It does the same where everything that it needs is there: programs, variables, files for its patterns;
what is missing sh treats in its own way (docs/cli.md#sh). What sh cannot say at all is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from procrun.convert.sh_words import QUOTE, Words, quoted
from procrun.interp.program import walk
from procrun.quoting import RESERVED
from procrun.syntax import SHELL_WORDS
from procrun.syntax.nodes import (
    AndOr,
    Arguments,
    Assignment,
    Group,
    Length,
    List,
    Parameter,
    Pipeline,
    Redirection,
    Simple,
    Stage,
    Text,
    Word,
)

_STATUS = """
# The status of a pipeline is that of its rightmost stage that failed; a stage that only lost its reader
# (141: SIGPIPE) has not, unless it is the last.
procrun_failed() { procrun_code=$?; [ "$procrun_code" -eq 141 ] || echo "$1 $procrun_code" >&3; }
procrun_status() {
    procrun_last=0 procrun_code=0
    while read -r procrun_place procrun_status; do
        [ "$procrun_place" -gt "$procrun_last" ] && procrun_last=$procrun_place procrun_code=$procrun_status
    done
    return "$procrun_code"
}
"""

# Programs that a shell has of its own, differing from the programs and from shell to shell.
_OWN = frozenset(SHELL_WORDS) | {
    *("[", "builtin", "caller", "command", "echo", "enable", "fc", "getopts", "help", "history", "kill", "logout"),
    *("newgrp", "printf", "pwd", "suspend", "test", "times"),
}

# What every shell's own echo and printf give as the programs do.
_PLAIN_ECHO = re.compile(r"(?!-)[^\\]*")
_PLAIN_FORMAT = re.compile(r"(?!-)(?:[^%\\]|\\[\\abfnrtv]|%%|%[-0-9.]*[sdc])*")


def to_sh(tree: List, text: str) -> str:
    """The script; `text` is what the tree was parsed from.

    Raises TextError, with the place, for what POSIX sh cannot say.
    """
    lines = [f"#   {line}" for line in text.splitlines()]
    head = ["#!/bin/sh", "# procrun build --as sh wrote this for:", *lines]
    nodes = list(walk(tree))
    if any(isinstance(node, (Parameter, Length)) for node in nodes):
        head.append("set -u")
    body = _Script(text).script(tree)
    if QUOTE in body:
        head.append('procrun_quote="\'"')
    status = _STATUS if any(isinstance(node, Pipeline) and len(node.stages) > 1 for node in nodes) else ""
    return "\n".join(head) + f"\n{status}\n{body}\n"


class _Script:
    def __init__(self, text: str) -> None:
        self.words = Words(text, self.substituted)
        self.depth = 0
        self.bodies: list[str] = []
        """Here-documents of the line that is being written."""

    def script(self, tree: List) -> str:
        return "\n".join(self.lines(tree))

    def lines(self, tree: List) -> list[str]:
        """Each and-or list of a list, with its here-documents behind it."""
        return [self.ended(self.and_or(item)) for item in tree.items] or [":"]

    def ended(self, line: str) -> str:
        """A line that ends here, so that its here-documents follow."""
        line, self.bodies = "\n".join([line, *self.bodies]), []
        return line

    def and_or(self, node: AndOr) -> str:
        pieces = [self.pipeline(node.pipelines[0])]
        for operator, pipeline in zip(node.operators, node.pipelines[1:]):
            pieces += [operator, self.pipeline(pipeline)]
        return " ".join(pieces)

    def pipeline(self, node: Pipeline) -> str:
        negation = "! " if node.negated else ""
        if len(node.stages) == 1:
            return negation + self.stage(node.stages[0])
        first = self.ended("{ {")
        self.depth += 1
        bars = (*node.with_stderr, False)
        lines = [self.noted(stage, place, bars) for place, stage in enumerate(node.stages)]
        self.depth -= 1
        return "\n".join([negation + first, *lines, f"{self.margin}}} 3>&1 >&4 4>&- | procrun_status; }} 4>&1"])

    def noted(self, stage: Stage, place: int, bars: Sequence[bool]) -> str:
        """One of several stages, which tells its status where it failed."""
        is_last = place == len(bars) - 1
        note = f'echo "{place + 1} $?" >&3' if is_last else f"procrun_failed {place + 1}"
        written = self.stage(stage, "2>&1 3>&-" if bars[place] else "3>&-", is_alone=False)
        return self.ended(f"{self.margin}{{ {written} || {note}; }}{'' if is_last else ' |'}")

    @property
    def margin(self) -> str:
        return "    " * self.depth

    def stage(self, node: Stage, more: str = "", *, is_alone: bool = True) -> str:
        pieces = [self.group(node, is_alone=is_alone)] if isinstance(node, Group) else self.simple(node)
        pieces += self.redirections(node.redirections)
        return " ".join([*pieces, *([more] if more else [])])

    def group(self, node: Group, *, is_alone: bool) -> str:
        # In a pipeline a group has variables of its own in any case; and `exit` must not skip the note of its status.
        is_own = node.bracket == "(" or not is_alone
        outer, self.bodies = self.bodies, []
        self.depth += 1
        lines, margin = self.lines(node.body), self.margin
        self.depth -= 1
        self.bodies = outer
        opening, closing = ("(", ")") if is_own else ("{", "}")
        if len(lines) > 1 or "\n" in lines[0]:
            return "\n".join([self.ended(opening), *(margin + line for line in lines), self.margin + closing])
        return f"{opening} {lines[0]}{'' if is_own else ';'} {closing}"

    def simple(self, node: Simple) -> list[str]:
        pieces = [self.assignment(item) for item in node.assignments]
        if not node.words:
            return pieces
        name, *arguments = node.words
        own = _SPECIAL.get(name.literal or "")
        if own:
            return [*pieces, *own(self, node)]
        return [*pieces, *self.program(name, arguments), *self.arguments(arguments)]

    def program(self, name: Word, arguments: Sequence[Word]) -> list[str]:
        """A program's name, kept from being a command of the shell itself."""
        literal = name.literal
        if name.parts and isinstance(name.parts[0], Arguments):
            return ["${1+env}", '"$@"']
        if literal is None:
            return ["env", *self.words.arguments(name)]
        is_own = literal in _OWN and not _is_plain(literal, arguments)
        written = f"'{literal}'" if literal in RESERVED else quoted(literal)
        return ["env", written] if is_own else [written]

    def redirections(self, redirections: Sequence[Redirection]) -> list[str]:
        return [piece for redirection in redirections for piece in self.redirection(redirection)]

    def redirection(self, node: Redirection) -> list[str]:
        number = "" if node.descriptor == int(not node.operator.startswith("<")) else str(node.descriptor)
        if isinstance(node.target, int):
            return [f"{number}>&{node.target}"]
        if node.operator == "<<<":
            return [f"{number}{self.here_document(node.target)}"]
        file = self.words.file(node.target)
        if node.operator.startswith("&"):
            return [f"{node.operator[1:]} {file}", "2>&1"]
        return [f"{number}{node.operator} {file}"]

    def here_document(self, word: Word) -> str:
        body, is_expanded = self.words.here_document(word)
        end = "EOF"
        while end in body.split("\n"):
            end += "_"
        self.bodies.append(f"{body}\n{end}")
        return f"<<{end}" if is_expanded else f"<<'{end}'"

    def substituted(self, body: List) -> str:
        """The inside of a `$( )`."""
        outer, self.bodies = self.bodies, []
        self.depth += 1
        lines, margin = self.lines(body), self.margin
        self.depth -= 1
        self.bodies = outer
        if len(lines) > 1 or "\n" in lines[0]:
            return "\n".join(["", *(margin + line for line in lines), self.margin])
        return f" {lines[0]} " if lines[0].startswith("(") else lines[0]

    def change_folder(self, node: Simple) -> list[str]:
        # CDPATH would lead elsewhere, and print where.
        return ["CDPATH=", "cd", "--", *self.arguments(node.words[1:])]

    def export(self, node: Simple) -> list[str]:
        return ["export", *self.names(node.words[1:])]

    def unset(self, node: Simple) -> list[str]:
        return ["unset", "-v", *self.names(node.words[1:])] if node.words[1:] else [":"]

    def leave(self, node: Simple) -> list[str]:
        return ["exit", *self.arguments(node.words[1:])]

    def do_nothing(self, node: Simple) -> list[str]:
        arguments = self.arguments(node.words[1:])
        if node.assignments:
            # Some shells keep what stands before `:`, some do not.
            if arguments:
                self.words.refuse("an assignment before `: …`", node.span, "write it before, with a `;` behind it")
            return []
        # A redirection that fails would end the script with `:`, which is a special built-in utility.
        return ["true" if node.redirections else ":", *arguments]

    def assignment(self, node: Assignment) -> str:
        return f"{node.name}={self.words.value(node.value) if node.value.parts else ''}"

    def arguments(self, words: Sequence[Word]) -> list[str]:
        return [argument for word in words for argument in self.words.arguments(word)]

    def names(self, words: Sequence[Word]) -> list[str]:
        """Names, and with `=` their values, which are no patterns."""
        choices = [choice for word in words for choice in self.words.choices(word)]
        for choice in choices:
            first = choice.parts[0] if choice.parts else None
            if choice.literal is None and not (isinstance(first, Text) and "=" in first.value):
                hint = "a value could hold a `=` there; write the name itself"
                self.words.refuse("a name that comes from a value", choice.span, hint)
        return [self.words.value(choice) for choice in choices]


_SPECIAL = {
    "cd": _Script.change_folder,
    "exit": _Script.leave,
    "export": _Script.export,
    "unset": _Script.unset,
    ":": _Script.do_nothing,
}


def _is_plain(name: str, arguments: Sequence[Word]) -> bool:
    """Whether every shell's own `echo` or `printf` does the same with these arguments."""
    literals = [argument.literal for argument in arguments]
    if name == "echo":
        return all(literal is not None and _PLAIN_ECHO.fullmatch(literal) for literal in literals)
    if name == "printf" and literals and literals[0] is not None:
        return bool(_PLAIN_FORMAT.fullmatch(literals[0]))
    return name in ("[", "test") and all(literal not in ("-nt", "-ot", "-ef", "=~", "==") for literal in literals)
