"""The reading end that a caller gets, and how it ends when its run is given up."""

from __future__ import annotations

import io
import os
import threading

import pytest

from procrun.engine.stream import close_stream, open_output

WINDOWS = os.name == "nt"


def pipe(data: bytes) -> tuple[int, int]:
    reading, writing = os.pipe()
    os.write(writing, data)
    return reading, writing


def test_it_reads_to_the_end() -> None:
    reading, writing = pipe(b"one\ntwo\n")
    os.close(writing)
    stream, _ = open_output(reading)
    with stream:
        assert stream.readline() == b"one\n"
        assert stream.read() == b"two\n"
        assert stream.read() == b""


def test_every_way_to_read() -> None:
    reading, writing = pipe(b"0123456789")
    os.close(writing)
    stream, output = open_output(reading)
    with stream:
        assert stream.read(2) == b"01"
        assert stream.peek(1)[:1] == b"2"
        assert stream.read1(3) == b"234"
        target = bytearray(2)
        assert (stream.readinto(target), bytes(target)) == (2, b"56")
        assert list(stream) == [b"789"]
    assert output.closed


def test_text_is_read_through_it() -> None:
    reading, writing = pipe("é\n".encode())
    os.close(writing)
    with io.TextIOWrapper(open_output(reading)[0], "utf-8") as text:
        assert text.read() == "é\n"


@pytest.mark.skipif(WINDOWS, reason="Windows cannot wait for two pipes")
def test_giving_up_keeps_what_is_there_and_then_ends() -> None:
    reading, writing = pipe(b"kept")
    stream, output = open_output(reading)
    with stream:
        output.give_up()
        output.give_up()
        assert stream.read() == b"kept"
        assert stream.read(1) == b""
    os.close(writing)


@pytest.mark.skipif(WINDOWS, reason="Windows cannot wait for two pipes")
def test_giving_up_ends_a_read_that_waits() -> None:
    reading, writing = pipe(b"")
    stream, output = open_output(reading)
    read: list[bytes] = []
    thread = threading.Thread(target=lambda: read.append(stream.read()))
    thread.start()
    output.give_up()
    thread.join()
    stream.close()
    os.close(writing)
    assert read == [b""]


def test_closing_closes_all_of_it_once() -> None:
    reading, writing = pipe(b"")
    os.close(writing)
    stream, output = open_output(reading)
    stream.close()
    stream.close()
    output.close()
    with pytest.raises(OSError):
        os.fstat(reading)


def test_what_is_still_buffered_for_a_program_that_has_ended_is_dropped() -> None:
    reading, writing = os.pipe()
    stream = open(writing, "wb")
    stream.write(b"never read")
    os.close(reading)
    close_stream(stream)
    assert stream.closed
    close_stream(None)
