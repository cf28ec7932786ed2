"""`{a,b}` and `{1..9}`: find the braces that stand for several words.

The lexer puts a `Mark` for each unquoted brace and comma. Here they are paired, in one pass
with a stack, as bash does: what does not pair, or holds neither a comma nor a range, is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from procrun.syntax.nodes import Braces, Part, Range, Span, Text, Word
from procrun.syntax.reader import MAX_DEPTH, Reader

_RANGE = re.compile(r"(-?[0-9]+|[A-Za-z])\.\.(-?[0-9]+|[A-Za-z])(?:\.\.(-?[0-9]+))?")


@dataclass(frozen=True)
class Mark:
    """An unquoted `{`, `,` or `}`."""

    char: str
    at: int


@dataclass
class _Open:
    """A brace that has been opened: the choices before the last comma, and what follows it."""

    at: int
    choices: list[list[Part]] = field(default_factory=list)
    commas: list[int] = field(default_factory=list)
    last: list[Part] = field(default_factory=list)


def pair_braces(items: Iterable[Part | Mark], reader: Reader) -> tuple[Part, ...]:
    """The parts of a word, with every brace and comma in its meaning, and neighbouring text joined."""
    stack = [_Open(-1)]
    for item in items:
        top = stack[-1]
        if not isinstance(item, Mark):
            top.last.append(item)
        elif item.char == "{":
            stack.append(_Open(item.at))
            if len(stack) > MAX_DEPTH:
                reader.too_deep(stack[1].at, item.at + 1)
        elif item.char == ",":
            top.choices.append(top.last)
            top.commas.append(item.at)
            top.last = []
        else:
            stack.pop()
            stack[-1].last += _closed(top, item.at)
    while len(stack) > 1:
        top = stack.pop()
        stack[-1].last += _as_text(top)
    return join_text(stack[0].last)


def join_text(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts with neighbouring text of one kind joined, so that a word has one form."""
    joined: list[Part] = []
    for quoted, run in groupby(parts, lambda part: part.quoted if isinstance(part, Text) else None):
        if quoted is None:
            joined += run
            continue
        texts = [part for part in run if isinstance(part, Text)]
        span = Span(texts[0].span.start, texts[-1].span.end)
        joined.append(Text("".join(part.value for part in texts), quoted, span))
    return tuple(joined)


def _closed(brace: _Open, end: int) -> list[Part]:
    """What a pair of braces is."""
    span = Span(brace.at, end + 1)
    if brace.choices:
        choices = [*brace.choices, brace.last]
        return [Braces(tuple(Word(join_text(choice), span) for choice in choices), span)]
    parts = join_text(brace.last)
    only = parts[0] if len(parts) == 1 else None
    if isinstance(only, Text) and not only.quoted:
        found = _RANGE.fullmatch(only.value)
        # Letters count with letters, numbers with numbers.
        if found and found[1].isalpha() == found[2].isalpha():
            return [Range(found[1], found[2], int(found[3] or 0), span)]
    return [*_as_text(brace), _char("}", end)]


def _as_text(brace: _Open) -> list[Part]:
    """The brace and its commas as the characters they are."""
    parts: list[Part] = [_char("{", brace.at)]
    for choice, comma in zip(brace.choices, brace.commas):
        parts += [*choice, _char(",", comma)]
    return parts + brace.last


def _char(char: str, at: int) -> Text:
    return Text(char, span=Span(at, at + 1))
