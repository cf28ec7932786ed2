"""`procrun kill`: what it says, its statuses, whom it refuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the reports speak of signals")

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Start = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def start(python_program: Callable[..., list[str]]) -> Iterator[Start]:
    """`start(count, name, *args)`: starts a program, and gives its pid and the first `count` lines that it writes."""
    started: list[subprocess.Popen[bytes]] = []
    others: list[int] = []

    def one(count: int, name: str, *args: object) -> tuple[int, list[str]]:
        process = subprocess.Popen(python_program(name, *args), stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        lines = [process.stdout.readline().decode().strip() for _ in range(count)]
        others.extend(int(line) for line in lines if line.isdigit())
        return process.pid, lines

    yield one
    for pid in others:
        if psutil.pid_exists(pid):
            psutil.Process(pid).kill()
    for process in started:
        process.kill()
        process.communicate()


def without_time(text: str) -> str:
    return re.sub(r"\d+\.\d\d s\n", "0.00 s\n", text)


def name_of(pid: int) -> str:
    return psutil.Process(pid).name()[:15]


def test_a_tree(run_cli: Run, start: Start) -> None:
    pid, lines = start(2, "grandchild", "--stay", "ignore_term")
    child = int((set(lines) - {"ready"}).pop())
    name = name_of(pid)
    done = run_cli("kill", pid, "--grace", "0.2")
    assert (done.returncode, done.stderr) == (0, "")
    assert without_time(done.stdout) == (
        f"ended by SIGKILL: {child} ({name})\nended by SIGTERM: {pid} ({name})\n2 processes ended in 0.00 s\n"
    )


def test_one_of_a_tree(run_cli: Run, start: Start) -> None:
    pid, (child,) = start(1, "grandchild", "--stay")
    done = run_cli("kill", pid, "--no-tree", "--signal", "hup")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"ended by SIGHUP: {pid} (")
    assert psutil.Process(int(child)).is_running()


def test_killing_asks_nobody(run_cli: Run, start: Start) -> None:
    pid, _ = start(1, "tidy_up", 0)
    done = run_cli("kill", "--signal=KILL", pid)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"ended by SIGKILL: {pid} (")


def test_several_of_which_one_has_ended(run_cli: Run, start: Start) -> None:
    first, _ = start(1, "sleeper")
    gone, _ = start(1, "exit_with", 0, "done")
    psutil.Process(gone).wait()
    done = run_cli("kill", first, gone)
    assert done.returncode == 1
    assert done.stderr == (f"procrun: there is no process {gone}\n  it may have ended; `procrun tree` shows them all\n")
    assert done.stdout.startswith(f"ended by SIGTERM: {first} (")
    assert run_cli("kill", gone).returncode == 1


def test_a_dry_run_signals_nobody(run_cli: Run, start: Start) -> None:
    pid, (child,) = start(1, "grandchild", "--stay")
    done = run_cli("kill", "--dry-run", pid)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [(psutil.Process(one).pid, " ".join(psutil.Process(one).cmdline())) for one in (pid, int(child))]
    assert done.stdout == "".join(f"{number}  {command}\n" for number, command in lines)


@pytest.mark.parametrize("pid", [0, 1])
def test_the_system_s_own_are_refused(pid: int, run_cli: Run) -> None:
    done = run_cli("kill", pid)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"procrun: process {pid} is not signalled: the whole system hangs on it\n"
        "  if you mean it: force=True (`--force`)\n"
    )


def test_who_started_it_is_refused(run_cli: Run, start: Start) -> None:
    other, _ = start(1, "sleeper")
    done = run_cli("kill", other, os.getpid())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"procrun: process {os.getpid()} is not signalled: this process was started by it\n")
    # Nobody was signalled, also nobody else.
    assert psutil.Process(other).is_running()
    assert run_cli("kill", "--dry-run", "--no-tree", os.getpid()).returncode == 0


def test_itself_is_refused() -> None:
    code = "import os, sys; os.execv(sys.executable, [sys.executable, '-m', 'procrun', 'kill', str(os.getpid())])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert " is not signalled: it is this one\n" in done.stderr


def test_who_started_it_is_ended_if_it_is_meant(tmp_path: Any) -> None:
    code = (
        "import os, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'procrun', 'kill', '--force', '--no-tree', str(os.getpid())])"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == -15
    assert done.stdout.startswith("ended by SIGTERM: ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "PID... is missing"),
        (["x"], "`x` is not the number of a process, such as 4711"),
        (["--grace", "x", "7"], "--grace: `x` is not a number of seconds, such as 1.5"),
        (["--signal", "CONT", "7"], "--signal: SIGCONT does not ask a process to end: it continues after a stop"),
        (["--signal", "TREM", "7"], "--signal: no signal `TREM`"),
        (["--forse", "7"], "there is no option `--forse`; did you mean `--force`?"),
    ],
)
def test_a_wrong_command_line(args: list[str], message: str, run_cli: Run) -> None:
    done = run_cli("kill", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"procrun: {message}\n")
    assert done.stderr.endswith("\n  see `procrun kill --help`\n")


def test_completion(run_cli: Run) -> None:
    def offered(typed: str) -> list[str]:
        words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)}
        return run_cli(env={"_PROCRUN_COMPLETE": "bash_complete", **words}).stdout.split()

    assert offered("procrun kill --signal K") == ["plain,KILL"]
    assert f"plain,{os.getpid()}" in offered("procrun kill ")
