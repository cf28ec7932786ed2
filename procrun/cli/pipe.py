"""`procrun pipe`: run a text of the pipeline language.

The first stage inherits stdin and the last stdout, so that bytes never pass through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from procrun import status
from procrun.cli import render, text as texts, usage

if TYPE_CHECKING:
    from procrun.engine.result import Result
    from procrun.plan import Options, Pipeline
    from procrun.plan.limits import Limits
    from procrun.status import ExitStatus


@click.command(
    "pipe",
    cls=usage.Command,
    context_settings=texts.SETTINGS,
    epilog="Example: procrun pipe 'tr a-z A-Z | sort' < names.txt",
)
@texts.takes_text
@click.option(
    "--timeout", callback=usage.seconds, metavar="SECONDS", help="Stop the whole run after so long (status 124)."
)
@click.option(
    "--idle-timeout",
    callback=usage.some_seconds,
    metavar="SECONDS",
    help="Stop it when no program has written anything for so long (status 124).",
)
@click.option(
    "--grace",
    default="5",
    callback=usage.seconds,
    metavar="SECONDS",
    help="Seconds between the request to end and being killed; 5 unless given.",
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    callback=usage.limits,
    metavar="NAME=AMOUNT",
    help="Limit each program: memory=1G, cpu=10, files=64, processes=9, file_size=1M, nice=5. As often as needed.",
)
@click.option("--die-with-parent", is_flag=True, help="End the programs also when procrun itself is killed.")
@click.option("--input", "stdin", metavar="FILE", help="Read this file instead of stdin.", **usage.FILE)
@click.option("--output", "stdout", metavar="FILE", help="Write this file instead of stdout.", **usage.FILE)
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
    cwd: str | None,
    variables: dict[str, str | None],
    timeout: float | None,
    idle_timeout: float | None,
    grace: float,
    limits: Limits | None,
    die_with_parent: bool,
    stdin: str | None,
    stdout: str | None,
    shell: bool,
    pipefail: bool,
    verbose: bool,
) -> int:
    """Run TEXT, a program of the pipeline language, with $1, $2, ... $@ set to ARGS.

    No shell is involved, and no argument is ever read as syntax: quote TEXT, not the arguments.
    """
    from procrun.cli import foreground
    from procrun.engine.orphans import adopting
    from procrun.plan import Options

    options = Options().with_(
        timeout=timeout,
        idle_timeout=idle_timeout,
        grace=grace,
        limits=limits,
        die_with_parent=die_with_parent,
        cwd=cwd,
        env=variables,
        stdin=stdin,
        stdout=stdout,
        pipefail=pipefail,
        check=False,
    )
    if is_file:
        text = texts.read_text(text)
    with adopting():
        result = foreground.run(lambda: _prepare(text, args, options, shell=shell))
    if verbose:
        render.account(result)
    return _judge(result, verbose=verbose)


def _prepare(text: str, args: tuple[str, ...], options: Options, *, shell: bool) -> Pipeline:
    if shell:
        from procrun import system
        from procrun.plan import cmd

        return cmd(*system.shell_argv(text, args)).pipeline.with_(**options.given())
    from procrun.interp.program import prepare

    return prepare(text, args, options)


def _judge(result: Result, *, verbose: bool) -> int:
    """The exit status of a result, with a message where the programs cannot have given one."""
    from procrun.engine.failure import FunctionFailed, explain_result, failure_of

    if result.timed_out:
        render.error(str(failure_of(result)))
        return status.TIMED_OUT
    if result.error is not None:
        failure = failure_of(result)
        # There are no functions here but our own: what one raises, beyond errors of the text, is our fault.
        raise result.error if isinstance(failure, FunctionFailed) else failure
    if result.culprit is None:
        return result.status.shell
    culprit = result.stages[result.culprit]
    is_last = result.culprit == len(result.stages) - 1
    # A program that exits says itself why. One that was ended by a signal could not, and that a
    # stage before the last counts is not what people know from a shell. Nor does it know its limits.
    quiet = culprit.status.is_broken_pipe or (culprit.status.code is not None and is_last)
    if verbose or not quiet or culprit.limits:
        render.error(explain_result(result, hint=_hint(culprit.status, is_last=is_last)))
    return result.status.shell


def _hint(status: ExitStatus, *, is_last: bool) -> str | None:
    if status.code is None:
        return None
    return "" if is_last else "with --no-pipefail only the last stage of a pipeline counts"
