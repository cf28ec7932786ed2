"""Changes to a text, collected while it is read and made all at once.

Places are offsets into the text's bytes in UTF-8, as libcst counts them. What no change
touches stays as it is, byte for byte.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from procrun.migrate.notes import COMMENT, Kind, Note

_NEWLINE = re.compile(rb"\r\n|\r|\n")


class Mark(NamedTuple):
    """A note whose place after the changes is not known yet."""

    kind: Kind
    offset: int
    what: str
    why: str
    check: str


class Edits:
    """The changes to one text, and the notes about it.

    >>> edits = Edits("import Queue\\n")
    >>> edits.replace(7, 12, "queue")
    >>> edits.text()
    'import queue\\n'
    """

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self._changes: dict[tuple[int, int], list[str]] = {}
        # Apart, because they stand nearest to their line, after all that is put behind the line before.
        self._comments: dict[int, dict[str, None]] = {}
        self._marks: set[Mark] = set()

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in place of another."""
        if self.data[start:end] != text.encode():
            self._changes[start, end] = [text]

    def insert(self, at: int, text: str) -> None:
        """Put a text between two characters, after what has been put there already, but once."""
        added = self._changes.setdefault((at, at), [])
        if text not in added:
            added.append(text)

    def comment(self, at: int, why: str) -> None:
        """Put a comment above the line that begins its code at `at`, unless it stands there."""
        line = self.line_start(at)
        text = f"{COMMENT}{why}"
        if text.encode() not in self._comment_lines_above(line):
            indentation = self.data[line:at].decode()
            self._comments.setdefault(line, {})[f"{indentation}{text}{self.newline(at)}"] = None

    def note(self, kind: Kind, at: int, what: str, why: str, check: str = "") -> None:
        """Say something about a place."""
        self._marks.add(Mark(kind, at, what, why, check))

    def line_start(self, at: int) -> int:
        """Where the line of a place begins."""
        return max(self.data.rfind(b"\n", 0, at), self.data.rfind(b"\r", 0, at)) + 1

    def newline(self, at: int) -> str:
        """The newline that ends the line of a place, or the one before it if that is the last."""
        found = _NEWLINE.search(self.data, at) or _NEWLINE.search(self.data)
        return found[0].decode() if found else "\n"

    def text(self) -> str:
        """The text with all changes made. Raises ValueError when two of them overlap."""
        parts: list[bytes] = []
        last = 0
        for start, end, text in self._in_order():
            if start < last:
                raise ValueError(f"two changes overlap at byte {start}")
            parts += [self.data[last:start], text.encode()]
            last = end
        return b"".join([*parts, self.data[last:]]).decode()

    def notes(self) -> tuple[Note, ...]:
        """What there is to say, in the order of the lines."""
        return tuple(
            Note(mark.kind, self._line(mark.offset), self._new_line(mark.offset), mark.what, mark.why, mark.check)
            for mark in sorted(self._marks, key=lambda mark: (mark.offset, mark.kind.value, mark.what, mark.why))
        )

    def _in_order(self) -> list[tuple[int, int, str]]:
        """All changes: where they begin and end, and what is there then."""
        changes = {place: "".join(texts) for place, texts in self._changes.items()}
        for at, comments in self._comments.items():
            changes[at, at] = changes.get((at, at), "") + "".join(comments)
        return sorted((start, end, text) for (start, end), text in changes.items())

    def _comment_lines_above(self, line: int) -> list[bytes]:
        found = []
        while line:
            # Behind the newline lies one of at most two bytes.
            end = line - 2 if self.data[line - 2 : line] == b"\r\n" else line - 1
            line = self.line_start(end)
            text = self.data[line:end].strip()
            if not text.startswith(b"#"):
                break
            found.append(text)
        return found

    def _line(self, offset: int) -> int:
        return len(_NEWLINE.findall(self.data, 0, offset)) + 1

    def _new_line(self, offset: int) -> int:
        line = self._line(offset)
        for start, end, text in self._in_order():
            if end <= offset:
                line += len(_NEWLINE.findall(text.encode())) - len(_NEWLINE.findall(self.data, start, end))
        return line
