"""The two ends of a run: what is fed, what is drained, and who is to blame when that fails."""

from __future__ import annotations

import errno
import gc
import hashlib
import io
import os
import threading
import weakref
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from procrun import CAPTURE, NULL, FileError, FunctionFailed, cmd
from procrun.engine import pump
from procrun.engine.pump import Drain, Feed, Feeder
from procrun.engine.sink import SinkFailed
from procrun.plan.options import Options

LARGE = bytes(range(256)) * 8192
"""Two MiB: more than any pipe holds."""

Program = Callable[..., Any]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"", b""),
        ("", b""),
        (b"bytes\xff\0", b"bytes\xff\0"),
        ("text é", "text é".encode()),
        ("kept \udcff", b"kept \xff"),
        (["one\n", "two"], b"one\ntwo"),
        ([b"one\n", "two", bytearray(b"three"), memoryview(b"four")], b"one\ntwothreefour"),
        (bytearray(b"one\n"), b"one\n"),
        (memoryview(b"one\n")[::2], b"oe"),
        (iter([bytearray(b"a"), memoryview(b"b-c-")[::2], memoryview(array("H", [0x6464]))]), b"abcdd"),
        ([], b""),
        (LARGE, LARGE),
        ([LARGE, LARGE], LARGE + LARGE),
        (io.BytesIO(b"a\nb"), b"a\nb"),
        (io.StringIO("a\nb"), b"a\nb"),
        ({"key": 1}, b"key"),
    ],
    # Without addresses, which differ from one process of the test run to the next.
    ids=lambda value: repr(value).partition(" at 0x")[0][:30],
)
def test_every_kind_of_input_arrives(given: Any, expected: bytes, program: Program) -> None:
    result = program("cat").capture(input=given)
    assert result.stdout_bytes == expected


@pytest.mark.parametrize(("given", "errors"), [("a\ud800", "surrogateescape"), ("a\udcff", "strict")])
def test_text_that_cannot_be_encoded_costs_nothing(given: str, errors: str, tmp_path: Path, program: Program) -> None:
    with pytest.raises(UnicodeEncodeError) as raised:
        program("cat").run(input=given, errors=errors, stdout=tmp_path / "new")
    assert str(raised.value) == (
        f"'utf-8' codec can't encode character '\\u{ord(given[1]):x}' in position 1: surrogates not allowed; "
        "that is in `input`: correct the text, or choose another `encoding` or `errors`"
    )
    assert not (tmp_path / "new").exists()


def test_input_from_a_generator_is_asked_for_as_it_is_read(program: Program) -> None:
    def numbers() -> Iterator[str]:
        for number in range(100_000):
            yield f"{number}\n"

    expected = "".join(f"{number}\n" for number in range(100_000)).encode()
    digest = f"{len(expected)} {hashlib.sha256(expected).hexdigest()}"
    assert program("count").read(input=numbers()) == digest


def test_an_open_file_is_given_to_the_child_itself(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "in"
    path.write_bytes(b"skipped rest")
    with path.open("rb", buffering=0) as file:
        file.read(8)
        assert program("cat").read(stdin=file) == "rest"


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_text_is_encoded_as_the_option_says(encoding: str, program: Program) -> None:
    result = program("cat").capture(input="é", encoding=encoding)
    assert (result.stdout_bytes, result.stdout) == ("é".encode(encoding), "é")
    assert program("cat").capture(input=["é"], encoding=encoding).stdout == "é"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "iso2022_jp", "latin-1"])
def test_the_pieces_of_an_input_are_encoded_as_one_text(encoding: str, program: Program) -> None:
    pieces = ["a", "", "b\n", "c"]
    for given in (pieces, iter(pieces), io.StringIO("ab\nc")):
        assert program("cat").capture(input=given, encoding=encoding).stdout_bytes == "ab\nc".encode(encoding)


def test_a_piece_of_bytes_may_follow_one_of_text_in_a_codec_that_shifts(program: Program) -> None:
    given = program("cat").capture(input=["あ", b"x", "い"], encoding="iso2022_jp")
    assert given.stdout_bytes == "あxい".encode("iso2022_jp")


@pytest.mark.parametrize("given", [LARGE, [LARGE, LARGE]], ids=["bytes", "pieces"])
@pytest.mark.parametrize("arguments", [(), ("--close",)], ids=["ignores", "closes"])
def test_a_child_that_does_not_read_its_input_is_no_error(
    given: Any, arguments: tuple[str, ...], program: Program
) -> None:
    result = program("no_input", *arguments).capture(input=given)
    assert (result.stdout, result.status.code) == ("done\n", 0)


def test_a_child_that_reads_a_part_is_no_error(program: Program) -> None:
    assert program("head", 1).read(input=b"first\n" + LARGE) == "first"
    endless = iter(lambda: b"line\n", None)
    assert program("head", 2).read(input=endless) == "line\nline"


def test_a_generator_is_closed_when_nobody_reads_any_more(program: Program) -> None:
    closed = threading.Event()

    def lines() -> Iterator[bytes]:
        try:
            while True:
                yield LARGE
        finally:
            closed.set()

    program("head", 1).read(input=lines())
    assert closed.is_set()


def test_a_generator_that_is_not_asked_to_the_end_is_collected(program: Program) -> None:
    generator = (LARGE for _ in range(100))
    reference = weakref.ref(generator)
    program("head", 1).read(input=generator)
    del generator
    gc.collect()
    assert reference() is None


