"""`procrun build`: compose a pipeline from parts, check it, and write it down.

The parts are put together as trees (`convert.compose`); nothing is run.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from procrun.cli import render, text as texts, usage
from procrun.errors import FileError

if TYPE_CHECKING:
    from procrun.syntax.nodes import List

TARGETS = ("text", "sh", "python", "json", "dot")
"""What a pipeline can be written as: `to_sh` of `convert.sh`, and so on."""

_VARIABLE = re.compile(r"--([A-Za-z_][A-Za-z_0-9]*)=(.*)", re.DOTALL)


class _Build(usage.Command):
    """Takes `--name=value`, where no option has that name, as a variable of the text."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {name: param for param in self.params if isinstance(param, click.Option) for name in param.opts}
        variables: dict[str, str] = {}
        rest: list[str] = []
        place = 0
        while place < len(args):
            word = args[place]
            variable = _VARIABLE.fullmatch(word)
            if variable and word.partition("=")[0] not in options:
                variables[variable[1]] = variable[2]
                place += 1
                continue
            option = options.get(word)
            # The value of an option may look like a variable; and what follows `--` is TEXT.
            end = len(args) if word == "--" else place + 1 + (option is not None and not option.is_flag)
            rest += args[place:end]
            place = end
        try:
            left = super().parse_args(ctx, rest)
        except click.NoSuchOption as mistake:
            # `--word fox`, or a name that no variable has.
            setting = f"{mistake.option_name}=VALUE"
            shown = setting if _VARIABLE.fullmatch(setting) else "--NAME=VALUE, with a name of letters, digits and `_`"
            raise click.UsageError(
                usage.no_such_option(mistake, f"; a variable of the text is set by {shown}"), ctx
            ) from None
        ctx.params["variables"] = variables
        return left


def _one(context: click.Context, argument: click.Parameter, words: tuple[str, ...]) -> str | None:
    if len(words) > 1:
        from procrun.quoting import in_quotes

        raise click.UsageError(f"TEXT is one argument, not {len(words)}; write {in_quotes(' '.join(words))}", context)
    return words[0] if words else None


def _target(context: click.Context, option: click.Parameter, value: str) -> str:
    if value not in TARGETS:
        raise click.BadParameter(f"`{value}` is not one of {', '.join(TARGETS)}", context, option)
    return value


def _complete_target(context: click.Context, option: click.Parameter, incomplete: str) -> list[Any]:
    return [target for target in TARGETS if target.startswith(incomplete)]


@click.command(
    "build",
    cls=_Build,
    epilog="--NAME=VALUE sets the variable NAME that the text uses. "
    "Example: procrun build 'grep $word' --word=fox --append 'sort -u' --input notes.txt -o find.pipe",
)
@click.argument("text", nargs=-1, metavar="[TEXT]", callback=_one, shell_complete=texts.complete_text)
@texts.FILE_FLAG
@click.option("--prepend", "prepended", multiple=True, metavar="CMD", help="Put CMD before the text; in this order.")
@click.option("--append", "appended", multiple=True, metavar="CMD", help="Put CMD behind the text; in this order.")
@click.option("--input", "stdin", metavar="FILE", help="Let the first stage read FILE.", **usage.FILE)
@click.option("--output", "stdout", metavar="FILE", help="Let the last stage write FILE.", **usage.FILE)
@click.option(
    "--as",
    "target",
    default=TARGETS[0],
    metavar="|".join(TARGETS),
    callback=_target,
    shell_complete=_complete_target,
    help="What to write it as; text, the pipeline language, unless given.",
)
@click.option("-o", "path", metavar="FILE", help="Write FILE, whole or not at all, instead of stdout.", **usage.FILE)
@click.pass_context
def command(
    context: click.Context,
    text: str | None,
    *,
    is_file: bool,
    prepended: tuple[str, ...],
    appended: tuple[str, ...],
    stdin: str | None,
    stdout: str | None,
    target: str,
    path: str | None,
    variables: dict[str, str],
) -> int:
    """Compose a pipeline of TEXT and what is put before and behind it, check it, and write it down."""
    from procrun.convert.compose import compose
    from procrun.interp.program import refuse_shell_words
    from procrun.plan import Options
    from procrun.syntax import parse, unparse

    if is_file:
        if text is None:
            raise click.UsageError("behind --file TEXT is missing, the name of the file", context)
        text = texts.read_text(text)
    parts = [parse(part) for part in (*prepended, *([] if text is None else [text]), *appended)]
    if not parts:
        raise click.UsageError("there is nothing to build; give TEXT, or parts with --append", context)
    _check_variables(context, parts, variables)
    try:
        composed = unparse(compose(parts, stdin=stdin, stdout=stdout, variables=variables))
    except ValueError as error:
        raise click.UsageError(str(error), context) from None
    # What does not fit together shows when the whole is read.
    tree = parse(composed)
    refuse_shell_words(tree, composed, Options())
    data = _written(tree, composed, target)
    if path is None:
        render.out(data)
    else:
        _replace(path, data)
    return 0


def _check_variables(context: click.Context, parts: Sequence[List], variables: dict[str, str]) -> None:
    """Refuse variables that would do nothing: mistyped options are such."""
    import difflib

    from procrun.interp.program import walk
    from procrun.syntax.nodes import Length, Parameter, Simple

    nodes = [node for part in parts for node in walk(part)]
    used = {node.name for node in nodes if isinstance(node, (Parameter, Length))}
    calls = (node for node in nodes if isinstance(node, Simple) and not node.words)
    own = {assignment.name for call in calls for assignment in call.assignments}
    for name in variables:
        if name in own:
            raise click.UsageError(f"`--{name}`: the text sets `{name}` itself; take that out of it", context)
        if name not in used:
            options = [known for param in context.command.params[1:] for known in param.opts]
            near = difflib.get_close_matches(f"--{name}", [*options, *(f"--{known}" for known in sorted(used))], 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; write ${name} where its value is to stand"
            raise click.UsageError(f"`--{name}` is no option, and the text uses no variable `{name}`{hint}", context)


def _written(tree: List, text: str, target: str) -> bytes:
    """The tree as what it is to be; a text is read back as it is encoded here, a script of Python as UTF-8."""
    if target == "text":
        return render.encoded(f"{text}\n")
    written: str = getattr(import_module(f"procrun.convert.{target}"), f"to_{target}")(tree, text)
    return render.encoded(written) if target == "sh" else written.encode("utf-8", "backslashreplace")


def _replace(path: str, data: bytes) -> None:
    """Write a file whole or not at all. Raises FileError; the file is as it was then."""
    try:
        mode = os.stat(path).st_mode if os.path.exists(path) else None
        if mode is None or stat.S_ISREG(mode):
            _replace_file(path, data, mode)
            return
        # A terminal, a FIFO: there is nothing to replace. A folder: open says so.
        with open(path, "wb") as device:
            device.write(data)
    except OSError as cause:
        reason = f"`{path}` cannot be written: {cause.strerror}"
        raise FileError(reason, cause=cause, hint="if there was such a file, it is as it was") from cause


def _replace_file(path: str, data: bytes, mode: int | None) -> None:
    # A link goes on leading where it leads.
    path = os.path.realpath(path)
    temporary = f"{path}.{os.getpid()}.new"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
