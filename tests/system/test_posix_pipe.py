"""Pipes on Unix: one loop over all streams, rousing it, and descriptors that stay off 0, 1 and 2."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

if os.name != "posix":
    pytest.skip("these are the pipes of Unix", allow_module_level=True)

from procrun.system import posix_pipe
from procrun.system.posix_pipe import are_quiet, make_wake, serve_streams


class Reader:
    """A stream that reads until its end."""

    writes = False

    def __init__(self, descriptor: int, sink: Callable[[bytes], object]) -> None:
        self.descriptor = descriptor
        self.is_done = False
        self.served = 0
        self._sink = sink

    def serve(self) -> None:
        self.served += 1
        data = os.read(self.descriptor, 65536)
        if data:
            self._sink(data)
        else:
            self.close()

    def close(self) -> None:
        if not self.is_done:
            self.is_done = True
            os.close(self.descriptor)


class Writer:
    """A stream that writes something, once."""

    writes = True

    def __init__(self, descriptor: int, data: bytes) -> None:
        self.descriptor = descriptor
        self.is_done = False
        self._data = data

    def serve(self) -> None:
        os.write(self.descriptor, self._data)
        self.close()

    def close(self) -> None:
        self.is_done = True
        os.close(self.descriptor)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def pipe(stack: ExitStack) -> tuple[int, int]:
    reading, writing = os.pipe()
    for descriptor in (reading, writing):
        stack.callback(lambda descriptor=descriptor: close_if_open(descriptor))
    return reading, writing


def close_if_open(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError as error:
        assert error.errno == errno.EBADF


def test_all_streams_are_served_to_their_end(stack: ExitStack) -> None:
    ends = [pipe(stack) for _ in range(3)]
    got: list[list[bytes]] = [[], [], []]
    readers = [Reader(reading, sink.append) for (reading, _), sink in zip(ends, got)]
    writers = [Writer(writing, b"%d" % place) for place, (_, writing) in enumerate(ends)]
    assert serve_streams([*readers, *writers], None)
    assert got == [[b"0"], [b"1"], [b"2"]]
    assert serve_streams([], None)
    assert serve_streams(readers, time.monotonic() - 1)


def test_the_deadline_ends_it_but_not_before_what_is_there_is_served(stack: ExitStack) -> None:
    reading, writing = pipe(stack)
    os.write(writing, b"there")
    got: list[bytes] = []
    reader = Reader(reading, got.append)
    assert not serve_streams([reader], time.monotonic() - 1)
    assert got == [b"there"]
    deadline = time.monotonic() + 0.05
    assert not serve_streams([reader], deadline)
    assert time.monotonic() >= deadline
    assert not reader.is_done


def test_a_deadline_beyond_what_poll_takes(stack: ExitStack) -> None:
    reading, writing = pipe(stack)
    os.close(writing)
    assert serve_streams([Reader(reading, print)], time.monotonic() + 1e9)
    reading, writing = pipe(stack)
    os.close(writing)
    assert serve_streams([Reader(reading, print)], float("inf"))


def test_streams_are_quiet_when_none_could_be_served(stack: ExitStack) -> None:
    (reading, writing), (_, full) = pipe(stack), pipe(stack)
    reader, writer = Reader(reading, lambda data: None), Writer(full, b"x")
    assert are_quiet([]) is True
    assert are_quiet([reader]) is True
    assert are_quiet([reader, writer]) is False
    os.write(writing, b"x")
    assert are_quiet([reader]) is False
    reader.serve()
    assert are_quiet([reader]) is True
    os.close(writing)
    assert are_quiet([reader]) is False


def test_another_thread_rouses_it(stack: ExitStack) -> None:
    reading, _ = pipe(stack)
    wake = make_wake()
    stack.callback(wake.close)
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(serve_streams([Reader(reading, print)], None, wake)))
    thread.start()
    wake.set()
    thread.join()
    assert answers == [False]
    # It was noted: the next wait is not roused.
    assert not serve_streams([Reader(reading, print)], time.monotonic() + 0.01, wake)


def test_being_roused_when_all_is_done_is_an_end(stack: ExitStack) -> None:
    reading, writing = pipe(stack)
    os.close(writing)
    wake = make_wake()
    stack.callback(wake.close)
    wake.set()
    assert serve_streams([Reader(reading, print)], None, wake)


def test_a_wake_is_set_and_cleared_as_often_as_one_likes() -> None:
    wake = make_wake()
    for _ in range(100_000):
        wake.set()
    wake.wait(None)
    deadline = time.monotonic() + 0.01
    wake.wait(deadline)
    assert time.monotonic() >= deadline
    wake.close()
    wake.close()
    wake.set()
    wake.clear()


def test_a_wake_set_by_many_threads_while_it_is_closed() -> None:
    for _ in range(50):
        wake = make_wake()
        threads = [threading.Thread(target=wake.set) for _ in range(4)]
        for thread in threads:
            thread.start()
        wake.close()
        for thread in threads:
            thread.join()


def test_a_sink_may_end_the_other_streams(stack: ExitStack) -> None:
    ends = [pipe(stack) for _ in range(3)]
    readers: list[Reader] = []
    reused: list[int] = []

    def end_all(data: bytes) -> None:
        for reader in readers:
            reader.close()
        # Somebody else gets the numbers at once, with something to read in them.
        for _ in range(3):
            reading, writing = pipe(stack)
            os.write(writing, b"not for us")
            reused.extend((reading, writing))

    readers.extend(Reader(reading, end_all) for reading, _ in ends)
    for _, writing in ends:
        os.write(writing, b"data")
    assert serve_streams(readers, None)
    assert sum(reader.served for reader in readers) == 1
    assert {reading for reading, _ in ends} & set(reused)


def test_what_a_sink_raises_comes_out(stack: ExitStack) -> None:
    def fail(data: bytes) -> None:
        raise ValueError(data)

    reading, writing = pipe(stack)
    os.write(writing, b"data")
    with pytest.raises(ValueError):
        serve_streams([Reader(reading, fail)], None)


def test_writing_waits_where_somebody_made_the_file_non_blocking(stack: ExitStack) -> None:
    reading, writing = pipe(stack)
    os.set_blocking(writing, False)
    got: list[bytes] = []
    data = bytes(range(256)) * 4096
    thread = threading.Thread(target=lambda: serve_streams([Reader(reading, got.append)], None))
    thread.start()
    posix_pipe.write_all(writing, data)
    os.close(writing)
    thread.join()
    assert b"".join(got) == data


def test_a_broken_pipe_is_known(stack: ExitStack) -> None:
    reading, writing = pipe(stack)
    os.close(reading)
    with pytest.raises(OSError) as raised:
        posix_pipe.write_all(writing, b"data")
    assert posix_pipe.is_broken_pipe(raised.value)
    assert not posix_pipe.is_broken_pipe(OSError(errno.ENOSPC, "No space left on device"))


def test_descriptors_above_two_stay_and_the_others_move(stack: ExitStack) -> None:
    reading, writing = pipe(stack)
    assert posix_pipe.above_stdio(reading) == reading
    kept = os.dup(0)
    stack.callback(os.close, kept)
    os.dup2(writing, 0)
    moved = posix_pipe.above_stdio(0)
    try:
        assert moved > 2
        assert not os.get_inheritable(moved)
        os.write(moved, b"x")
        assert os.read(reading, 1) == b"x"
        with pytest.raises(OSError):
            os.fstat(0)
    finally:
        os.close(moved)
        os.dup2(kept, 0)


@pytest.mark.skipif(not hasattr(fcntl, "F_GETPIPE_SZ"), reason="only Linux has pipes of a size that can be set")
def test_a_pipe_is_widened(stack: ExitStack) -> None:
    _, writing = pipe(stack)
    posix_pipe.widen_pipe(writing)
    assert fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ) >= 65536
    with open(os.devnull, "wb") as file:
        posix_pipe.widen_pipe(file.fileno())


def test_which_of_two_can_be_read(stack: ExitStack) -> None:
    first, to_first = pipe(stack)
    second, to_second = pipe(stack)
    os.write(to_second, b"x")
    assert not posix_pipe.wait_readable(first, second)
    os.write(to_first, b"x")
    assert posix_pipe.wait_readable(first, second)


def test_polling_until_a_time(stack: ExitStack) -> None:
    reading, writing = pipe(stack)
    poller = select.poll()
    poller.register(reading, select.POLLIN)
    deadline = time.monotonic() + 0.01
    assert not posix_pipe.poll_until(poller, deadline)
    assert time.monotonic() >= deadline
    os.write(writing, b"x")
    assert posix_pipe.poll_until(poller, None)
    assert posix_pipe.poll_until(poller, float("inf"))
