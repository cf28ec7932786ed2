"""`procrun tree`: the table, its width, its JSON, its mistakes."""

from __future__ import annotations

import fcntl
import json
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from procrun.cli.tree import age, branches, cut, size, table
from procrun.monitor.tree import Entry, Tree

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def family(hang: Callable[..., Any], until: Callable[..., Any]) -> Iterator[tuple[int, int]]:
    """A process and its child, both asleep."""
    parent = hang("wait_for", "pause")
    child = int(parent.stderr.readline())
    for pid in (parent.pid, child):
        until(lambda pid=pid: psutil.Process(pid).status() == psutil.STATUS_SLEEPING)
    return parent.pid, child


def test_a_part_of_the_tree(run_cli: Run, family: tuple[int, int]) -> None:
    done = run_cli("tree", family[0])
    assert (done.returncode, done.stderr) == (0, "")
    head, first, second = done.stdout.splitlines()
    assert head.split() == ["PID", "STATE", "CPU", "MEMORY", "AGE", "COMMAND"]
    number = r"\d+(\.\d+)?"
    row = rf" *{{}}  sleeping +{number}s +{number} MiB +({number}s|\d+m\d\ds)  {{}}"
    program = rf"{re.escape(sys.executable)} -S \S+hang\.py"
    assert re.fullmatch(row.format(family[0], f"{program} wait_for pause"), first)
    assert re.fullmatch(row.format(family[1], f"└─ {program} pause"), second)
    starts = {line.index("  ", line.index(": ") if ": " in line else 0) for line in (first, second)}
    assert len(starts) == 1


def test_all_processes(run_cli: Run, family: tuple[int, int]) -> None:
    done = run_cli("tree")
    assert (done.returncode, done.stderr) == (0, "")
    pids = {int(line.split()[0]) for line in done.stdout.splitlines()[1:]}
    assert {os.getpid(), *family} <= pids


def test_as_json(run_cli: Run, family: tuple[int, int]) -> None:
    done = run_cli("tree", "--json", family[0])
    said = json.loads(done.stdout)
    assert (said["format"], said["version"]) == ("procrun-tree", 1)
    assert [(one["pid"], one["depth"]) for one in said["processes"]] == [(family[0], 0), (family[1], 1)]
    assert said["processes"][0]["command"][-2:] == ["wait_for", "pause"]


def test_no_such_process(run_cli: Run, hang: Callable[..., Any]) -> None:
    process = hang("nothing")
    process.wait()
    done = run_cli("tree", process.pid)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"procrun: there is no process {process.pid}\n  it may have ended; `procrun tree` shows them all\n"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["init"], "`init` is not the number of a process, such as 4711"),
        (["1.5"], "`1.5` is not the number of a process, such as 4711"),
        (["٣"], "`٣` is not the number of a process, such as 4711"),
        ([""], "`` is not the number of a process, such as 4711"),
        (["--jsn"], "there is no option `--jsn`; did you mean `--json`?"),
        (["-1"], "there is no option `-1`"),
    ],
)
def test_a_wrong_command_line(args: list[str], message: str, run_cli: Run) -> None:
    done = run_cli("tree", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"procrun: {message}\n  see `procrun tree --help`\n"


def test_too_large_a_number(run_cli: Run) -> None:
    number = 10**30
    done = run_cli("tree", number)
    assert done.returncode == 1
    assert done.stderr.startswith(f"procrun: there is no process {number}\n")


@pytest.mark.skipif(os.name == "nt", reason="a terminal of Unix")
@pytest.mark.parametrize("width", [20, 60, 200])
def test_a_terminal_s_width(width: int, family: tuple[int, int]) -> None:
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    env = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-m", "procrun", "tree", str(family[0])]
    process = subprocess.Popen(command, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    shown = b""
    try:
        while True:
            shown += os.read(master, 4096)
    except OSError:
        pass  # EIO: nobody has the terminal open any more.
    finally:
        os.close(master)
        process.wait()
    lines = shown.decode().splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    assert lines[1].endswith("…") == (width < 200)


def test_a_command_that_a_terminal_would_obey(run_cli: Run, hang: Callable[..., Any]) -> None:
    process = hang("pause", "\x1b[2Jgone\n\t\x07")
    done = run_cli("tree", process.pid)
    line = done.stdout.splitlines()[1]
    assert line.endswith(r"hang.py pause $'\e[2Jgone\n\t\a'")
    assert done.stdout.count("\n") == 2


# The table alone.


def entry(pid: int, depth: int, command: str = "x") -> Entry:
    return Entry(pid, None, depth, "sleeping", 0.0, 0, 0.0, (command,), command)


def test_branches() -> None:
    depths = [0, 1, 2, 3, 2, 1, 0, 1]
    processes = tuple(entry(pid, depth) for pid, depth in enumerate(depths))
    assert branches(processes, None) == ["", "├─ ", "│  ├─ ", "│  │  └─ ", "│  └─ ", "└─ ", "", "└─ "]


def test_a_deep_tree_fits_too() -> None:
    processes = tuple(entry(depth + 1, depth, "command") for depth in range(300))
    lines = table(Tree(1.0, processes), 80)
    assert {len(line) <= 80 for line in lines} == {True}
    assert lines[-1].endswith("  299· command")
    assert lines[3].endswith("  " + "   " * 1 + "└─ command")


def test_what_cannot_be_read_is_a_dash() -> None:
    unknown = Entry(7, None, 0, "unknown", None, None, None, (), "")
    assert table(Tree(1.0, (unknown,)), None)[1].split() == ["7", "unknown", "-", "-", "-", "[?]"]


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("abcdef", None, "abcdef"),
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        # Characters of two columns, and of none.
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 7, "漢字漢…"),
        ("漢字漢字", 6, "漢字…"),
        ("漢", 1, "…"),
        ("e\u0301e\u0301", 2, "e\u0301e\u0301"),
        ("e\u0301e\u0301e", 2, "e\u0301…"),
        ("", 0, ""),
    ],
)
def test_a_text_is_cut_by_columns(text: str, room: int | None, shown: str) -> None:
    assert cut(text, room) == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"), (9.94, "9.9s"), (9.99, "9s"), (10, "10s"), (59.9, "59s"), (60, "1m00s"), (3599.9, "59m59s"),
        (3600, "1h00m"), (86399, "23h59m"), (86400, "1d00h"), (86400 * 400 + 7200, "400d02h"),
    ],
)  # fmt: skip
def test_an_age(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 20, "1.0 MiB"), (5 << 30, "5.0 GiB"), (3 << 40, "3.0 TiB")],
)
def test_a_size(count: int, text: str) -> None:
    assert size(count) == text
