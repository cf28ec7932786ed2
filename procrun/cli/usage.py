"""Mistakes on the command line, in our words: click's own differ between its versions.

Also what the values of options have in common. Nothing here runs or prints anything.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from procrun.plan.limits import Limits


class Command(click.Command):
    """A command whose mistakes all know whose they are."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as mistake:
            mistake.ctx = mistake.ctx or ctx
            raise


def seconds(context: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """The value of an option that takes a number of seconds, 0 or more."""
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise click.BadParameter(f"`{value}` is not a number of seconds, such as 1.5", context, option)
    return number


def some_seconds(context: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """The same for one that takes more than 0."""
    number = seconds(context, option, value)
    if number == 0:
        raise click.BadParameter(f"`{value}` is no time to wait in, such as 1.5 is", context, option)
    return number


def limits(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> Limits | None:
    """The limits that an option gives, one each time: `memory=1G`. The units K, M, G and T are those of 1024."""
    if not values:
        return None
    from procrun.plan.limits import NAMES, Limits

    given: dict[str, int] = {}
    for value in values:
        name, _, amount = value.partition("=")
        if name not in NAMES:
            raise click.BadParameter(f"`{name}` is no limit; there are {', '.join(NAMES)}", context, option)
        if name in given:
            raise click.BadParameter(f"`{name}` is given twice", context, option)
        match = re.fullmatch(r"(-?[0-9]+)([KMGT]?)", amount, re.ASCII)
        if not match or (match[2] and name not in ("memory", "file_size")):
            example = "memory=512M" if name in ("memory", "file_size") else f"{name}=10"
            raise click.BadParameter(f"`{value}` has no whole number as its amount, such as {example}", context, option)
        given[name] = int(match[1]) * 1024 ** " KMGT".index(match[2] or " ")
    try:
        return Limits(**given)
    except ValueError as error:
        raise click.BadParameter(str(error), context, option) from None


def process(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """The value of an argument that is the number of a process."""
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()):
        raise click.BadParameter(f"`{value}` is not the number of a process, such as 4711", context, parameter)
    return int(value)


def processes(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[int, ...]:
    """The same, for several."""
    return tuple(pid for value in values if (pid := process(context, parameter, value)) is not None)


def name(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The value of an option that takes the name of a file or folder."""
    if value == "":
        raise click.BadParameter("the name is empty", context, option)
    return value


def complete_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete file names."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_folders(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete the names of folders."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


FILE: dict[str, Any] = {"callback": name, "shell_complete": complete_files}
"""What an option that takes a file's name is made with."""

FOLDER: dict[str, Any] = {"callback": name, "shell_complete": complete_folders}
"""The same for the name of a folder."""


def explain_mistake(mistake: click.UsageError) -> str:
    """What is wrong with a command line, and where its help is."""
    command = mistake.ctx.command_path if mistake.ctx else "procrun"
    return f"{_reason(mistake)}\n  see `{command} --help`"


def no_such_option(mistake: click.NoSuchOption, otherwise: str = "") -> str:
    """What is wrong with an option that there is not; `otherwise` is said where no option has a similar name."""
    import difflib

    wrong = mistake.option_name
    near = difflib.get_close_matches(wrong, [known for option in _options(mistake) for known in option.opts], 1)
    return f"there is no option `{wrong}`" + (f"; did you mean `{near[0]}`?" if near else otherwise)


def _reason(mistake: click.UsageError) -> str:
    if isinstance(mistake, click.NoSuchOption):
        return no_such_option(mistake)
    if isinstance(mistake, click.MissingParameter):
        return f"{mistake.param.human_readable_name if mistake.param else 'an argument'} is missing"
    if isinstance(mistake, click.BadOptionUsage):
        return _wrong_option(mistake)
    if isinstance(mistake, click.BadParameter) and isinstance(mistake.param, click.Option):
        return f"{mistake.param.opts[-1]}: {mistake.message}"
    return mistake.message


def _wrong_option(mistake: click.BadOptionUsage) -> str:
    option = next((option for option in _options(mistake) if mistake.option_name in option.opts), None)
    if option is not None and not option.is_flag:
        return f"`{mistake.option_name}` wants a value: {mistake.option_name} {option.metavar or 'VALUE'}"
    return f"`{mistake.option_name}` takes no value"


def _options(mistake: click.UsageError) -> list[click.Option]:
    params = mistake.ctx.command.params if mistake.ctx else []
    return [param for param in params if isinstance(param, click.Option)]
