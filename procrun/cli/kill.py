"""`procrun kill`: end processes with everything below them, and say what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from procrun.cli import render, usage
from procrun.errors import ProcessNotFound

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from procrun.system.facts import Row

_SIGKILL = 9


def _signal(context: click.Context, option: click.Parameter, value: str) -> int:
    """The number of a signal that asks a process to end."""
    from procrun.signals.names import SignalError
    from procrun.signals.sending import asking_signal

    try:
        return asking_signal(value)
    except SignalError as error:
        raise click.BadParameter(str(error), context, option) from error


def _complete_signals(context: click.Context, option: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from procrun.signals.names import SIGNALS

    names = [one.name.removeprefix("SIG") for one in SIGNALS if one.number is not None and one.asks_to_end]
    return [CompletionItem(name) for name in names if name.startswith(incomplete.upper())]


def _complete_pids(context: click.Context, argument: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from procrun.system import table

    rows = [row for row in table.read_table() if str(row.pid).startswith(incomplete)]
    return [CompletionItem(str(row.pid), help=row.name) for row in rows]


@click.command("kill", cls=usage.Command, epilog="Example: procrun kill 4711 --grace 10")
@click.argument(
    "pids", nargs=-1, required=True, metavar="PID...", callback=usage.processes, shell_complete=_complete_pids
)
@click.option(
    "--signal",
    "ask",
    default="TERM",
    metavar="NAME",
    callback=_signal,
    shell_complete=_complete_signals,
    help="Ask by this signal instead of TERM; KILL asks nobody.",
)
@click.option(
    "--grace", default="5", metavar="SECONDS", callback=usage.seconds, help="Kill what is left after so long (5)."
)
@click.option("--tree/--no-tree", "is_tree", default=True, help="Whether what they have started ends, too.")
@click.option("--dry-run", is_flag=True, help="Say which processes these are, and signal none.")
@click.option("--force", is_flag=True, help="Also process 1, this one and those that started it.")
def command(pids: tuple[int, ...], *, ask: int, grace: float, is_tree: bool, dry_run: bool, force: bool) -> int:
    """Ask each PID and everything below it to end, kill what does not, and say what became of them.

    The status is 1 if something survived, or if there is no such process.
    """
    from procrun.signals.sending import below, find_process, refuse_protected, stop_all

    if not force and not dry_run:
        for pid in pids:
            refuse_protected(pid)
    rows: list[Row] = []
    missing = []
    for pid in dict.fromkeys(pids):
        try:
            rows.append(find_process(pid))
        except ProcessNotFound as error:
            missing.append(error)
    if missing and not rows:
        raise missing[0]
    for absent in missing:
        # The others are ended all the same: who lists processes cannot know which end meanwhile.
        render.error(str(absent))
    if dry_run:
        for row in below(rows, tree=is_tree).find({}):
            render.out(_line(row))
        return 1 if missing else 0
    report = stop_all(rows, 0 if ask == _SIGKILL else grace, tree=is_tree, ask=ask, force=force)
    render.out(str(report))
    return 0 if report.is_complete and not missing else 1


def _line(row: Row) -> str:
    from procrun.quoting import printable
    from procrun.system import table

    return f"{row.pid}  {printable(table.command_of(row))}"
