"""Taking items out of lists with commas."""

from __future__ import annotations

import libcst as cst
import pytest

from procrun.migrate.draft import Draft
from procrun.migrate.items import remove


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(X)", "f()"),
        ("f( X , )", "f(  )"),
        ("f(a, X)", "f(a)"),
        ("f(a, X,)", "f(a,)"),
        ("f(X, a)", "f(a)"),
        ("f(a, X, b)", "f(a, b)"),
        ("f(a, X, X, b)", "f(a, b)"),
        ("f(X, a, X)", "f(a)"),
        ("f(X, X)", "f()"),
        ("f(k=X, a=1)", "f(a=1)"),
        ("f((X), a)", "f(a)"),
        ("f(\n  a,\n  X,\n  b,\n)", "f(\n  a,\n  b,\n)"),
        ("f(\n  a,  # a\n  X,  # X\n  b,  # b\n)", "f(\n  a,  # a\n  b,  # b\n)"),
        ("f(\n  a,  # a\n  X)", "f(\n  a,  # a\n  )"),
        ("f(\n  X\n)", "f(\n)"),
        ("f(\n  a,\n  X, b,\n)", "f(\n  a,\n  b,\n)"),
        ("f(a,\r\n  X,\r\n  b)", "f(a,\r\n  b)"),
    ],
)
def test_items_go_with_their_commas(before: str, after: str) -> None:
    draft = Draft(before)
    call = next(draft.tree.all(cst.Call))
    gone = [a for a in call.args if isinstance(a.value, cst.Name) and a.value.value == "X"]
    remove(draft, call.args, gone, has_parentheses=True)
    assert draft.edits.text() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import X, a", "import a"),
        ("import a, X", "import a"),
        ("import a, \\\n  X, \\\n  b", "import a, \\\n  b"),
        ("import a, \\\n  X", "import a"),
    ],
)
def test_without_parentheses_no_line_goes(before: str, after: str) -> None:
    draft = Draft(before)
    statement = next(draft.tree.all(cst.Import))
    gone = [alias for alias in statement.names if alias.evaluated_name == "X"]
    remove(draft, statement.names, gone, has_parentheses=False)
    assert draft.edits.text() == after
