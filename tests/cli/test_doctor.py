"""`procrun doctor`: the diagnosis from outside, its JSON, its mistakes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from procrun.quoting import display
from procrun.system import processes as system

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Hang = Callable[..., "subprocess.Popen[bytes]"]

linux = pytest.mark.skipif(not system.KNOWS_WAITS, reason="only Linux tells what a process waits for")


def who(pid: int) -> str:
    return f"process {pid} (`{display(psutil.Process(pid).cmdline(), 60)}`)"


@pytest.fixture
def hanging(hang: Hang, stands: Callable[..., None]) -> int:
    """A process that waits for the oldest deadlock of all."""
    parent = hang("wait_with_full_pipe", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert parent.stderr is not None
    stands(int(parent.stderr.readline()), "write")
    stands(parent.pid, "wait4")
    return parent.pid


@linux
def test_the_text(run_cli: Run, hanging: int) -> None:
    (child,) = psutil.Process(hanging).children()
    pipe = os.readlink(f"/proc/{child.pid}/fd/1")[6:-1]
    errors = os.readlink(f"/proc/{child.pid}/fd/2")[6:-1]
    reading = next(
        entry.number for entry in system.descriptors(hanging) if entry.name == f"pipe:[{pipe}]" and entry.reads
    )
    ours = next(
        entry.number for entry in system.descriptors(os.getpid()) if entry.name == f"pipe:[{errors}]" and entry.reads
    )
    done = run_cli("doctor", hanging, "--interval", 0.1)
    assert (done.returncode, done.stderr) == (0, "")
    wait = f"waits for room in stdout (pipe {pipe}, full, which {hanging} can read)"
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith(("not seen", "  1 process outside"))] == [
        f"{who(hanging)}: waits for its child {child.pid}",
        f"  {who(child.pid)}: {wait}",
        "pipes, with who writes → who reads:",
        f"  pipe {errors}: {hanging} (stderr), {child.pid} (stderr) → {os.getpid()} (descriptor {ours})",
        f"  pipe {pipe}: {child.pid} (stdout) → {hanging} (descriptor {reading})",
        f"cause: {who(hanging)} waits for its child {child.pid}; {who(child.pid)} {wait}: none of them can go on",
        "  read the pipe to its end before waiting for the child (`procrun.capture`, `communicate`)",
    ]


@linux
def test_as_json(run_cli: Run, hanging: int) -> None:
    (child,) = psutil.Process(hanging).children()
    done = run_cli("doctor", "--json", "--interval", "0", hanging, child.pid)
    said = json.loads(done.stdout)
    assert (said["format"], said["version"], said["interval"]) == ("procrun-diagnosis", 1, 0.0)
    assert said["pids"] == [hanging, child.pid]
    assert [one["pid"] for one in said["processes"]] == [hanging, child.pid]
    assert (said["cause"]["kind"], said["cause"]["pids"]) == ("deadlock", [hanging, child.pid])


def test_a_second_is_what_it_watches(run_cli: Run, hang: Hang) -> None:
    process = hang("pause")
    assert json.loads(run_cli("doctor", "--json", process.pid).stdout)["interval"] == 1.0


def test_the_doctor_itself(run_cli: Run, hang: Hang) -> None:
    """Whoever waits for it hangs because of it, and it says so."""
    us = os.getpid()
    done = run_cli("doctor", us, "--interval", 0, "--json")
    said: dict[str, Any] = json.loads(done.stdout)
    doctors = [one for one in said["processes"] if one["condition"] == "asks"]
    assert [one["parent"] for one in doctors] == [us]


def test_no_such_process(run_cli: Run, hang: Hang) -> None:
    process = hang("nothing")
    process.wait()
    done = run_cli("doctor", process.pid, "--interval", 0)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"procrun: there is no process {process.pid}\n  it may have ended; `procrun tree` shows them all\n"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "PID... is missing"),
        (["bash"], "`bash` is not the number of a process, such as 4711"),
        (["1", "x"], "`x` is not the number of a process, such as 4711"),
        (["1", "--interval", "-1"], "--interval: `-1` is not a number of seconds, such as 1.5"),
        (["1", "--interval", "nan"], "--interval: `nan` is not a number of seconds, such as 1.5"),
        (["1", "--interval"], "`--interval` wants a value: --interval SECONDS"),
        (["--intervall", "1", "1"], "there is no option `--intervall`; did you mean `--interval`?"),
    ],
)
def test_a_wrong_command_line(args: list[str], message: str, run_cli: Run) -> None:
    done = run_cli("doctor", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"procrun: {message}\n  see `procrun doctor --help`\n"
