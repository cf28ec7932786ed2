"""Many runs at once and one after another: right answers, every end is seen, and nothing is left."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from procrun import CAPTURE, NULL, PIPE, Command, Function, Pipeline, RunFailed, RunTimeout, cmd, each_line

Program = Callable[..., Any]
POSIX = os.name == "posix"

# As small as programs come, where the system has them.
TRUE = cmd(shutil.which("true") or "true") if POSIX else cmd(sys.executable, "-S", "-c", "pass")
CAT = cmd(shutil.which("cat") or "cat") if POSIX else cmd(sys.executable, "-S", "-c", "print(input())")


def resources() -> tuple[int, int]:
    """How many descriptors (on Windows handles) and threads this process has."""
    gc.collect()
    process = psutil.Process()
    return process.num_fds() if POSIX else process.num_handles(), threading.active_count()


def run_many(count: int) -> None:
    ways: list[Callable[[], object]] = [
        lambda: TRUE.run(),
        lambda: (CAT | CAT).read(input="x"),
        lambda: CAT.capture(input=iter(["x"]), timeout=60),
        lambda: list(CAT.lines(input="x")),
        lambda: (CAT | (lambda i, o, e: o.write(i.read()))).capture(input="x"),
        lambda: start_and_leave(),
    ]
    for way in ways:
        way()
    before = resources()
    for number in range(count):
        ways[number % len(ways)]()
    assert resources() == before


def start_and_leave() -> None:
    with CAT.start(stdin=PIPE, stdout=PIPE) as running:
        assert running.stdin is not None
        running.stdin.close()
        running.wait()


def test_300_runs_leave_nothing() -> None:
    run_many(300)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_5000_runs_leave_nothing() -> None:
    run_many(5000)


def at_once(threads: int, rounds: int, act: Callable[[int], object]) -> None:
    """Do something in many threads that all begin at the same moment."""
    barrier = threading.Barrier(threads)

    def work(place: int) -> None:
        barrier.wait()
        for turn in range(rounds):
            act(place * rounds + turn)

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(work, place) for place in range(threads)]:
            future.result()


def one_pipeline(number: int) -> None:
    """One of several kinds of pipelines, each of which hangs if anybody else holds its pipe."""
    text = f"number {number}\n" * (1 + number % 50)
    kind = number % 5
    if kind == 0:
        assert (CAT | CAT).capture(input=text, timeout=100).stdout == text
    elif kind == 1:
        assert list((CAT | CAT).lines(input=iter([text]))) == text.splitlines()
    elif kind == 2:
        assert (CAT | each_line(str.upper) | CAT).read(input=text) == text.upper().rstrip("\n")
    elif kind == 3:
        with (CAT | CAT).start(stdin=PIPE, stdout=PIPE) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write(text.encode())
            running.stdin.close()
            assert running.stdout.read().decode() == text
            assert running.wait().is_success
    else:
        got: list[bytes] = []
        assert CAT.run(input=text, stdout=[got.append, CAPTURE], stderr=NULL).stdout == b"".join(got).decode() == text


@pytest.mark.skipif(not POSIX, reason="starting Python so often takes too long")
def test_8_threads_with_20_pipelines_each() -> None:
    at_once(8, 20, one_pipeline)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not POSIX, reason="starting Python so often takes too long")
def test_32_threads_with_50_pipelines_each() -> None:
    before = resources()
    at_once(32, 50, one_pipeline)
    assert resources() == before


def test_many_threads_stop_runs_at_once(program: Program) -> None:
    def start_and_stop(number: int) -> None:
        with (program("hold_pipe") | program("cat")).start(stdout=CAPTURE if number % 2 else NULL) as running:
            if number % 3:
                running.stop(0 if number % 3 == 1 else 5)
        assert all(not psutil.pid_exists(pid) or not is_child(pid) for pid in running.pids)

    at_once(6, 3, start_and_stop)


def is_child(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).ppid() == os.getpid())
    except psutil.NoSuchProcess:
        return False


def test_many_threads_time_out_at_once(program: Program) -> None:
    def time_out(number: int) -> None:
        with pytest.raises(RunTimeout):
            (program("hold_pipe") | program("hold_pipe")).capture(timeout=0.2, grace=number % 2)

    at_once(6, 2, time_out)


def test_one_command_is_run_by_many_threads_at_once() -> None:
    pipeline = (CAT | CAT).with_(input="shared", timeout=100)
    at_once(8, 5, lambda number: pipeline.read() == "shared" or pytest.fail("another's output"))


def test_runs_within_runs() -> None:
    def nested(depth: int) -> Callable[..., None]:
        def function(stdin: Any, stdout: Any, stderr: Any) -> None:
            data = stdin.read()
            pipeline = CAT | CAT if depth == 0 else CAT | nested(depth - 1) | CAT
            stdout.write(pipeline.capture(input=data).stdout_bytes)

        return function

    assert (CAT | nested(3) | CAT).read(input="deep") == "deep"


# What each small program makes of its input.
STEPS: dict[str, tuple[list[str], Callable[[bytes], bytes], int]] = {
    "copy": (["cat"], lambda data: data, 0),
    "upper": (["tr", "a-z", "A-Z"], bytes.upper, 0),
    "sort": (["sort"], lambda data: b"".join(sorted(data.splitlines(keepends=True))), 0),
    "count": (["wc", "-c"], lambda data: b"%d\n" % len(data), 0),
    "head": (["head", "-n", "2"], lambda data: b"".join(data.splitlines(keepends=True)[:2]), 0),
    "fail": (["sh", "-c", "cat; exit 3"], lambda data: data, 3),
    "ignore": (["sh", "-c", "cat > /dev/null; echo said"], lambda data: b"said\n", 0),
    "nothing": (["sh", "-c", "cat > /dev/null"], lambda data: b"", 0),
}


@pytest.mark.skipif(not POSIX, reason="these programs are those of Unix")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=5),
    data=st.lists(st.text("abcxyz ", max_size=8), max_size=20).map(
        lambda lines: "".join(line + "\n" for line in lines).encode()
    ),
    as_function=st.sets(st.integers(0, 4), max_size=2),
    pipefail=st.booleans(),
    feed=st.sampled_from(["bytes", "pieces", "file"]),
)
def test_a_random_pipeline_gives_what_its_steps_give(
    steps: list[str], data: bytes, as_function: set[int], pipefail: bool, feed: str
) -> None:
    stages: list[Any] = []
    expected, statuses = data, []
    for place, step in enumerate(steps):
        argv, compute, status = STEPS[step]
        if place in as_function and status == 0:
            stages.append(lambda i, o, e, compute=compute: o.write(compute(i.read())))
        else:
            stages.append(cmd(*argv, env={"LC_ALL": "C"}))
        expected = compute(expected)
        statuses.append(status)
    pipeline: Any = as_pipeline(stages[0])
    for stage in stages[1:]:
        pipeline = pipeline | stage
    given_input: Any = {"bytes": data, "pieces": iter([data[:7], data[7:]]), "file": None}[feed]
    with open(os.devnull, "rb") if feed != "file" else spooled(data) as file:
        options = {"stdin": file} if feed == "file" else {"input": given_input}
        result = pipeline.capture(check=False, pipefail=pipefail, **options)
    assert result.stdout_bytes == expected
    assert [stage.status.code for stage in result.stages] == statuses
    failed = [status for status in statuses if status] if pipefail else [status for status in statuses[-1:] if status]
    assert result.status.code == (failed[-1] if failed else 0)
    if failed:
        with pytest.raises(RunFailed):
            result.check()


def as_pipeline(stage: Any) -> Pipeline:
    return (stage if isinstance(stage, Command) else Function(stage)).pipeline


def spooled(data: bytes) -> Any:
    file = tempfile.TemporaryFile()
    file.write(data)
    file.seek(0)
    return file
