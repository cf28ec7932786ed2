"""Characters to words: quotes, `$` forms, tildes and braces.

The parser asks for a word where the grammar has one. A `$( )` holds a list again, for which
the lexer calls the parser back; nothing else goes upwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn, Union

from procrun.syntax.braces import Mark, pair_braces
from procrun.syntax.escapes import read_escaped
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
from procrun.syntax.reader import Reader

SHELL = "`--shell` hands the text to the system's own shell"
"""The end of the hint for what only a shell can do."""

NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)=")

# What ends a word; a lone carriage return does not.
_METACHARACTERS = " \t\n;|&<>()"
_PLAIN = re.compile(r"""[^ \t\n\r;|&<>()'"\\$`{~:\x00]+""")
_IN_BRACES = re.compile(r"""[^ \t\n\r;|&<>()'"\\$`{},~:\x00]+""")
_IN_QUOTES = re.compile(r"""[^"\\$`\x00]+""")
_IN_PARAMETER = re.compile(r"""[^}'"\\$`\x00]+""")
_IN_QUOTED_PARAMETER = re.compile(r"""[^}"\\$`\x00]+""")
_UP_TO_QUOTE = re.compile(r"[^']*")
_USER = re.compile(r"[A-Za-z0-9_.+-]+")
_OPERATOR = re.compile(r":[-+=?]|[-+=?]|%%?|##?")
_DIGITS = re.compile(r"[0-9]+")

_REFUSED_PARAMETERS = {
    "$": ("`$$`, the process id of a shell,", "`mktemp` makes a name that nobody else has"),
    "!": ("`$!`, the last background process,", f"there are no background processes; {SHELL}"),
    "*": ("`$*`", "write $@, which becomes one word for each argument"),
    "-": ("`$-`, the options of a shell,", SHELL),
    "0": ("`$0`, the name of a shell,", "write the name itself"),
}

Parts = list[Union[Part, Mark]]


class Lexer:
    """Reads words."""

    def __init__(self, reader: Reader, read_list: Callable[[int], List]) -> None:
        self._reader = reader
        self._read_list = read_list
        self._put: dict[str, Callable[[Parts], None]] = {
            "'": self._single_quotes,
            '"': self._double_quotes,
            "\\": self._backslash,
            "$": self._dollar,
            "`": self._refuse_backquote,
            "\0": self._refuse_nul,
            "\r": self._plain_char,
        }

    def at_word(self) -> bool:
        """Whether a word begins here."""
        reader = self._reader
        return not reader.is_at_line_end and reader.char not in _METACHARACTERS

    def word(self, *, has_braces: bool = True) -> Word:
        """Read a word, of which there is at least one character."""
        start = self._reader.at
        parts: Parts = []
        if self._reader.char == "~":
            self._tilde(parts, "/")
        self._unquoted(parts, has_braces=has_braces)
        return self._made(parts, start)

    def assigned(self, prefix: str = "") -> Word:
        """Read the value of an assignment, which may be empty: no braces, and `~` also after a colon."""
        start = self._reader.at - len(prefix)
        parts: Parts = []
        if prefix:
            parts.append(Text(prefix, span=Span(start, self._reader.at)))
        self._tilde(parts, "/:")
        self._unquoted(parts, has_braces=False, has_tildes=True)
        return self._made(parts, start)

    def _made(self, parts: Parts, start: int) -> Word:
        word = Word(pair_braces(parts, self._reader), Span(start, self._reader.at))
        if len(word.parts) > 1 and any(isinstance(part, Arguments) for part in word.parts):
            self._reader.fail(
                "`$@` stands in a longer word",
                word.span.start,
                word.span.end,
                expected="`$@` alone: it becomes one word for each argument",
                hint="put a blank before and behind it, or name one argument, such as $1",
            )
        return word

    def _unquoted(self, parts: Parts, *, has_braces: bool, has_tildes: bool = False) -> None:
        """Read up to the end of the word."""
        reader = self._reader
        depth = 0
        while self.at_word():
            char = reader.char
            if char in self._put:
                self._put[char](parts)
            elif has_braces and (char == "{" or (depth and char in ",}")):
                parts.append(Mark(char, reader.at))
                reader.at += 1
                depth += {"{": 1, "}": -1, ",": 0}[char]
            elif char == "{":
                self._plain_char(parts)
            elif char == ":" and has_tildes:
                self._plain_char(parts)
                self._tilde(parts, "/:")
            elif char in "~:":
                self._plain_char(parts)
            else:
                start = reader.at
                text = reader.matches(_IN_BRACES if depth else _PLAIN)
                parts.append(Text(text, span=Span(start, reader.at)))

    def _tilde(self, parts: Parts, ends: str) -> None:
        """`~` where the home folder may stand."""
        reader = self._reader
        start = reader.at
        if not reader.takes("~"):
            return
        user = reader.matches(_USER)
        if user:
            reader.fail(
                f"`~{user}`, the home folder of a user, is not part of the language",
                start,
                reader.at,
                hint=f"write the folder itself, or '~{user}' for a file of that name",
            )
        if not self.at_word() or reader.char in ends:
            parts.append(Tilde(Span(start, reader.at)))
        else:
            parts.append(Text("~", span=Span(start, reader.at)))

    def _single_quotes(self, parts: Parts) -> None:
        reader = self._reader
        start = reader.at
        reader.at += 1
        value = reader.matches(_UP_TO_QUOTE)
        if not reader.takes("'"):
            reader.fail("the quote `'` is not closed", start, hint="close it with `'`", incomplete=True)
        if "\0" in value:
            self._nul(start + 1 + value.index("\0"))
        parts.append(Text(value, True, Span(start, reader.at)))

    def _double_quotes(self, parts: Parts) -> None:
        reader = self._reader
        start = reader.at
        reader.at += 1
        inner: Parts = []
        while not reader.takes('"'):
            if reader.is_at_end:
                reader.fail('the quote `"` is not closed', start, hint='close it with `"`', incomplete=True)
            self._quoted(inner, _IN_QUOTES)
        # `""` is a part, so that an empty word is one.
        parts += inner or [Text("", True, Span(start, reader.at))]

    def _quoted(self, parts: Parts, plain: re.Pattern[str], escaped: str = '$"\\`') -> None:
        """Read one piece of what stands between double quotes."""
        reader = self._reader
        start, char = reader.at, reader.char
        if char == "\\":
            reader.at += 1
            if reader.takes("\n"):
                return
            value = reader.char if reader.char and reader.char in escaped else "\\"
            if value != "\\" or reader.char == "\\":
                reader.at += 1
            parts.append(Text(value, True, Span(start, reader.at)))
        elif char == "$":
            self._dollar(parts, quoted=True)
        elif char == "`":
            self._refuse_backquote(parts)
        elif char == "\0":
            self._nul(start)
        else:
            parts.append(Text(reader.matches(plain), True, Span(start, reader.at)))

    def _backslash(self, parts: Parts) -> None:
        reader = self._reader
        start = reader.at
        reader.at += 1
        if reader.takes("\n") or reader.takes("\r\n"):
            return
        char = reader.char
        if not char:
            reader.fail("the text ends in a `\\`", start, hint="write '\\' for the character itself", incomplete=True)
        if char == "\0":
            self._nul(reader.at)
        reader.at += 1
        parts.append(Text(char, True, Span(start, reader.at)))

    def _dollar(self, parts: Parts, quoted: bool = False) -> None:
        """`$'…'`, `$(…)`, `${…}`, `$NAME`, or the character itself."""
        reader = self._reader
        start = reader.at
        reader.at += 1
        char = reader.char
        if char == "'" and not quoted:
            reader.at += 1
            parts.append(Text(read_escaped(reader, start), True, Span(start, reader.at)))
        elif char == '"' and not quoted:
            reader.fail('`$"…"`, a translated text, is not part of the language', start, start + 2, hint='write "…"')
        elif char == "(":
            parts.append(self._substitution(start, quoted))
        elif char == "{":
            reader.at += 1
            with reader.nested(start):
                parts.append(self._braced(start, quoted))
        elif char and char in _REFUSED_PARAMETERS:
            self._refuse_parameter(char, start, start + 2)
        else:
            name = char if char and char in "@#?123456789" else NAME.match(reader.text, reader.at)
            if isinstance(name, re.Match):
                name = name.group()
            if name:
                reader.at += len(name)
                parts.append(self._parameter(name, quoted, start))
            else:
                parts.append(Text("$", quoted, Span(start, reader.at)))

    def _parameter(self, name: str, quoted: bool, start: int) -> Part:
        span = Span(start, self._reader.at)
        return Arguments(span) if name == "@" else Parameter(name, quoted, span=span)

    def _substitution(self, start: int, quoted: bool) -> Substitution:
        """`$(list)`; the reader stands before the parenthesis."""
        reader = self._reader
        if reader.takes("(("):
            reader.fail(
                "`$((…))`, arithmetic, is not part of the language",
                start,
                reader.at,
                hint=f"let a program count, such as `expr 1 + 2`; for a group write `$( (`; {SHELL}",
            )
        reader.at += 1
        with reader.nested(start):
            body = self._read_list(start)
        return Substitution(body, quoted, Span(start, reader.at))

    def _braced(self, start: int, quoted: bool) -> Part:
        """`${…}`, behind its opening brace."""
        reader = self._reader
        if reader.sees("#") and not reader.sees("#}"):
            reader.at += 1
            name = self._parameter_name(start)
            if not reader.takes("}"):
                self._refuse_form(start)
            return Length(name, quoted, Span(start, reader.at))
        name = self._parameter_name(start)
        if reader.takes("}"):
            return self._parameter(name, quoted, start)
        if name == "@":
            self._refuse_form(start)
        operator = reader.matches(_OPERATOR)
        if not operator:
            self._refuse_form(start)
        is_pattern = operator[0] in "%#"
        word_start = reader.at
        parts: Parts = []
        if not quoted and reader.char == "~":
            self._tilde(parts, "/}")
        while not reader.takes("}"):
            self._braced_piece(parts, start, quoted=quoted and not is_pattern)
        word = Word(pair_braces(parts, self._reader), Span(word_start, reader.at - 1))
        if any(isinstance(part, Arguments) for part in word.parts):
            reader.fail(
                "`$@` stands inside `${…}`", start, reader.at, hint="it can stand only alone, as a word of its own"
            )
        return Parameter(name, quoted, operator, word, Span(start, reader.at))

    def _braced_piece(self, parts: Parts, start: int, *, quoted: bool) -> None:
        """One piece of the word in a `${…}`."""
        reader = self._reader
        if reader.is_at_end:
            reader.fail("`${` is not closed", start, start + 2, hint="close it with `}`", incomplete=True)
        char = reader.char
        if quoted and char != '"':
            self._quoted(parts, _IN_QUOTED_PARAMETER, '$"\\`}')
        elif char in self._put and char != "\r":
            self._put[char](parts)
        else:
            at = reader.at
            parts.append(Text(reader.matches(_IN_PARAMETER), span=Span(at, reader.at)))

    def _parameter_name(self, start: int) -> str:
        """The name in a `${…}`."""
        reader = self._reader
        name = reader.matches(NAME) or reader.matches(_DIGITS)
        if not name and reader.char and reader.char in "@#?":
            name = reader.char
            reader.at += 1
        if not name.strip("0") and (name or reader.char in _REFUSED_PARAMETERS):
            self._refuse_parameter("0" if name else reader.char, start, reader.at + (not name))
        if not name:
            self._refuse_form(start)
        return name

    def _refuse_form(self, start: int) -> NoReturn:
        reader = self._reader
        if reader.is_at_end:
            reader.fail("`${` is not closed", start, start + 2, hint="close it with `}`", incomplete=True)
        end = reader.text.find("}", reader.at)
        reader.fail(
            "that form of `${…}` is not part of the language",
            start,
            end + 1 if end >= 0 else reader.at + 1,
            expected="${NAME}, ${#NAME}, or ${NAME followed by one of :- - :+ + := = :? ? % %% # ## and a word",
            hint=SHELL,
        )

    def _refuse_parameter(self, char: str, start: int, end: int) -> NoReturn:
        name, hint = _REFUSED_PARAMETERS[char]
        self._reader.fail(f"{name} is not part of the language", start, end, hint=hint)

    def _refuse_backquote(self, parts: Parts) -> None:
        start = self._reader.at
        self._reader.fail("`` ` `` is not part of the language", start, hint="write $(…), which can be nested")

    def _refuse_nul(self, parts: Parts) -> None:
        self._nul(self._reader.at)

    def _nul(self, at: int) -> NoReturn:
        self._reader.fail("a word cannot hold a NUL character", at, hint="no program can be given one")

    def _plain_char(self, parts: Parts) -> None:
        reader = self._reader
        parts.append(Text(reader.char, span=Span(reader.at, reader.at + 1)))
        reader.at += 1
