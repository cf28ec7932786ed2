"""`*`, `?` and `[…]`: what they match, how long, and in what time."""

from __future__ import annotations

import fnmatch
import re
import time

import pytest
from hypothesis import given, strategies as st

from procrun.interp.patterns import Pattern, Piece, characters, is_pattern


def pattern(text: str) -> Pattern:
    return Pattern.of([Piece(text, True)])


@pytest.mark.parametrize(
    ("written", "text", "matches"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "any\nthing", True),
        ("a*c", "ac", True),
        ("a*c", "abbc", True),
        ("a*c", "abb", False),
        ("a*a", "a", False),
        ("*a*b*", "xxaxxbxx", True),
        ("*a*b*", "xxbxxaxx", False),
        ("**a**", "bab", True),
        ("?", "é", True),
        ("?", "", False),
        ("?", "\n", True),
        ("a?c", "abc", True),
        ("[abc]", "b", True),
        ("[abc]", "d", False),
        ("[a-c]x", "bx", True),
        ("[a-c]", "-", False),
        ("[a-]", "-", True),
        ("[-a]", "-", True),
        ("[!abc]", "d", True),
        ("[!abc]", "a", False),
        ("[^abc]", "d", True),
        ("[^abc]", "b", False),
        ("[a^]", "^", True),
        ("[a!]", "!", True),
        ("[]]", "]", True),
        ("[]a]", "a", True),
        ("[!]]", "a", True),
        ("[!]]", "]", False),
        ("[]", "[]", True),
        ("[!]", "[!]", True),
        ("[", "[", True),
        ("[a", "[a", True),
        ("a]", "a]", True),
        ("[[]", "[", True),
        ("[a-c-e]", "-", True),
        ("[z-a]", "m", False),
        ("[!z-a]", "m", True),
        ("[a-a]", "a", True),
        ("[é-ü]", "ö", True),
        ("[[:digit:]]", "7", True),
        ("[[:digit:]]", "x", False),
        ("[![:digit:]]", "x", True),
        ("[[:alpha:]_]", "_", True),
        ("[[:alpha:]]", "é", False),
        ("[[:punct:]]", "]", True),
        ("[[:punct:]]", "`", True),
        ("[[:space:]]", "\t", True),
        ("[[:upper:][:digit:]]", "A", True),
        ("[[:nope:]", ":", True),
        ("[:alpha:]", "p", True),
        ("[.]", ".", True),
        ("[*]", "*", True),
        ("[?]", "?", True),
        ("[&&||~~--a]", "&", True),
        (".", "a", False),
        ("a+", "aa", False),
        ("(a|b)", "a", False),
        ("A", "a", False),
    ],
)
def test_what_a_pattern_matches(written: str, text: str, matches: bool) -> None:
    assert pattern(written).matches(text) is matches


@pytest.mark.parametrize(
    ("pieces", "text", "matches"),
    [
        ([Piece("*")], "a", False),
        ([Piece("*")], "*", True),
        ([Piece("a"), Piece("*", True)], "ab", True),
        ([Piece("[", True), Piece("a-c"), Piece("]", True)], "b", False),
        ([Piece("[", True), Piece("a-c"), Piece("]", True)], "-", True),
        ([Piece("[", True), Piece("]"), Piece("]", True)], "]", True),
        ([Piece("[", True), Piece("!"), Piece("a]", True)], "!", True),
        ([Piece("[a", True), Piece("]")], "[a]", True),
        ([Piece("[[:", True), Piece("digit"), Piece(":]]", True)], "7", False),
    ],
)
def test_quoted_characters_are_ordinary(pieces: list[Piece], text: str, matches: bool) -> None:
    assert Pattern.of(pieces).matches(text) is matches


@pytest.mark.parametrize(
    ("written", "text", "shortest", "longest"),
    [
        ("*/", "a/b/c", 2, 4),
        ("*", "abc", 0, 3),
        ("", "abc", 0, 0),
        ("a", "abc", 1, 1),
        ("b", "abc", None, None),
        ("?", "abc", 1, 1),
        ("a*", "abab", 1, 4),
        ("*b", "abab", 2, 4),
        ("a*b", "aabb", 3, 4),
        ("*a*", "xaxa", 2, 4),
        ("*c", "ab", None, None),
        ("abcd", "abc", None, None),
        ("[ab]*[ab]", "abxab", 2, 5),
    ],
)
def test_how_much_of_a_start_is_matched(written: str, text: str, shortest: int | None, longest: int | None) -> None:
    assert (pattern(written).shortest(text), pattern(written).longest(text)) == (shortest, longest)


def test_backwards_matches_an_end() -> None:
    backwards = Pattern.of([Piece(".t?t", True)], backwards=True)
    assert backwards.shortest("a.txt"[::-1]) == 4
    assert Pattern.of([Piece("[a-c].*", True)], backwards=True).longest("ab.c.d"[::-1]) == 5


@pytest.mark.parametrize(
    ("written", "is_special"),
    [
        ("abc", False),
        ("*", True),
        ("a?", True),
        ("[", False),
        ("[a", False),
        ("[]", False),
        ("[a]", True),
        ("]", False),
    ],
)
def test_what_is_a_pattern(written: str, is_special: bool) -> None:
    assert is_pattern(characters([Piece(written, True)])) is is_special
    assert is_pattern(characters([Piece(written)])) is False


def test_many_stars_take_no_longer() -> None:
    start = time.monotonic()
    assert not pattern("a*" * 30 + "b").matches("a" * 5000)
    assert pattern("*x*y*").shortest("ab" * 500_000) is None
    assert pattern("*b").longest("a" * 1_000_000) is None
    assert time.monotonic() - start < 20


letters = st.text("ab*?[]!-c", max_size=8)


@given(letters.filter(lambda text: "[" not in text), st.text("abc!-]", max_size=8))
def test_agrees_with_fnmatch(written: str, text: str) -> None:
    assert pattern(written).matches(text) is (re.match(fnmatch.translate(written), text) is not None)


@given(letters, st.text("abc[]*", max_size=8))
def test_lengths_agree_with_trying_each(written: str, text: str) -> None:
    compiled = pattern(written)
    ends = [end for end in range(len(text) + 1) if compiled.matches(text[:end])]
    assert compiled.shortest(text) == (ends[0] if ends else None)
    assert compiled.longest(text) == (ends[-1] if ends else None)


@given(letters, st.text("abc[]*", max_size=8))
def test_backwards_is_the_mirror_image(written: str, text: str) -> None:
    backwards = Pattern.of([Piece(written, True)], backwards=True)
    assert backwards.matches(text[::-1]) is pattern(written).matches(text)


@given(st.text(max_size=6), st.text(max_size=6))
def test_a_literal_matches_itself_only(written: str, text: str) -> None:
    assert Pattern.of([Piece(written)]).matches(text) is (written == text)
