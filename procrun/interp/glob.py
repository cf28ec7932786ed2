"""File names that a pattern stands for.

Runs when a word is expanded. It reads folders and nothing else; an unreadable one has no
names (POSIX XCU 2.13.3). The same on every system: names compare by code point and case,
`/` separates, hidden means a leading dot.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from procrun.interp.patterns import Character, Pattern, Piece, characters, is_pattern

_SPECIAL = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class _Component:
    """What stands between two slashes of a pattern."""

    text: str
    """Its characters; the name itself when there is no pattern."""
    pattern: Pattern | None
    is_deep: bool
    """Whether it is `**`."""


def has_pattern(pieces: Sequence[Piece]) -> bool:
    """Whether a word made of these pieces is a pattern rather than a name."""
    if not any(piece.is_pattern and not _SPECIAL.isdisjoint(piece.text) for piece in pieces):
        return False  # Nearly every word; the rest takes each character apart.
    return any(is_pattern(component) for component in _split(characters(pieces)))


def find(pieces: Iterable[Piece], folder: str) -> list[str]:
    """The names that match, relative to the folder where the pattern is, sorted by code point.

    `*` `?` `[…]` stay within a name and match no leading dot. `**` as a whole name matches
    files and folders at every depth, or no folder at all when more follows; it neither
    enters nor gives hidden ones, and does not follow links to folders.
    """
    components = [_component(chars) for chars in _split(characters(pieces))]
    *leading, last = components
    prefixes = {""}
    for component in leading:
        prefixes = {found for prefix in prefixes for found in _folders(component, prefix, folder)}
    return sorted({found for prefix in prefixes for found in _names(last, prefix, folder)} - {""})


def _split(chars: Sequence[Character]) -> list[list[Character]]:
    """Cut at the slashes: no pattern matches one, not even inside `[…]` (POSIX XCU 2.13.3)."""
    components: list[list[Character]] = [[]]
    for char in chars:
        if char.char == "/":
            components.append([])
        else:
            components[-1].append(char)
    return components


def _component(chars: Sequence[Character]) -> _Component:
    text = "".join(char.char for char in chars)
    pattern = Pattern.of_characters(chars) if is_pattern(chars) else None
    return _Component(text, pattern, is_deep=text == "**" and all(char.is_special for char in chars))


def _folders(component: _Component, prefix: str, folder: str) -> Iterable[str]:
    """The prefixes that a component with more behind it leads to, each with its slash."""
    if component.pattern is None:
        # Whether it exists shows when something is looked for in it.
        return (f"{prefix}{component.text}/",)
    if component.is_deep:
        return (prefix, *(f"{prefix}{name}/" for name, entry in _tree(prefix, folder) if _is_real_folder(entry)))
    return [f"{prefix}{entry.name}/" for entry in _matching(component, prefix, folder) if _is_folder(entry)]


def _names(component: _Component, prefix: str, folder: str) -> Iterable[str]:
    """The names that the last component leads to."""
    if component.pattern is None:
        path = os.path.join(folder, prefix + component.text)
        # A slash at the end asks for a folder; a dangling link is a name too.
        exists = os.path.lexists(path) if component.text else os.path.isdir(path)
        return (prefix + component.text,) if exists else ()
    if component.is_deep:
        return [prefix + name for name, _ in _tree(prefix, folder)]
    return [prefix + entry.name for entry in _matching(component, prefix, folder)]


def _matching(component: _Component, prefix: str, folder: str) -> Iterator[os.DirEntry[str]]:
    """The entries of one folder that match; only a written dot matches a leading one."""
    pattern, shows_hidden = component.pattern, component.text.startswith(".")
    for entry in _entries(os.path.join(folder, prefix)):
        if pattern and (shows_hidden or not entry.name.startswith(".")) and pattern.matches(entry.name):
            yield entry


def _tree(prefix: str, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below a folder that is not hidden, with its path from there."""
    waiting = [""]
    while waiting:
        above = waiting.pop()
        for entry in _entries(os.path.join(folder, prefix, above)):
            if not entry.name.startswith("."):
                yield above + entry.name, entry
                if _is_real_folder(entry):
                    waiting.append(f"{above}{entry.name}/")


def _entries(path: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return list(entries)
    except OSError:
        return []  # Not there, no folder, not readable: nothing in it matches (POSIX XCU 2.13.3).


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # A link that leads in a circle.


def _is_real_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)
