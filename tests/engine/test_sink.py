"""Which ends of an output a child can have itself, and how we write to the others."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from procrun import CAPTURE, INHERIT, MERGE, NULL, PIPE, Options
from procrun.engine.files import File
from procrun.engine.sink import descriptor_of, is_open, is_served, writer_to


class Half(io.FileIO):
    """A raw file that writes one byte at a time, as a full pipe may."""

    def write(self, data: Any) -> int:
        return super().write(bytes(data)[:1]) or 0


class Named:
    """A callable that looks a little like a file."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    def __call__(self, data: bytes) -> None:
        self.got.append(data)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, False),
        (INHERIT, False),
        (NULL, False),
        (MERGE, False),
        (5, False),
        (File("f", "write"), False),
        (CAPTURE, True),
        (PIPE, True),
        ((INHERIT,), True),
        (print, True),
        (Named(), True),
        (io.BytesIO(), True),
        (io.StringIO(), True),
    ],
    # Without addresses, which differ from one process of the test run to the next.
    ids=lambda value: repr(value).partition(" at 0x")[0],
)
def test_what_passes_through_this_process(value: Any, expected: bool) -> None:
    assert is_served(value) is expected


def test_a_file_with_a_descriptor_is_flushed_and_given_to_the_child(tmp_path: Path) -> None:
    with (tmp_path / "f").open("w") as file:
        file.write("buffered")
        assert descriptor_of(file) == file.fileno()
        assert (tmp_path / "f").read_text() == "buffered"
        assert not is_served(file)
    assert descriptor_of(io.BytesIO()) is None
    assert descriptor_of(object()) is None


def test_whether_a_descriptor_is_open() -> None:
    reading, writing = os.pipe()
    assert is_open(reading)
    os.close(reading)
    assert not is_open(reading)
    os.close(writing)


def written(sink: Any, pieces: list[bytes], options: Options | None = None) -> None:
    write, end = writer_to(sink, options or Options())
    for piece in pieces:
        write(piece)
    if end is not None:
        end()


def test_a_callable_and_a_binary_file_get_the_bytes() -> None:
    named, file = Named(), io.BytesIO()
    for sink in (named, file):
        written(sink, [b"a", b"\xff"])
    assert (named.got, file.getvalue()) == ([b"a", b"\xff"], b"a\xff")


def test_a_file_of_text_gets_characters_that_were_cut_in_two() -> None:
    file = io.StringIO()
    written(file, [b"\xc3", b"\xa9\xe2", b"\x82", b"\xac", b"\xe2\x82"])
    assert file.getvalue() == "é€\udce2\udc82"
    file = io.StringIO()
    written(file, [b"\xe9"], Options().with_(encoding="latin-1"))
    assert file.getvalue() == "é"


def test_beneath_a_text_file_the_bytes_arrive_as_they_are_and_at_once(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with path.open("w", encoding="ascii") as file:
        file.write("before ")
        written(file, [b"\xff\xc3"])
        assert path.read_bytes() == b"before \xff\xc3"
        file.write(" after")
    assert path.read_bytes() == b"before \xff\xc3 after"


def test_a_raw_file_gets_everything_though_a_write_may_take_a_part(tmp_path: Path) -> None:
    with Half(tmp_path / "f", "wb") as file:
        written(file, [b"all of it"])
    assert (tmp_path / "f").read_bytes() == b"all of it"
