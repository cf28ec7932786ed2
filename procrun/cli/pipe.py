"""`procrun pipe`: run a text of the pipeline language.

The first stage inherits stdin and the last stdout, so that bytes never pass through here.
"""

from __future__ import annotations

import signal
from types import FrameType

import click

from procrun import status
from procrun.cli import render
from procrun.engine.result import Result
from procrun.plan.command import cmd
from procrun.plan.options import Options


@click.command(
    "pipe",
    # What follows the text is the text's, also when it looks like an option.
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False},
    epilog="Example: procrun pipe 'tr a-z A-Z | sort' < names.txt",
)
@click.argument("text")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "-f", "--file", "is_file", is_flag=True, help="TEXT is the name of a file that holds the text (- is stdin)."
)
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Stop the whole run after so long (status 124)."
)
@click.option("--cwd", metavar="FOLDER", help="Run in this folder.")
@click.option(
    "--env",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable of the environment; NAME alone removes it.",
)
@click.option("--input", "stdin", metavar="FILE", help="Read this file instead of stdin.")
@click.option("--output", "stdout", metavar="FILE", help="Write this file instead of stdout.")
@click.option("--shell", is_flag=True, help="Hand the text to the system's own shell instead.")
@click.option(
    "--pipefail/--no-pipefail", default=True, help="Whether a failing stage before the last fails a pipeline."
)
@click.option("-v", "--verbose", is_flag=True, help="Say at the end how each stage ended and what it used.")
def command(
    text: str,
    args: tuple[str, ...],
    *,
    is_file: bool,
    timeout: float | None,
    cwd: str | None,
    variables: tuple[str, ...],
    stdin: str | None,
    stdout: str | None,
    shell: bool,
    pipefail: bool,
    verbose: bool,
) -> int:
    """Run TEXT, a program of the pipeline language, with $1, $2, … $@ set to ARGS.

    No shell is involved, and no argument is ever read as syntax: quote TEXT, not the arguments.
    """
    options = Options().with_(
        timeout=timeout,
        cwd=cwd,
        env=dict(_variable(variable) for variable in variables),
        stdin=stdin,
        stdout=stdout,
        pipefail=pipefail,
        check=False,
    )
    if is_file:
        text = _read(text)
    result = _run(text, args, options, shell=shell)
    if verbose:
        render.account(result)
    return _judge(result, verbose=verbose, timeout=timeout)


class _Terminated(BaseException):
    """A signal asked procrun to end; the run is ended first."""

    def __init__(self, number: int) -> None:
        self.number = number


def _run(text: str, args: tuple[str, ...], options: Options, *, shell: bool) -> Result:
    """Start the text and wait for it, passing signals on as a shell in the foreground does."""
    from procrun import engine, system
    from procrun.interp.program import prepare

    def terminate(number: int, frame: FrameType | None) -> None:
        for other in endings:
            # Asked twice is asked once: the run is being stopped already.
            signal.signal(other, signal.SIG_IGN)
        raise _Terminated(number)

    endings = [number for number in system.TERMINATION_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in endings:
        signal.signal(number, terminate)
    try:
        if shell:
            pipeline = cmd(*system.shell_argv(text, args)).pipeline.with_(**options.given())
        else:
            pipeline = prepare(text, args, options)
        running = engine.start(pipeline)

        def interrupt(number: int, frame: FrameType | None) -> None:
            # The terminal has sent it to the programs, too; what they make of it decides, as in a shell.
            running.interrupt()
            if not system.shares_terminal_signals():
                running.send_signal(number)

        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, interrupt)
        return running.wait()
    except _Terminated as ended:
        raise click.exceptions.Exit(128 + ended.number) from None


def _judge(result: Result, *, verbose: bool, timeout: float | None) -> int:
    """The exit status of a result, with a message where the programs cannot have given one."""
    from procrun.engine.failure import RunTimeout, explain_result, failure_of

    if result.timed_out:
        render.error(str(RunTimeout(result, timeout or 0.0)))
        return status.TIMED_OUT
    if result.error is not None:
        raise failure_of(result)
    if result.culprit is None:
        return result.status.shell
    culprit = result.stages[result.culprit]
    is_last = result.culprit == len(result.stages) - 1
    # A program that exits says itself why. One that was ended by a signal could not, and that a
    # stage before the last counts is not what people know from a shell.
    quiet = (
        culprit.status.is_broken_pipe
        or culprit.status.signal == signal.SIGINT
        or (culprit.status.code is not None and is_last)
    )
    if verbose or not quiet:
        render.error(explain_result(result))
    return result.status.shell


def _variable(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    if not name:
        raise click.BadParameter(f"`{text}` has no name; write --env NAME=VALUE")
    return name, value if equals else None


def _read(path: str) -> str:
    """The text in a file; a first line `#!…` is a comment of the language."""
    try:
        with click.open_file(path, "rb") as file:
            data: bytes = file.read()
    except OSError as error:
        raise click.FileError(path, error.strerror) from error
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
