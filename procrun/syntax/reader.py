"""A place in a text that moves forward, and the errors that point at it.

The lexer and the parser read through one `Reader`; it knows blanks, line ends and comments,
and counts how deeply the text is nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from procrun.errors import PipelineSyntaxError

# Python's own stack holds about a thousand calls, of which one level of nesting takes up to
# ten; deeper texts would end in RecursionError. People nest three or four levels.
MAX_DEPTH = 40

_BLANKS = re.compile(r"(?:[ \t]|\\\r?\n)+")
_COMMENT = re.compile(r"[^\n]*")


class Reader:
    """A text and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._depth = 0

    def sees(self, start: str) -> bool:
        """Whether the rest begins with this."""
        return self.text.startswith(start, self.at)

    def takes(self, start: str) -> bool:
        """Whether the rest begins with this; if so, step over it."""
        if not self.text.startswith(start, self.at):
            return False
        self.at += len(start)
        return True

    def matches(self, pattern: re.Pattern[str]) -> str:
        """Step over what the pattern matches here, and return it; empty when it does not match."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    @property
    def char(self) -> str:
        """The next character, or nothing at the end."""
        return self.text[self.at : self.at + 1]

    @property
    def is_at_end(self) -> bool:
        """Whether all has been read."""
        return self.at >= len(self.text)

    @property
    def is_at_line_end(self) -> bool:
        """Whether a line ends here: LF, CR LF or the end of the text."""
        return self.is_at_end or self.char == "\n" or self.sees("\r\n")

    def skip_blanks(self) -> None:
        """Step over blanks, tabs, joined lines, and a comment."""
        self.matches(_BLANKS)
        if self.char == "#":
            end = self.matches(_COMMENT)
            if end.endswith("\r") and not self.is_at_end:
                self.at -= 1

    def skip_lines(self) -> None:
        """Step over blanks, comments and line ends."""
        self.skip_blanks()
        while not self.is_at_end and self.is_at_line_end:
            self.at = self.text.index("\n", self.at) + 1
            self.skip_blanks()

    @contextmanager
    def nested(self, start: int) -> Iterator[None]:
        """One level deeper: a group, a `$( )`, a `${ }`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.too_deep(start, self.at)
        yield
        self._depth -= 1

    def too_deep(self, start: int, end: int) -> NoReturn:
        """Refuse a text that is nested beyond the limit."""
        self.fail(
            f"the text is nested more than {MAX_DEPTH} levels deep",
            start,
            end,
            hint="put the inner part into a file of its own, run by `procrun pipe -f FILE`, or quote its brackets",
        )

    def fail(
        self,
        reason: str,
        start: int,
        end: int | None = None,
        *,
        hint: str = "",
        expected: str = "",
        incomplete: bool = False,
    ) -> NoReturn:
        """Raise PipelineSyntaxError for a place in the text."""
        raise PipelineSyntaxError(
            reason,
            text=self.text,
            start=start,
            end=start + 1 if end is None else end,
            details=(f"expected {expected}",) if expected else (),
            hint=hint,
            incomplete=incomplete,
        )
