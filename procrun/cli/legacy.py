"""`procrun legacy`: run a script that was written for Python 2's modules, as `python` would run it.

The script takes this process over, so nothing here catches what it raises or looks at what it
prints; its exit status is this process's, without anything in between.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from procrun.cli import usage


class _Command(usage.Command):
    """A command whose arguments are all the script's, from the first that is no option of ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args[:1] and args[0] in ctx.help_option_names:
            return super().parse_args(ctx, args[:1])
        if args[:1] == ["--"]:
            return super().parse_args(ctx, args)
        if args and args[0].startswith("-") and args[0] != "-" and args[0][:2] not in ("-m", "-c"):
            raise click.NoSuchOption(args[0], possibilities=["-m", "-c"], ctx=ctx)
        if args and args[0][:2] in ("-m", "-c") and args[0][2:]:
            # As `python -cCODE` has it.
            args = [args[0][:2], args[0][2:], *args[1:]]
        if args in (["-m"], ["-c"]):
            raise click.UsageError(
                f"`{args[0]}` wants a value: {args[0]} {'MODULE' if args == ['-m'] else 'CODE'}", ctx
            )
        return super().parse_args(ctx, ["--", *args])


@click.command(
    "legacy",
    cls=_Command,
    options_metavar="",
    epilog="Example: procrun legacy report.py --all",
)
@click.argument("argv", nargs=-1, type=click.UNPROCESSED, metavar="SCRIPT|-m MODULE|-c CODE|- [ARGS]...")
def command(argv: tuple[str, ...]) -> NoReturn:
    """Run a script, a module or a text with Python 2's modules for processes and threads.

    SCRIPT is a file, or a folder or a zip archive with a `__main__.py`; `-` stands for stdin.

    `commands`, `popen2`, `pipes`, `thread`, `Queue`, `os.popen2` and the other names of
    docs/legacy.md are there as they were. All that follows the script is the script's. The exit
    status is the one that `python SCRIPT` would have. The script must be in Python 3's syntax.
    """
    from procrun.legacy.runner import run_script

    # Not returned: flushing stdout is then Python's, which reports a failure as it does for any script.
    sys.exit(run_script(argv))
