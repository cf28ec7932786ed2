"""What became of processes, as values and as text."""

from __future__ import annotations

import pickle

import pytest

from procrun.signals.report import Ended, Holder, StopReport, Survivor

REPORT = StopReport(
    (Ended(7, "sleep", 15), Ended(8, "sh", None), Ended(9, "x\x1b[1m", 9), Ended(10, "sleep", 15)),
    (Survivor(11, "b -c", "it is stubborn"), Survivor(None, "f", "it goes on")),
    (Holder(12, "d", "stdout"), Holder(None, "", "stderr")),
    1.5,
)


def test_the_whole_text() -> None:
    assert str(REPORT) == (
        "ended by themselves: 8 (sh)\n"
        "ended by SIGKILL: 9 (x\\e[1m)\n"
        "ended by SIGTERM: 7 (sleep), 10 (sleep)\n"
        "still running: process 11 (`b -c`): it is stubborn\n"
        "still running: `f`: it goes on\n"
        "stdout is held open by process 12 (`d`)\n"
        "stderr is held open by a process that the system does not show us\n"
        "4 processes ended, 2 survived in 1.50 s"
    )


@pytest.mark.parametrize(
    ("ended", "text"), [(0, "0 processes ended in 0.00 s"), (1, "ended by SIGTERM: 0 (p)\n1 process ended in 0.00 s")]
)
def test_few(ended: int, text: str) -> None:
    assert str(StopReport(tuple(Ended(pid, "p", 15) for pid in range(ended)))) == text


def test_of_many_only_some_are_named() -> None:
    first, last = str(StopReport(tuple(Ended(pid, "p", 15) for pid in range(1000)))).splitlines()
    assert first.endswith("18 (p), 19 (p) and 980 more")
    assert last == "1000 processes ended in 0.00 s"


def test_it_can_be_pickled_and_compared() -> None:
    assert pickle.loads(pickle.dumps(REPORT)) == REPORT
    assert hash(REPORT)


def test_what_is_complete() -> None:
    assert StopReport().is_complete
    assert not StopReport(survivors=REPORT.survivors).is_complete
    assert not StopReport(holders=REPORT.holders).is_complete


def test_two_stops_of_one_run() -> None:
    first = StopReport((Ended(1, "a", 15),), (Survivor(2, "b", "why"),), (), 1.0)
    second = StopReport((Ended(2, "b", 9),), (), (), 0.5)
    assert first.followed_by(second) == StopReport((Ended(1, "a", 15), Ended(2, "b", 9)), (), (), 1.0)
