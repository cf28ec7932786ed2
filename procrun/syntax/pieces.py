"""The parts of a word in the making: text that stands together is one part.

That gives each word one form, whatever quotes it was written with, so that a tree equals
the tree of its own printed text.
"""

from __future__ import annotations

from procrun.syntax.nodes import Arguments, Part, Span, Text


class Pieces:
    """Collects the parts of one word."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        # The text that is still growing, as chunks: joining at each step would take quadratic time.
        self._chunks: list[str] = []
        self._is_quoted = False
        self._start = self._end = 0

    def add(self, part: Part) -> None:
        """Append a part; a text joins the text before it if both are quoted, or both are not."""
        if isinstance(part, Text):
            self.add_text(part.value, part.quoted, part.span.start, part.span.end)
        else:
            self._flush()
            self._append(part)

    def add_text(self, value: str, quoted: bool, start: int, end: int) -> None:
        """Append characters."""
        if self._chunks and self._is_quoted == quoted:
            if not value:
                return
            self._chunks.append(value)
        else:
            self._flush()
            self._chunks, self._is_quoted, self._start = [value], quoted, start
        self._end = end

    def finish(self) -> tuple[Part, ...]:
        """The parts, once all have been added."""
        self._flush()
        return tuple(self._parts)

    def _flush(self) -> None:
        if self._chunks:
            text = Text("".join(self._chunks), self._is_quoted, Span(self._start, self._end))
            self._chunks = []
            self._append(text)

    def _append(self, part: Part) -> None:
        """Append a part, but no empty text beside something quoted: `""` matters only by itself."""
        before = self._parts[-1] if self._parts else None
        if _is_empty(before) and _is_quoted(part):
            self._parts[-1] = part
        elif not (_is_empty(part) and _is_quoted(before)):
            self._parts.append(part)


def _is_empty(part: Part | None) -> bool:
    return isinstance(part, Text) and not part.value


def _is_quoted(part: Part | None) -> bool:
    return isinstance(part, Arguments) or bool(getattr(part, "quoted", False))
