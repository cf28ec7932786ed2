"""What is said about the places in a file: plain values, and the comments that are left in the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

COMMENT = "# procrun migrate: "
"""How a comment begins that says why a place was left as it is."""


class Kind(Enum):
    """What was done about a place, and what its reader has to do."""

    REWRITTEN = "rewritten"
    """It has an exact equivalent now; nothing is to be done."""

    MEANING = "meaning"
    """It runs, but not quite as it did: somebody should look at it."""

    LEFT = "left"
    """It was left as it is: somebody has to look at it."""

    COMPATIBLE = "compatible"
    """It was left as it is, because it is for Python 2 only; nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said about one place in a file."""

    kind: Kind
    """What was done about it."""

    line: int
    """Its line in the file as it was, from 1."""

    new_line: int
    """Its line in the text that it becomes."""

    what: str
    """The old name or expression."""

    why: str
    """What it is now, what is different, or why it was left."""

    check: str = ""
    """What to look at, or what to do; empty when there is nothing."""
