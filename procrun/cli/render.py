"""What people see: the only module that prints.

Results go to stdout, everything procrun says about itself to stderr, each line beginning
with `procrun:`.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import click

    from procrun.engine.result import Result


def out(text: str) -> None:
    """Write a command's result to stdout, whatever bytes its names hold."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape") + b"\n")


def error(message: str) -> None:
    """Tell on stderr what went wrong."""
    note(f"procrun: {message}")


def note(message: str) -> None:
    """Write a line about the run to stderr."""
    try:
        sys.stderr.flush()
        os.write(2, message.encode("utf-8", "surrogateescape") + b"\n")
    except (OSError, ValueError, AttributeError):
        return  # There is no stderr; the exit status says what remains to be said.


def usage_error(mistake: click.UsageError) -> None:
    """Tell what is wrong with the command line, and where its help is."""
    name = mistake.ctx.command_path if mistake.ctx else "procrun"
    error(f"{mistake.format_message()}\n  see `{name} --help`")


def fault(reason: Exception) -> None:
    """Tell that procrun itself has failed; the traceback is for those who mend it."""
    import traceback

    if os.environ.get("PROCRUN_TRACEBACK"):
        note("".join(traceback.format_exception(type(reason), reason, reason.__traceback__)).rstrip())
    error(
        f"procrun itself failed: {type(reason).__name__}: {reason}\n"
        "  this is a fault of procrun; PROCRUN_TRACEBACK=1 shows where, for a report"
    )


def account(result: Result) -> None:
    """Say of each stage how it ended and what it used."""
    for number, stage in enumerate(result.stages, 1):
        used = f"{stage.duration:.2f} s, CPU {stage.user_time + stage.system_time:.2f} s"
        memory = f", {stage.peak_memory / 2**20:.0f} MiB" if stage.peak_memory else ""
        because = ", only because its reader had gone" if stage.role == "consequence" else ""
        note(
            f"procrun: stage {number} of {len(result.stages)} `{stage.command}` {stage.status.describe()}{because} ({used}{memory})"
        )


def flush() -> None:
    """Write out what is left of stdout; raises BrokenPipeError when nobody reads it."""
    if sys.stdout is not None:
        sys.stdout.flush()


def leave(code: int) -> NoReturn:
    """End the process; a stdout that nobody reads any more is no reason for a message."""
    try:
        flush()
    except OSError:
        # Python would complain about the same write again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)
