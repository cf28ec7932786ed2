"""A program of the language as a Python script over procrun's API.

A pipeline of plain commands becomes `cmd(…) | cmd(…)`; what has no such form (lists, groups, variables,
patterns, `$( )`) is handed to `procrun.run` as the text it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from procrun.interp import braces, glob, special
from procrun.interp.patterns import Piece
from procrun.quoting import printable
from procrun.syntax.nodes import Arguments, List, Redirection, Simple, Stage, Text, Word

_COMMANDS = """\
import sys

from procrun import {names}

pipeline = {pipeline}

if __name__ == "__main__":
    try:
        sys.exit(pipeline.run(check=False).status.shell)
    except ProcrunError as error:
        print(f"procrun: {{error}}", file=sys.stderr)
        sys.exit(error.exit_code)
"""

_TEXT = """\
import sys

import procrun

TEXT = {text}

if __name__ == "__main__":
    try:
        sys.exit(procrun.run(TEXT, *sys.argv[1:], check=False).status.shell)
    except procrun.ProcrunError as error:
        print(f"procrun: {{error}}", file=sys.stderr)
        sys.exit(error.exit_code)
"""

_LONG_LINE = 100


def to_python(tree: List, text: str) -> str:
    """The script; `text` is what the tree was parsed from. Its arguments are the text's `$1`, `$2`, …"""
    commands = _commands(tree)
    comment = "\n".join(f"#   {printable(line)}" for line in text.splitlines())
    head = f"#!/usr/bin/env python3\n# procrun build --as python wrote this for:\n{comment}\n\n"
    if commands is None:
        return head + _TEXT.format(text=repr(text))
    names = "MERGE, ProcrunError, cmd" if any("MERGE" in command for command in commands) else "ProcrunError, cmd"
    joined = " | ".join(commands)
    if len(joined) > _LONG_LINE:
        joined = "(\n    " + "\n    | ".join(commands) + "\n)"
    return head + _COMMANDS.format(names=names, pipeline=joined)


def _commands(tree: List) -> list[str] | None:
    """Each stage as a call of `cmd`, or None when one has no such form."""
    if len(tree.items) != 1 or tree.items[0].operators:
        return None
    (pipeline,) = tree.items[0].pipelines
    if pipeline.negated or any(pipeline.with_stderr):
        return None
    commands = [_command(stage) for stage in pipeline.stages]
    whole = [command for command in commands if command is not None]
    return whole if len(whole) == len(commands) else None


def _command(stage: Stage) -> str | None:
    if not isinstance(stage, Simple) or stage.assignments or not stage.words:
        return None
    if stage.words[0].literal in special.COMMANDS:
        return None
    arguments = [_arguments(word) for word in stage.words]
    options = _options(stage.redirections)
    # What may leave no program, or an empty name, is for the text to explain.
    if options is None or None in arguments or arguments[0] in ("*sys.argv[1:]", "", "''"):
        return None
    return f"cmd({', '.join([*(argument for argument in arguments if argument), *options])})"


def _arguments(word: Word) -> str | None:
    """A word as Python writes it: several when it has braces, none when these are empty."""
    if word.parts and isinstance(word.parts[0], Arguments):
        return "*sys.argv[1:]"
    try:
        choices = [choice for choice in braces.expand(word) if choice.parts or not word.parts]
    except OverflowError:
        return None
    values = [_literal(choice) for choice in choices]
    return None if None in values else ", ".join(map(repr, values))


def _literal(word: Word) -> str | None:
    """The value of a word that has only one, whatever the files and variables are."""
    if word.literal is None:
        return None
    pieces = [Piece(part.value, not part.quoted) for part in word.parts if isinstance(part, Text)]
    return None if glob.has_pattern(pieces) else word.literal


def _options(redirections: Sequence[Redirection]) -> list[str] | None:
    """Redirections as options of the stage, where it has no more than one for each of its streams."""
    options = {}
    for redirection in redirections:
        name = ("stdin", "stdout", "stderr")[redirection.descriptor]
        if name in options:
            return None
        if isinstance(redirection.target, int):
            # `2>&1` before `> file` would lead elsewhere.
            is_merged = redirection.descriptor == 2 and redirection is redirections[-1]
            value: str | None = "MERGE" if is_merged and redirection.target == 1 else None
        elif redirection.operator in ("<", ">", ">|"):
            file = _literal(redirection.target)
            value = None if file is None or braces.has_braces(redirection.target) else repr(file)
        else:
            value = None
        if value is None:
            return None
        options[name] = value
    if options.get("stdout", "none") == options.get("stderr"):
        return None  # Two options share a file that they name; two redirections open it twice.
    return [f"{name}={value}" for name, value in options.items()]
