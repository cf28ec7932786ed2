"""`{a,b}` and `{1..9}`: one written word becomes several, before anything is expanded.

Works on the tree alone and gives words without braces. Which braces are braces, and which
are ordinary characters, was the parser's decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod

from procrun.syntax.nodes import Braces, Part, Range, Text, Tilde, Word

LIMIT = 1_000_000
"""More words than any system passes to a program; `{1..9999999999}` must not eat the memory."""


def expand(word: Word) -> list[Word]:
    """The words that a word with braces stands for, in the order in which they are written.

    >>> word = Word((Text("a"), Braces((Word((Text("b"),)), Word((Text("c"),))))))
    >>> [word.literal for word in expand(word)]
    ['ab', 'ac']

    Raises OverflowError for more than `LIMIT` words.
    """
    if not has_braces(word):
        return [word]
    if count(word) > LIMIT:
        raise OverflowError(f"more than {LIMIT} words")
    results: list[tuple[Part, ...]] = [()]
    for part in word.parts:
        # Left to right, so that the last braces change fastest, as in bash.
        results = [done + choice for done in results for choice in _choices(part)]
    return [replace(word, parts=_with_home(parts)) for parts in results]


def has_braces(word: Word) -> bool:
    """Whether a word stands for several."""
    return any(isinstance(part, (Braces, Range)) for part in word.parts)


def count(word: Word) -> int:
    """How many words a word stands for."""
    return prod(_count(part) for part in word.parts)


def _with_home(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts, with a `~` that the choice has brought to the start as the home folder."""
    first = parts[0] if parts else None
    if not isinstance(first, Text) or first.quoted or not first.value.startswith("~"):
        return parts
    after = parts[1] if len(parts) > 1 else Text("/")
    follows = first.value[1:] or (after.value if isinstance(after, Text) and not after.quoted else "")
    if not follows.startswith("/"):
        return parts
    rest = (Text(first.value[1:], span=first.span),) if first.value != "~" else ()
    return (Tilde(first.span), *rest, *parts[1:])


def _count(part: Part) -> int:
    if isinstance(part, Braces):
        return sum(count(choice) for choice in part.choices)
    return len(_range(part)) if isinstance(part, Range) else 1


def _choices(part: Part) -> list[tuple[Part, ...]]:
    if isinstance(part, Braces):
        return [word.parts for choice in part.choices for word in expand(choice)]
    if isinstance(part, Range):
        # Quoted, because `{Z..a}` gives a `[` that nobody wrote as a pattern.
        return [(Text(text, quoted=True, span=part.span),) for text in _texts(part)]
    return [(part,)]


def _texts(part: Range) -> Iterator[str]:
    """The texts from the first to the last; numbers get the zeros that either end is written with."""
    if not _is_number(part.first):
        yield from map(chr, _range(part))
        return
    ends = (part.first, part.last)
    is_padded = any(len(end.lstrip("+-")) > 1 and end.lstrip("+-").startswith("0") for end in ends)
    width = max(map(len, ends)) if is_padded else 0
    for number in _range(part):
        yield f"{number:0{width}d}" if width else str(number)


def _range(part: Range) -> range:
    """The numbers, or code points, from the first to the last."""
    first, last = (int(end) if _is_number(end) else ord(end) for end in (part.first, part.last))
    step = abs(part.step) or 1
    return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)


def _is_number(text: str) -> bool:
    return text.lstrip("+-").isdigit()
