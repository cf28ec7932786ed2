"""Argument lists as text and back, by dialect: what `sh` reads, and what a Windows program reads.

Used by every message that shows a command, and by whoever keeps commands as text. Pure: it
asks no operating system, so that a text for Windows can be made anywhere. Nothing of
procrun passes such a text on to a shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

Dialect = Literal["posix", "windows"]

RESERVED = frozenset({"if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac"}) | {
    *("function", "select", "time", "coproc", "{", "}", "!", "[["),
}
"""Words that a shell, or the pipeline language, reads as syntax where a command begins."""

SHOWN = 300
"""As many characters of a command a message shows; more bury what the message says."""

# Characters that mean nothing to any shell, wherever they stand in a word.
_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")

_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r", "\x1b": "\\e",
    "\\": "\\\\", "'": "\\'",
}  # fmt: skip


class _Rules(NamedTuple):
    """One dialect."""

    quote: Callable[[Sequence[str]], str]
    split: Callable[[str], list[str]]


def quote(argv: Sequence[str], dialect: Dialect = "posix") -> str:
    """A command line that gives exactly these arguments.

    `posix`: for `sh` and every shell like it, and for the pipeline language. The first word is
    never read as syntax (`'if'`, `'X=1'`); but a name that the shell itself knows, such as `cd`,
    stays that. `windows`: for programs of the Microsoft C runtime and `CommandLineToArgvW`,
    as `subprocess.list2cmdline` does it (docs/gotchas.md#windows-arguments); not for `cmd.exe`
    (docs/gotchas.md#batch).

    >>> quote(["grep", "a b", "notes.txt"])
    "grep 'a b' notes.txt"
    >>> quote(["grep", "a b", 'say "no"'], "windows")
    'grep "a b" "say \\\\"no\\\\""'

    Raises TypeError for what is no sequence of strings, and ValueError for a NUL, which no
    program can be given, and for an unknown dialect.
    """
    if isinstance(argv, str):
        raise TypeError(f"a sequence of arguments is wanted, not a string: write quote([{argv!r}])")
    if isinstance(argv, bytes) or not isinstance(argv, Iterable):
        raise TypeError(f"a sequence of arguments is wanted, not {argv!r}")
    argv = tuple(argv)
    for place, word in enumerate(argv):
        if not isinstance(word, str):
            raise TypeError(
                f"argument {place} is {word!r}; arguments are text: write str(…), or os.fsdecode(…) for a path"
            )
        if "\0" in word:
            raise ValueError(f"{word!r} holds a NUL character, which no program can be given; take it out")
    return _rules(dialect).quote(argv)


def split(text: str, dialect: Dialect = "posix") -> list[str]:
    """The arguments that a command line gives: the inverse of `quote`.

    `posix`: what `sh` would pass on. Words end at blanks and newlines; what `sh` would read as
    an operator, a variable, a pattern or a comment is refused instead of being passed on as if
    it had been quoted. `windows`: the rules of the Microsoft C runtime, for all words alike.

    >>> split("grep 'a b' notes.txt")
    ['grep', 'a b', 'notes.txt']

    Raises ValueError, with the place and what to write instead, and TypeError for what is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a command line as text is wanted, not {text!r}")
    if "\0" in text:
        raise ValueError(f"the text holds a NUL character at offset {text.index(chr(0))}; take it out")
    return _rules(dialect).split(text)


def quote_word(word: str) -> str:
    """One word, as `sh` and the pipeline language read it wherever it stands.

    In one line: characters that do not show are written as in `$'a\\nb'`, which the pipeline
    language, bash and zsh read; `quote` keeps to what every `sh` reads.

    >>> print(quote_word("notes.txt"), quote_word("a b"), quote_word("if"), quote_word("it's"))
    notes.txt 'a b' 'if' "it's"
    """
    return word if _SAFE.fullmatch(word) and word not in RESERVED and not _ASSIGNMENT.match(word) else in_quotes(word)


def in_quotes(word: str) -> str:
    """One word in quotes, also where it needs none; in one line, as `quote_word` writes it.

    >>> in_quotes("a"), in_quotes("it's")
    ("'a'", '"it\\'s"')
    """
    if all(map(_shows, word)):
        return _plain_quotes(word)
    return "$'" + "".join(_ESCAPES.get(char) or (char if _shows(char) else _escape(char)) for char in word) + "'"


def display(argv: Sequence[str], limit: int = SHOWN) -> str:
    """A command for a message: quoted, in one line, and shortened in the middle when it is long.

    >>> display(["echo", "a\\nb"]), display(["echo", "x" * 100], limit=21)
    ("echo $'a\\\\nb'", 'echo xxxx … xxxxxxxxx')
    """
    return shorten(" ".join(map(quote_word, argv)), limit)


def shorten(text: str, limit: int = SHOWN) -> str:
    """A text for a message, without its middle when it is long.

    >>> shorten("0123456789", 8)
    '012 … 89'
    """
    if len(text) <= limit:
        return text
    tail = (limit - 3) // 2
    return f"{text[: limit - 3 - tail]} … {text[len(text) - tail :]}"


def printable(text: str) -> str:
    """Text that a terminal shows and does not obey: what does not show, but tabs, becomes an escape.

    >>> printable("\\x1b[31mred")
    '\\\\e[31mred'
    """
    if text.isprintable():
        return text
    return "".join(char if char == "\t" or char.isprintable() else _ESCAPES.get(char) or _escape(char) for char in text)


def _rules(dialect: str) -> _Rules:
    if dialect not in _DIALECTS:
        raise ValueError(f"unknown dialect {dialect!r}: use one of {', '.join(map(repr, _DIALECTS))}")
    return _DIALECTS[dialect]


def _shows(char: str) -> bool:
    """Whether a character may stand as it is; half a surrogate pair has no other spelling."""
    return char.isprintable() or (0xD800 <= ord(char) < 0xE000 and not 0xDC80 <= ord(char) < 0xDD00)


def _escape(char: str) -> str:
    """A character as the escapes of `$'…'` write it; a byte that is no text (PEP 383) as that byte."""
    code = ord(char)
    if 0xDC80 <= code < 0xDD00:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _plain_quotes(word: str) -> str:
    """Quotes that every shell reads. No `!` in double ones, which an interactive shell replaces."""
    if "'" in word and not re.search(r'[$`"\\!]', word):
        return f'"{word}"'
    return "'" + word.replace("'", "'\\''") + "'"


def _quote_posix(argv: Sequence[str]) -> str:
    words = []
    for place, word in enumerate(argv):
        is_syntax = place == 0 and (word in RESERVED or _ASSIGNMENT.match(word))
        words.append(word if _SAFE.fullmatch(word) and not is_syntax else _plain_quotes(word))
    return " ".join(words)


_POSIX_TOKEN = re.compile(
    r"""
      (?P<blank> [ \t\n]+ )
    | (?P<join> \\\n )
    | '(?P<single> [^']* )'
    | "(?P<double> (?: [^"\\$`] | \\. )* )"
    | \\(?P<escaped> . )
    | (?P<plain> [^ \t\n'"\\|&;<>()$`*?\[\#~]+ | (?<=[^ \t\n])[\#~] )  # `#` and `~` are special at the start only
    """,
    re.VERBOSE | re.DOTALL,
)

# What a backslash escapes in double quotes (POSIX XCU 2.2.3); a newline vanishes with it.
_IN_DOUBLE = re.compile(r"\\(?:\n|([$`\"\\]))")

_POSIX_MISTAKES = {
    "'": ("a `'` is never closed", "close it, or write \\' for the character"),
    '"': ('a `"` is never closed, or holds a `$` or a backquote', "close it, and write \\$ for the character"),
    "\\": ("a `\\` stands at the very end", "write '\\' for the character"),
}


def _split_posix(text: str) -> list[str]:
    words: list[str] = []
    word: list[str] = []  # The pieces of the current word; a word may be empty, but not its list.
    place = 0
    while place < len(text):
        found = _POSIX_TOKEN.match(text, place)
        if found is None:
            raise _mistake(text, place)
        kind, value = str(found.lastgroup), found[str(found.lastgroup)]
        place = found.end()
        if kind == "blank" and word:
            words.append("".join(word))
            word = []
        elif kind == "double":
            word.append(_IN_DOUBLE.sub(lambda escape: escape[1] or "", value))
        elif kind not in ("blank", "join"):
            word.append(value)
    return [*words, "".join(word)] if word else words


def _mistake(text: str, place: int) -> ValueError:
    char = text[place]
    reason, hint = _POSIX_MISTAKES.get(char, (f"`{char}` is not a plain character to sh", f"quote it: '{char}'"))
    shown = printable(text[max(0, place - 20) : place + 20])
    return ValueError(f"{reason}, at offset {place} (near {shown}); {hint}")


def _quote_windows(argv: Sequence[str]) -> str:
    return " ".join(map(_quote_windows_word, argv))


def _quote_windows_word(word: str) -> str:
    """As `subprocess.list2cmdline`: backslashes count only before a `"`, and there in pairs."""
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    if word and not re.search(r"[ \t]", word):
        return escaped
    slashes = len(escaped) - len(escaped.rstrip("\\"))
    return f'"{escaped}{chr(92) * slashes}"'


_WINDOWS_TOKEN = re.compile(r'(?P<slashes>\\*)(?P<quote>"?)(?P<plain>[^ \t\\"]*)(?P<blank>[ \t]*)')


def _split_windows(text: str) -> list[str]:
    """By the rules of the Microsoft C runtime ("Parsing C command-line arguments").

    An open quote ends with the text, as it does there, so that no text is wrong. A program's
    name is read like an argument: the stricter rule for it differs only for names with a `"`.
    """
    words: list[str] = []
    word: list[str] = []
    is_quoted = False
    place, end = len(text) - len(text.lstrip(" \t")), len(text)
    while place < end:
        found = _WINDOWS_TOKEN.match(text, place)
        assert found is not None  # every part of the pattern may be empty
        slashes, quote_mark, plain, blank = found.groups()
        place = found.end()
        if not quote_mark:
            word.append(slashes + plain)
        else:
            word.append("\\" * (len(slashes) // 2))
            if len(slashes) % 2:
                word.append('"')
            elif is_quoted and plain == blank == "" and text.startswith('"', place):
                place += 1
                word.append('"')
            else:
                is_quoted = not is_quoted
            word.append(plain)
        if blank and is_quoted:
            word.append(blank)
        elif blank:
            words.append("".join(word))
            word = []
    return [*words, "".join(word)] if word else words


_DIALECTS: dict[str, _Rules] = {
    "posix": _Rules(_quote_posix, _split_posix),
    "windows": _Rules(_quote_windows, _split_windows),
}
