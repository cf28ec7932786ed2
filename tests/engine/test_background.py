"""The thread that waits for a run."""

from __future__ import annotations

import threading

import pytest

from procrun.engine.background import Background


def test_it_waits_and_is_done() -> None:
    may_end = threading.Event()
    is_over = threading.Event()
    background = Background(may_end.wait, is_over.wait)
    may_end.set()
    # What is done afterwards is not waited for here.
    background.raise_error()
    is_over.set()
    background.join()


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_what_it_met_is_raised_once(error: BaseException) -> None:
    def fail() -> None:
        raise error

    background = Background(fail, lambda: None)
    with pytest.raises(type(error)) as raised:
        background.raise_error()
    assert raised.value is error
    background.raise_error()
    background.join()
