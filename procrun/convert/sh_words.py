"""Words of the language as words of POSIX sh: every value in double quotes, so that none is split or a pattern.

Only words; commands are in `sh`. What sh cannot say is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from procrun.errors import TextError
from procrun.interp import braces, glob
from procrun.interp.patterns import Piece
from procrun.syntax.nodes import (
    Arguments,
    Length,
    List,
    Parameter,
    Part,
    Span,
    Substitution,
    Text,
    Tilde,
    Word,
)

# What means nothing to sh, wherever in a word it stands.
_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+|[\[\]]")
# A `[^` that begins a bracket expression and no other.
_CARET = re.compile(r"(?<!\[)\[\^(?=[^]/[][^/[]*\])")
_UNSAFE_IN_PATTERN = re.compile(r"([^A-Za-z0-9_@%+=:,./*?\[\]!\n-])")
_UNSAFE_IN_LITERAL = re.compile(r"([^A-Za-z0-9_@%+=:,./\n])")
_SPECIAL_IN_DOUBLE = re.compile(r'([$"\\`])')
_SPECIAL_IN_BRACES = re.compile(r"""([$"\\`}'])""")
_SPECIAL_IN_HERE_DOCUMENT = re.compile(r"([$\\`])")
_CONTINUES_NAME = re.compile(r"[A-Za-z0-9_]")
_DEEP = re.compile(r"(?:^|/)\*\*(?:/|$)")


QUOTE = "${procrun_quote}"
"""What stands for a `'` in `"${X:-…}"`, where bash takes it for the start of a quoted text and other shells do not."""


@dataclass(frozen=True, slots=True)
class Words:
    """Writes the words of one text."""

    text: str
    """The text, for the places in errors."""
    write_list: Callable[[List], str]
    """Writes the list of a `$( )`, up to its parenthesis."""

    def arguments(self, word: Word) -> list[str]:
        """A word where a command has words: several when it has braces."""
        if word.parts and isinstance(word.parts[0], Arguments):
            return ['"$@"']
        # `{,a}` has an empty choice, which gives no word.
        return [self._argument(one) for one in self.choices(word) if one.parts or not word.parts]

    def value(self, word: Word) -> str:
        """A word that stays one and is no pattern: an assignment's, `export`'s, a file's."""
        if word.literal is not None:
            return quoted(word.literal)
        return f'"{self._in_double(word.parts)}"'

    def file(self, word: Word) -> str:
        """The word of a redirection."""
        choices = self.choices(word)
        if len(choices) != 1 or _is_pattern(choices[0]):
            self.refuse("a pattern in a redirection", word.span, "sh takes it for the file's name; name the file")
        return self.value(choices[0])

    def here_document(self, word: Word) -> tuple[str, bool]:
        """What `<<< word` gives, as the body of a here-document, and whether sh is to expand it."""
        if word.literal is not None:
            return word.literal, False
        for part in word.parts:
            if isinstance(part, Parameter) and part.operator:
                self.refuse("`${…}` with an operator behind `<<<`", part.span, "set a variable to it first")
        return self._joined(word.parts, _SPECIAL_IN_HERE_DOCUMENT), True

    def choices(self, word: Word) -> list[Word]:
        """The words that a word with braces stands for."""
        try:
            return braces.expand(word)
        except OverflowError as error:
            self.refuse(f"a word that stands for {error}", word.span, "let a program count, such as `seq`")

    def refuse(self, what: str, span: Span, hint: str) -> NoReturn:
        """Raise for what POSIX sh cannot express."""
        raise TextError(f"{what} cannot be said in POSIX sh", text=self.text, start=span.start, end=span.end, hint=hint)

    def _argument(self, word: Word) -> str:
        return self._pattern_word(word) if _is_pattern(word) else self._vanishing(word) or self.value(word)

    def _pattern_word(self, word: Word) -> str:
        """A word that stands for file names: what is special in it stays outside of quotes."""
        shown = "".join(part.value if isinstance(part, Text) and not part.quoted else "x" for part in word.parts)
        if _DEEP.search(shown):
            self.refuse("`**`", word.span, "let `find` look for the files")
        return "".join(self._pattern_part(part) for part in word.parts)

    def _pattern_part(self, part: Part) -> str:
        if not isinstance(part, Text):
            return f'"{self._in_double((part,))}"'
        if part.quoted:
            return _in_single(part.value)
        runs = re.split(r"([A-Za-z0-9_@%+=:,./*?\[\]!-]+)", self._with_bang(part))
        return "".join(run if place % 2 else _in_single(run) for place, run in enumerate(runs) if run)

    def _with_bang(self, part: Text) -> str:
        """`[^…]` as `[!…]`, where it is sure to be that."""
        value = _CARET.sub("[!", part.value)
        if "[^" in value:
            self.refuse("this `[^`", part.span, "write [!…]")
        return value

    def _vanishing(self, word: Word) -> str:
        """`${NAME+word}` alone and unquoted, which is no word when it gives nothing; else nothing."""
        part = word.parts[0] if len(word.parts) == 1 else None
        if not isinstance(part, Parameter) or part.quoted or part.operator not in ("+", ":+"):
            return ""
        inner = part.word or Word(())
        if not any(isinstance(piece, Text) and piece.value for piece in inner.parts):
            self.refuse("`${…+w}` whose word may be empty", part.span, "quote it, which makes it a word in any case")
        return f'${{{part.name}{part.operator}"{self._in_double(inner.parts)}"}}'

    def _in_double(self, parts: Sequence[Part]) -> str:
        """Parts as they stand between double quotes."""
        return self._joined(parts, _SPECIAL_IN_DOUBLE)

    def _joined(self, parts: Sequence[Part], special: re.Pattern[str]) -> str:
        pieces: list[str] = []
        for part in parts:
            piece = special.sub(_escaped, part.value) if isinstance(part, Text) else self._expanded(part)
            if pieces and _CONTINUES_NAME.match(piece) and re.fullmatch(r"\$\w+", pieces[-1]):
                pieces[-1] = f"${{{pieces[-1][1:]}}}"
            pieces.append(piece)
        return "".join(pieces)

    def _expanded(self, part: Part) -> str:
        """What sh expands, without quotes around it."""
        if isinstance(part, Tilde):
            return "$HOME"
        if isinstance(part, Length):
            return f"${{#{part.name}}}"
        if isinstance(part, Substitution):
            return f"$({self.write_list(part.body)})"
        if isinstance(part, Parameter):
            return self._parameter(part)
        raise AssertionError(f"{part} is expanded before")

    def _parameter(self, part: Parameter) -> str:
        if not part.operator:
            return f"${{{part.name}}}" if len(part.name) > 1 and part.name.isdigit() else f"${part.name}"
        inner = part.word or Word(())
        is_pattern = part.operator[0] in "%#"
        written = self._removed(inner) if is_pattern else self._joined(inner.parts, _SPECIAL_IN_BRACES)
        return f"${{{part.name}{part.operator}{written}}}"

    def _removed(self, word: Word) -> str:
        """The pattern of `${NAME%pattern}`, between the double quotes around the whole."""
        pieces = []
        for part in word.parts:
            if not isinstance(part, Text):
                pieces.append(f'"{self._expanded(part)}"')
                continue
            # Backslashes: what quotes mean there differs from shell to shell.
            if part.quoted:
                pieces.append(_UNSAFE_IN_LITERAL.sub(r"\\\1", part.value))
            else:
                pieces.append(_UNSAFE_IN_PATTERN.sub(r"\\\1", self._with_bang(part)))
        return "".join(pieces)


def quoted(text: str) -> str:
    """Characters as sh reads them back."""
    if _SAFE.fullmatch(text):
        return text
    return _in_single(text)


def _escaped(found: re.Match[str]) -> str:
    return QUOTE if found[1] == "'" else f"\\{found[1]}"


def _in_single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _is_pattern(word: Word) -> bool:
    """Whether file names are looked for."""
    pieces = (Piece(part.value, not part.quoted) if isinstance(part, Text) else Piece("x") for part in word.parts)
    return glob.has_pattern(list(pieces))
