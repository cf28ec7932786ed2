"""A started run: its pids, its streams, waiting, polling, stopping, from any thread and any exit."""

from __future__ import annotations

import gc
import io
import math
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from procrun import CAPTURE, NULL, PIPE, ExitStatus, FunctionFailed, Running, RunTimeout, engine
from procrun.quoting import shorten

Program = Callable[..., Any]
POSIX = os.name == "posix"


class Custom(Exception):
    """An error of the caller's own."""


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def ready(program: Program) -> Iterator[Running]:
    """A run that has said it is ready, and waits for ever."""
    with program("sleeper").start(stdin=NULL, stdout=PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith(b"ready")
        yield running


def test_the_pids_are_those_of_the_stages(program: Program) -> None:
    with (program("sleeper") | program("cat")).start(stdin=NULL, stdout=PIPE) as running:
        assert running.stdout is not None
        first, second = running.pids
        assert running.stdout.readline() == f"ready {first}\n".encode()
        assert psutil.Process(second).ppid() == os.getpid()


def test_a_dialogue(program: Program) -> None:
    with program("upper").start(stdin=PIPE, stdout=PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for word in (b"one\n", b"two\n"):
            running.stdin.write(word)
            running.stdin.flush()
            assert running.stdout.readline() == word.upper()
        running.stdin.close()
        assert running.stdout.read() == b""
        assert running.wait().is_success


def test_streams_that_were_not_asked_for_are_not_there(program: Program) -> None:
    with program("exit_with", 0).start() as running:
        assert (running.stdin, running.stdout, running.stderr) == (None, None, None)


def test_poll_never_waits_and_tells_the_status_at_the_end(ready: Running) -> None:
    assert ready.poll() is None
    assert ready.poll() is None
    ready.send_signal(signal.SIGTERM)
    while ready.poll() is None:
        ready.wait()
    expected = ExitStatus(signal=15) if POSIX else ExitStatus(15)
    assert ready.poll() == expected


def test_poll_alone_sees_the_end(program: Program) -> None:
    with program("exit_with", 3).start() as running:
        deadline = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < deadline:
            continue
        assert running.poll() == ExitStatus(3)


def test_wait_gives_the_same_result_each_time_and_does_not_raise_for_a_status(program: Program) -> None:
    with program("exit_with", 3, "out").start(stdout=CAPTURE) as running:
        result = running.wait()
        assert running.wait() is result
        assert running.stop() is result
        assert (result.status, result.stdout) == (ExitStatus(3), "out")


@pytest.mark.parametrize("timeout", [0, 0.05])
def test_patience(timeout: float, ready: Running) -> None:
    for _ in range(2):
        start = time.monotonic()
        with pytest.raises(TimeoutError) as raised:
            ready.wait(timeout)
        assert time.monotonic() - start >= timeout
    assert str(raised.value) == f"`{ready.pipeline}` has not ended within {timeout:g} s; it goes on running"
    assert ready.poll() is None


@pytest.mark.parametrize("timeout", [math.inf, 1e12, 60])
def test_much_patience(timeout: float, program: Program) -> None:
    with program("exit_with", 0).start(stdout=CAPTURE, timeout=timeout, grace=math.inf) as running:
        assert running.wait(timeout).is_success
    with program("exit_with", 0).start() as running:
        assert running.wait(timeout).is_success
    assert program("exit_with", 0, "x").read(timeout=timeout) == "x"


def test_stop_ends_it_and_tells_how(ready: Running) -> None:
    result = ready.stop()
    assert not is_alive(ready.pids[0])
    assert result.status.returncode == (-15 if POSIX else 15)
    assert result.survivors == ()
    assert ready.stop() is result
    assert ready.wait() is result


@pytest.mark.skipif(not POSIX, reason="Windows ends processes without asking")
def test_what_is_written_in_the_grace_is_kept(program: Program) -> None:
    told = threading.Event()
    with program("tidy_up", 7).start(stdout=[CAPTURE, lambda data: told.set()]) as running:
        told.wait()
        result = running.stop(grace=60)
    assert (result.stdout, result.status) == ("ready\ntidied\n", ExitStatus(7))


@pytest.mark.skipif(not POSIX, reason="Windows ends processes without asking")
@pytest.mark.parametrize("grace", [0, 0.2])
def test_who_does_not_listen_is_killed_after_the_grace(grace: float, program: Program) -> None:
    with program("ignore_term").start(stdout=PIPE, grace=60) as running:
        assert running.stdout is not None
        running.stdout.readline()
        start = time.monotonic()
        result = running.stop(grace)
        assert time.monotonic() - start >= grace
    assert result.status == ExitStatus(signal=9)


@pytest.mark.skipif(not POSIX, reason="Windows cannot stop a process for a while")
def test_a_stopped_process_hears_the_request(program: Program) -> None:
    told = threading.Event()
    with program("tidy_up", 0).start(stdout=[CAPTURE, lambda data: told.set()]) as running:
        told.wait()
        running.send_signal(signal.SIGSTOP)
        assert running.stop(grace=60).stdout == "ready\ntidied\n"


def test_many_threads_stop_and_wait_at_once(program: Program) -> None:
    with (program("sleeper") | program("cat")).start(stdout=CAPTURE) as running:
        barrier = threading.Barrier(12)
        results: list[Any] = []

        def work(place: int) -> None:
            barrier.wait()
            results.append((running.stop, running.wait, running.poll)[place % 3]() and running.wait())

        threads = [threading.Thread(target=work, args=(place,)) for place in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answered = [result for result in results if result is not None]
        assert len({id(result) for result in answered}) == 1
        assert len(answered) >= 8


def test_a_thread_that_waits_learns_of_the_stop(ready: Running) -> None:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(ready.wait()))
    thread.start()
    result = ready.stop()
    thread.join()
    assert results == [result]


def test_signals_reach_every_process_of_the_run(program: Program) -> None:
    with (program("hold_pipe") | program("hold_pipe")).start() as running:
        running.send_signal(signal.SIGTERM)
        assert [stage.status.returncode for stage in running.wait().stages] == ([-15, -15] if POSIX else [15, 15])
        running.send_signal(signal.SIGTERM)


def test_leaving_the_block_stops_the_run(program: Program) -> None:
    with program("hold_pipe").start(stdin=PIPE, stdout=PIPE) as running:
        assert running.stdin is not None
        running.stdin.write(b"never read")
    assert not is_alive(running.pids[0])
    assert running.stdin.closed
    assert running.stdout is not None
    assert running.stdout.closed


@pytest.mark.parametrize("error", [Custom, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_leaving_the_block_by_an_exception_stops_the_run(error: type[BaseException], program: Program) -> None:
    with pytest.raises(error), program("hold_pipe").start(stdout=CAPTURE) as running:
        raise error
    assert not is_alive(running.pids[0])


def test_a_run_that_has_ended_is_left_as_it_is(program: Program) -> None:
    with program("exit_with", 3).start() as running:
        result = running.wait()
    assert running.wait() is result


def test_a_timeout_counts_in_the_background(program: Program) -> None:
    with program("say_and_wait", "out", "err").start(stdout=CAPTURE, stderr=PIPE, timeout=1.5) as running:
        assert running.stderr is not None
        assert running.stderr.read() == b"err"
        result = running.wait()
    assert (result.timed_out, result.timeout, result.stdout) == (True, 1.5, "out")
    with pytest.raises(RunTimeout):
        result.check()


def test_what_a_sink_raises_in_the_background_comes_out_of_wait(program: Program) -> None:
    def fail(data: bytes) -> None:
        raise Custom("wrong")

    with program("say_and_wait", "x").start(stdout=fail) as running:
        with pytest.raises(FunctionFailed) as raised:
            running.wait()
        assert isinstance(raised.value.__cause__, Custom)
        assert not is_alive(running.pids[0])
        assert running.wait() is raised.value.result
    failed = threading.Event()

    def fail_and_tell(data: bytes) -> None:
        failed.set()
        raise Custom("nobody has asked")

    with pytest.raises(FunctionFailed), program("say_and_wait", "x").start(stdout=fail_and_tell):
        failed.wait()


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("verb", ["run", "wait"])
def test_a_sink_that_raises_is_told_of_with_its_stream(stream: str, verb: str, program: Program) -> None:
    command = program("say_and_wait", "out", "err")
    pipeline = command | program("cat")

    def fail(data: bytes) -> None:
        raise ZeroDivisionError("wrong")

    with pytest.raises(FunctionFailed) as raised:
        if verb == "run":
            pipeline.run(check=False, **{"stdout": NULL, "stderr": NULL, stream: fail})
        else:
            engine.start(pipeline.with_(**{"stdout": NULL, "stderr": NULL, stream: [fail, CAPTURE]})).wait()
    error = raised.value
    assert str(error) == (
        f"a sink of `{stream}` raised ZeroDivisionError: wrong (in `{shorten(str(pipeline))}`)\n"
        "  the exception itself is this error's __cause__"
    )
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert (error.result.error, error.result.error_from) == (error.__cause__, stream)
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)


def test_the_last_piece_of_a_text_may_fail_too(program: Program) -> None:
    with pytest.raises(FunctionFailed) as raised:
        program("exit_with", 0, "a").run(stdout=io.StringIO(), encoding="utf-16", errors="strict")
    assert str(raised.value).startswith("a sink of `stdout` raised UnicodeDecodeError: 'utf-16-le' codec can't decode")


@pytest.mark.parametrize("error", [Custom, TimeoutError, KeyboardInterrupt, OSError, BrokenPipeError, SystemExit])
def test_whatever_a_sink_raises_ends_the_run(error: type[BaseException], program: Program) -> None:
    calls: list[bytes] = []

    def fail(data: bytes) -> None:
        calls.append(data)
        raise error

    raised = FunctionFailed if issubclass(error, Exception) else error
    with pytest.raises(raised):
        (program("lines") | program("cat")).run(stdout=fail, grace=1)
    assert len(calls) == 1 or error is KeyboardInterrupt
    with pytest.raises(raised):
        list((program("lines") | program("flood", 0, 10_000_000)).lines(stderr=fail, grace=1))


def test_ctrl_c_is_told_of_before_a_sink_that_fails_after_it(program: Program) -> None:
    errors = [KeyboardInterrupt(), Custom("later")]

    def fail(data: bytes) -> None:
        raise errors.pop(0)

    running = engine.start((program("lines") | program("cat")).with_(stdout=fail, grace=1))
    with pytest.raises(KeyboardInterrupt):
        running.wait()
    result = running.wait()
    assert (str(result.error), result.error_from) == ("later", "stdout")


@pytest.mark.parametrize("wrong", ["x", True, -1, math.nan])
def test_a_time_that_is_none(wrong: Any, ready: Running) -> None:
    kind = ValueError if isinstance(wrong, (int, float)) and wrong is not True else TypeError
    what = "a number of seconds from 0 up" if kind is ValueError else "a number of seconds"
    for name, act in (("timeout", ready.wait), ("grace", ready.stop)):
        with pytest.raises(kind) as raised:
            act(wrong)
        assert str(raised.value) == f"`{name}` is {what}, not {wrong!r}"
    assert ready.poll() is None


def test_a_sink_may_stop_the_run(program: Program) -> None:
    calls: list[bytes] = []
    results: list[Any] = []

    started = threading.Event()

    def look(data: bytes) -> None:
        calls.append(data)
        started.wait()
        results.append(running.stop())

    with (program("lines") | program("cat")).start(stdout=[CAPTURE, look]) as running:
        started.set()
        result = running.wait()
    assert results == [result]
    assert len(calls) == 1
    assert result.stdout_bytes == calls[0]
    # The second may see the end of the first before it is asked to end itself.
    assert result.stages[0].status != ExitStatus(0)


def test_a_sink_cannot_wait_for_its_own_run(program: Program) -> None:
    started = threading.Event()

    def wait(data: bytes) -> None:
        started.wait()
        running.wait()

    with program("say_and_wait", "x").start(stdout=wait) as running:
        started.set()
        with pytest.raises(FunctionFailed) as raised:
            running.wait()
    assert isinstance(raised.value.__cause__, RuntimeError)
    assert str(raised.value.__cause__) == "what a run calls cannot wait for it; to end the run from there use `stop`"


def test_a_sink_may_poll_and_signal(program: Program) -> None:
    answers: list[Any] = []

    started = threading.Event()

    def poll(data: bytes) -> None:
        started.wait()
        answers.append(running.poll())
        running.send_signal(signal.SIGTERM)

    with program("say_and_wait", "x").start(stdout=poll) as running:
        started.set()
        running.wait()
    assert answers == [None]


def test_a_run_that_nobody_waits_for_does_its_work(program: Program) -> None:
    done = threading.Event()
    kept = io.BytesIO()

    def keep(data: bytes) -> None:
        kept.write(data)
        if len(kept.getvalue()) == 1_000_000:
            done.set()

    running = program("cat").start(input=b"x" * 1_000_000, stdout=keep)
    done.wait()
    running.wait()
    del running
    gc.collect()


def test_the_streams_end_before_the_process_does(program: Program) -> None:
    with program("close_output", 5).start(stdin=PIPE, stdout=PIPE, stderr=CAPTURE) as running:
        assert running.stdout is not None
        assert running.stdin is not None
        assert running.stdout.read() == b""
        assert running.poll() is None
        running.stdin.close()
        assert running.wait().status == ExitStatus(5)


def test_pipes_may_be_given_to_another_run(program: Program) -> None:
    with program("lines", 3).start(stdout=PIPE) as first:
        assert program("upper").read(stdin=first.stdout) == "LINE 1\nLINE 2\nLINE 3"
        assert first.wait().is_success


def test_times_and_figures(program: Program) -> None:
    before = time.time()
    result = (program("count") | program("cat")).capture(input=b"x" * 1_000_000)
    assert before <= result.started <= time.time()
    assert 0 < result.duration < 60
    for stage in result.stages:
        assert 0 < stage.duration <= result.duration + 0.1
        assert stage.user_time + stage.system_time > 0
        assert stage.peak_memory > 1_000_000 or not POSIX
