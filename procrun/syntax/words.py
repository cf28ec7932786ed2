"""From the pieces that the lexer read to a word, in the meaning of the place where it stands.

An argument has braces and a `~` at its start; the value of an assignment has no braces, and
a `~` also behind each colon; only an argument may be `$@`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from procrun.syntax.braces import pair_braces
from procrun.syntax.nodes import Arguments, Assignment, Braces, Part, Span, Text, Tilde, Word
from procrun.syntax.pieces import Pieces
from procrun.syntax.refusals import refuse

ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=)")

_USER = re.compile(r"[A-Za-z0-9_.+-]+")
_ARGUMENTS = frozenset(("$@", '"$@"', "${@}", '"${@}"'))


def argument(source: str, parts: Sequence[Part], span: Span, reach: Callable[[int], None]) -> Word:
    """An argument or a program's name; `reach` takes note of how deeply its braces are nested."""
    if any(isinstance(part, Arguments) for part in parts):
        _refuse_joined_arguments(source, parts, span)
        return Word(tuple(parts), span)
    paired, depth = pair_braces(parts)
    if depth:
        reach(depth)
    return Word(_with_home(source, paired), span)


def target(source: str, parts: Sequence[Part], span: Span, operator: str) -> Word:
    """The word of a redirection: one file, or the text of `<<<`."""
    _refuse_arguments(source, parts, "a redirection")
    if operator != "<<<" and pair_braces(parts)[1]:
        reason = f"`{source[span.start : span.end]}` stands for several words, and a redirection takes one file"
        refuse(source, span.start, span.end, reason, hint="name one file; quote braces that belong to its name")
    return Word(_with_home(source, parts), span)


def assignment(source: str, parts: Sequence[Part], span: Span) -> Assignment | None:
    """`NAME=value`, or None when the word is none."""
    first = parts[0]
    found = ASSIGNMENT.match(first.value) if isinstance(first, Text) and not first.quoted else None
    if found is None or not isinstance(first, Text):
        return None
    if found[2] == "+=":
        hint = f'write {found[1]}="${found[1]}…"'
        refuse(source, span.start, span.start + found.end(), "`+=` is not part of the language", hint=hint)
    _refuse_arguments(source, parts, "an assignment")
    start = span.start + found.end()
    rest = first.value[found.end() :]
    value = [Text(rest, span=Span(start, first.span.end)), *parts[1:]] if rest else parts[1:]
    return Assignment(found[1], Word(_with_homes(source, value, 0), Span(start, span.end)), span)


def exported(source: str, parts: Sequence[Part], span: Span) -> Word | None:
    """`NAME=value` as an argument of `export`, whose value is that of an assignment; None when it is none."""
    first = parts[0]
    found = ASSIGNMENT.match(first.value) if isinstance(first, Text) and not first.quoted else None
    if found is None or found[2] == "+=":
        return None
    _refuse_arguments(source, parts, "an assignment")
    return Word(_with_homes(source, parts, found.end()), span)


def inner(source: str, parts: Sequence[Part], span: Span, *, is_pattern: bool, in_double: bool) -> Word:
    """The word in `${NAME:-word}`: a pattern, or a value, in which nothing is a pattern."""
    _refuse_arguments(source, parts, "a longer word")
    # Double quotes around the whole quote a value, but not a pattern (POSIX XCU 2.6.2).
    resolved = _with_home(source, parts) if is_pattern or not in_double else tuple(parts)
    if is_pattern:
        return Word(resolved, span)
    pieces = Pieces()
    for part in resolved:
        pieces.add(replace(part, quoted=True) if isinstance(part, Text) else part)
    return Word(pieces.finish(), span)


def _refuse_joined_arguments(source: str, parts: Sequence[Part], span: Span) -> None:
    written = re.sub(r"\\\r?\n", "", source[span.start : span.end])
    if len(parts) > 1 or written not in _ARGUMENTS:
        _refuse_arguments(source, parts, "a longer word")


def _refuse_arguments(source: str, parts: Sequence[Part], place: str) -> None:
    for part in parts:
        if isinstance(part, Arguments):
            hint = 'write it alone, with a blank on both sides; for one argument write "$1"'
            refuse(
                source,
                part.span.start,
                part.span.end,
                f"`$@` stands in {place}, and becomes several words",
                expected="`$@` as an argument of its own",
                hint=hint,
            )


def _with_home(source: str, parts: Sequence[Part], behind: str = "") -> tuple[Part, ...]:
    """The parts with a `~` at their start resolved, also in braces there; `behind` is what follows a choice."""
    if not parts:
        return ()
    first, *rest = parts
    following = _start_of(rest[0]) if rest else behind
    if isinstance(first, Text) and not first.quoted:
        return (*_resolved(source, first, [0], "/", following), *rest)
    if isinstance(first, Braces):
        choices = (replace(choice, parts=_with_home(source, choice.parts, following)) for choice in first.choices)
        return (replace(first, choices=tuple(choices)), *rest)
    return tuple(parts)


def _with_homes(source: str, parts: Sequence[Part], start: int) -> tuple[Part, ...]:
    """The parts of an assignment with each `~` resolved, at the value's start and behind every colon."""
    resolved: list[Part] = []
    for place, part in enumerate(parts):
        if isinstance(part, Text) and not part.quoted and "~" in part.value:
            colons = [found.end() for found in re.finditer(":", part.value)]
            following = _start_of(parts[place + 1]) if place + 1 < len(parts) else ""
            resolved += _resolved(source, part, colons if place else [start, *colons], "/:", following)
        else:
            resolved.append(part)
    return tuple(resolved)


def _resolved(source: str, text: Text, places: Sequence[int], ends: str, behind: str) -> list[Part]:
    """A text cut at each `~` among the places which is the home folder; `behind` is what follows the text."""
    value, start = text.value, text.span.start
    parts: list[Part] = []
    done = 0
    for at in places:
        if not value.startswith("~", at):
            continue
        following = value[at + 1 :] or behind
        if following[:1] in ends:  # also at the very end
            if done < at:
                parts.append(Text(value[done:at], span=Span(start + done, start + at)))
            parts.append(Tilde(Span(start + at, start + at + 1)))
            done = at + 1
        elif found := _USER.match(following):
            _refuse_user(source, start + at, found[0])
    if done < len(value):
        parts.append(Text(value[done:], span=Span(start + done, text.span.end)))
    return parts


def _refuse_user(source: str, start: int, name: str) -> None:
    reason = f"`~{name}`, the home folder of a user, is not part of the language"
    hint = f"write the folder itself, or '~{name}' for these characters"
    # Behind braces the name stands elsewhere: `{b,~}me`.
    width = 1 + len(name) if source.startswith(name, start + 1) else 1
    refuse(source, start, start + width, reason, hint=hint)


def _start_of(part: Part) -> str:
    """What a part begins with, as far as it matters to a `~` before it."""
    return part.value if isinstance(part, Text) and not part.quoted else "$"
