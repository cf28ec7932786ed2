"""`{a,b}` and `{1..9}`, from trees made by hand."""

from __future__ import annotations

import pytest

from procrun.interp import braces
from procrun.syntax.nodes import Braces, Parameter, Part, Range, Text, Tilde, Word


def word(*parts: Part | str) -> Word:
    return Word(tuple(Text(part) if isinstance(part, str) else part for part in parts))


def choices(*words: Word | str) -> Braces:
    return Braces(tuple(one if isinstance(one, Word) else word(one) for one in words))


def texts(written: Word) -> list[str | None]:
    return [one.literal for one in braces.expand(written)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (word("abc"), ["abc"]),
        (word(choices("a", "b")), ["a", "b"]),
        (word("x", choices("a", "b"), "y"), ["xay", "xby"]),
        (word(choices("a", ""), "y"), ["ay", "y"]),
        (word(choices("a", "b"), choices("c", "d")), ["ac", "ad", "bc", "bd"]),
        (word("a", choices("b", word("x", choices("c", "d"))), "e"), ["abe", "axce", "axde"]),
        (word(Range("1", "3")), ["1", "2", "3"]),
        (word(Range("3", "1")), ["3", "2", "1"]),
        (word(Range("-1", "1")), ["-1", "0", "1"]),
        (word(Range("1", "9", 3)), ["1", "4", "7"]),
        (word(Range("5", "1", 2)), ["5", "3", "1"]),
        (word(Range("1", "5", -2)), ["1", "3", "5"]),
        (word(Range("08", "11")), ["08", "09", "10", "11"]),
        (word(Range("-01", "2")), ["-01", "000", "001", "002"]),
        (word(Range("1", "010", 3)), ["001", "004", "007", "010"]),
        (word(Range("a", "e", 2)), ["a", "c", "e"]),
        (word(Range("c", "a")), ["c", "b", "a"]),
        (word(Range("Y", "b")), ["Y", "Z", "[", "\\", "]", "^", "_", "`", "a", "b"]),
        (word(Range("1", "2"), choices("a", "b")), ["1a", "1b", "2a", "2b"]),
        (word(choices(word(Range("1", "2")), "x")), ["1", "2", "x"]),
    ],
)
def test_the_words_that_braces_make(written: Word, expected: list[str]) -> None:
    assert texts(written) == expected


def test_other_parts_stay_as_they_are() -> None:
    parameter = Parameter("X")
    assert [one.parts for one in braces.expand(word(choices("a", "b"), parameter))] == [
        (Text("a"), parameter),
        (Text("b"), parameter),
    ]


def test_a_tilde_that_comes_to_the_start_is_the_home_folder() -> None:
    assert [one.parts for one in braces.expand(word(choices("~", "~/x", "a~", "~x"), "/y"))] == [
        (Tilde(), Text("/y")),
        (Tilde(), Text("/x"), Text("/y")),
        (Text("a~"), Text("/y")),
        (Text("~x"), Text("/y")),
    ]
    assert [one.parts for one in braces.expand(word(choices("~", "b")))] == [(Tilde(),), (Text("b"),)]
    assert braces.expand(word(choices("~", "b"), Parameter("X")))[0].parts == (Text("~"), Parameter("X"))


def test_what_a_range_gives_is_never_a_pattern() -> None:
    (first, *_) = braces.expand(word(Range("[", "]")))
    assert first.parts == (Text("[", quoted=True),)


def test_too_many_words_are_refused_before_they_are_made() -> None:
    with pytest.raises(OverflowError, match=r"^more than 1000000 words$"):
        braces.expand(word(Range("1", "99999999999999")))
    with pytest.raises(OverflowError):
        braces.expand(word(*[Range("1", "100")] * 4))
