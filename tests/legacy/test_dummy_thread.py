"""`dummy_thread`, beyond what the transcripts show."""

from __future__ import annotations

import pytest

from procrun.legacy import dummy_thread


def test_an_interrupted_thread_in_a_thread_raises_once_and_at_the_end() -> None:
    went_on = []

    def outer() -> None:
        dummy_thread.start_new_thread(dummy_thread.interrupt_main, ())
        went_on.append("outer")

    with pytest.raises(KeyboardInterrupt):
        dummy_thread.start_new_thread(outer, ())
    assert went_on == ["outer"]
    dummy_thread.start_new_thread(len, ("",))


def test_no_real_thread_is_started() -> None:
    found = []
    dummy_thread.start_new_thread(lambda: found.append(dummy_thread.get_ident()), ())
    assert found == [-1]


def test_a_lock_that_is_free_cannot_be_released() -> None:
    lock = dummy_thread.allocate_lock()
    with lock:
        assert lock.locked()
    with pytest.raises(dummy_thread.error) as caught:
        lock.release()
    assert caught.value.args == ()
