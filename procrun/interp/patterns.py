"""Patterns of the language: `*`, `?` and `[…]`, matched against one text.

Used for `${X%pattern}` and, name by name, for file names (`glob`). A pattern comes as
pieces, because what a value or quotes hold is never special. Matching takes time
proportional to the text, whatever the pattern (the dangerous regular expressions are those
with several `.*`; here a star is a search for what follows it).

Ranges and classes go by code point, and the classes (`[[:alpha:]]`) hold ASCII only, as in
the C locale: the same text means the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t\\n\\r\\f\\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class Piece(NamedTuple):
    """A part of an expanded word."""

    text: str
    is_pattern: bool = False
    """Whether `*`, `?` and `[` in it are special: unquoted and written in the text itself."""


class Character(NamedTuple):
    """One character of a pattern, and whether it can be special."""

    char: str
    is_special: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, cut at its stars into chunks that each match a fixed number of characters.

    >>> pattern = Pattern.of([Piece("*.t?t", True)])
    >>> pattern.matches("a.txt"), pattern.matches("a.text"), pattern.shortest("a.txt b.txt")
    (True, False, 5)
    """

    chunks: tuple[re.Pattern[str], ...]
    """What stands before, between and after the stars."""
    widths: tuple[int, ...]
    """How many characters each chunk matches."""

    @classmethod
    def of(cls, pieces: Iterable[Piece], *, backwards: bool = False) -> Pattern:
        """The pattern that the pieces are; `backwards` for a text that is read from its end."""
        return cls.of_characters(characters(pieces), backwards=backwards)

    @classmethod
    def of_characters(cls, chars: Sequence[Character], *, backwards: bool = False) -> Pattern:
        """The same from single characters."""
        atoms = _atoms(chars)
        if backwards:
            atoms.reverse()
        chunks: list[list[str]] = [[]]
        for atom in atoms:
            if atom == _STAR:
                chunks.append([])
            else:
                chunks[-1].append(atom)
        compiled = tuple(re.compile("".join(chunk), re.DOTALL) for chunk in chunks)
        return cls(compiled, tuple(len(chunk) for chunk in chunks))

    def matches(self, text: str) -> bool:
        """Whether the pattern matches all of the text."""
        if len(self.chunks) == 1:
            return self.chunks[0].fullmatch(text) is not None
        end = self._leading(text)
        start = len(text) - self.widths[-1]
        return end is not None and start >= end and self.chunks[-1].match(text, start) is not None

    def shortest(self, text: str) -> int | None:
        """The length of the shortest start of the text that the pattern matches, or None."""
        end = self._leading(text)
        if end is None or len(self.chunks) == 1:
            return end
        found = self.chunks[-1].search(text, end)
        return found.end() if found else None

    def longest(self, text: str) -> int | None:
        """The length of the longest start of the text that the pattern matches, or None."""
        end = self._leading(text)
        if end is None or len(self.chunks) == 1:
            return end
        last, width = self.chunks[-1], self.widths[-1]
        starts = range(len(text) - width, end - 1, -1)
        return next((start + width for start in starts if last.match(text, start)), None)

    def _leading(self, text: str) -> int | None:
        """Where the chunks before the last star end, each taken as early as can be."""
        first, *middle = self.chunks[:-1] or self.chunks
        found = first.match(text)
        for chunk in middle:
            if found is None:
                return None
            found = chunk.search(text, found.end())
        return found.end() if found else None


def characters(pieces: Iterable[Piece]) -> list[Character]:
    """The pieces' characters one by one."""
    return [Character(char, piece.is_pattern) for piece in pieces for char in piece.text]


def is_pattern(chars: Sequence[Character]) -> bool:
    """Whether anything in these characters is special."""
    return any(
        char.is_special and (char.char in "*?" or (char.char == "[" and _bracket(chars, place) is not None))
        for place, char in enumerate(chars)
    )


_STAR = ""


def _atoms(chars: Sequence[Character]) -> list[str]:
    """A regular expression for each character that is matched, and `_STAR` for each star."""
    atoms = []
    place = 0
    while place < len(chars):
        char, is_special = chars[place]
        bracket = _bracket(chars, place) if is_special and char == "[" else None
        if bracket is not None:
            atom, place = bracket
            atoms.append(atom)
            continue
        if is_special and char == "*":
            atoms.append(_STAR)
        else:
            atoms.append("." if is_special and char == "?" else re.escape(char))
        place += 1
    return atoms


def _bracket(chars: Sequence[Character], place: int) -> tuple[str, int] | None:
    """The expression of the `[…]` that starts here and the place behind it; None without its `]`.

    POSIX XBD 9.3.5: a `]` that comes first is a member, `!` negates, `a-z` is a range.
    """
    place += 1
    is_negated = place < len(chars) and chars[place] in (("!", True), ("^", True))
    if is_negated:
        place += 1
    members: list[str] = []
    first = place
    while place < len(chars):
        char, is_special = chars[place]
        if is_special and char == "]" and place > first:
            return _one_of(members, is_negated), place + 1
        known = _class(chars, place)
        if known:
            members.append(_CLASSES[known])
            place += len(known) + 4
        elif _is_range(chars, place):
            last = chars[place + 2].char
            if char <= last:
                members.append(f"{re.escape(char)}-{re.escape(last)}")
            place += 3
        else:
            members.append(re.escape(char))
            place += 1
    return None


def _class(chars: Sequence[Character], place: int) -> str:
    """The name of the class `[:name:]` that starts here, or an empty text."""
    if not chars[place].is_special:
        return ""
    ahead = "".join(char.char if char.is_special else "\0" for char in chars[place : place + 10])
    found = re.match(r"\[:([a-z]+):\]", ahead)
    return found[1] if found and found[1] in _CLASSES else ""


def _is_range(chars: Sequence[Character], place: int) -> bool:
    """Whether `a-z` starts here; a `-` that comes first or last is a member."""
    return place + 2 < len(chars) and chars[place + 1] == ("-", True) and chars[place + 2] != ("]", True)


def _one_of(members: Sequence[str], is_negated: bool) -> str:
    if not members:
        return "." if is_negated else "(?!)"  # only reversed ranges, which hold nothing
    return f"[{'^' if is_negated else ''}{''.join(members)}]"
