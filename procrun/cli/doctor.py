"""`procrun doctor`: why a process and those below it do not go on."""

from __future__ import annotations

import click

from procrun.cli import render, usage


@click.command("doctor", cls=usage.Command, epilog="Example: procrun doctor 4711")
@click.argument("pids", metavar="PID...", nargs=-1, required=True, callback=usage.processes)
@click.option(
    "--interval",
    callback=usage.seconds,
    default="1",
    metavar="SECONDS",
    help="Watch so long before looking; 1 unless given.",
)
@click.option("--json", "is_json", is_flag=True, help="Say it as JSON, for programs.")
def command(pids: tuple[int, ...], *, interval: float, is_json: bool) -> int:
    """Say why PID, and all processes below it, hang.

    Who waits for which pipe, lock, terminal, socket or child, and who holds the other end of each pipe. The last lines
    are the most probable cause and what to do about it. Nothing is changed or stopped.
    """
    from procrun.monitor.doctor import diagnose

    diagnosis = diagnose(pids, interval)
    if is_json:
        import json

        render.out(json.dumps(diagnosis.as_json(), indent=2))
    else:
        render.out(str(diagnosis))
    return 0
