"""What processes do in an interval, counted on real ones."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import psutil
import pytest

from procrun.monitor.activity import Activity, Count, compare, count, count_all


def test_bytes_that_come_through_are_counted(ward: Any) -> None:
    process = ward.start("work")
    assert process.stdin is not None and process.stdout is not None

    def pass_on(byte: bytes) -> None:
        os.write(process.stdin.fileno(), byte)
        assert os.read(process.stdout.fileno(), 1) == byte

    pass_on(b"a")
    ward.stands(process.pid, "read")
    before = count(process.pid)
    assert before is not None
    if before.read is None:
        pytest.skip("this system does not count bytes")
    for _ in range(10):
        pass_on(b"b")
    ward.stands(process.pid, "read")
    activity = compare(before, count(process.pid))
    assert (activity.read, activity.written, activity.written_ever) == (10, 10, 11)
    assert activity.is_moving


def test_computing_is_counted(ward: Any) -> None:
    process = ward.start("spin", stdout=subprocess.DEVNULL)
    assert ward.said(process) == "ready"
    before = count(process.pid)
    used = psutil.Process(process.pid).cpu_times
    start = used().user
    ward.until(lambda: used().user > start + 0.2)
    activity = compare(before, count(process.pid))
    # A full machine gives it less, and clocks of hundredths round.
    assert activity.share is not None and 0 < activity.share < 1.3
    assert not activity.is_moving


def test_all_are_counted(ward: Any) -> None:
    process = ward.start("pause")
    counted = count_all()
    assert {os.getpid(), process.pid} <= set(counted)
    assert counted[process.pid].started == psutil.Process(process.pid).create_time()


def test_a_process_that_has_gone_is_not_counted(ward: Any) -> None:
    process = ward.start("nothing")
    process.wait()
    assert count(process.pid) is None


ONE = Count(taken=10.0, started=1.0, cpu=2.0, read=100, written=None)


@pytest.mark.parametrize(
    ("before", "now", "activity"),
    [
        (None, ONE, Activity(None, None, None, None)),
        (ONE, None, Activity(None, None, None, None)),
        (ONE, Count(12.0, 1.0, 3.0, 150, 7), Activity(0.5, 50, None, 7)),
        # Another process with the same number.
        (ONE, Count(12.0, 9.0, 3.0, 150, 7), Activity(None, None, None, 7)),
        # Too short for a share.
        (ONE, Count(10.01, 1.0, 2.01, 100, 0), Activity(None, 0, None, 0)),
    ],
    ids=["new", "gone", "same", "another", "short"],
)
def test_what_happened_between_two_counts(before: Count | None, now: Count | None, activity: Activity) -> None:
    assert compare(before, now) == activity


@pytest.mark.parametrize(("share", "is_busy"), [(None, False), (0.49, False), (0.5, True), (4.0, True)])
def test_half_of_a_cpu_is_busy(share: float | None, is_busy: bool) -> None:
    assert Activity(share, None, None, None).is_busy == is_busy
