"""Limits as a value: what may be given, how it is told, and that it reaches other processes."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from procrun import Limits, Options, cmd


def test_only_what_is_given_is_a_limit() -> None:
    assert list(Limits().given()) == []
    assert list(Limits(nice=0, memory=5).given()) == [("memory", 5), ("nice", 0)]


def test_limits_are_a_value() -> None:
    limits = Limits(memory=2**30, cpu=10)
    assert pickle.loads(pickle.dumps(limits)) == limits
    assert len({limits, Limits(memory=2**30, cpu=10)}) == 1


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({"memory": "1G"}, TypeError, "the limit `memory` is a whole number of bytes, not '1G'"),
        ({"cpu": 1.5}, TypeError, "the limit `cpu` is a whole number of seconds, not 1.5"),
        ({"files": True}, TypeError, "the limit `files` is a whole number, not True"),
        ({"cpu": 0}, ValueError, "the limit `cpu` is a whole number of seconds from 1 up, not 0"),
        ({"file_size": -1}, ValueError, "the limit `file_size` is a whole number of bytes from 0 up, not -1"),
        ({"nice": -21}, ValueError, "the limit `nice` is a whole number from -20 up, not -21"),
    ],
)
def test_what_is_no_limit_is_refused(given: dict[str, Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as raised:
        Limits(**given)
    assert str(raised.value) == text


def test_the_option_takes_nothing_else() -> None:
    with pytest.raises(TypeError) as raised:
        Options().with_(limits={"memory": 5})
    assert str(raised.value) == "`limits` is a value such as Limits(memory=2**30), not {'memory': 5}"


def test_limits_stay_with_their_stage() -> None:
    pipeline = cmd("a", limits=Limits(cpu=1)) | cmd("b").with_(timeout=3)
    assert [stage.options.limits for stage in pipeline.stages] == [Limits(cpu=1), None]
    assert pipeline.options.limits is None
