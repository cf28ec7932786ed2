"""Characters to tokens: quotes, `$` forms, operators, comments and joined lines.

The parser asks for one token at a time. A `$( )` in a word holds a whole list, for which
the lexer calls the parser back; what a word means where it stands is decided in `words`.
Every run of ordinary characters is one match of a regular expression, so that long texts
take time in proportion to their length.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, NoReturn

from procrun.syntax.escapes import read_escaped
from procrun.syntax.nodes import MAX_DEPTH, Arguments, Length, List, Parameter, Part, Span, Substitution, Text, Word
from procrun.syntax.pieces import Pieces
from procrun.syntax.refusals import (
    REFUSED_EXPANSIONS,
    REFUSED_OPERATORS,
    REFUSED_PARAMETERS,
    SHELL,
    refuse,
    refuse_feature,
)
from procrun.syntax.words import inner

REDIRECTIONS = frozenset(("<", ">", ">>", ">|", "<<<", ">&", "&>", "&>>"))

_OPERATORS = REDIRECTIONS | frozenset(("|", "|&", "||", "&&", ";", "(", ")")) | frozenset(REFUSED_OPERATORS)
_OPERATOR_STARTS = frozenset(operator[0] for operator in _OPERATORS)

_JOIN = re.compile(r"(?:\\\r?\n)*")
_BLANKS = re.compile(r"(?:[ \t]|\\\r?\n)*(?:#[^\n]*)?")
_NEWLINE = re.compile(r"\r?\n")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME_CHARS = re.compile(r"[A-Za-z0-9_]+")
_EXPANSIONS = frozenset((":-", "-", ":+", "+", ":?", "?", ":=", "=", "%", "%%", "#", "##"))
_DIGITS = re.compile(r"[0-9]+")
_SINGLE_QUOTED = re.compile(r"'([^']*)'")
_DESCRIPTOR_VARIABLE = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")


class Token(NamedTuple):
    """A word, an operator, the end of a line or of the text."""

    kind: str
    """`word`, `newline`, `end`, or the operator itself."""
    start: int
    end: int
    parts: tuple[Part, ...] = ()
    """What a word is made of."""
    number: str = ""
    """The digits that stand directly before a redirection."""
    deepest: int = 0
    """How deeply nested the text is in the deepest place of a word."""

    @property
    def bare(self) -> str:
        """The characters of a word without quotes and expansions, which may be a reserved word; else empty."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only.value if isinstance(only, Text) and not only.quoted else ""


class _Mode(NamedTuple):
    """How characters are read in one place."""

    plain: re.Pattern[str]
    """What is ordinary there."""
    quotes: bool
    """Whether double quotes are around it, which leaves only `$`, the backquote and some `\\` special."""
    closer: str
    """What ends it; a word outside of everything just ends."""
    escaped: str = ""
    """What a `\\` escapes there; any character where this is empty."""


_WORD = _Mode(re.compile(r"(?:[^ \t\r\n'\"\\$`|&;<>()]|\r(?!\n))+"), quotes=False, closer="")
_DOUBLE = _Mode(re.compile(r'[^"\\$`]+'), quotes=True, closer='"', escaped='$`"\\')
_BRACED = _Mode(re.compile(r"[^}'\"\\$`]+"), quotes=False, closer="}")
_DOUBLE_BRACED = _Mode(re.compile(r'[^}"\\$`]+'), quotes=True, closer="}", escaped='$`"\\}')


