"""`Queue`, beyond what the transcripts show: how it goes together with today's `queue`."""

from __future__ import annotations

import doctest
import queue

import pytest

from procrun.legacy import Queue


def test_the_examples() -> None:
    assert doctest.testmod(Queue).failed == 0


@pytest.mark.parametrize("name", ["Queue", "PriorityQueue", "LifoQueue"])
def test_a_queue_is_one_of_today(name: str) -> None:
    made = getattr(Queue, name)(1)
    assert isinstance(made, getattr(queue, name))
    assert isinstance(made, Queue.Queue)


def test_exceptions_are_those_of_today() -> None:
    assert (Queue.Empty, Queue.Full) == (queue.Empty, queue.Full)


@pytest.mark.parametrize("name", ["Queue", "PriorityQueue", "LifoQueue"])
def test_hooks_take_the_arguments_that_they_took(name: str) -> None:
    class Measured(getattr(Queue, name)):  # type: ignore[misc]
        def _qsize(self, len: object = len) -> int:
            return int(super()._qsize(len))

    made = Measured()
    made.put(1)
    assert made.qsize() == 1


@pytest.mark.parametrize("name", ["Queue", "PriorityQueue", "LifoQueue"])
def test_an_annotation_may_say_what_is_in_it(name: str) -> None:
    assert getattr(Queue, name)[int]
