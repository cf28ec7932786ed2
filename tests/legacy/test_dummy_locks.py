"""The locks of `dummy_threading`: none of them waits for ever."""

from __future__ import annotations

import pytest

from procrun.legacy import dummy_locks
from procrun.legacy.dummy_thread import allocate_lock


def test_a_semaphore_at_0_is_acquired_and_counts_on() -> None:
    semaphore = dummy_locks.BoundedSemaphore(1)
    assert semaphore.acquire()
    assert semaphore.acquire()
    assert not semaphore.acquire(0)
    semaphore.release()
    assert not semaphore.acquire(0)
    semaphore.release()
    with pytest.raises(ValueError, match=r"^Semaphore released too many times$"):
        semaphore.release()


@pytest.mark.parametrize("lock", [None, allocate_lock(), dummy_locks.RLock()])
def test_a_condition_returns_without_a_notification(lock: object) -> None:
    condition = dummy_locks.Condition(lock)
    with condition:
        condition.wait()
        condition.wait(0.01)
        condition.notifyAll()
    with pytest.raises(RuntimeError, match=r"^cannot wait on un-acquired lock$"):
        condition.wait()


def test_a_lock_that_is_held_stays_held_through_a_wait() -> None:
    condition = dummy_locks.Condition()
    condition.acquire()
    condition.acquire()
    condition.wait()
    condition.release()
    condition.release()
    with pytest.raises(RuntimeError, match=r"^cannot release un-acquired lock$"):
        condition.release()
