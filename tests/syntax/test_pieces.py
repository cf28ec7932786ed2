"""One form for each word: text that stands together is one part."""

from __future__ import annotations

import pytest

from procrun.syntax.nodes import Arguments, Parameter, Part, Span, Text
from procrun.syntax.pieces import Pieces

X = Parameter("X")
QUOTED_X = Parameter("X", quoted=True)


def plain(value: str) -> Text:
    return Text(value)


def quoted(value: str) -> Text:
    return Text(value, quoted=True)


@pytest.mark.parametrize(
    ("added", "parts"),
    [
        ([], ()),
        ([plain("a"), plain("b")], (plain("ab"),)),
        ([quoted("a"), quoted("b"), quoted("c")], (quoted("abc"),)),
        ([plain("a"), quoted("b"), plain("c")], (plain("a"), quoted("b"), plain("c"))),
        ([plain("a"), X, plain("b")], (plain("a"), X, plain("b"))),
        ([quoted("")], (quoted(""),)),
        ([plain("a"), quoted(""), plain("b")], (plain("a"), quoted(""), plain("b"))),
        ([quoted(""), quoted("a"), quoted("")], (quoted("a"),)),
        ([quoted(""), QUOTED_X, quoted("")], (QUOTED_X,)),
        ([quoted(""), X, quoted("")], (quoted(""), X, quoted(""))),
        ([QUOTED_X, quoted(""), QUOTED_X], (QUOTED_X, QUOTED_X)),
        ([quoted(""), Arguments()], (Arguments(),)),
    ],
)
def test_parts_are_merged(added: list[Part], parts: tuple[Part, ...]) -> None:
    pieces = Pieces()
    for part in added:
        pieces.add(part)
    assert pieces.finish() == parts


def test_a_merged_text_has_the_place_of_all() -> None:
    pieces = Pieces()
    pieces.add_text("a", True, 3, 6)
    pieces.add_text("b", True, 6, 8)
    (text,) = pieces.finish()
    assert text.span == Span(3, 8)
