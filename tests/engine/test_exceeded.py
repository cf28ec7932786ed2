"""Which limit a status tells of, and what is said when none is told."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from procrun import ExitStatus, Limits
from procrun.engine.exceeded import describe_limits, find_exceeded
from procrun.engine.result import StageResult

XCPU = getattr(signal, "SIGXCPU", None)

pytestmark = pytest.mark.skipif(XCPU is None, reason="this system has no signals of limits")


def stage(status: ExitStatus, limits: Limits | None, **fields: Any) -> StageResult:
    return StageResult("prog", status, "failed", 1, 1.0, limits=limits, **fields)


@pytest.mark.parametrize("status", [ExitStatus(signal=XCPU), ExitStatus(128 + (XCPU or 0))], ids=["own", "of a shell"])
def test_the_signal_tells_of_its_limit_alone(status: ExitStatus) -> None:
    found = find_exceeded(stage(status, Limits(cpu=2, files=9), user_time=1.5, system_time=0.51))
    assert found is not None
    assert str(found) == "it used 2.01 s of CPU, and its limit is 2 s"
    # Somebody else's limit, or anybody's signal.
    assert find_exceeded(stage(status, Limits(file_size=2))) is None
    assert find_exceeded(stage(status, None)) is None


@pytest.mark.parametrize("status", [ExitStatus(signal=9), ExitStatus(137)], ids=["own", "of a shell"])
def test_one_that_was_killed_since_it_went_on_after_the_signal(status: ExitStatus) -> None:
    found = find_exceeded(stage(status, Limits(cpu=2), user_time=2.9, system_time=0.1))
    assert str(found) == "it used 3.00 s of CPU, and its limit is 2 s"
    # Something else has killed it.
    assert find_exceeded(stage(status, Limits(cpu=2), user_time=1.9)) is None
    assert find_exceeded(stage(status, Limits(files=2), user_time=3.0)) is None


def test_other_statuses_tell_nothing() -> None:
    for status in (ExitStatus(1), ExitStatus(signal=signal.SIGKILL), ExitStatus(128)):
        assert find_exceeded(stage(status, Limits(cpu=1, file_size=1))) is None


def test_what_may_have_been_is_told_with_what_is_known() -> None:
    limits = Limits(memory=1000, cpu=5, files=9, processes=8, file_size=7, nice=3)
    told = describe_limits(stage(ExitStatus(1), limits, user_time=0.5, peak_memory=900))
    assert told == (
        "it may have met a limit: memory 1000, at most 900 were resident; cpu 5, 0.50 used; files 9; processes 8; "
        "file_size 7"
    )
    assert describe_limits(stage(ExitStatus(1), Limits(nice=3))) == ""
    assert describe_limits(stage(ExitStatus(1), None)) == ""
