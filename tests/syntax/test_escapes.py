"""`$'…'`: every escape, and every one that is refused."""

from __future__ import annotations

import pytest

from procrun.errors import PipelineSyntaxError
from procrun.syntax.escapes import read_escaped

EVERY = "\\n \\t \\r \\a \\b \\e \\f \\v \\\\ \\' \\\" \\xHH \\uHHHH \\UHHHHHHHH"

NO_ESCAPE = f"  expected {EVERY}\n  write `\\\\` for the backslash itself"
NO_DIGITS = "  expected hexadecimal digits\n  write `\\\\` for the backslash itself"
NO_NUL = "  no program can be given one"


@pytest.mark.parametrize(
    ("written", "chars"),
    [
        ("", ""),
        ("a b", "a b"),
        ('$X `a` " ;', '$X `a` " ;'),
        ("\\n\\t\\r\\a\\b\\e\\f\\v\\\\\\'\\\"", "\n\t\r\a\b\x1b\f\v\\'\""),
        ("a\nb\r\nc", "a\nb\r\nc"),
        ("\\x41\\x9", "A\t"),
        ("\\x9z", "\tz"),
        ("\\x411", "A1"),
        ("\\x7f", "\x7f"),
        ("\\x80\\xe9\\xff", "\udc80\udce9\udcff"),
        ("\\xE9", "\udce9"),
        ("\\u41", "A"),
        ("\\u00e91", "é1"),
        ("\\u41g", "Ag"),
        ("\\U1F600", "😀"),
        ("\\U0001F6001", "😀1"),
        ("\\U10FFFF", "\U0010ffff"),
        ("\udce9é", "\udce9é"),
    ],
)
def test_escapes(written: str, chars: str) -> None:
    assert read_escaped(f"a $'{written}'b", 2) == (chars, len(written) + 5)


def refused(written: str, column: int, width: int, reason: str, rest: str) -> str:
    return f"{reason}\n  $'{written}'\n  {' ' * column}{'^' * width}\n{rest}"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a\\qb", refused("a\\qb", 3, 2, "`\\q` is no escape", NO_ESCAPE)),
        ("\\0", refused("\\0", 2, 2, "`\\0` is no escape", NO_ESCAPE)),
        ("\\x", refused("\\x", 2, 2, "`\\x` has no digits", NO_DIGITS)),
        ("\\ug", refused("\\ug", 2, 2, "`\\u` has no digits", NO_DIGITS)),
        ("\\x0", refused("\\x0", 2, 3, "a NUL character cannot stand in a word", NO_NUL)),
        ("\\u0000", refused("\\u0000", 2, 6, "a NUL character cannot stand in a word", NO_NUL)),
        (
            "\\ud800",
            refused(
                "\\ud800", 2, 6, "`\\ud800` is half of a surrogate pair, not a character",
                "  write the whole character with \\UHHHHHHHH, or a byte with \\xHH",
            ),
        ),
        (
            "\\U0000DCE9",
            refused(
                "\\U0000DCE9", 2, 10, "`\\U0000DCE9` is half of a surrogate pair, not a character",
                "  write the whole character with \\UHHHHHHHH, or a byte with \\xHH",
            ),
        ),
        (
            "\\U110000",
            refused("\\U110000", 2, 8, "`\\U110000` is not a character", "  the last character is \\U10FFFF"),
        ),
    ],
)  # fmt: skip
def test_what_is_no_escape(written: str, message: str) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        read_escaped(f"$'{written}'", 0)
    assert str(caught.value) == message
    assert not caught.value.incomplete


def test_a_joined_line_is_no_escape() -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        read_escaped("$'\\\n'", 0)
    assert str(caught.value) == ("a backslash before what does not show is no escape\n  $'\\\n    ^\n" + NO_ESCAPE)


@pytest.mark.parametrize("written", ["", "a", "a\\'", "\\"])
def test_an_open_quote(written: str) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        read_escaped(f"$'{written}", 0)
    assert str(caught.value) == f"`$'` is never closed\n  $'{written}\n  ^^\n  expected `'`\n  write `'` where it ends"
    assert caught.value.incomplete
