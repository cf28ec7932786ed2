"""What migrating has found, as people and programs read it: the diff, the notes, and all of it as JSON."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from procrun.migrate.notes import Kind, Note
from procrun.migrate.run import Outcome

_SHOWN = (Kind.MEANING, Kind.LEFT)


def diff(outcome: Outcome) -> bytes:
    """A unified diff, in the bytes of the file itself, so that `patch` can apply it; empty when nothing changes."""
    name = outcome.path.encode("utf-8", "surrogateescape")
    lines = difflib.diff_bytes(
        difflib.unified_diff, _lines(outcome.before), _lines(outcome.after), name, name, lineterm=b"\n"
    )
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


def describe(outcome: Outcome) -> Iterator[str]:
    """What somebody should look at: place, old name, what is different, what to check. Equal notes stand together.

    The lines are those of the file as it is now.
    """
    together: dict[tuple[str, str, str], list[int]] = {}
    for note in outcome.notes:
        if note.kind in _SHOWN:
            line = note.new_line if outcome.is_written else note.line
            lines = together.setdefault((note.what, note.why, note.check), [])
            if line not in lines:
                lines.append(line)
    for (what, why, check), lines in together.items():
        places = f"{outcome.path}:{', '.join(map(str, lines))}"
        yield f"{places}: `{_one_line(what)}`: {why}" + (f"\n  check: {check}" if check else "")


def summarize(outcomes: Sequence[Outcome]) -> str:
    """One line about all files."""
    changed = [outcome for outcome in outcomes if outcome.is_changed]
    verb = "changed" if any(outcome.is_written for outcome in outcomes) else "would change"
    notes = [note.kind for outcome in outcomes for note in outcome.notes]
    parts = [f"{len(changed)} of {_count(len(outcomes), 'file')} {verb}"]
    if Kind.MEANING in notes:
        parts.append(f"{_count(notes.count(Kind.MEANING), 'place')} to check")
    if Kind.LEFT in notes:
        parts.append(f"{_count(notes.count(Kind.LEFT), 'place')} left alone")
    failed = sum(bool(outcome.error) for outcome in outcomes)
    if failed:
        parts.append(f"{failed} failed")
    return ", ".join(parts)


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All of it, for programs."""
    return {
        "files": [
            {
                "path": outcome.path,
                "changed": outcome.is_changed,
                "written": outcome.is_written,
                "error": outcome.error or None,
                "notes": [_note(note) for note in outcome.notes],
                "diff": diff(outcome).decode("utf-8", "replace"),
            }
            for outcome in outcomes
        ]
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "kind": note.kind.value,
        "line": note.line,
        "new_line": note.new_line,
        "what": note.what,
        "why": note.why,
        "check": note.check,
    }


def _lines(data: bytes) -> list[bytes]:
    """The lines as diff and patch know them: they end with LF."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _one_line(text: str) -> str:
    first, *rest = text.splitlines()
    return f"{first} …" if rest else first


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
