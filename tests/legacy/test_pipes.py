"""`pipes`, beyond what the transcripts show: types, order of output, interruptions, and what is left behind."""

from __future__ import annotations

import doctest
import io
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from procrun.legacy import pipes

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="its scripts are for sh; test_pipes_without_sh.py is for both"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for files and temporary files, which must be gone after the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    Path("in").write_text("b\na\nb\n")
    yield tmp_path
    assert [name for name in os.listdir(tmp_path) if name.startswith("tmp")] == []


def template(*steps: tuple[str, str]) -> pipes.Template:
    t = pipes.Template()
    for cmd, kind in steps:
        t.append(cmd, kind)
    return t


def test_the_examples() -> None:
    assert doctest.testmod(pipes).failed == 0


@pytest.mark.parametrize("name", ["out", b"out", Path("out")])
def test_commands_and_names_are_text_or_bytes(name: str | bytes | Path) -> None:
    t = pipes.Template()
    t.append(b"sort", "--")
    t.append("uniq", "--")
    assert t.copy(b"in", name) == 0
    assert t.makepipeline("in", name) == "sort <in |\nuniq >out"
    with t.open(name, "r") as stream:
        assert stream.read() == "a\nb\n"
    with t.open(name, "w") as stream:
        stream.write("z\n")
    assert Path("out").read_text() == "z\n"
    assert pipes.quote(name) == "out"


def test_bytes_that_are_no_text_pass() -> None:
    Path("in").write_bytes(b"caf\xe9\r\n")
    t = template(("cat", "--"))
    with t.open("in", "r") as reading, t.open("out", "w") as writing:
        writing.write(reading.read())
    assert Path("out").read_bytes() == b"caf\xe9\r\n"


def test_the_script_is_printed_before_its_output(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    code = """
import sys
from procrun.legacy import pipes
sys.stdout.write("first\\n")
t = pipes.Template()
t.append("echo third", ".-" and "--")
t.debug(1)
t.copy("/dev/null", "")
"""
    done = python(code)
    assert done.stdout == "first\necho third </dev/null\nthird\n"
    assert done.stderr == "+ echo third\n"


def test_an_exception_during_a_copy_leaves_no_file_and_no_process() -> None:
    class Alarm(Exception):
        pass

    def handler(number: int, frame: object) -> None:
        raise Alarm

    t = template(("cat $IN > $OUT; while :; do sleep 1; done", "ff"), ("cat", "--"))
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(Alarm):
            t.copy("in", "")
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_dropped_stream_waits_for_its_command() -> None:
    stream = template(("cat > out; sleep 0.1; echo done >> out", "-.")).open("ignored", "w")
    stream.write("line\n")
    del stream
    assert Path("out").read_text() == "line\ndone\n"


def test_an_ignored_sigchld_hides_the_status() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert template(("cat", "--")).copy("in", "out") == -1
        stream = template(("cat", "--")).open("in", "r")
        assert stream.read() == "b\na\nb\n"
        with pytest.raises(ChildProcessError):
            stream.close()
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_without_steps_it_is_the_file() -> None:
    with pipes.Template().open("in", "r") as stream:
        assert isinstance(stream, io.TextIOWrapper)
        assert stream.read() == "b\na\nb\n"
    with pytest.raises(FileNotFoundError):
        pipes.Template().open("missing", "r")
