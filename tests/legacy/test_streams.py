"""The streams of pipes: what they buffer, what they give as text, what becomes of what cannot be written."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator

import pytest

from procrun.legacy import streams


@pytest.fixture
def pipe() -> Iterator[tuple[io.FileIO, io.FileIO]]:
    read_end, write_end = os.pipe()
    with io.FileIO(read_end, "r") as reading, io.FileIO(write_end, "w") as writing:
        yield reading, writing


Pipe = tuple[io.FileIO, io.FileIO]


def waiting(reading: io.FileIO) -> bytes:
    """What is in the pipe now."""
    os.set_blocking(reading.fileno(), False)
    try:
        return os.read(reading.fileno(), 65536)
    except BlockingIOError:
        return b""


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_unbuffered_text_takes_no_byte_more_than_the_characters(pipe: Pipe, size: int) -> None:
    reading, writing = pipe
    text = "aé€𝄞z\udcff"
    data = text.encode("utf-8", "surrogateescape")
    stream = streams.text_stream(streams.Unbuffered(reading, 1), 1, streams.UnbufferedText)
    stream.reconfigure(encoding="utf-8")
    writing.write(data)
    writing.close()
    with stream:
        assert stream.read(size) == text[:size]
        assert os.read(reading.fileno(), 100).decode("utf-8", "surrogateescape") == text[size:]


def test_unbuffered_text_reads_a_large_piece_at_once(pipe: Pipe) -> None:
    reading, writing = pipe
    stream = streams.reader(reading, 0, "t")
    reads = []
    stream.buffer.read1 = lambda size=-1: reads.append(size) or type(stream.buffer).read1(stream.buffer, size)
    writing.write(b"x" * 3000)
    with stream:
        assert stream.read(3000) == "x" * 3000
    assert len(reads) < 10


def test_unbuffered_binary_takes_no_byte_more(pipe: Pipe) -> None:
    reading, writing = pipe
    stream = streams.reader(reading, 0, "b")
    writing.write(b"one\ntwo\nthree")
    with stream:
        assert stream.readline() == b"one\n"
        assert stream.read(2) == b"tw"
        assert os.read(reading.fileno(), 100) == b"o\nthree"


def test_a_buffer_of_a_size_reads_no_further_ahead(pipe: Pipe) -> None:
    reading, writing = pipe
    stream = streams.reader(reading, 16, "t")
    writing.write(b"a\n" + b"x" * 100)
    with stream:
        assert stream.readline() == "a\n"
        assert os.read(reading.fileno(), 200) == b"x" * 86


@pytest.mark.parametrize(
    ("bufsize", "pieces", "sent"),
    [
        (0, ["a"], b"a"),
        (1, ["a"], b""),
        (1, ["a", "\n", "b"], b"a\n"),
        (1, ["a\nb"], b"a\nb"),
        (4, ["abcd"], b""),
        (4, ["abcd", "e"], b"abcde"),
        (-1, ["x" * 1000], b""),
        (-5, ["x" * 1000], b""),
    ],
)
@pytest.mark.parametrize("mode", ["t", "b"])
def test_what_is_sent_when(pipe: Pipe, mode: str, bufsize: int, pieces: list[str], sent: bytes) -> None:
    reading, writing = pipe
    stream = streams.writer(writing, bufsize, mode)
    for piece in pieces:
        stream.write(piece if mode == "t" else piece.encode())
    assert waiting(reading) == sent
    stream.flush()
    assert waiting(reading) == "".join(pieces).encode()[len(sent) :]


def test_text_keeps_every_byte(pipe: Pipe) -> None:
    reading, writing = pipe
    data = bytes(range(256)).replace(b"\r\n", b"")
    text = data.decode(streams.encoding(), "surrogateescape")
    stream = streams.writer(writing, -1, "t")
    stream.write(text)
    stream.close()
    with streams.reader(reading, -1, "t") as back:
        assert back.read() == text
    assert streams.decode(data) == text


@pytest.mark.parametrize("mode", ["t", "b"])
def test_after_a_failed_flush_the_data_is_gone(pipe: Pipe, mode: str) -> None:
    reading, writing = pipe
    stream = streams.writer(writing, -1, mode)
    reading.close()
    stream.write("lost" if mode == "t" else b"lost")
    with pytest.raises(BrokenPipeError):
        stream.flush()
    assert not stream.closed
    assert stream.close() is None


@pytest.mark.parametrize("mode", ["t", "b"])
def test_after_a_failed_close_the_stream_is_closed(pipe: Pipe, mode: str) -> None:
    reading, writing = pipe
    stream = streams.writer(writing, -1, mode)
    reading.close()
    stream.write("lost" if mode == "t" else b"lost")
    with pytest.raises(BrokenPipeError):
        stream.close()
    assert stream.closed
    assert stream.close() is None


def test_a_write_that_overflows_into_nothing_fails(pipe: Pipe) -> None:
    reading, writing = pipe
    stream = streams.writer(writing, 10, "t")
    reading.close()
    with pytest.raises(BrokenPipeError):
        stream.write("x" * 100)
    assert stream.close() is None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no non-blocking pipes")
def test_a_full_pipe_that_may_not_block_is_an_error(pipe: Pipe) -> None:
    _, writing = pipe
    os.set_blocking(writing.fileno(), False)
    stream = streams.writer(writing, 0, "b")
    with pytest.raises(BlockingIOError):
        stream.write(b"x" * 10_000_000)


def test_a_writer_describes_itself(pipe: Pipe) -> None:
    _, writing = pipe
    stream = streams.writer(writing, -1, "b")
    assert (stream.fileno(), stream.name, stream.mode) == (writing.fileno(), writing.name, "wb")
    assert (stream.writable(), stream.readable(), stream.seekable(), stream.isatty()) == (True, False, False, False)


def test_text_for_a_binary_stream_is_refused(pipe: Pipe) -> None:
    _, writing = pipe
    with pytest.raises(TypeError, match=r"^a bytes-like object is required, not 'str'$"):
        streams.writer(writing, -1, "b").write("text")


def test_a_closed_stream_takes_nothing(pipe: Pipe) -> None:
    _, writing = pipe
    stream = streams.writer(writing, -1, "b")
    stream.close()
    for use in (lambda: stream.write(b"x"), stream.flush):
        with pytest.raises(ValueError, match=r"^I/O operation on closed file$"):
            use()


def test_threads_may_write_to_one_stream(pipe: Pipe) -> None:
    reading, writing = pipe
    stream = streams.writer(writing, 100, "t")
    threads = [threading.Thread(target=lambda: [stream.write("0123456789\n") for _ in range(500)]) for _ in range(4)]
    found = []
    reader = threading.Thread(target=lambda: found.append(reading.readall()))
    for thread in [reader, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    stream.close()
    reader.join()
    assert set(found[0].split(b"\n")) == {b"0123456789", b""}
    assert len(found[0]) == 4 * 500 * 11


@pytest.mark.parametrize("bufsize", ["1", None, 1.5])
def test_a_bufsize_is_an_integer(bufsize: object) -> None:
    with pytest.raises(TypeError, match=r"^bufsize must be an integer$"):
        streams.check_bufsize(bufsize)  # type: ignore[arg-type]


def test_where_newlines_are_two_characters_text_has_one(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the system says on Windows. Its streams write os.linesep, which is this system's here.
    monkeypatch.setattr(streams, "NEWLINE", None)
    reading, writing = pipe
    writing.write(b"a\r\nb\n")
    with streams.writer(writing, -1, "t") as stream:
        stream.write("c\n")
    assert streams.decode(b"a\r\nb\n") == "a\nb\n"
    with streams.reader(reading, -1, "t") as back:
        assert (back.read(2), back.read()) == ("a\n", f"b\nc{os.linesep}".replace("\r", ""))


def test_binary_streams_translate_nothing_anywhere(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "NEWLINE", None)
    reading, writing = pipe
    with streams.writer(writing, -1, "b") as stream:
        stream.write(b"a\r\nb\n")
    with streams.reader(reading, -1, "b") as back:
        assert back.read() == b"a\r\nb\n"


def test_a_text_stream_refuses_bytes(pipe: Pipe) -> None:
    stream = streams.writer(pipe[1], -1, "t")
    with pytest.raises(TypeError):
        stream.write(b"a")
