"""Something that happens once."""

from __future__ import annotations

import threading

from procrun.engine.latch import Latch


def test_it_stays_set() -> None:
    latch = Latch()
    assert not latch.is_set
    assert not latch.wait(0.001)
    latch.set()
    latch.set()
    assert latch.is_set
    assert latch.wait(0)
    assert latch.wait(0)


def test_a_set_that_was_broken_off_is_made_good_by_the_next() -> None:
    latch = Latch()
    latch._release()
    assert latch.wait()
    latch.set()
    assert latch.is_set
    assert latch.wait()


def test_every_waiter_is_told() -> None:
    latch = Latch()
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(latch.wait(60))) for _ in range(5)]
    for thread in threads:
        thread.start()
    latch.set()
    for thread in threads:
        thread.join()
    assert answers == [True] * 5
