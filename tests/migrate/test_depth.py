"""Room for recursion: more when it is needed, and a clear end."""

from __future__ import annotations

import sys
import threading

import pytest

from procrun.migrate.depth import TooDeep, call_with_room
from procrun.migrate.rewrite import rewrite


def depth(levels: int) -> int:
    return 1 + depth(levels - 1) if levels else 0


def test_what_fits_runs_here() -> None:
    assert call_with_room(threading.current_thread) is threading.current_thread()


def test_what_does_not_fit_gets_more_room() -> None:
    levels = sys.getrecursionlimit() * 3
    assert call_with_room(depth, levels) == levels


def test_the_limits_are_as_before() -> None:
    before = sys.getrecursionlimit(), threading.stack_size()
    call_with_room(depth, sys.getrecursionlimit() * 3)
    assert (sys.getrecursionlimit(), threading.stack_size()) == before


def test_there_is_an_end() -> None:
    def endless() -> None:
        endless()

    before = sys.getrecursionlimit()
    with pytest.raises(TooDeep):
        call_with_room(endless)
    assert sys.getrecursionlimit() == before


def test_an_error_that_hides_the_reason() -> None:
    calls = []

    def hides() -> str:
        calls.append(None)
        if len(calls) == 1:
            try:
                raise RecursionError
            finally:
                raise KeyError("bookkeeping")
        return "done"

    assert call_with_room(hides) == "done"


@pytest.mark.parametrize("where", [1, 2])
def test_other_errors_are_as_they_are(where: int) -> None:
    calls = []

    def fails() -> None:
        calls.append(None)
        if len(calls) == where:
            raise ValueError("mine")
        raise RecursionError

    with pytest.raises(ValueError, match=r"^mine$"):
        call_with_room(fails)


@pytest.mark.parametrize(
    "text",
    [
        "x = (\n" + '  "a"\n' * 400 + ")\n",
        "x = " + " + ".join(["a"] * 400) + "\n",
        "if a: pass\n" + "elif a: pass\n" * 400,
    ],
    ids=["string", "sum", "elif"],
)
def test_a_deep_text_is_rewritten(text: str) -> None:
    done = call_with_room(rewrite, f"import pipes\n{text}pipes.quote(a)\n")
    assert done.text == f"import shlex\n{text}shlex.quote(a)\n"
