"""The rows on which other process runners were probed and failed: each holds for procrun.

A timeout that returns on time and leaves nothing, failures of any stage, a reader that has had
enough, floods on stderr, a missing stage, bytes that are no text, a stdin that nobody feeds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from procrun import NULL, ProgramNotFound, RunFailed, RunTimeout, cmd
from procrun.plan import Command


def python(code: str, *args: object) -> Command:
    return cmd(sys.executable, "-S", "-c", code, *map(str, args))


def is_alive(pid: int) -> bool:
    """Whether a process still does anything; who adopts an orphan may leave it a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_timeout_ends_grandchildren_and_returns_on_time() -> None:
    start = time.monotonic()
    waits = "import threading; threading.Event().wait()"
    starts_another = (
        f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-S', '-c', {waits!r}]);"
        "print(child.pid, flush=True); child.wait()"
    )
    with pytest.raises(RunTimeout) as caught:
        python(starts_another).capture(timeout=1.5, grace=1)
    assert time.monotonic() - start < 1.5 + 1 + 10
    assert not is_alive(int(caught.value.result.stdout))


def test_a_failing_first_stage_fails_the_pipeline() -> None:
    with pytest.raises(RunFailed) as caught:
        (python("raise SystemExit(3)") | python("import sys; sys.stdin.read()")).run()
    assert caught.value.returncode == 3
    assert [stage.role for stage in caught.value.result.stages] == ["failed", "ok"]


@pytest.mark.skipif(os.name != "posix", reason="Windows programs are not ended by a signal when their reader goes")
def test_a_reader_that_has_had_enough_is_no_failure() -> None:
    start = time.monotonic()
    result = (cmd("yes") | cmd("head", "-1")).capture()
    assert (result.stdout, result.status.code) == ("y\n", 0)
    assert [stage.role for stage in result.stages] == ["consequence", "ok"]
    assert time.monotonic() - start < 10


def test_a_flood_on_the_stderr_of_the_first_stage_does_not_hang() -> None:
    result = (python("import sys; sys.stderr.write('e' * 300_000)") | python("import sys; sys.stdin.read()")).capture()
    assert len(result.stderr) == 300_000


def test_a_missing_second_stage_starts_nothing() -> None:
    before = psutil.Process().children()
    with pytest.raises(ProgramNotFound, match="no program `no-such-program`"):
        (python("input()") | cmd("no-such-program")).run()
    assert psutil.Process().children() == before


def test_bytes_that_are_no_text_are_kept() -> None:
    text = python(r"import sys; sys.stdout.buffer.write(b'a\xff\xe9b')").read()
    assert text.encode("utf-8", "surrogateescape") == b"a\xff\xe9b"


def test_a_child_that_reads_does_not_wait_for_our_stdin() -> None:
    # The run happens in a process whose stdin is a pipe that nobody writes to.
    reads = "import sys; print(sys.stdin.read())"
    code = f"import sys; from procrun import cmd; print(repr(cmd(sys.executable, '-S', '-c', {reads!r}).read()))"
    reading, writing = os.pipe()
    try:
        out = subprocess.run([sys.executable, "-c", code], stdin=reading, capture_output=True, timeout=60).stdout
    finally:
        os.close(reading)
        os.close(writing)
    assert out.strip() == b"''"


def test_a_line_of_a_megabyte_is_one_line() -> None:
    assert [len(line) for line in python("print('x' * 1_000_000)").lines()] == [1_000_000]


def test_five_megabytes_pass_through() -> None:
    data = os.urandom(5_000_000)
    echo = python("import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)")
    assert echo.capture(input=data).stdout_bytes == data


def test_the_output_in_a_timeout_is_text_where_text_was_asked_for() -> None:
    code = "import sys, threading; sys.stdout.write('partial'); sys.stdout.flush(); threading.Event().wait()"
    with pytest.raises(RunTimeout) as caught:
        python(code).read(timeout=1.5, grace=1, stdin=NULL)
    assert caught.value.stdout == "partial"
    assert caught.value.result.stdout_bytes == b"partial"


@pytest.mark.slow
def test_five_hundred_runs_leave_nothing() -> None:
    # What is left after it, the check around every test finds: descriptors, threads, children.
    for number in range(500):
        assert python("import sys; print(sys.argv[1])", number).read() == str(number)
