"""One redirection of one stage: descriptor 0, 1 or 2 and where it leads.

A stage holds its redirections in the order in which they act, because
`2>&1 >file` and `>file 2>&1` differ (POSIX XCU 2.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Union

Action = Literal["read", "write", "append", "text", "copy"]


_SYMBOLS = {"read": "<", "write": ">", "append": ">>", "text": "<<<", "copy": ">&"}


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where a descriptor of a stage leads.

    >>> Redirect(1, "write", "out.txt").show()
    '> out.txt'
    """

    descriptor: int
    """0 (stdin), 1 (stdout) or 2 (stderr)."""

    action: Action
    """`read`, `write` (empties the file) and `append` take a path, `text` the bytes
    to be read, `copy` the number of the descriptor to follow."""

    target: Union[str, bytes, int]
    """A path, bytes, or a descriptor's number, as `action` says."""

    place: tuple[int, int] | None = None
    """Offsets in the pipeline's text, for error messages; None without a text."""

    def show(self) -> str:
        """The redirection as the pipeline language writes it."""
        from procrun.quoting import quote_word

        symbol = _SYMBOLS[self.action]
        number = "" if self.descriptor == int(not symbol.startswith("<")) else str(self.descriptor)
        if self.action == "copy":
            return f"{number}>&{self.target!s}"
        target = self.target
        if isinstance(target, bytes):
            # `<<<` adds the newline itself.
            target = target.decode("utf-8", "surrogateescape").removesuffix("\n")
        return f"{number}{symbol} {quote_word(str(target))}"
