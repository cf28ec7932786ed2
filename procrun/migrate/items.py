"""Taking items out of a list with commas, such as the arguments of a call, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

import libcst as cst

from procrun.migrate.draft import Draft

_REST_OF_LINE = re.compile(rb"[ \t]*,?[ \t]*(#[^\r\n]*)?(\r\n|\r|\n)")
_COMMA = re.compile(rb"\s*,")


def remove(draft: Draft, items: Sequence[cst.CSTNode], gone: Container[cst.CSTNode], *, has_parentheses: bool) -> None:
    """Remove some items of a list; one that is alone on its line goes with the line and its comment."""
    for first, last in _runs(items, gone):
        start, end = draft.tree.start(items[first]), draft.tree.end(items[last])
        line = draft.edits.line_start(start)
        rest = _REST_OF_LINE.match(draft.edits.data, end)
        if has_parentheses and rest and not draft.edits.data[line:start].strip():
            draft.edits.replace(line, rest.end(), "")
        elif last + 1 < len(items):
            draft.edits.replace(start, draft.tree.start(items[last + 1]), "")
        elif first == 0:
            comma = _COMMA.match(draft.edits.data, end)
            draft.edits.replace(start, comma.end() if comma else end, "")
        else:
            before = draft.tree.end(items[first - 1])
            # A comment there is about the item before.
            draft.edits.replace(start if b"#" in draft.edits.data[before:start] else before, end, "")


def _runs(items: Sequence[cst.CSTNode], gone: Container[cst.CSTNode]) -> list[tuple[int, int]]:
    """The neighbours that go together: places of the first and the last of each run."""
    runs: list[tuple[int, int]] = []
    for place, item in enumerate(items):
        if item in gone:
            if runs and runs[-1][1] == place - 1:
                runs[-1] = runs[-1][0], place
            else:
                runs.append((place, place))
    return runs
