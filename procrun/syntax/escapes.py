"""What stands between `$'` and `'`: characters by their escapes."""

from __future__ import annotations

import re

from procrun.syntax.reader import Reader

_SIMPLE = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
}

_DIGITS = {letter: re.compile(f"[0-9A-Fa-f]{{1,{most}}}") for letter, most in (("x", 2), ("u", 4), ("U", 8))}

_ORDINARY = re.compile(r"[^'\\]+")


def read_escaped(reader: Reader, start: int) -> str:
    """The characters up to the closing quote; the reader stands behind `$'`, which is at `start`."""
    pieces = []
    while not reader.takes("'"):
        if reader.is_at_end:
            reader.fail("the quote `$'` is not closed", start, start + 2, hint="close it with `'`", incomplete=True)
        pieces.append(_escape(reader) if reader.char == "\\" else reader.matches(_ORDINARY))
    return "".join(pieces)


def _escape(reader: Reader) -> str:
    start = reader.at
    reader.at += 1
    letter = reader.char
    reader.at += 1
    if letter in _SIMPLE:
        return _SIMPLE[letter]
    if letter in _DIGITS:
        return _by_number(reader, letter, start)
    if not letter:
        reader.fail("the quote `$'` is not closed", start, hint="close it with `'`", incomplete=True)
    return reader.fail(
        f"`\\{letter}` is no escape of `$'…'`" if letter.isprintable() else "that is no escape of `$'…'`",
        start,
        reader.at,
        expected="one of \\n \\t \\r \\a \\b \\e \\f \\v \\\\ \\' \\\" \\xHH \\uHHHH \\UHHHHHHHH",
        hint="write \\\\ for a backslash",
    )


def _by_number(reader: Reader, letter: str, start: int) -> str:
    """`\\xHH` is a byte, `\\uHHHH` and `\\UHHHHHHHH` are characters."""
    digits = reader.matches(_DIGITS[letter])
    if not digits:
        reader.fail(f"`\\{letter}` has no digits", start, reader.at, expected="hexadecimal digits")
    number = int(digits, 16)
    if number == 0:
        reader.fail("a word cannot hold a NUL character", start, reader.at, hint="no program can be given one")
    if letter != "x" and (number > 0x10FFFF or 0xD800 <= number <= 0xDFFF):
        reader.fail(f"`\\{letter}{digits}` is not a character", start, reader.at, hint="a byte is written \\xHH")
    # A byte that is no character by itself keeps its value in a surrogate (PEP 383).
    return chr(number) if letter != "x" or number < 0x80 else chr(0xDC00 + number)
