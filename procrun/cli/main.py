"""The entry of the command line: the table of commands, and how any error ends it.

A command's module is imported when the command is used; the table has what the help of the
whole needs, so that `procrun --help` imports none of them.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import NoReturn

import click

from procrun import __version__, status
from procrun.cli import render
from procrun.errors import ProcrunError, word

COMMANDS = {
    "pipe": ("procrun.cli.pipe", "Run a text of the pipeline language."),
    "explain": ("procrun.cli.explain", "Say what a text would run, and run nothing."),
    "build": ("procrun.cli.build", "Compose a pipeline from parts and write it down."),
    "legacy": ("procrun.cli.legacy", "Run a script with Python 2's modules for processes and threads."),
    "migrate": ("procrun.cli.migrate", "Rewrite programs that use these modules."),
    "kill": ("procrun.cli.kill", "End processes with everything below them."),
    "tree": ("procrun.cli.tree", "Show processes as a tree."),
    "doctor": ("procrun.cli.doctor", "Say why processes hang."),
}
"""The commands: where each lives, and its line in the help."""

COMPLETION = "_PROCRUN_COMPLETE"
"""The variable by which a shell asks for completions (docs/cli.md#completion)."""


class _Table(click.Group):
    """The commands of the table, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            raise click.UsageError(_unknown(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in COMMANDS.items()])


# What click does without a command differs between its versions.
@click.group(
    cls=_Table,
    invoke_without_command=True,
    no_args_is_help=False,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", prog_name="procrun", message="%(prog)s %(version)s")
@click.pass_context
def procrun(context: click.Context) -> None:
    """Run processes and pipelines without a shell, the same on Unix and Windows.

    The exit status is the pipeline's: 126 is a program that cannot be run, 127 one that is not
    found, 128+N one ended by signal N, 124 a timeout, 2 a wrong text or command line, 125 a
    failure of procrun itself.
    """
    if context.invoked_subcommand is None:
        raise click.UsageError(f"there is no command; the commands are: {', '.join(COMMANDS)}", context)


def main() -> NoReturn:
    """Run the command line of this process, and end it with the right status."""
    try:
        code = _status()
    except KeyboardInterrupt:
        render.leave_interrupted()
    render.leave(code)


def _status() -> int:
    """The exit status of the command line, with a message where there is one to give. Raises KeyboardInterrupt."""
    try:
        if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
            # So set in `procrun.__main__` until here, where KeyboardInterrupt is caught.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        render.open_closed_streams()
        code = _answer(sys.argv[1:])
        render.flush()
    except click.UsageError as mistake:
        render.usage_error(mistake)
        return status.USAGE
    except ProcrunError as error:
        render.error(str(error))
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone; nobody wants to be told.
        return 141
    except OSError as error:
        render.error(f"{error.strerror or word(error)}{f': `{error.filename}`' if error.filename else ''}")
        return status.INTERNAL_ERROR
    except Exception as error:
        render.fault(error)
        return status.INTERNAL_ERROR
    return code


def _answer(arguments: list[str]) -> int:
    """Do what the command line says, and give the exit status.

    Not by click's own `main`: on Windows that expands `$NAME`, `~` and patterns in every argument,
    and everywhere it has statuses of its own for Ctrl-C and for a reader that has gone.
    """
    wish = os.environ.get(COMPLETION)
    if wish:
        from click.shell_completion import shell_complete

        if shell_complete(procrun, {}, "procrun", COMPLETION, wish) != 0:
            raise click.UsageError(f"{COMPLETION}={wish}: write bash_source, zsh_source or fish_source")
        return 0
    try:
        with procrun.make_context("procrun", arguments) as context:
            answer = procrun.invoke(context)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    return answer if isinstance(answer, int) else 0


def _unknown(name: str) -> str:
    """The message for a command that does not exist."""
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, 1)
    if near:
        return f"there is no command `{name}`; did you mean `{near[0]}`?"
    return f"there is no command `{name}`; the commands are: {', '.join(COMMANDS)}"
