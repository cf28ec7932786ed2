"""Single words as sh reads them."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings, strategies

from procrun.convert.sh_words import Words, quoted
from procrun.syntax import parse
from procrun.syntax.nodes import List, Simple


def unused(body: List) -> str:
    raise AssertionError(body)


def arguments(text: str) -> list[str]:
    """The second word of a command."""
    stage = parse(text).items[0].pipelines[0].stages[0]
    assert isinstance(stage, Simple)
    return Words(text, unused).arguments(stage.words[1])


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("abc", "abc"),
        ("''", "''"),
        ("'a b'", "'a b'"),
        ('"it\'s"', "'it'\\''s'"),
        ("#a", None),
        ("a#b", "'a#b'"),
        ("{}", "'{}'"),
        ("'['", "["),
        ("$", "'$'"),
        ("$X", '"$X"'),
        ("$X.c", '"$X.c"'),
        ("$X'y'", '"${X}y"'),
        ("${X}1$2'3'${10}", '"${X}1${2}3${10}"'),
        ("'$X'\"$X\"", '"\\$X$X"'),
        ("$@", '"$@"'),
        ("~", '"$HOME"'),
        ("~/a", '"$HOME/a"'),
        ("${#X}", '"${#X}"'),
        ("${X:-a 'b'$Y}", '"${X:-a b$Y}"'),
        ("${X:-~/a}", '"${X:-$HOME/a}"'),
        ("${X:+a b}", '${X:+"a b"}'),
        ('"${X:+$Y}"', '"${X:+$Y}"'),
        ("${X%.*}", '"${X%.*}"'),
        ("${X##*/}", '"${X##*/}"'),
        ("${X%'*'$Y}", '"${X%\\*"$Y"}"'),
        ("*.c", "*.c"),
        ("'a b'*", "'a b'*"),
        ("$X/*", '"$X"/*'),
        ("'*'?", "'*'?"),
        ("[^ab]*", "[!ab]*"),
        ("[a'-'c]", "[a'-'c]"),
        ("a=*", "a=*"),
    ],
)
def test_a_word(word: str, written: str | None) -> None:
    if written is None:
        # A comment begins there.
        with pytest.raises(IndexError):
            arguments(f"x {word}")
    else:
        assert arguments(f"x {word}") == [written]


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("{a,b}c", ["ac", "bc"]),
        ("{,a}", ["a"]),
        ("{1..3}", ["1", "2", "3"]),
        ("{$X,*}", ['"$X"', "*"]),
        ("{a,'b c'}$X", ['"a$X"', '"b c$X"']),
    ],
)
def test_braces_become_words(word: str, written: list[str]) -> None:
    assert arguments(f"x {word}") == written


@pytest.mark.skipif(os.name == "nt" or not shutil.which("sh"), reason="needs a real sh")
@settings(max_examples=50, deadline=None)
@given(strategies.lists(strategies.text(strategies.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_sh_reads_back_what_was_quoted(words: list[str]) -> None:
    script = f"printf '%s\\0' {' '.join(map(quoted, [*words, 'end']))}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split("\0") == [*words, "end", ""]
