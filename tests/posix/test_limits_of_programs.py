"""Limits of real programs: each is there from the first instruction, and breaking one is told as far as it is known."""

from __future__ import annotations

import errno
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import procrun
from procrun import (
    CAPTURE,
    LimitExceeded,
    Limits,
    NotSupported,
    ProcrunError,
    ProgramNotRunnable,
    RunFailed,
    cmd,
    system,
)

Program = Callable[..., Any]
MEMORY = "RLIMIT_DATA" if sys.platform == "linux" else "RLIMIT_AS"

needs_memory = pytest.mark.skipif("memory" not in system.LIMITS, reason="this system enforces no limit of memory")


def test_every_limit_is_set(program: Program) -> None:
    given = {"cpu": 7, "files": 60, "processes": 500, "file_size": 10**6, "nice": 3}
    if "memory" in system.LIMITS:
        given["memory"] = 10**9
    text = program("use", "limits").read(limits=Limits(**given))
    found = dict(line.split(" ", 1) for line in text.splitlines())
    assert found["RLIMIT_CPU"] == "(7, 8)"
    assert found["RLIMIT_NOFILE"] == "(60, 60)"
    assert found["RLIMIT_NPROC"] == "(500, 500)"
    assert found["RLIMIT_FSIZE"] == "(1000000, 1000000)"
    assert found["nice"] == str(os.nice(0) + 3)
    if "memory" in system.LIMITS:
        assert found[MEMORY] == "(1000000000, 1000000000)"


def test_nothing_else_is_changed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    # Python's own start sets LC_CTYPE where there is no locale.
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ODD", os.fsdecode(b"\xff"))
    script = 'printf "%s\\n" "$@"; env | grep -v -e ^PROCRUN_RUN= -e ^_= ; kill -s PIPE $$'
    arguments = ["sh", "-c", script, "sh", os.fsdecode(b"\xfe \xc3\xa4"), "", "-c"]
    plain, limited = (cmd(*arguments).capture(limits=limits, check=False) for limits in (None, Limits(nice=0)))
    assert limited.stdout_bytes == plain.stdout_bytes
    assert b"\xfe" in (limited.stdout_bytes or b"")
    assert (limited.status.signal, limited.stderr) == (signal.SIGPIPE, "")


def test_each_program_of_a_text_has_them(python_program: Callable[..., list[str]]) -> None:
    text = "(sh -c 'ulimit -n'; sh -c 'ulimit -n') | cat && echo $(sh -c 'ulimit -n')"
    assert procrun.read(text, limits=Limits(files=61)) == "61\n61\n61"


def test_those_of_a_stage_replace_those_of_the_run() -> None:
    stage = cmd("sh", "-c", "ulimit -n; ulimit -t")
    assert (stage.with_(limits=Limits(files=62)) | cmd("cat")).read(limits=Limits(cpu=100)).startswith("62\n")
    own = procrun.read("sh -c 'ulimit -t'")
    assert (stage.with_(limits=Limits(files=62)) | cmd("cat")).read(limits=Limits(cpu=100)) == f"62\n{own}"


def test_too_much_cpu(program: Program) -> None:
    with pytest.raises(LimitExceeded) as raised:
        program("use", "cpu", 60).run(limits=Limits(cpu=1))
    error = raised.value
    assert (error.returncode, error.exceeded.name, error.exceeded.limit) == (-signal.SIGXCPU, "cpu", 1)
    assert error.exceeded.used is not None
    assert 0.8 < error.exceeded.used < 3
    assert str(error) == (
        f"`{error.result.command}` was ended by SIGXCPU: it used {error.exceeded.used:.2f} s of CPU, "
        "and its limit is 1 s\n"
        "  give it more `cpu` in its limits, or look why it uses so much"
    )
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_too_much_cpu_for_one_that_ignores_the_signal() -> None:
    with pytest.raises(LimitExceeded) as raised:
        cmd("sh", "-c", "trap '' XCPU; while :; do :; done").run(limits=Limits(cpu=1))
    assert (raised.value.returncode, raised.value.exceeded.name) == (-signal.SIGKILL, "cpu")


