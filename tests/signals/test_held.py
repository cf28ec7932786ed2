"""Handlers of signals that wait until a block has ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from procrun.signals.held import held_back


class Custom(BaseException):
    """What a handler raises."""


@pytest.fixture
def calls() -> Iterator[list[int]]:
    """The signals whose handler was called: SIGINT and SIGTERM are written down."""
    calls: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        signal.signal(number, lambda number, frame: calls.append(number))
    yield calls
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_handler_is_called_at_the_end(calls: list[int]) -> None:
    with held_back():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        assert calls == []
    assert calls == [signal.SIGINT, signal.SIGTERM]
    signal.raise_signal(signal.SIGINT)
    assert calls == [signal.SIGINT, signal.SIGTERM, signal.SIGINT]


def test_the_handlers_are_back_afterwards(calls: list[int]) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with held_back():
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] != before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_what_a_handler_raises_comes_at_the_end() -> None:
    went_on = False
    with pytest.raises(KeyboardInterrupt), held_back():
        signal.raise_signal(signal.SIGINT)
        went_on = True
    assert went_on
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_every_handler_is_called_though_one_raises(calls: list[int]) -> None:
    def fail(number: int, frame: Any) -> None:
        calls.append(number)
        raise Custom

    signal.signal(signal.SIGINT, fail)
    with pytest.raises(Custom), held_back():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
    assert calls == [signal.SIGINT, signal.SIGTERM]


def test_an_exception_of_the_block_is_not_lost(calls: list[int]) -> None:
    with pytest.raises(Custom), held_back():
        signal.raise_signal(signal.SIGINT)
        raise Custom
    assert calls == [signal.SIGINT]


def test_signals_without_a_handler_are_left_alone() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with held_back():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread_it_does_nothing(calls: list[int]) -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[Any] = []

    def work() -> None:
        with held_back():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_blocks_within_each_other(calls: list[int]) -> None:
    with held_back():
        with held_back():
            signal.raise_signal(signal.SIGINT)
        assert calls == []
    assert calls == [signal.SIGINT]