class Lexer:
    """Reads the tokens of a text, from its start to its end."""

    def __init__(self, text: str, read_list: Callable[[str, Span], List]) -> None:
        self.text = text
        self._read_list = read_list
        self._at = 0
        self._depth = 0
        self._deepest = 0

    def next(self) -> Token:
        """The next token. Raises PipelineSyntaxError."""
        blanks = _BLANKS.match(self.text, self._at)
        start = self._at = blanks.end() if blanks else self._at
        newline = _NEWLINE.match(self.text, start)
        if newline:
            self._at = newline.end()
            return Token("newline", start, self._at)
        char = self.text[start : start + 1]
        if not char:
            return Token("end", start, start)
        return self._operator(start) if char in _OPERATOR_STARTS else self._word(start)

    def enter(self, start: int, end: int) -> None:
        """Go one level deeper; `leave` comes back."""
        self._depth += 1
        self.reach(self._depth, start, end)

    def leave(self) -> None:
        """Come back from one level deeper."""
        self._depth -= 1

    def reach(self, depth: int, start: int, end: int) -> None:
        """Take note of a depth. Raises PipelineSyntaxError for one that is more than people write."""
        self._deepest = max(self._deepest, depth)
        if depth > MAX_DEPTH:
            reason = f"the text is nested more than {MAX_DEPTH} levels deep"
            refuse(self.text, start, end, reason, hint="put the inner part into a file, run by `procrun pipe -f FILE`")

    def _operator(self, start: int) -> Token:
        """The longest operator that begins here."""
        chars, ends = self._ahead(start, 3)
        length = next(length for length in (3, 2, 1) if chars[:length] in _OPERATORS)
        operator, end = chars[:length], ends[length - 1]
        if operator in REFUSED_OPERATORS:
            refuse_feature(self.text, start, end, REFUSED_OPERATORS[operator])
        self._at = end
        return Token(operator, start, end)

    def _ahead(self, start: int, count: int) -> tuple[str, list[int]]:
        """The next characters without joined lines, and the place behind each; blanks at the text's end."""
        chars, ends = "", []
        while len(chars) < count:
            chars += self.text[start : start + 1] or " "
            start += 1
            ends.append(start)
            start = self._joined(start)
        return chars, ends

    def _word(self, start: int) -> Token:
        outside, self._deepest = self._deepest, self._depth
        pieces = Pieces()
        self._scan(_WORD, pieces, start)
        deepest, self._deepest = self._deepest, max(outside, self._deepest)
        token = Token("word", start, self._at, pieces.finish(), deepest=deepest)
        if self.text[self._at : self._at + 1] in ("<", ">") and token.bare:
            if _DIGITS.fullmatch(token.bare):
                return self._operator(self._at)._replace(start=start, number=token.bare)
            if _DESCRIPTOR_VARIABLE.fullmatch(token.bare):
                hint = f"put a blank behind it if it is an argument; {SHELL}"
                refuse_feature(self.text, start, self._at, (f"`{token.bare}`, a descriptor in a variable,", hint))
        return token

    def _scan(self, mode: _Mode, pieces: Pieces, opened: int) -> None:
        """Read up to the end of what was opened, and step over its closer."""
        text = self.text
        while True:
            start = self._at
            plain = mode.plain.match(text, start)
            if plain:
                self._at = plain.end()
                pieces.add_text(plain[0], mode.quotes, start, self._at)
                continue
            char = text[start : start + 1]
            if char == "\\":
                self._backslash(mode, pieces)
            elif char == "$":
                self._dollar(mode, pieces)
            elif char == mode.closer:
                self._at += len(char)
                return
            elif char == '"':
                # The empty text stands for `""`; beside any other quoted part it vanishes.
                pieces.add_text("", True, start, start + 1)
                self._at += 1
                self._scan(_DOUBLE, pieces, start)
            elif char == "'":
                self._single_quotes(pieces)
            elif char == "`":
                feature = ("a backquote", "write $(…) for the output of a command, or \\` for the character")
                refuse_feature(text, start, start + 1, feature)
            elif mode.closer:
                self._refuse_unclosed(opened, "${" if mode.closer == "}" else mode.closer, mode.closer)
            else:
                return  # a blank, an operator or the end of the line ends a word

    def _backslash(self, mode: _Mode, pieces: Pieces) -> None:
        start = self._at
        char = self.text[start + 1 : start + 2]
        # Between quotes CR LF is ordinary, so a backslash before it joins nothing.
        line_end = _NEWLINE.match(self.text, start + 1)
        if line_end and not (mode.quotes and char == "\r"):
            self._at = line_end.end()
        elif not char:
            reason, hint = "a `\\` at the end of the text escapes nothing", "write '\\' for the character itself"
            refuse(self.text, start, start + 1, reason, hint=hint, incomplete=True)
        elif mode.escaped and char not in mode.escaped:
            self._at = start + 1
            pieces.add_text("\\", True, start, self._at)
        else:
            self._at = start + 2
            pieces.add_text(char, True, start, self._at)

    def _single_quotes(self, pieces: Pieces) -> None:
        found = _SINGLE_QUOTED.match(self.text, self._at)
        if found is None:
            self._refuse_unclosed(self._at, "'", "'")
        self._at = found.end()
        pieces.add_text(found[1], True, found.start(), found.end())

    def _dollar(self, mode: _Mode, pieces: Pieces) -> None:
        """`$NAME`, `$1`, `${…}`, `$(…)`, `$'…'`, or the character itself."""
        text, start = self.text, self._at
        at = self._joined(start + 1)
        char = text[at : at + 1]
        self._at = at + 1
        if char == "{":
            pieces.add(self._braced(mode.quotes, start))
        elif char == "(":
            pieces.add(self._substitution(mode.quotes, start))
        elif char == "'" and not mode.quotes:
            value, self._at = read_escaped(text, at - 1)
            pieces.add_text(value, True, start, self._at)
        elif char == '"' and not mode.quotes:
            refuse_feature(text, start, at + 1, ('`$"…"`, a translated text,', 'write "…"'))
        elif char in REFUSED_PARAMETERS:
            refuse_feature(text, start, at + 1, REFUSED_PARAMETERS[char])
        elif char == "@":
            pieces.add(Arguments(Span(start, self._at)))
        elif char and char in "#?123456789":
            pieces.add(Parameter(char, mode.quotes, span=Span(start, self._at)))
        elif _NAME.match(text, at):
            self._at = at
            pieces.add(Parameter(self._name(), mode.quotes, span=Span(start, self._at)))
        else:
            # Quoted, because it can be nothing else, and because `$` before other parts could.
            self._at = start + 1
            pieces.add_text("$", True, start, self._at)

    def _substitution(self, quoted: bool, start: int) -> Substitution:
        if self.text.startswith("(", self._joined(self._at)):
            hint = f"`expr 1 + 2` calculates; for a group in $( ) write `$( (`; {SHELL}"
            refuse_feature(self.text, start, self._joined(self._at) + 1, ("`$((…))`, arithmetic,", hint))
        self.enter(start, self._at)
        body = self._read_list("$(", Span(start, self._at))
        self.leave()
        return Substitution(body, quoted, Span(start, self._at))

    def _braced(self, quoted: bool, start: int) -> Part:
        """`${NAME}`, `${#NAME}`, `${NAME:-word}`; the lexer stands behind the brace."""
        at = self._at = self._joined(self._at)
        char = self.text[at : at + 1]
        part: Part
        following = self._joined(at + 1)
        if char in ("@", "?", "#") and self.text[following : following + 1] in ("}", ""):
            self._at = at + 1
            part = Arguments() if char == "@" else Parameter(char, quoted)
        elif char == "#":
            self._at = self._joined(at + 1)
            part = Length(self._parameter_name(start), quoted)
        else:
            name = self._parameter_name(start)
            operator = self._expansion_operator()
            word = self._inner_word(operator, quoted, start) if operator else None
            part = Parameter(name, quoted, operator, word)
        self._at = self._joined(self._at)
        if not self.text.startswith("}", self._at):
            self._refuse_expansion(part, start)
        self._at += 1
        return replace(part, span=Span(start, self._at))

    def _parameter_name(self, start: int) -> str:
        """The variable's name, or the argument's number, behind `${`."""
        text, at = self.text, self._at
        char = text[at : at + 1]
        digits = _DIGITS.match(text, at)
        if digits:
            self._at = digits.end()
            name = digits[0].lstrip("0")
            if name:
                return name
            refuse_feature(text, start, self._at, REFUSED_PARAMETERS["0"])
        if _NAME.match(text, at):
            return self._name()
        if char == "!" and _NAME.match(text, at + 1):
            refuse_feature(text, start, at + 1, REFUSED_EXPANSIONS["!"])
        if char in REFUSED_PARAMETERS:
            refuse_feature(text, start, at + 1, REFUSED_PARAMETERS[char])
        if not char:
            self._refuse_unclosed(start, "${", "}")
        reason, hint = "no name follows `${`", "write '${' for the characters themselves"
        return refuse(text, start, at + 1, reason, expected="a variable's name or an argument's number", hint=hint)

    def _name(self) -> str:
        """A name, which may go on behind a joined line."""
        chunks = []
        start = self._at
        while found := _NAME_CHARS.match(self.text, start):
            chunks.append(found[0])
            self._at = found.end()
            start = self._joined(self._at)
        return "".join(chunks)

    def _expansion_operator(self) -> str:
        chars, ends = self._ahead(self._joined(self._at), 2)
        operator = next((chars[:length] for length in (2, 1) if chars[:length] in _EXPANSIONS), "")
        if operator:
            self._at = ends[len(operator) - 1]
        return operator

    def _inner_word(self, operator: str, quoted: bool, opened: int) -> Word:
        """The word behind the operator, up to the closing brace."""
        start = self._at
        is_pattern = operator[0] in "%#"
        pieces = Pieces()
        self.enter(opened, start)
        self._scan(_DOUBLE_BRACED if quoted and not is_pattern else _BRACED, pieces, opened)
        self.leave()
        self._at -= 1
        span = Span(start, self._at)
        return inner(self.text, pieces.finish(), span, is_pattern=is_pattern, in_double=quoted)

    def _joined(self, at: int) -> int:
        """The place behind lines that are joined here."""
        found = _JOIN.match(self.text, at)
        return found.end() if found else at

    def _refuse_expansion(self, part: Part, start: int) -> NoReturn:
        at = self._at
        char = self.text[at : at + 1]
        if not char:
            self._refuse_unclosed(start, "${", "}")
        if char in REFUSED_EXPANSIONS and isinstance(part, Parameter):
            refuse_feature(self.text, start, at + 1, REFUSED_EXPANSIONS[char])
        expected = "`}`" if isinstance(part, Length) else "`}` or one of :- - :+ + :? ? := = % %% # ##"
        hint = "close it behind the name; quote it to pass it on as it is"
        refuse(self.text, start, at + 1, f"`{char}` cannot stand in `${{…}}` there", expected=expected, hint=hint)

    def _refuse_unclosed(self, start: int, opener: str, closer: str) -> NoReturn:
        hint = f"write `{closer}` where it ends"
        end = start + len(opener)
        refuse(self.text, start, end, f"`{opener}` is never closed", expected=f"`{closer}`", hint=hint, incomplete=True)
