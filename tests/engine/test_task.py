"""Work in a thread: its end, its error, its descriptors."""

from __future__ import annotations

import pytest

from procrun import system
from procrun.engine.task import Task


class Job(Task):
    """A task that writes down what happens to it."""

    def __init__(self, error: BaseException | None = None) -> None:
        super().__init__("job", lambda: self.diary.append("abort"))
        self.diary: list[str] = []
        self._raised = error

    def _work(self) -> None:
        self.diary.append("work")
        if self._raised is not None:
            raise self._raised

    def _close(self) -> None:
        self.diary.append("close")


def run(job: Job) -> None:
    wake = system.make_wake()
    try:
        job.start(wake)
        wake.wait(None)
        assert job.has_ended
        job.join()
    finally:
        wake.close()


def test_it_works_closes_and_ends() -> None:
    job = Job()
    assert not job.has_ended
    run(job)
    assert (job.diary, job.error) == (["work", "close"], None)


@pytest.mark.parametrize("error", [ValueError("wrong"), SystemExit(1), KeyboardInterrupt()], ids=repr)
def test_what_it_raises_is_kept_and_stops_the_run(error: BaseException) -> None:
    job = Job(error)
    run(job)
    # The descriptors first: neighbours that wait for their end must not wait for the stop.
    assert job.diary == ["work", "close", "abort"]
    assert job.error is error


def test_one_that_was_never_started_is_closed_once() -> None:
    job = Job()
    for _ in range(2):
        job.discard()
    job.join()
    assert (job.diary, job.has_ended) == (["close"], True)


def test_one_that_has_ended_is_not_discarded_again() -> None:
    job = Job()
    run(job)
    job.discard()
    assert job.diary == ["work", "close"]
