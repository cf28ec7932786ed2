"""`{a,b}` and `{1..9}`: find the braces of a word that stand for several words.

As in bash, which looks at them before anything else: what does not pair, or holds neither a
comma nor a range, is ordinary text, and so is every quoted brace. Two passes, each in time
proportional to the word: which braces pair, then the tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from procrun.syntax.nodes import Braces, Part, Range, Span, Text, Word
from procrun.syntax.pieces import Pieces

_MARK = re.compile(r"[{},]|\.\.(?!\})")

# Eighteen digits fit into the 64 bits with which bash counts.
_RANGE = re.compile(r"(?:([+-]?[0-9]{1,18})\.\.([+-]?[0-9]{1,18})|([A-Za-z])\.\.([A-Za-z]))(?:\.\.([+-]?[0-9]{1,18}))?")


class _Mark(NamedTuple):
    """A `{`, `,`, `}` or `..` in unquoted text."""

    char: str
    part: int
    """Which part it stands in."""
    at: int
    """Its offset in that part's text."""


@dataclass(slots=True)
class _Open:
    """A `{` that may yet be closed."""

    mark: int
    commas: list[int] = field(default_factory=list)
    has_dots: bool = False


@dataclass(slots=True)
class _Pairs:
    """What the marks are, by their numbers; a mark in none of these is text."""

    choices: dict[int, int] = field(default_factory=dict)
    """From the `{` to its `}`."""
    ranges: dict[int, tuple[int, Range]] = field(default_factory=dict)
    """From the `{` to its `}` and what it is."""
    separators: set[int] = field(default_factory=set)
    """Commas and closing braces of choices."""


def pair_braces(parts: Sequence[Part]) -> tuple[tuple[Part, ...], int]:
    """The parts of a word with `Braces` and `Range` in them, and how deeply these are nested."""
    marks = [
        _Mark(found[0], place, found.start())
        for place, part in enumerate(parts)
        if isinstance(part, Text) and not part.quoted
        for found in _MARK.finditer(part.value)
    ]
    if not marks:
        return tuple(parts), 0
    return _build(parts, marks, _pair(parts, marks))


def _pair(parts: Sequence[Part], marks: list[_Mark]) -> _Pairs:
    pairs = _Pairs()
    stack: list[_Open] = []
    start = (0, 0)  # where bash would begin to look: at the word's start, and behind each pair
    for number, mark in enumerate(marks):
        if mark.char == "{":
            # Only there bash leaves `{}` alone: `{},b}` is one word, but `x{},b}` is `x}` and `xb`.
            if stack or (mark.part, mark.at) != start or not _is_empty_pair(marks, number):
                stack.append(_Open(number))
        elif not stack:
            continue
        elif mark.char == ",":
            stack[-1].commas.append(number)
        elif mark.char == "..":
            stack[-1].has_dots = True
        elif stack[-1].commas:
            brace = stack.pop()
            pairs.choices[brace.mark] = number
            pairs.separators.update(brace.commas, (number,))
            start = (mark.part, mark.at + 1)
        else:
            made = _range(parts, marks, stack[-1].mark, number)
            if made:
                pairs.ranges[stack[-1].mark] = (number, made)
                start = (mark.part, mark.at + 1)
            # An outermost brace waits for a later `}`: `{a},b}` is `a}` and `b`, as in bash.
            if made or stack[-1].has_dots or len(stack) > 1:
                stack.pop()
    return pairs


def _is_empty_pair(marks: list[_Mark], number: int) -> bool:
    """Whether a `}` stands directly behind this `{`."""
    mark, following = marks[number], marks[number + 1 : number + 2]
    return following == [_Mark("}", mark.part, mark.at + 1)]


def _range(parts: Sequence[Part], marks: list[_Mark], first: int, last: int) -> Range | None:
    """The range that stands between two braces, if it is one."""
    opening, closing = marks[first], marks[last]
    part = parts[opening.part]
    if closing.part != opening.part or not isinstance(part, Text):
        return None
    found = _RANGE.fullmatch(part.value, opening.at + 1, closing.at)
    if found is None:
        return None
    start = part.span.start
    span = Span(start + opening.at, start + closing.at + 1)
    return Range(found[1] or found[3], found[2] or found[4], int(found[5] or 0), span)


class _Level:
    """Braces in the making: the choices before the last comma, and the one that grows."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.choices: list[Word] = []
        self.pieces = Pieces()
        self.choice_start = start

    def end_choice(self, end: int) -> None:
        self.choices.append(Word(self.pieces.finish(), Span(self.choice_start, end)))
        self.pieces, self.choice_start = Pieces(), end + 1


def _build(parts: Sequence[Part], marks: list[_Mark], pairs: _Pairs) -> tuple[tuple[Part, ...], int]:
    levels = [_Level(0)]
    depth = 0
    number = 0
    for place, part in enumerate(parts):
        if not isinstance(part, Text) or part.quoted:
            levels[-1].pieces.add(part)
            continue
        at, start = 0, part.span.start
        while number < len(marks) and marks[number].part == place:
            mark = marks[number]
            if number in pairs.ranges:
                _add_text(levels[-1], part, at, mark.at)
                number, made = pairs.ranges[number]
                levels[-1].pieces.add(made)
                depth = max(depth, len(levels))
                at = marks[number].at + 1
            elif number in pairs.choices:
                _add_text(levels[-1], part, at, mark.at)
                levels.append(_Level(start + mark.at))
                levels[-1].choice_start += 1
                depth = max(depth, len(levels) - 1)
                at = mark.at + 1
            elif number in pairs.separators:
                _add_text(levels[-1], part, at, mark.at)
                levels[-1].end_choice(start + mark.at)
                at = mark.at + 1
                if mark.char == "}":
                    level = levels.pop()
                    levels[-1].pieces.add(Braces(tuple(level.choices), Span(level.start, start + at)))
            number += 1
        _add_text(levels[-1], part, at, len(part.value))
    return levels[0].pieces.finish(), depth


def _add_text(level: _Level, part: Text, first: int, last: int) -> None:
    if first < last:
        start = part.span.start
        level.pieces.add_text(part.value[first:last], False, start + first, start + last)
