"""`thread`, beyond what the transcripts show: how it goes together with today's `_thread` and `threading`."""

from __future__ import annotations

import _thread
import threading

import pytest

from procrun.legacy import thread


@pytest.mark.parametrize("name", thread.__all__)
def test_a_name_is_that_of_today(name: str) -> None:
    today = {"allocate": "allocate_lock", "exit_thread": "exit", "start_new": "start_new_thread"}
    assert getattr(thread, name) is getattr(_thread, today.get(name, name))


def test_the_error_is_the_one_that_locks_raise() -> None:
    for lock in (thread.allocate_lock(), threading.Lock()):
        with pytest.raises(thread.error, match=r"^release unlocked lock$"):
            lock.release()


@pytest.mark.parametrize("acquire", ["acquire", "acquire_lock"])
def test_a_lock_takes_a_timeout_too(acquire: str) -> None:
    lock = thread.allocate_lock()
    assert getattr(lock, acquire)(timeout=1)
    assert not getattr(lock, acquire)(blocking=True, timeout=0.01)
