"""What the tests of `procrun.migrate` share."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

import pytest

from procrun.migrate.rewrite import Rewritten, rewrite


@pytest.fixture(scope="session")
def rewritten() -> Callable[..., Rewritten]:
    """`rewritten(before, hidden=())`: what a text becomes, after a check that it becomes nothing else from there."""

    def run(before: str, hidden: Iterable[str] = ()) -> Rewritten:
        done = rewrite(textwrap.dedent(before), frozenset(hidden))
        assert rewrite(done.text, frozenset(hidden)).text == done.text, "the second time changes more"
        return done

    return run


@pytest.fixture(scope="session")
def becomes(rewritten: Callable[..., Rewritten]) -> Callable[..., None]:
    """`becomes(before, after, hidden=())`: compare what a text becomes with what it should."""

    def check(before: str, after: str, hidden: Iterable[str] = ()) -> None:
        assert rewritten(before, hidden).text == textwrap.dedent(after)

    return check
