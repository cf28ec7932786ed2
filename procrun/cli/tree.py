"""`procrun tree`: the processes of this machine, or those below one, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from procrun.cli import render, usage

if TYPE_CHECKING:
    from procrun.monitor.tree import Entry, Tree

_HEADINGS = ("PID", "STATE", "CPU", "MEMORY", "AGE")
_UNREADABLE = "-"

# The lines of the tree may take up a third of the room for the command.
_PART_OF_LINES = 3

_UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s"))


@click.command("tree", cls=usage.Command, epilog="Example: procrun tree 4711")
@click.argument("pid", required=False, callback=usage.process)
@click.option("--json", "is_json", is_flag=True, help="Say it as JSON, for programs.")
def command(pid: int | None, *, is_json: bool) -> int:
    """Show all processes as a tree, or PID and everything below it.

    CPU is the time that a process has used, MEMORY what it holds, AGE how long ago it started; what
    the system does not let us read is -.
    """
    from procrun.monitor.tree import snapshot

    tree = snapshot()
    if pid is not None:
        tree = tree.below([pid])
    if is_json:
        import json

        render.out(json.dumps(tree.as_json(), indent=2))
    else:
        render.out("\n".join(table(tree, render.width())))
    return 0


def table(tree: Tree, width: int | None) -> list[str]:
    """The lines of the table; none is wider than `width` columns, unless that is None."""
    rows = [_HEADINGS, *(_cells(entry, tree.taken) for entry in tree.processes)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADINGS))]
    # Words to the left, numbers to the right.
    aligned = [
        "  ".join(
            cell.ljust(size) if place == 1 else cell.rjust(size) for place, (cell, size) in enumerate(zip(row, widths))
        )
        for row in rows
    ]
    room = None if width is None else max(0, width - len(aligned[0]) - 2) // _PART_OF_LINES
    lines = branches(tree.processes, room)
    commands = ["COMMAND", *(line + entry.title for line, entry in zip(lines, tree.processes))]
    return [cut(f"{left}  {text}", width) for left, text in zip(aligned, commands)]


def branches(processes: tuple[Entry, ...], room: int | None) -> list[str]:
    """The lines of the tree in front of each process; where they are wider than `room`, the depth as a number."""
    found: list[str] = []
    # Whether a later process hangs on the same branch, by depth: known from below upwards.
    goes_on: list[bool] = []
    for entry in reversed(processes):
        depth = entry.depth
        goes_on += [False] * (depth + 1 - len(goes_on))
        trunk = "".join("│  " if goes_on[level] else "   " for level in range(1, depth))
        text = trunk + ("├─ " if goes_on[depth] else "└─ ") if depth else ""
        if room is not None and len(text) > room:
            text = f"{depth}· "
        found.append(text)
        goes_on[depth] = True
        del goes_on[depth + 1 :]
    return found[::-1]


def cut(text: str, room: int | None) -> str:
    """As much of a text as so many columns of a terminal show, with an ellipsis for the rest."""
    if room is None:
        return text
    used = fitting = 0
    for char in text:
        used += _columns(char)
        if used > room:
            return f"{text[:fitting]}…"
        # Beside the ellipsis.
        fitting += used < room
    return text


def age(seconds: float) -> str:
    """A time in at most two units.

    >>> age(0.42), age(75), age(7500), age(200000)
    ('0.4s', '1m15s', '2h05m', '2d07h')
    """
    if seconds < 60:
        return f"{seconds:.1f}s" if seconds < 9.95 else f"{int(seconds)}s"
    large, unit, small, rest = next(row for row in _UNITS if seconds >= row[0])
    return f"{int(seconds // large)}{unit}{int(seconds % large // small):02}{rest}"


def size(count: int) -> str:
    """A number of bytes.

    >>> size(512), size(12_900_000), size(3 << 30)
    ('512 B', '12.3 MiB', '3.0 GiB')
    """
    if count < 1024:
        return f"{count} B"
    value = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1024
        if value < 1024:
            return f"{value:.1f} {unit}"
    return f"{value / 1024:.1f} TiB"


def _cells(entry: Entry, taken: float) -> tuple[str, ...]:
    return (
        str(entry.pid),
        entry.state,
        _UNREADABLE if entry.cpu is None else age(entry.cpu),
        _UNREADABLE if entry.memory is None else size(entry.memory),
        _UNREADABLE if entry.started is None else age(max(0.0, taken - entry.started)),
    )


def _columns(char: str) -> int:
    """How many columns of a terminal a character takes (Unicode Standard Annex 11)."""
    import unicodedata

    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
