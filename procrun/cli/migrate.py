"""`procrun migrate`: rewrite programs that use Python 2's modules for processes and threads.

The diff goes to stdout, what somebody should look at to stderr; `--json` says both on stdout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from procrun.cli import render, usage

if TYPE_CHECKING:
    from procrun.migrate.run import Outcome

FORMAT, VERSION = "procrun-migration", 1
"""What the JSON says of itself; the version grows when a reader of an older one would be misled."""

WOULD_CHANGE, FAILED = 1, 2
"""Exit statuses, as `diff` has them: something differs (only with --check); something is wrong with a file."""


@click.command("migrate", cls=usage.Command, epilog="Example: procrun migrate --write src tests")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.UNPROCESSED, shell_complete=usage.complete_files
)
@click.option("-w", "--write", is_flag=True, help="Change the files, instead of showing the changes.")
@click.option("--check", is_flag=True, help="End with status 1 when a file would change.")
@click.option("--json", "is_json", is_flag=True, help="Say it as JSON, for programs.")
def command(paths: tuple[str, ...], *, write: bool, check: bool, is_json: bool) -> int:
    """Rewrite what files, and all Python files in folders, do with modules that Python 3 has not.

    Shows the changes as a diff, and on stderr what means something else now or was left as it is. The
    files must be in Python 3's syntax. The exit status is 2 if something is wrong with a file; it is
    left as it is then, and the others are dealt with.
    """
    if write and check:
        raise click.UsageError("--write and --check exclude each other", click.get_current_context())
    from procrun.migrate import report, run

    outcomes = []
    for outcome in run.migrate(paths, write=write):
        outcomes.append(outcome)
        if not is_json:
            _show(outcome)
    if is_json:
        import json

        render.out(json.dumps({"format": FORMAT, "version": VERSION, **report.as_json(outcomes)}, indent=2))
    else:
        render.note(f"procrun: {report.summarize(outcomes)}")
    if any(outcome.error for outcome in outcomes):
        return FAILED
    return WOULD_CHANGE if check and any(outcome.is_changed for outcome in outcomes) else 0


def _show(outcome: Outcome) -> None:
    from procrun.migrate import report

    if not outcome.is_written:
        render.data(report.diff(outcome))
        # So that the notes stand behind their diff also where both go to one file.
        render.flush()
    if outcome.error:
        render.error(outcome.error)
    for line in report.describe(outcome):
        render.note(f"procrun: {line}")