@pytest.mark.parametrize("shell", [False, True], ids=["program", "program of a shell"])
def test_too_large_a_file(python_program: Callable[..., list[str]], shell: bool, tmp_path: Path) -> None:
    argv = python_program("use", "write", 1000)
    command = cmd("sh", "-c", '"$@"; exit $?', "sh", *argv) if shell else cmd(*argv)
    with pytest.raises(LimitExceeded) as raised:
        command.run(stdout=tmp_path / "file", stderr=CAPTURE, limits=Limits(file_size=1000))
    assert (raised.value.exceeded.name, raised.value.exceeded.used) == ("file_size", None)
    how = "exited with status 153" if shell else "was ended by SIGXFSZ"
    first, *_ = str(raised.value).splitlines()
    assert first.endswith(f"` {how}: a file would have grown beyond its limit of 1000 bytes")
    assert (tmp_path / "file").stat().st_size == 1000


@needs_memory
def test_too_much_memory_is_named_as_what_may_have_been(program: Program) -> None:
    command = program("use", "memory", 10**9)
    with pytest.raises(RunFailed) as raised:
        command.run(stderr=CAPTURE, limits=Limits(memory=2 * 10**8, cpu=50))
    assert "MemoryError" in raised.value.result.stderr
    stage = raised.value.result.stages[0]
    used = stage.user_time + stage.system_time
    assert (
        f"it may have met a limit: memory 200000000, at most {stage.peak_memory} were resident; cpu 50, {used:.2f} used"
        in str(raised.value)
    )


def test_what_cannot_be_started_is_told_as_without_limits(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/nonexistent/interpreter\n")
    script.chmod(0o755)
    errors = []
    for limits in (None, Limits(files=60)):
        with pytest.raises(ProgramNotRunnable) as raised:
            (cmd("cat") | cmd(str(script)) | cmd("cat")).run(stdin=procrun.NULL, limits=limits)
        errors.append((str(raised.value), raised.value.errno, raised.value.filename))
    assert errors[0] == errors[1]


def test_arguments_that_are_too_long_are_told_as_without_limits() -> None:
    with pytest.raises(ProgramNotRunnable) as raised:
        cmd("true", "x" * 2**18).run(limits=Limits(files=60))
    assert "the arguments of `true` are too large for the system" in str(raised.value)


@pytest.mark.skipif(sys.platform != "linux", reason="takes its privileges from root by prctl(2)")
def test_more_than_this_process_may_have_is_refused(host: Callable[..., Any]) -> None:
    done = host("""
        import ctypes, resource
        if os.getuid() == 0:
            # PR_CAPBSET_DROP of CAP_SYS_NICE and CAP_SYS_RESOURCE: what root starts may do no more than a user's.
            for capability in (23, 24):
                assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        for limits in (Limits(file_size=5001), Limits(nice=-1)):
            try:
                cmd("true").run(limits=limits)
            except NotSupported as error:
                print(error)
        cmd("true").run(limits=Limits(file_size=4999, cpu=100))
    """)
    assert done.stdout == (
        "the limit `file_size` cannot be 5001: Operation not permitted\n"
        "  this process may not give more than it has itself: look at `ulimit -a -H`\n"
        "the limit `nice` cannot be -1: Operation not permitted\n"
        "  only root may take more of the processor than others\n"
    )


@pytest.mark.parametrize("name", ["memory", "cpu", "files", "nice"])
def test_more_than_the_system_can_count_is_refused(name: str) -> None:
    if name not in system.LIMITS:
        pytest.skip("this system does not keep it")
    with pytest.raises(NotSupported) as raised:
        cmd("true").run(limits=Limits(**{name: 2**63}))
    assert raised.value.reason == f"the limit `{name}` cannot be {2**63}: {os.strerror(errno.ERANGE)}"


def test_without_an_interpreter_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(NotSupported) as raised:
        cmd("true").run(limits=Limits(files=60))
    assert str(raised.value) == (
        "`limits` and `die_with_parent` need a Python interpreter to start, and this program has none of its own\n"
        "  set `sys.executable` to the path of one"
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/bin/false", "it was ended before it did"),
        ("/no/python", "[Errno 2] No such file or directory: '/no/python'"),
    ],
)
def test_an_interpreter_that_does_not_work_is_named(path: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", path)
    with pytest.raises(ProcrunError) as raised:
        cmd("true").run(limits=Limits(files=60))
    assert str(raised.value) == (
        f"the helper that sets limits, `{path} -I -S -c …`, does not work: {reason}\n"
        "  it is this program's own Python, from `sys.executable`; look whether that can still be started"
    )


def test_no_limits_are_no_helper() -> None:
    own = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert (cmd("sh", "-c", "ulimit -n").with_(limits=Limits()) | cmd("cat")).read(limits=Limits(files=60)) == str(own)
