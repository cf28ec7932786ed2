"""What stands between `$'` and `'`: characters by their escapes."""

from __future__ import annotations

import re
from typing import NoReturn

from procrun.syntax.refusals import refuse

_SIMPLE = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v",
    "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip

_PIECE = re.compile(
    r"""
      (?P<plain> [^'\\]+ )
    | \\(?P<simple> [ntrabefv\\'"] )
    | \\(?P<kind> [xuU] )(?P<digits> (?<=x)[0-9A-Fa-f]{1,2} | (?<=u)[0-9A-Fa-f]{1,4} | (?<=U)[0-9A-Fa-f]{1,8} )
    """,
    re.VERBOSE,
)


def read_escaped(text: str, opened: int) -> tuple[str, int]:
    """The characters that `$'…'` stands for, and the place behind it; `opened` is that of its `$`.

    `\\xHH` is a byte: one that is no character by itself is kept as a surrogate (PEP 383).
    Raises PipelineSyntaxError.
    """
    chars = []
    place = opened + 2
    while not text.startswith("'", place):
        found = _PIECE.match(text, place)
        if found is None:
            _refuse(text, opened, place)
        plain, simple, kind, digits = found.groups()
        chars.append(plain or (_SIMPLE[simple] if simple else _char(text, place, kind, digits)))
        place = found.end()
    return "".join(chars), place + 1


def _char(text: str, place: int, kind: str, digits: str) -> str:
    number, end = int(digits, 16), place + 2 + len(digits)
    if number == 0:
        refuse(text, place, end, "a NUL character cannot stand in a word", hint="no program can be given one")
    if kind == "x":
        return chr(number) if number < 0x80 else chr(0xDC00 + number)
    if number > 0x10FFFF:
        hint = "the last character is \\U10FFFF"
        refuse(text, place, end, f"`\\{kind}{digits}` is not a character", hint=hint)
    if 0xD800 <= number <= 0xDFFF:
        hint = "write the whole character with \\UHHHHHHHH, or a byte with \\xHH"
        refuse(text, place, end, f"`\\{kind}{digits}` is half of a surrogate pair, not a character", hint=hint)
    return chr(number)


def _refuse(text: str, opened: int, place: int) -> NoReturn:
    letter = text[place + 1 : place + 2]
    if not letter:
        hint = "write `'` where it ends"
        refuse(text, opened, opened + 2, "`$'` is never closed", expected="`'`", hint=hint, incomplete=True)
    if letter in "xuU":
        reason, expected = f"`\\{letter}` has no digits", "hexadecimal digits"
    else:
        shown = f"`\\{letter}`" if letter.isprintable() else "a backslash before what does not show"
        reason, expected = (
            f"{shown} is no escape",
            "\\n \\t \\r \\a \\b \\e \\f \\v \\\\ \\' \\\" \\xHH \\uHHHH \\UHHHHHHHH",
        )
    refuse(text, place, place + 2, reason, expected=expected, hint="write `\\\\` for the backslash itself")
