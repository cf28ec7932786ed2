"""The diagnosis as a whole: its text, its JSON, what it refuses, and what it can say where the system tells less."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from typing import Any

import psutil
import pytest

from procrun.errors import ProcessNotFound
from procrun.monitor.doctor import diagnose
from procrun.system import processes as system

linux = pytest.mark.skipif(not system.KNOWS_WAITS, reason="only Linux tells what a process waits for")

READ = "waits for data on stdin (pipe {pipe}, which {by} can write)"
LOOK = "look where it stands: `gdb -p {pid}`, for Python `py-spy dump --pid {pid}`"


@linux
def test_the_text(ward: Any) -> None:
    parent = ward.start("wait_for", "read", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    child = int(ward.said(parent))
    ward.stands(child, "read")
    ward.stands(parent.pid, "wait4")
    pipe, errors = ward.number(parent.stdin), ward.number(parent.stderr)
    us = os.getpid()
    assert parent.stdin is not None and parent.stderr is not None
    lines = str(ward.look(parent)).splitlines()
    lines = [line for line in lines if not line.startswith(("not seen", "  1 process outside"))]
    wait = READ.format(pipe=pipe, by=us)
    assert lines == [
        f"{ward.who(parent.pid)}: waits for its child {child}",
        f"  {ward.who(child)}: {wait}",
        "outside of the tree:",
        f"{ward.who(us)}: asks for this diagnosis",
        "pipes, with who writes → who reads:",
        f"  pipe {pipe}: {us} (descriptor {parent.stdin.fileno()}) → {parent.pid} (stdin), {child} (stdin)",
        f"  pipe {errors}: {parent.pid} (stderr), {child} (stderr) → {us} (descriptor {parent.stderr.fileno()})",
        f"cause: {ward.who(child)} {wait}, and {ward.me} is the one that asks",
        "  write to the pipe in the process that asks, or close it there",
    ]


@linux
def test_as_json(ward: Any) -> None:
    process = ward.start("read")
    ward.stands(process.pid, "read")
    said = json.loads(json.dumps(ward.look(process).as_json()))
    us = os.getpid()
    assert process.stdin is not None
    assert (said["format"], said["version"], said["pids"]) == ("procrun-diagnosis", 1, [process.pid])
    first, second = said["processes"]
    assert (first["pid"], first["condition"], first["inside"], first["depth"]) == (process.pid, "waits", True, 0)
    assert (second["pid"], second["condition"], second["inside"], second["depth"]) == (us, "asks", False, None)
    assert first["waits"] == [
        {
            "kind": "pipe",
            "what": READ.format(pipe=ward.number(process.stdin), by=us).removeprefix("waits for "),
            "thread": process.pid,
            "for": [us],
            "descriptor": 0,
            "name": f"pipe:[{ward.number(process.stdin)}]",
            "writes": False,
            "certain": True,
            "limited": False,
        }
    ]
    assert said["pipes"][0] == {
        "name": f"pipe {ward.number(process.stdin)}",
        "writers": [{"pid": us, "descriptor": process.stdin.fileno()}],
        "readers": [{"pid": process.pid, "descriptor": 0}],
    }
    assert said["cause"] == said["findings"][0]
    assert (said["cause"]["kind"], said["cause"]["pids"]) == ("asks", [us])


def test_a_process_that_has_ended_is_left_out(ward: Any) -> None:
    ended = ward.start("nothing")
    ended.wait()
    running = ward.start("spin")
    assert ward.said(running) == "ready"
    found = ward.look(ended, running)
    assert [one.entry.pid for one in found.processes] == [running.pid]
    assert found.limits[0] == f"process {ended.pid}, which ended before"
    with pytest.raises(ProcessNotFound) as caught:
        ward.look(ended)
    text = f"there is no process {ended.pid}\n  it may have ended; `procrun tree` shows them all"
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("pids", "interval", "reason"),
    [
        ([], 1.0, "there is no process to diagnose; give at least one pid"),
        ([1], -1.0, "an interval of -1.0 s lies in the past; give 0 or more"),
    ],
)
def test_misuse(pids: list[int], interval: float, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        diagnose(pids, interval)
    assert str(caught.value) == reason


# Where the system tells less.


@pytest.fixture
def other_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers that a system other than Linux gives: the contract's own."""
    monkeypatch.setattr(sys, "platform", "freebsd14")
    spec = importlib.util.spec_from_file_location("plain_processes", system.__file__)
    assert spec is not None and spec.loader is not None
    plain = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plain)
    monkeypatch.undo()
    for name, value in vars(plain).items():
        if getattr(value, "__module__", "") == "plain_processes" or name == "KNOWS_WAITS":
            monkeypatch.setattr(system, name, value)


UNTOLD = "what processes wait for, and who holds a pipe: this system does not tell"


def test_a_sleeper_elsewhere(other_system: None, ward: Any) -> None:
    process = ward.start("pause")
    ward.has_state(process.pid, psutil.STATUS_SLEEPING)
    found = ward.look(process, interval=0)
    assert found.limits == (UNTOLD,)
    assert (found.cause.kind, found.cause.text, found.cause.advice) == (
        "hidden",
        f"what {ward.who(process.pid)} waits for cannot be seen",
        f"this system does not tell; {LOOK.format(pid=process.pid)}",
    )
    assert str(found).splitlines()[0] == f"{ward.who(process.pid)}: does not tell"


def test_a_stopped_process_elsewhere(other_system: None, ward: Any) -> None:
    process = ward.start("stop")
    ward.has_state(process.pid, psutil.STATUS_STOPPED)
    assert ward.cause(process)[:2] == ("stopped", f"{ward.who(process.pid)} is stopped")


def test_computing_elsewhere(other_system: None, ward: Any) -> None:
    process = ward.start("spin")
    assert ward.said(process) == "ready"
    found = ward.look(process, interval=0.3)
    # On a machine that is full it may get less than half of a CPU, which nothing tells from sleeping.
    assert found.cause.kind in ("busy", "hidden")
    assert found.processes[0].activity.share
