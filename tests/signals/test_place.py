"""Places are those of the program, not of the functions here that it called."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from procrun import NULL
from procrun.signals import DeadlineExceeded, deadline, sleep
from procrun.signals.place import last_place, place_of


def here() -> FrameType:
    return sys._getframe(1)


def test_a_frame_has_a_file_a_line_and_a_function() -> None:
    frame = here()
    line = frame.f_lineno
    assert place_of(frame) == f"{__file__}:{line + 1} in `test_a_frame_has_a_file_a_line_and_a_function`"


def test_no_frame_is_no_place() -> None:
    assert (place_of(None), last_place(None)) == ("", "")


def test_in_a_function_of_ours_it_is_where_that_was_called() -> None:
    places = []

    def look() -> bool:
        # Called by `sleep`: the frame below this one is ours.
        places.append(place_of(here().f_back))
        return True

    sleep(1, until=look)
    assert places[0].endswith(" in `test_in_a_function_of_ours_it_is_where_that_was_called`")


def test_an_exception_was_raised_in_the_innermost_function_that_is_not_ours() -> None:
    def refuse() -> None:
        raise LookupError

    try:
        refuse()
    except LookupError as error:
        assert last_place(error.__traceback__).endswith(" in `refuse`")
    try:
        sleep(-1)
    except ValueError as error:
        assert last_place(error.__traceback__).endswith(
            " in `test_an_exception_was_raised_in_the_innermost_function_that_is_not_ours`"
        )


def test_in_a_run_it_is_where_the_run_was_called(program: Callable[..., Any]) -> None:
    with pytest.raises(DeadlineExceeded) as caught, deadline(0.05):
        program("sleeper", stdout=NULL).run()
    assert " in `test_in_a_run_it_is_where_the_run_was_called`\n" in str(caught.value).split("stopped at")[1]
