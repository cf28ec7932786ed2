"""`> file`, `2>&1`, `<<< text`: where a descriptor leads."""

from __future__ import annotations

import re
from typing import NoReturn

from procrun.syntax.lexer import SHELL, Lexer
from procrun.syntax.nodes import Arguments, Redirection, Span
from procrun.syntax.reader import Reader

_REDIRECTION = re.compile(r"([0-9]*)(<<<|<<|<>|<&|<\(|<|>>|>\||>&|>\(|>)|(&>>|&>)")
_COPIED = re.compile(r"[ \t]*([12])(?=[ \t\r\n;|&<>()]|\Z)")

_REFUSED_REDIRECTIONS = {
    "<<": ("`<<`, a here-document,", r"write <<< $'first line\nsecond line'"),
    "<>": ("`<>`", "open the file for reading with < or for writing with >"),
    "<&": ("`<&`", "stdin comes from a file with <, or from the stage before with |"),
    "<(": ("`<(…)`, process substitution,", f"write the list's output to a file first; {SHELL}"),
    ">(": ("`>(…)`, process substitution,", f"let a stage `tee` the output into a file; {SHELL}"),
}


class Redirections:
    """Reads redirections."""

    def __init__(self, reader: Reader, lexer: Lexer) -> None:
        self._reader = reader
        self._lexer = lexer

    def read(self) -> Redirection | None:
        """A redirection, if one stands here."""
        reader = self._reader
        start = reader.at
        found = _REDIRECTION.match(reader.text, start)
        if found is None:
            return None
        reader.at = found.end()
        digits, operator = found[1] or "", found[2] or found[3]
        if operator in _REFUSED_REDIRECTIONS:
            name, hint = _REFUSED_REDIRECTIONS[operator]
            reader.fail(f"{name} is not part of the language", start, reader.at, hint=hint)
        if digits not in ("", "0", "1", "2"):
            self._refuse_descriptor(start, start + len(digits))
        descriptor = int(digits) if digits else int(not operator.startswith("<"))
        if operator == ">&":
            return self._copy(descriptor, start)
        reader.skip_blanks()
        if not self._lexer.at_word():
            wanted = "a text" if operator == "<<<" else "a file"
            reader.fail(
                f"there is no word behind `{operator}`",
                start,
                reader.at if reader.at > start else None,
                expected=wanted,
                incomplete=reader.is_at_end,
            )
        target = self._lexer.word(has_braces=operator != "<<<")
        if isinstance(target.parts[0] if target.parts else None, Arguments):
            reader.fail(
                "`$@` stands in a redirection", target.span.start, target.span.end, hint="name one argument, such as $1"
            )
        return Redirection(descriptor, operator, target, Span(start, reader.at))

    def _copy(self, descriptor: int, start: int) -> Redirection:
        """`2>&1`: the reader stands behind the `&`."""
        reader = self._reader
        found = _COPIED.match(reader.text, reader.at)
        if found is not None and descriptor != 0:
            reader.at = found.end()
            return Redirection(descriptor, ">&", int(found[1]), Span(start, reader.at))
        reader.skip_blanks()
        at = reader.at
        rest = self._lexer.word().literal if self._lexer.at_word() else ""
        if rest == "-":
            reader.fail(
                "`>&-`, closing a descriptor, is not part of the language", start, reader.at, hint="write > /dev/null"
            )
        if descriptor == 0:
            reader.fail(
                "`0>&` is not part of the language",
                start,
                reader.at,
                hint="only stdout (1) and stderr (2) can follow another",
            )
        if rest and rest.isdigit():
            self._refuse_descriptor(at, reader.at)
        return reader.fail(
            "`>&` is followed by no descriptor",
            start,
            reader.at,
            expected="1 or 2",
            hint="to send stdout and stderr to a file write &> FILE",
        )

    def _refuse_descriptor(self, start: int, end: int) -> NoReturn:
        self._reader.fail(
            f"the descriptor {self._reader.text[start:end]} is not part of the language",
            start,
            end,
            expected="0, 1 or 2",
            hint=f"put a blank behind it if it is an argument; {SHELL}",
        )
