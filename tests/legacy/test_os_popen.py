"""os.popen2, os.popen3 and os.popen4, beyond what the transcripts show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procrun.legacy import child, os_popen

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="its programs are commands of sh"),
    pytest.mark.filterwarnings("ignore:os.popen. is deprecated:DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def nothing_dropped() -> Iterator[None]:
    """Reap what a test has dropped."""
    yield
    for dropped in child._dropped[:]:
        dropped.wait()
        child._dropped.remove(dropped)


@pytest.mark.parametrize(
    ("name", "readable"),
    [("popen2", [False, True]), ("popen3", [False, True, True]), ("popen4", [False, True])],
)
def test_the_stream_to_write_comes_first(name: str, readable: list[bool]) -> None:
    streams = getattr(os_popen, name)("cat")
    assert [stream.readable() for stream in streams] == readable
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("name", ["popen2", "popen3", "popen4"])
def test_each_call_warns_where_it_is_made(name: str) -> None:
    with pytest.warns(DeprecationWarning) as caught:
        streams = getattr(os_popen, name)("true")
    assert [(str(warning.message), warning.filename) for warning in caught] == [
        (f"os.{name} is deprecated.  Use the subprocess module.", __file__)
    ]
    for stream in streams:
        stream.close()


def test_mode_b_gives_bytes() -> None:
    child_stdin, child_stdout = os_popen.popen2("cat", "b", 0)
    with child_stdout:
        child_stdin.write(b"a\xff")
        assert child_stdout.read(2) == b"a\xff"
        child_stdin.close()


def test_a_dropped_child_goes_on_with_its_pipes() -> None:
    os_popen.popen2("read x; exit 3")
    (dropped,) = child._dropped
    assert dropped.poll() is None
    dropped.stdin.close()
    assert dropped.wait() == 768
    dropped.stdout.close()


@pytest.mark.parametrize("cmd", [["no-such-program"], ["/"]])
def test_a_program_that_cannot_run_leaves_nothing(cmd: list[str]) -> None:
    with pytest.raises(OSError) as caught:
        os_popen.popen3(cmd)
    assert caught.value.filename == cmd[0]
    assert child._dropped == []


@pytest.mark.parametrize("bufsize", ["x", None, 1.5, 2**31])
@pytest.mark.parametrize("name", os_popen.__all__)
def test_a_refused_bufsize_starts_nothing(name: str, bufsize: Any, tmp_path: Path) -> None:
    refusal = OverflowError if isinstance(bufsize, int) else TypeError
    with pytest.raises(refusal, match=r"^bufsize must be an integer"):
        getattr(os_popen, name)(["touch", str(tmp_path / "started")], bufsize=bufsize)
    assert child._dropped == []
    assert list(tmp_path.iterdir()) == []
