"""`TEXT [ARGS…]` on a command line, and the options that say where the text comes from and starts.

Shared by the commands that take a text, so that what `explain` says is what `pipe` does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from procrun.cli import usage
from procrun.errors import FileError

_Function = TypeVar("_Function", bound=Callable[..., Any])

# What follows the text is the text's, also when it looks like an option.
SETTINGS = {"allow_interspersed_args": False}
"""The context settings of a command that takes a text."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def complete_text(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    """Let the shell complete TEXT where it is the name of a file."""
    return usage.complete_files(context, parameter, incomplete) if context.params.get("is_file") else []


FILE_FLAG = click.option(
    "-f", "--file", "is_file", is_flag=True, help="TEXT is the name of a file that holds the text (- is stdin)."
)
"""The option that makes TEXT the name of a file."""


def takes_text(command: _Function) -> _Function:
    """Add TEXT, ARGS, `--file`, `--cwd` and `--env` to a command.

    Its function gets `text`, `args`, `is_file`, `cwd` and `variables`.
    """
    parameters = [
        click.argument("text", shell_complete=complete_text),
        click.argument("args", nargs=-1, type=click.UNPROCESSED, shell_complete=usage.complete_files),
        FILE_FLAG,
        click.option("--cwd", metavar="FOLDER", help="Start in this folder.", **usage.FOLDER),
        click.option(
            "--env",
            "variables",
            multiple=True,
            metavar="NAME=VALUE",
            callback=_variables,
            help="Set a variable of the environment; NAME alone removes it.",
        ),
    ]
    for add in reversed(parameters):
        command = add(command)
    return command


def read_text(name: str) -> str:
    """The text in a file, or of stdin for `-`; a first line `#!…` is a comment of the language.

    Raises FileError with status 2: without its text the command line means nothing.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(name, "rb") as file:
                data = file.read()
    except OSError as cause:
        error = FileError(
            f"the text `{name}` cannot be read: {cause.strerror}",
            cause=cause,
            hint="behind --file stands the name of a file; without it, the text itself",
        )
        error.exit_code = 2
        raise error from cause
    # As an argument would come, so that each byte of it arrives as it was written.
    return data.removeprefix(_BYTE_ORDER_MARK).decode(sys.getfilesystemencoding(), "surrogateescape")


def _variables(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str | None]:
    variables: dict[str, str | None] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not name:
            raise click.BadParameter(f"`{text}` has no name; write --env NAME=VALUE", context, parameter)
        variables[name] = value if equals else None
    return variables
