"""`popen2`, beyond what the transcripts show: the import's warning, bytes, refusals, and what is left behind."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from procrun.legacy import popen2

pytestmark = pytest.mark.skipif(os.name != "posix", reason="its programs are commands of sh")


@pytest.fixture(autouse=True)
def nothing_dropped() -> Iterator[None]:
    """Reap what a test has dropped."""
    yield
    gc.collect()
    for child in popen2._active[:]:
        child.wait()
    popen2._cleanup()
    assert popen2._active == []


def test_the_import_warns_whoever_imports(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = python("from procrun.legacy import popen2", options=("-W", "always"))
    # Python 3.13 shows the line, too.
    assert done.stderr.split("\n")[0] == (
        "<string>:1: DeprecationWarning: The popen2 module is deprecated.  Use the subprocess module."
    )


@pytest.mark.parametrize("cmd", [b"printf 'a\xff'", "printf 'a\udcff'", [b"printf", b"a\xff"], ("printf", "a\udcff")])
def test_a_command_is_text_or_bytes(cmd: popen2.Command) -> None:
    child_stdout, child_stdin = popen2.popen2(cmd)
    with child_stdin, child_stdout:
        assert child_stdout.read() == "a\udcff"


def test_binary_streams_give_and_take_bytes() -> None:
    child_stdout, child_stdin, child_stderr = popen2.popen3("cat; printf 'x\\377' >&2", mode="b")
    with child_stdout, child_stderr:
        child_stdin.write(b"a\r\n\xff")
        child_stdin.close()
        assert (child_stdout.read(), child_stderr.read()) == (b"a\r\n\xff", b"x\xff")


def test_text_streams_are_files_of_text() -> None:
    child_stdout, child_stdin = popen2.popen4("cat")
    with child_stdout, child_stdin:
        assert isinstance(child_stdout, io.TextIOBase)
        assert isinstance(child_stdin, io.TextIOBase)
        assert (child_stdout.encoding, child_stdout.errors) == (child_stdin.encoding, "surrogateescape")


@pytest.mark.parametrize("bufsize", ["x", None, 1.5, 2**31])
@pytest.mark.parametrize("name", popen2.__all__)
def test_a_refused_bufsize_starts_nothing(name: str, bufsize: Any, tmp_path: Path) -> None:
    refusal = OverflowError if isinstance(bufsize, int) else TypeError
    with pytest.raises(refusal, match=r"^bufsize must be an integer"):
        getattr(popen2, name)(["touch", str(tmp_path / "started")], bufsize=bufsize)
    gc.collect()
    assert popen2._active == []
    assert list(tmp_path.iterdir()) == []


def test_a_dropped_child_goes_on_and_is_reaped() -> None:
    child_stdout, child_stdin = popen2.popen2("cat; echo late; exit 3")
    (kept,) = popen2._active
    assert kept.cmd.startswith("cat")
    assert kept.poll() == -1
    child_stdin.close()
    assert child_stdout.read() == "late\n"
    assert kept.wait() == 768
    child_stdout.close()


def test_the_order_of_the_streams() -> None:
    for streams in (popen2.popen2("cat"), popen2.popen3("cat"), popen2.popen4("cat")):
        assert [stream.readable() for stream in streams] == [True, False, True][: len(streams)]
        for stream in streams:
            stream.close()


def test_threads_may_start_and_drop_children() -> None:
    def talk(number: int) -> str:
        child_stdout, child_stdin = popen2.popen2("read x; echo got $x")
        with child_stdout:
            child_stdin.write(f"{number}\n")
            child_stdin.close()
            return str(child_stdout.read())

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(talk, range(100))) == [f"got {number}\n" for number in range(100)]


def test_two_threads_may_wait_for_one_child() -> None:
    child = popen2.Popen3("read x; exit 2")
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(child.wait())) for _ in range(2)]
    for thread in threads:
        thread.start()
    child.tochild.close()
    for thread in threads:
        thread.join()
    assert found == [512, 512]
    child.fromchild.close()


def test_many_calls_leave_nothing() -> None:
    before = len(os.listdir("/dev/fd"))
    for _ in range(300):
        child_stdout, child_stdin = popen2.popen2(["true"])
        child_stdin.close()
        child_stdout.read()
        child_stdout.close()
    # Only the last children may not have been reaped yet, each without open pipes.
    assert len(popen2._active) < 10
    assert len(os.listdir("/dev/fd")) == before
