"""Redirections as the language writes them."""

from __future__ import annotations

import pickle

import pytest

from procrun.plan.redirect import Redirect


@pytest.mark.parametrize(
    ("redirect", "text"),
    [
        (Redirect(0, "read", "in.txt"), "< in.txt"),
        (Redirect(1, "write", "out.txt"), "> out.txt"),
        (Redirect(2, "write", "err.txt"), "2> err.txt"),
        (Redirect(1, "append", "a b"), ">> 'a b'"),
        (Redirect(2, "append", "log"), "2>> log"),
        (Redirect(0, "text", b"one line\n"), "<<< 'one line'"),
        (Redirect(0, "text", b"two\nlines\n"), "<<< $'two\\nlines'"),
        (Redirect(2, "copy", 1), "2>&1"),
        (Redirect(1, "copy", 2), ">&2"),
    ],
)
def test_a_redirection_reads_as_the_language_writes_it(redirect: Redirect, text: str) -> None:
    assert redirect.show() == text


def test_a_redirection_is_a_value() -> None:
    redirect = Redirect(1, "write", "out.txt", (3, 9))
    assert pickle.loads(pickle.dumps(redirect)) == redirect
    assert len({redirect, Redirect(1, "write", "out.txt", (3, 9)), Redirect(1, "write", "out.txt")}) == 2
