"""Which braces of a word are braces: tables, and whatever bash makes of the same word."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings, strategies as st

from procrun.interp.braces import expand
from procrun.syntax import parse
from procrun.syntax.braces import pair_braces
from procrun.syntax.nodes import Braces, Parameter, Part, Range, Simple, Span, Text, Word

needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")


def choices(*written: str | Part) -> Braces:
    return Braces(tuple(Word((Text(one) if isinstance(one, str) else one,) if one else ()) for one in written))


def texts(*written: str | Part) -> tuple[Part, ...]:
    return tuple(Text(one) if isinstance(one, str) else one for one in written)


@pytest.mark.parametrize(
    ("written", "paired", "depth"),
    [
        ("abc", texts("abc"), 0),
        ("{a,b}", (choices("a", "b"),), 1),
        ("x{a,b}y", texts("x", choices("a", "b"), "y"), 1),
        ("{a,b,}", (choices("a", "b", ""),), 1),
        ("{,}", (choices("", ""),), 1),
        ("{a,b}{c,d}", (choices("a", "b"), choices("c", "d")), 1),
        ("{a,{b,c}}", (choices("a", choices("b", "c")),), 2),
        ("{{a,b},{c,{d,e}}}", (Braces((Word((choices("a", "b"),)), Word((choices("c", choices("d", "e")),)))),), 3),
        ("{1..9}", (Range("1", "9"),), 1),
        ("{a..e..2}", (Range("a", "e", 2),), 1),
        ("{-10..+01..-3}", (Range("-10", "+01", -3),), 1),
        ("x{1..2}{3..4}", texts("x", Range("1", "2"), Range("3", "4")), 1),
        ("{1..2,a}", (choices("1..2", "a"),), 1),
        ("{{1..2},a}", (choices(Range("1", "2"), "a"),), 2),
        ("{1..5..0}", (Range("1", "5"),), 1),
        # Ordinary characters.
        ("{}", texts("{}"), 0),
        ("{a}", texts("{a}"), 0),
        ("{a", texts("{a"), 0),
        ("{a,b", texts("{a,b"), 0),
        ("a,b}", texts("a,b}"), 0),
        ("a,b", texts("a,b"), 0),
        ("}{", texts("}{"), 0),
        ("{1..}", texts("{1..}"), 0),
        ("{..1}", texts("{..1}"), 0),
        ("{a..1}", texts("{a..1}"), 0),
        ("{a..bc}", texts("{a..bc}"), 0),
        ("{a..é}", texts("{a..é}"), 0),
        ("{1..2..}", texts("{1..2..}"), 0),
        ("{1..9999999999999999999}", texts("{1..9999999999999999999}"), 0),
        # Partly.
        ("{a,{b,c}", texts("{a,", choices("b", "c")), 1),
        ("{{a,b}", texts("{", choices("a", "b")), 1),
        ("{a,b}}", texts(choices("a", "b"), "}"), 1),
        ("{a},b}", (choices("a}", "b"),), 1),
        ("{a,{b},c}", (choices("a", "{b}", "c"),), 1),
        ("{x{a},b}", (choices("x{a}", "b"),), 1),
        ("{ab..c},d}", texts("{ab..c},d}"), 0),
        ("{},b}", texts("{},b}"), 0),
        ("x{},b}", texts("x", choices("}", "b")), 1),
        ("{a,b}{},c}", texts(choices("a", "b"), "{},c}"), 1),
        ("{}{},c}", texts("{}", choices("}", "c")), 1),
        ("{},{a,b}", texts("{},", choices("a", "b")), 1),
        ("{{1..2}}", texts("{", Range("1", "2"), "}"), 1),
    ],
)
def test_which_braces_pair(written: str, paired: tuple[Part, ...], depth: int) -> None:
    assert pair_braces([Text(written)]) == (paired, depth)


def test_quotes_and_expansions_in_braces() -> None:
    assert pair_braces([Text("{a"), Text(",b}", quoted=True)])[1] == 0
    assert pair_braces([Text("{"), Text("a", quoted=True), Text(","), Parameter("X"), Text("}")]) == (
        (Braces((Word((Text("a", quoted=True),)), Word((Parameter("X"),)))),),
        1,
    )
    assert pair_braces([Text("{1..3"), Text("", quoted=True), Text("aaaaa}")])[1] == 0
    # A range is written out: values are put in later.
    assert pair_braces([Text("{1.."), Parameter("X"), Text("}")])[1] == 0


def test_the_places_of_braces() -> None:
    (before, braces, behind), _ = pair_braces([Text("x{ab,{1..2}}y", span=Span(10, 23))])
    assert isinstance(braces, Braces)
    first, last = braces.choices
    spans = [node.span for node in (before, braces, first, last, last.parts[0], behind)]
    assert spans == [Span(10, 11), Span(11, 22), Span(12, 14), Span(15, 21), Span(15, 21), Span(22, 23)]


@needs_bash
@settings(max_examples=50)
@given(
    st.lists(
        st.lists(
            # No `..` by itself: around other braces it makes bash drop the outer ones, `{1..{a,b}}` is `1..a 1..b`.
            st.sampled_from(["{", "}", ",", "a", "b", "1", "''", "'x'", "{a,b}", "{1..3}", "{01..3}", "{c..a}", "\\{"]),
            min_size=1,
            max_size=10,
        ).map("".join),
        min_size=20,
        max_size=20,
    )
)
def test_bash_makes_the_same_words(written: list[str]) -> None:
    script = "\n".join(f"printf '<%s>' x {one}; echo" for one in written)
    done = subprocess.run(["bash"], input=script, capture_output=True, check=True, text=True)
    for one, made in zip(written, done.stdout.splitlines()):
        (stage,) = parse(f"x {one}").items[0].pipelines[0].stages
        assert isinstance(stage, Simple)
        words = [each for word in stage.words for each in expand(word)]
        # An unquoted empty word is none in bash.
        assert "".join(f"<{word.literal}>" for word in words if word.parts) == made, one
