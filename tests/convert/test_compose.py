"""Programs put together from parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies

from procrun.convert.compose import compose
from procrun.syntax import parse, unparse


@pytest.mark.parametrize(
    ("parts", "options", "text"),
    [
        (["a"], {}, "a"),
        (["a; b && c"], {}, "a; b && c"),
        (["a", "b", "c"], {}, "a | b | c"),
        (["a |& b", "c |& d"], {}, "a |& b | c |& d"),
        (["a; b", "c"], {}, "(a; b) | c"),
        (["a && b", "c || d", "e"], {}, "(a && b) | (c || d) | e"),
        (["! a", "b"], {}, "(! a) | b"),
        (["! a"], {}, "! a"),
        (["(a; b)", "{ c; }"], {}, "(a; b) | { c; }"),
        (["a"], {"stdin": "in", "stdout": "out"}, "a < in > out"),
        (["a", "b"], {"stdin": "in", "stdout": "out"}, "a < in | b > out"),
        (["a | b"], {"stdin": "in", "stdout": "out"}, "a < in | b > out"),
        (["! a | b"], {"stdin": "in", "stdout": "out"}, "! a < in | b > out"),
        (["a; b"], {"stdin": "in", "stdout": "out"}, "{ a; b; } < in > out"),
        (["a || b", "c"], {"stdin": "in"}, "(a || b) < in | c"),
        (["(a)"], {"stdin": "in"}, "(a) < in"),
        (["a 2>&1"], {"stdout": "out"}, "a > out 2>&1"),
        (["a 2> e"], {"stdin": "in"}, "a < in 2> e"),
        (["a"], {"stdout": "my file"}, "a > 'my file'"),
        (["a"], {"stdout": "$X*"}, "a > '$X*'"),
        (["a $x"], {"variables": {"x": "1", "y": "2"}}, "x=1 y=2; a $x"),
        (["a $x"], {"variables": {"x": ""}}, "x=; a $x"),
        (["a $x"], {"variables": {"x": "~"}}, "x='~'; a $x"),
        (["a $x"], {"variables": {"x": "$(rm) `b` '\""}}, "x='$(rm) `b` '\\''\"'; a $x"),
        (["a; b", "c"], {"stdout": "o", "variables": {"x": "1"}}, "x=1; (a; b) | c > o"),
    ],
)
def test_parts_are_put_together(parts: list[str], options: dict[str, Any], text: str) -> None:
    composed = compose([parse(part) for part in parts], **options)
    assert unparse(composed) == text
    assert parse(text) == composed


@pytest.mark.parametrize(
    ("parts", "options", "message"),
    [
        ([], {}, "there is nothing to run"),
        ([""], {}, "a part has no command in it"),
        (["a", "# b"], {}, "a part has no command in it"),
        (["a < b | c"], {"stdin": "in"}, "the first stage reads something else already: `< b`"),
        (["a <<< b"], {"stdin": "in"}, "the first stage reads something else already: `<<< b`"),
        (["a | b >> c"], {"stdout": "out"}, "the last stage writes something else already: `>> c`"),
        (["a &> c"], {"stdout": "out"}, "the last stage writes something else already: `&> c`"),
        (["a >&2"], {"stdout": "out"}, "the last stage writes something else already: `>&2`"),
        (["(a) > b"], {"stdout": "out"}, "the last stage writes something else already: `> b`"),
    ],
)
def test_what_contradicts_itself_is_refused(parts: list[str], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        compose([parse(part) for part in parts], **options)
    assert str(caught.value) == message


VALUES = strategies.text(strategies.characters(exclude_characters="\0"))


@given(VALUES, VALUES.filter(bool))
def test_any_value_and_any_name_stay_what_they_are(value: str, name: str) -> None:
    composed = compose([parse("a $x")], stdin=name, variables={"x": value})
    assert parse(unparse(composed)) == composed
