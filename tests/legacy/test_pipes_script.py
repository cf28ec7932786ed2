"""The text of scripts, and the words in it."""

from __future__ import annotations

import doctest
import os
import re

import pytest
from hypothesis import given, strategies as st

from procrun.legacy import pipes_script
from procrun.legacy.pipes_script import Script, compose, quote, temporary_files_of


def test_the_examples() -> None:
    assert doctest.testmod(pipes_script).failed == 0


def test_a_script_is_text_that_knows_its_files() -> None:
    text, temporary = compose(None, [("cat $IN > $OUT", "ff")], "out")
    script = Script(text, temporary)
    assert (script, temporary_files_of(script)) == (text, temporary)
    assert script == f"cat >{temporary[0]}\nIN={temporary[0]}; OUT=out; cat $IN > $OUT"
    assert temporary_files_of(script + "") == []
    os.remove(temporary[0])


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_a_shell_reads_what_was_quoted(word: str) -> None:
    quoted = quote(word)
    # What a shell makes of quotes, without one: in single quotes everything stays, '"'"' is a quote.
    pieces = re.split(r"('[^']*'|\"'\")", quoted)
    assert "".join(piece[1:-1] if piece[:1] in "'\"" else piece for piece in pieces if piece) == word


@pytest.mark.parametrize("file", [None, 5, ["a"]])
def test_quote_wants_a_name(file: object) -> None:
    with pytest.raises(TypeError):
        quote(file)  # type: ignore[arg-type]
