"""The constants of streams, and the sizes of what is kept."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import pytest

from procrun.plan.stream import CAPTURE, INHERIT, MERGE, NULL, PIPE, Head, Once, Spill, Stdio, Tail, freeze_input


def test_the_constants_are_told_as_they_are_written() -> None:
    assert repr([INHERIT, NULL, CAPTURE, MERGE, PIPE]) == (
        "[procrun.INHERIT, procrun.NULL, procrun.CAPTURE, procrun.MERGE, procrun.PIPE]"
    )
    assert list(Stdio) == [INHERIT, NULL, CAPTURE, MERGE, PIPE]


@pytest.mark.parametrize("constant", list(Stdio), ids=repr)
def test_a_constant_is_the_same_one_after_pickling(constant: Stdio) -> None:
    assert pickle.loads(pickle.dumps(constant)) is constant


@pytest.mark.parametrize("limit", [Head(5), Tail(5), Spill(5, "f"), Spill(5, Path("f"))], ids=repr)
def test_a_limit_is_a_value(limit: Any) -> None:
    assert pickle.loads(pickle.dumps(limit)) == limit
    assert len({limit, limit}) == 1


@pytest.mark.parametrize("make", [Head, Tail, lambda size: Spill(size, "f")])
@pytest.mark.parametrize(
    ("size", "kind", "message"),
    [
        (-1, ValueError, "a size is a number of bytes from 0 up, not -1"),
        (1.5, TypeError, "a size is a number of bytes, not 1.5"),
        ("1k", TypeError, "a size is a number of bytes, not '1k'"),
        (True, TypeError, "a size is a number of bytes, not True"),
        (None, TypeError, "a size is a number of bytes, not None"),
    ],
)
def test_a_size_that_is_none(make: Any, size: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        make(size)
    assert str(raised.value) == message


def test_an_iterator_is_kept_for_one_run() -> None:
    once = freeze_input("input", iter(["a", "b"]))
    assert isinstance(once, Once)
    assert freeze_input("input", once) is once
    assert list(pickle.loads(pickle.dumps(once))) == ["a", "b"]
    once.check()
    assert list(once) == ["a", "b"]
    for use in (once.check, once.__iter__):
        with pytest.raises(ValueError) as raised:
            use()
        assert str(raised.value) == (
            "`input` is an iterator, and an earlier run has taken what it gives; "
            "give a list, or give each run an iterator of its own: run(input=…)"
        )


@pytest.mark.parametrize("given", [io.StringIO("a"), io.BytesIO(b"a"), {"a": 1}, range(0)], ids=type)
def test_what_can_begin_again_is_kept_as_it_is(given: Any) -> None:
    assert freeze_input("input", given) is given
