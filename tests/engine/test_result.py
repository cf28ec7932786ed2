"""Results: their text, their judgement, and how they travel."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from procrun import ExitStatus, Result
from procrun.engine.result import StageResult
from procrun.errors import word

Program = Callable[..., Any]


class Awkward(Exception):
    """An exception that can be pickled and not be had back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def result(**fields: Any) -> Result:
    stage = StageResult("a", ExitStatus(0), "ok", 1, 1.0)
    defaults: dict[str, Any] = {"culprit": None, "started": 0.0, "duration": 1.0}
    return Result("a", (stage,), ExitStatus(0), **{**defaults, **fields})


@pytest.mark.parametrize(
    ("fields", "is_success"),
    [
        ({}, True),
        ({"culprit": 0}, False),
        ({"timed_out": True}, False),
        ({"error": ValueError()}, False),
    ],
)
def test_what_success_is(fields: dict[str, Any], is_success: bool) -> None:
    assert result(**fields).is_success is is_success


def test_text_is_made_of_the_bytes_when_it_is_asked_for() -> None:
    made = result(stdout_bytes=b"\xff", stderr_bytes=b"\xc3\xa9", errors="strict")
    assert made.stderr == "é"
    with pytest.raises(UnicodeDecodeError):
        assert made.stdout
    assert (result().stdout, result().stderr) == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="on Windows CR LF is a newline")
def test_a_carriage_return_is_the_programs() -> None:
    assert result(stdout_bytes=b"a\r\nb\r").stdout == "a\r\nb\r"


def test_the_standard_spelling_of_the_status() -> None:
    stage = StageResult("a", ExitStatus(signal=15), "failed", 1, 1.0)
    killed = Result("a", (stage,), ExitStatus(signal=15), 0, 0.0, 1.0)
    assert killed.returncode == -15


def test_a_result_survives_pickling(program: Program) -> None:
    real = (program("exit_with", 0, "o", "e") | program("cat")).capture()
    copy = pickle.loads(pickle.dumps(real))
    assert copy == real
    assert copy.stages[0] == real.stages[0]
    assert (copy.stdout, copy.stderr) == ("o", "e")


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (None, "None"),
        (ValueError("wrong"), "ValueError('wrong')"),
        (KeyError("k"), "KeyError('k')"),
        (Awkward(1, 2), "ErrorText('Awkward: 1 and 2')"),
        (ValueError(lambda: None), "ErrorText"),
        (KeyboardInterrupt(), "KeyboardInterrupt()"),
    ],
)
def test_what_pickling_leaves_of_an_exception(error: BaseException | None, kept: str) -> None:
    copy = pickle.loads(pickle.dumps(result(error=error)))
    assert repr(copy.error).startswith(kept)
    if error is not None:
        assert word(copy.error) == word(error)
    stage = StageResult("f", ExitStatus(1), "failed", None, 1.0, error=error)
    assert repr(pickle.loads(pickle.dumps(stage)).error).startswith(kept)


def test_a_result_is_frozen() -> None:
    with pytest.raises(AttributeError):
        result().status = ExitStatus(1)  # type: ignore[misc]
