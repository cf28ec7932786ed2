"""What people see: the only module that prints.

Results go to stdout, everything procrun says about itself to stderr, each message beginning
with `procrun:`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import click

    from procrun.engine.result import Result


def open_closed_streams() -> None:
    """Put something on the standard descriptors that are closed (`procrun … >&-`).

    The next file we open would get such a number, and a program take it for its output. The null device
    is opened the wrong way round, so that reading and writing fail as they would have.
    """
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_RDONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is this one: those below are open.
            os.set_inheritable(os.open(os.devnull, mode), True)
    sys.stdin = sys.stdin or open(0, closefd=False)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)


def out(result: str | bytes) -> None:
    """Write a command's result to stdout: lines of text, or bytes as they are."""
    data(result if isinstance(result, bytes) else encoded(result) + b"\n")


def data(content: bytes) -> None:
    """Write bytes to stdout as they are."""
    with _told():
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


def width() -> int | None:
    """The columns of the terminal that stdout is (COLUMNS may say otherwise); None when it is none."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def encoded(text: str) -> bytes:
    """A result's bytes: those that came as arguments and file names are given as they came."""
    try:
        return text.encode(sys.getfilesystemencoding(), "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def error(message: str) -> None:
    """Tell on stderr what went wrong, so that the terminal obeys nothing of what is told."""
    from procrun.quoting import printable

    note("procrun: " + "\n".join(map(printable, message.split("\n"))))


def note(message: str) -> None:
    """Write a line about the run to stderr."""
    from procrun import system

    try:
        sys.stderr.flush()
        system.write_all(2, encoded(message) + b"\n")
    except OSError:
        return  # There is no stderr; the exit status says what remains to be said.


def usage_error(mistake: click.UsageError) -> None:
    """Tell what is wrong with the command line, and where its help is."""
    from procrun.cli import usage

    error(usage.explain_mistake(mistake))


def fault(reason: Exception) -> None:
    """Tell that procrun itself has failed; the traceback is for those who mend it."""
    import traceback

    from procrun.errors import word

    if os.environ.get("PROCRUN_TRACEBACK"):
        note("".join(traceback.format_exception(type(reason), reason, reason.__traceback__)).rstrip())
    error(
        f"procrun itself failed: {word(reason)}\n"
        "  this is a fault of procrun; PROCRUN_TRACEBACK=1 shows where, for a report"
    )


def account(result: Result) -> None:
    """Say of each stage how it ended and what it used."""
    for number, stage in enumerate(result.stages, 1):
        used = f"{stage.duration:.2f} s, CPU {stage.user_time + stage.system_time:.2f} s"
        memory = f", {_memory(stage.peak_memory)}" if stage.peak_memory else ""
        because = ", only because its reader had gone" if stage.role == "consequence" else ""
        place = f"stage {number} of {len(result.stages)} `{stage.command}`"
        note(f"procrun: {place} {stage.status.describe()}{because} ({used}{memory})")


def _memory(peak: int) -> str:
    """A stage's peak memory; where it may be ours, with which the kernel begins to count, that it was no more."""
    from procrun import system

    return f"{'at most ' if peak <= system.own_peak_memory() else ''}{peak / 2**20:.0f} MiB"


def flush() -> None:
    """Write out what is left of stdout; raises BrokenPipeError when nobody reads it, else ProcrunError."""
    with _told():
        sys.stdout.flush()


@contextmanager
def _told() -> Iterator[None]:
    """Say of an error that it is stdout's."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        from procrun.errors import ProcrunError, explain

        reason = f"stdout cannot be written: {error.strerror or error}"
        hint = "what has come out is not the whole; lead stdout to where there is room for it"
        raise ProcrunError(explain(reason, hint=hint)) from error


def leave(code: int) -> NoReturn:
    """End the process; a stdout that nobody reads any more has been told about, or needs no telling."""
    _let_ctrl_c_end_us()
    _flush_or_drop()
    sys.exit(code)


def leave_interrupted() -> NoReturn:
    """End the process because of Ctrl-C: 130, and in the terminal's foreground by the signal itself.

    A shell ends its own loop only when it sees that (`for …; do procrun pipe …; done`).
    """
    _let_ctrl_c_end_us()

    from procrun import system
    from procrun.system import terminal

    _flush_or_drop()
    if terminal.shares_signals():
        system.end_by_signal(signal.SIGINT)
    sys.exit(128 + signal.SIGINT)


def _let_ctrl_c_end_us() -> None:
    """From here on there is nothing to tidy up, and KeyboardInterrupt would only be shown as a traceback."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _flush_or_drop() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        # Python would complain about the same write again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