def test_an_iterator_is_for_one_run(program: Program, tmp_path: Path) -> None:
    pipeline = (program("cat") | program("cat")).with_(input=iter(["one\n", "two\n"]))
    with pytest.raises(FileError):
        pipeline.run(stdout=tmp_path / "missing" / "file")
    assert pipeline.read() == "one\ntwo"
    new = tmp_path / "new"
    for act in (pipeline.read, pipeline.start, lambda: next(pipeline.lines()), lambda: pipeline.run(stdout=new)):
        with pytest.raises(ValueError) as raised:
            act()
        assert str(raised.value).startswith("`input` is an iterator, and an earlier run has taken what it gives; give ")
    assert not new.exists()
    assert pipeline.read(input=iter("abc")) == "abc"


def test_what_can_begin_again_is_fed_again(program: Program) -> None:
    file = io.BytesIO(b"file")
    from_file = program("cat", input=file)
    for _ in range(2):
        file.seek(0)
        assert from_file.read() == "file"
    from_list = program("cat", input=["a", "b"])
    assert from_list.read() == from_list.read() == "ab"


class Custom(Exception):
    """An error of the caller's own."""


def test_what_the_input_raises_ends_the_run(program: Program) -> None:
    def broken() -> Iterator[bytes]:
        yield b"one\n"
        raise Custom("no more")

    with pytest.raises(FunctionFailed) as raised:
        (program("cat") | program("hold_pipe")).capture(input=broken())
    error = raised.value
    assert isinstance(error.__cause__, Custom)
    assert str(error).splitlines()[0].startswith("`input` raised Custom: no more (in `")
    assert str(error).endswith("\n  the exception itself is this error's __cause__")


def test_a_broken_pipe_of_the_inputs_own_is_not_taken_for_the_childs(program: Program) -> None:
    def broken() -> Iterator[bytes]:
        yield b"one\n"
        raise BrokenPipeError(errno.EPIPE, "the socket that this reads from")

    with pytest.raises(FunctionFailed) as raised:
        program("cat").capture(input=broken())
    assert isinstance(raised.value.__cause__, BrokenPipeError)


def test_a_piece_of_a_wrong_type(program: Program) -> None:
    with pytest.raises(FunctionFailed) as raised:
        program("cat").capture(input=["one", 2])
    assert str(raised.value.__cause__) == "`input` gave 2; its pieces are bytes or text"


def test_a_piece_that_cannot_be_encoded(program: Program) -> None:
    with pytest.raises(FunctionFailed) as raised:
        program("cat").capture(input=["é"], encoding="ascii")
    assert isinstance(raised.value.__cause__, UnicodeEncodeError)


def test_two_inputs_at_once(program: Program) -> None:
    kept: list[bytes] = []
    pipeline = program("cat", stdout=kept.append) | program("cat", stdin=io.BytesIO(b"second"))
    assert pipeline.read(input=iter([b"first"])) == "second"
    assert kept == [b"first"]


@pytest.mark.parametrize("size", [1, 65536, 65537, 262144, 262145, 1_000_003])
def test_what_goes_in_comes_out(size: int, program: Program) -> None:
    data = (LARGE * (size // len(LARGE) + 1))[:size]
    result = (program("cat") | program("cat")).capture(input=data)
    assert result.stdout_bytes == data


def test_a_drain_gives_each_piece_to_every_sink() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"data")
    os.close(writing)
    first: list[bytes] = []
    second: list[bytes] = []
    drain = Drain(reading, [first.append, second.append])
    drain.serve()
    assert not drain.is_done
    drain.serve()
    assert drain.is_done
    drain.close()
    assert first == second == [b"data"]


def test_a_sink_that_failed_is_not_called_again() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"data")

    def fail(data: bytes) -> None:
        raise Custom(data)

    drain = Drain(reading, [fail], "stderr")
    with pytest.raises(SinkFailed) as raised:
        drain.serve()
    assert drain.is_done
    assert raised.value.stream == "stderr"
    assert isinstance(raised.value.error, Custom)
    os.close(writing)


def test_a_sink_that_has_no_time_left_gets_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(pump, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    reading, writing = os.pipe()
    quick: list[bytes] = []
    slow: list[bytes] = []

    def take(data: bytes) -> None:
        slow.append(data)
        clock[0] += 3

    drain = Drain(reading, [take, quick.append])
    # (what is written, how long there is time)
    for data, seconds in ((b"a", None), (b"b", 3.5), (b"c", 2.5), (b"d", 60), (b"e", -1)):
        os.write(writing, data)
        drain.until = None if seconds is None else clock[0] + seconds
        drain.serve()
    assert (b"".join(slow), b"".join(quick)) == (b"ab", b"abcde")
    os.close(writing)
    drain.close()


def test_a_feed_of_nothing_is_done_at_once() -> None:
    reading, writing = os.pipe()
    feed = Feed(writing, b"")
    assert feed.is_done
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_a_feed_without_a_reader_is_done() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    feed = Feed(writing, b"data")
    feed.serve()
    assert feed.is_done


def test_a_feeder_that_never_started_closes_its_pipe() -> None:
    reading, writing = os.pipe()
    Feeder(writing, [b"data"], Options(), lambda: None).discard()
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_stdin_is_empty_when_stdout_passes_through_us(program: Program) -> None:
    assert program("count").read().startswith("0 ")
    assert program("count").capture().stdout.startswith("0 ")
    assert next(program("count").lines()).startswith("0 ")
    pieces: list[bytes] = []
    program("count").run(stdout=pieces.append)
    assert b"".join(pieces).startswith(b"0 ")
    assert program("count").run(stdout=io.BytesIO()).is_success


def test_null_gives_nothing_and_takes_everything(program: Program) -> None:
    result = (program("flood", 1_000_000, 1_000_000) | program("cat")).capture(stdin=NULL, stderr=NULL)
    assert len(result.stdout_bytes or b"") == 1_000_000
    assert result.stderr_bytes is None
    assert cmd("true").run(stdout=[NULL, CAPTURE]).stdout_bytes == b""
