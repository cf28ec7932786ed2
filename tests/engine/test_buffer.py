"""What is kept of a captured stream, compared with the whole that was written."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from procrun.engine.buffer import Last, OutputLimit, make_buffer
from procrun.plan.stream import Head, Spill, Tail

PIECES = st.lists(st.binary(max_size=12), max_size=8)
SIZES = st.integers(0, 30)


def filled(limit: Any, pieces: list[bytes]) -> Any:
    buffer = make_buffer(limit)
    for piece in pieces:
        buffer.write(piece)
    buffer.close()
    return buffer


@given(PIECES)
def test_without_a_limit_everything_is_kept(pieces: list[bytes]) -> None:
    buffer = filled(None, pieces)
    assert (buffer.value(), buffer.dropped) == (b"".join(pieces), 0)


@given(PIECES, SIZES)
def test_head_keeps_the_first_bytes(pieces: list[bytes], size: int) -> None:
    whole = b"".join(pieces)
    buffer = filled(Head(size), pieces)
    assert (buffer.value(), buffer.dropped) == (whole[:size], max(0, len(whole) - size))


@given(PIECES, SIZES)
def test_tail_keeps_the_last_bytes(pieces: list[bytes], size: int) -> None:
    whole = b"".join(pieces)
    buffer = filled(Tail(size), pieces)
    kept = whole[-size:] if size else b""
    for _ in range(2):
        # Asking does not change the answer.
        assert (buffer.value(), buffer.dropped) == (kept, max(0, len(whole) - size))


@given(PIECES, PIECES, SIZES)
def test_a_tail_may_be_looked_at_in_between(before: list[bytes], after: list[bytes], size: int) -> None:
    buffer = filled(Tail(size), before)
    buffer.value()
    for piece in after:
        buffer.write(piece)
    whole = b"".join([*before, *after])
    assert (buffer.value(), buffer.dropped) == (whole[-size:] if size else b"", max(0, len(whole) - size))


def test_a_tail_needs_no_more_memory_than_its_size_and_a_piece() -> None:
    buffer = Last(1000)
    for _ in range(10_000):
        buffer.write(b"x" * 100)
    assert sum(map(len, buffer._pieces)) <= 1100


@given(PIECES, SIZES)
def test_a_number_keeps_that_many_bytes_and_then_fails(pieces: list[bytes], size: int) -> None:
    buffer: Any = make_buffer(size)
    whole = b"".join(pieces)
    written, failed = 0, False
    for piece in pieces:
        written += len(piece)
        if written > size:
            with pytest.raises(OutputLimit) as raised:
                buffer.write(piece)
            assert str(raised.value) == f"the output is larger than max_output={size} bytes"
            failed = True
            break
        buffer.write(piece)
    assert failed == (len(whole) > size)
    assert buffer.value() == whole[:size]
    assert buffer.dropped == (written - size if failed else 0)


def test_after_its_failure_a_limited_buffer_still_keeps_only_its_size() -> None:
    buffer: Any = make_buffer(3)
    for piece in (b"abcdef", b"ghi"):
        with pytest.raises(OutputLimit):
            buffer.write(piece)
    assert (buffer.value(), buffer.dropped) == (b"abc", 6)


@pytest.mark.parametrize(
    ("pieces", "spilt"),
    [
        ([], None),
        ([b"abc"], None),
        ([b"ab", b"c"], None),
        ([b"abcd"], b"abcd"),
        ([b"ab", b"cd", b"ef"], b"abcdef"),
        ([b"", b"abc", b"", b"d"], b"abcd"),
    ],
)
def test_spill_writes_all_of_it_to_a_file_once_it_is_larger(
    pieces: list[bytes], spilt: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "spilt"
    buffer = filled(Spill(3, path), pieces)
    whole = b"".join(pieces)
    assert (buffer.value(), buffer.dropped) == (whole[:3], max(0, len(whole) - 3))
    assert (path.read_bytes() if path.exists() else None) == spilt


def test_two_streams_spill_to_two_files(tmp_path: Path) -> None:
    for beside, data in (("", b"out"), (".stderr", b"err")):
        buffer = make_buffer(Spill(0, str(tmp_path / "f")), beside)
        buffer.write(data)
        buffer.close()
    assert (tmp_path / "f").read_bytes() == b"out"
    assert (tmp_path / "f.stderr").read_bytes() == b"err"


def test_the_error_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(OutputLimit(5)))
    assert (type(copy), copy.limit, str(copy)) == (OutputLimit, 5, "the output is larger than max_output=5 bytes")
