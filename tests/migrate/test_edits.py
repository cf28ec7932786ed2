"""Changes to a text: made at once, in bytes, with comments once and the lines that notes end up in."""

from __future__ import annotations

import pytest

from procrun.migrate.edits import Edits
from procrun.migrate.notes import Kind, Note


def test_changes_are_made_at_once_and_places_are_bytes() -> None:
    edits = Edits("a bé c\n")
    edits.replace(6, 7, "see")
    edits.replace(2, 5, "be")
    edits.insert(0, "x ")
    edits.insert(0, "y ")
    edits.insert(0, "x ")
    edits.insert(8, "end")
    assert edits.text() == "x y a be see\nend"


def test_a_change_to_the_same_is_none() -> None:
    edits = Edits("abc")
    edits.replace(0, 3, "abc")
    edits.replace(1, 2, "x")
    assert edits.text() == "axc"


def test_changes_that_overlap_are_refused() -> None:
    edits = Edits("abcdef")
    edits.replace(0, 3, "x")
    edits.replace(2, 4, "y")
    with pytest.raises(ValueError, match=r"^two changes overlap at byte 2$"):
        edits.text()


@pytest.mark.parametrize(
    ("text", "at", "result"),
    [
        ("f()\n", 0, "# procrun migrate: why\nf()\n"),
        ("a\n  f()\n", 4, "a\n  # procrun migrate: why\n  f()\n"),
        ("a\n\tf()\n", 3, "a\n\t# procrun migrate: why\n\tf()\n"),
        ("a\r\nf()\r\n", 3, "a\r\n# procrun migrate: why\r\nf()\r\n"),
        ("a\r\nf()", 3, "a\r\n# procrun migrate: why\r\nf()"),
        ("a\rf()\r", 2, "a\r# procrun migrate: why\rf()\r"),
        ("f()", 0, "# procrun migrate: why\nf()"),
        # It stands there already.
        ("# procrun migrate: why\nf()\n", 23, "# procrun migrate: why\nf()\n"),
        ("# procrun migrate: why\r\n# other\r\nf()\r\n", 33, "# procrun migrate: why\r\n# other\r\nf()\r\n"),
        ("# procrun migrate: why\n\nf()\n", 24, "# procrun migrate: why\n\n# procrun migrate: why\nf()\n"),
        ("# procrun migrate: so\nf()\n", 22, "# procrun migrate: so\n# procrun migrate: why\nf()\n"),
    ],
)
def test_a_comment_stands_above_its_line_once(text: str, at: int, result: str) -> None:
    edits = Edits(text)
    edits.comment(at, "why")
    edits.comment(at, "why")
    assert edits.text() == result


def test_notes_know_their_lines_before_and_after() -> None:
    edits = Edits("a\r\nb\rc\nd\n")
    edits.insert(0, "x\ny\n")
    edits.replace(3, 5, "")
    edits.note(Kind.LEFT, 7, "d", "why", "check")
    edits.note(Kind.REWRITTEN, 5, "c", "so")
    edits.note(Kind.REWRITTEN, 5, "c", "so")
    assert edits.notes() == (
        Note(Kind.REWRITTEN, 3, 4, "c", "so", ""),
        Note(Kind.LEFT, 4, 5, "d", "why", "check"),
    )
