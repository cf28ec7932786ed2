"""From a written word to the words that a program gets.

Braces first, then `~`, parameters and `$( )`, then file names. What comes from outside the
text (a variable, an argument, an output) is put in as it is: it is never split, never a
pattern, never read again. Which list a `$( )` runs is the interpreter's business, which
hands in a function for it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from procrun.errors import ExpansionError, PatternError
from procrun.interp import braces, glob
from procrun.interp.patterns import Pattern, Piece
from procrun.interp.scope import Scope
from procrun.quoting import in_quotes, printable, quote_word
from procrun.syntax.nodes import (
    Arguments,
    Length,
    Parameter,
    Part,
    Span,
    Substitution,
    Text,
    Tilde,
    Word,
)

# Windows programs end their lines with CR LF; what the system's own programs write there
# must not leave a CR in every value.
_TRAILING_NEWLINES = re.compile(r"(?:\r?\n)+\Z" if os.linesep == "\r\n" else r"\n+\Z")


@dataclass(frozen=True, slots=True)
class Expansion:
    """Expands words in one scope."""

    scope: Scope
    """Where variables and arguments come from; `${X:=w}` and nothing else changes it."""
    text: str
    """The whole text, for the places in errors."""
    substitute: Callable[[Substitution], bytes]
    """Runs the list of a `$( )` and gives what it printed."""

    def words(self, written: Iterable[Word]) -> list[str]:
        """The words that a program gets for the written ones.

        Raises ExpansionError, which ends the program, and PatternError, which fails the pipeline.
        """
        return [word for one in written for word in self._words(one)]

    def value(self, word: Word) -> str:
        """The value of a word that stays one and is no pattern: of an assignment, `<<<`, a default."""
        return self._checked("".join(piece.text for piece in self.pieces(word)), word.span)

    def encoded(self, word: Word) -> bytes:
        """The value of a word as bytes, each that came as a byte being that byte again."""
        text = self.value(word)
        try:
            return text.encode(sys.getfilesystemencoding(), "surrogateescape")
        except UnicodeEncodeError as error:
            if sys.getfilesystemencodeerrors() == "surrogatepass":
                return os.fsencode(text)  # A file name of Windows with half a surrogate pair.
            reason = f"the word holds `{text[error.start]}`, which {error.encoding} cannot encode"
            hint = "correct the text that it comes from; half a surrogate pair is no character"
            raise self._error(reason, word.span, hint) from None

    def file(self, word: Word) -> str:
        """The one file that the word of a redirection names."""
        names = self._words(word)
        if len(names) != 1:
            raise PatternError(
                f"`{self._source(word.span)}` stands for {len(names)} files, and a redirection takes one",
                text=self.text,
                start=word.span.start,
                end=word.span.end,
                details=[", ".join(map(quote_word, names[:5])) + (", …" if len(names) > 5 else "")] if names else (),
                hint="name one file; `cat FILE… |` reads several",
            )
        return names[0]

    def pieces(self, word: Word) -> list[Piece]:
        """The word expanded, with what can be a pattern kept apart from what cannot."""
        return [_PIECE_OF[type(part)](self, part) for part in word.parts]

    def without_braces(self, word: Word) -> list[Word]:
        """The words that a word with braces stands for; without any, the word itself."""
        try:
            # `{,a}` has an empty choice, which nobody quoted: as in bash, it gives no word.
            return [one for one in braces.expand(word) if one.parts]
        except OverflowError as error:
            raise self._error(
                f"`{self._source(word.span)}` stands for {error}",
                word.span,
                "no program takes that many; let a program count, such as `seq`",
            ) from None

    def _words(self, written: Word) -> list[str]:
        return [name for word in self.without_braces(written) for name in self._names(word)]

    def _names(self, word: Word) -> Sequence[str]:
        """What a word without braces stands for: mostly one word."""
        if any(isinstance(part, Arguments) for part in word.parts):
            return [self._checked(argument, word.span) for argument in self.scope.arguments]
        pieces = self.pieces(word)
        text = self._checked("".join(piece.text for piece in pieces), word.span)
        if not text and _may_vanish(word):
            return ()
        if not glob.has_pattern(pieces):
            return (text,)
        names = glob.find(pieces, self.scope.folder)
        if not names:
            raise PatternError(
                f"no file matches `{printable(text)}`",
                text=self.text,
                start=word.span.start,
                end=word.span.end,
                hint=f"to give the word itself, quote it: {in_quotes(text)}",
            )
        return names

    def _text(self, part: Text) -> Piece:
        return Piece(_joined_bytes(part.value), is_pattern=not part.quoted)

    def _tilde(self, part: Tilde) -> Piece:
        home = self.scope.home
        if home is None:
            raise self._error("`~` has no meaning: HOME is not set", part.span, "set it first: HOME=/folder")
        return Piece(home)

    def _substitution(self, part: Substitution) -> Piece:
        output = self.substitute(part)
        # The same coding as for a program's arguments, so that each byte arrives as it came.
        text = output.decode(sys.getfilesystemencoding(), "surrogateescape")
        return Piece(_TRAILING_NEWLINES.sub("", text))

    def _length(self, part: Length) -> Piece:
        value = self._lookup(part.name)
        if value is None:
            raise self._unset(part.name, part.span)
        return Piece(str(len(value)))

    def _parameter(self, part: Parameter) -> Piece:
        value = self._lookup(part.name)
        operator, word = part.operator, part.word or Word(())
        if operator in _REMOVERS and value is not None:
            return Piece(_REMOVERS[operator](value, self.pieces(word)))
        # With a colon, an empty value counts as none (POSIX XCU 2.6.2).
        is_given = value is not None and (value != "" or not operator.startswith(":"))
        kind = operator.removeprefix(":")
        if kind == "+":
            return Piece(self.value(word) if is_given else "")
        if is_given and value is not None:
            return Piece(value)
        if kind == "-":
            return Piece(self.value(word))
        if kind == "=":
            assigned = self.value(word)
            self.scope.set(part.name, assigned)
            return Piece(assigned)
        if kind == "?":
            state = "is not set" if value is None else "is empty"
            reason = self.value(word) or state
            raise self._error(f"`{part.name}`: {reason}", part.span, f"the text asks for it; it {state}")
        raise self._unset(part.name, part.span)

    def _lookup(self, name: str) -> str | None:
        """The value of a variable, an argument, `#` or `?`."""
        arguments = self.scope.arguments
        if name.isdigit():
            return arguments[int(name) - 1] if 0 < int(name) <= len(arguments) else None
        if name in _SPECIAL:
            return str(_SPECIAL[name](self.scope))
        return self.scope.get(name)

    def _unset(self, name: str, span: Span) -> ExpansionError:
        if not name.isdigit():
            hint = f"set it first ({name}=value), or write ${{{name}:-}} where it may be missing"
            return self._error(f"`{name}` is not set", span, hint)
        hint = f"give more after the text, or write ${{{name}:-}} where it may be missing"
        return self._error(f"there is no argument {name}: {len(self.scope.arguments)} given", span, hint)

    def _checked(self, text: str, span: Span) -> str:
        if "\0" in text:
            hint = "no program can be given one; take it out, for example with `tr -d '\\000'`"
            raise self._error("the word holds a NUL character", span, hint)
        return _joined_bytes(text)

    def _error(self, reason: str, span: Span, hint: str) -> ExpansionError:
        return ExpansionError(reason, text=self.text, start=span.start, end=span.end, hint=hint)

    def _source(self, span: Span) -> str:
        return self.text[span.start : span.end]


_PIECE_OF: dict[type[Part], Callable[[Expansion, Any], Piece]] = {
    Text: Expansion._text,
    Parameter: Expansion._parameter,
    Length: Expansion._length,
    Substitution: Expansion._substitution,
    Tilde: Expansion._tilde,
}

_SPECIAL: dict[str, Callable[[Scope], int]] = {
    "#": lambda scope: len(scope.arguments),
    "?": lambda scope: scope.status,
}


def _without_start(length: Callable[[Pattern, str], int | None]) -> Callable[[str, Sequence[Piece]], str]:
    return lambda value, pieces: value[length(Pattern.of(pieces), value) or 0 :]


def _without_end(length: Callable[[Pattern, str], int | None]) -> Callable[[str, Sequence[Piece]], str]:
    # An end is a start of the text read backwards.
    return lambda value, pieces: value[: len(value) - (length(Pattern.of(pieces, backwards=True), value[::-1]) or 0)]


_REMOVERS: dict[str, Callable[[str, Sequence[Piece]], str]] = {
    "#": _without_start(Pattern.shortest),
    "##": _without_start(Pattern.longest),
    "%": _without_end(Pattern.shortest),
    "%%": _without_end(Pattern.longest),
}


def _may_vanish(word: Word) -> bool:
    """Whether the word is an unquoted `${N+w}` and nothing else, which gives no word rather than an empty one."""
    part = word.parts[0] if len(word.parts) == 1 else None
    return isinstance(part, Parameter) and part.operator in ("+", ":+") and not part.quoted


def _joined_bytes(text: str) -> str:
    """The text with bytes that together are characters (`$'\\xc3\\xa9'`) made into them."""
    if text.isascii():
        return text
    try:
        coding = sys.getfilesystemencoding()
        return text.encode(coding, "surrogateescape").decode(coding, "surrogateescape")
    except UnicodeEncodeError:
        return text  # A file name of Windows with half a surrogate pair.
