"""Programs of the language replayed against a real shell.

The rows are in tests/tables. Where a row says nothing else, procrun and bash must agree in
stdout, status and the files that are there afterwards; `differences` holds the rows in which
they differ on purpose, and there both outcomes are asserted.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import procrun
from procrun.errors import ProcrunError

TABLES = Path(__file__).parent / "tables"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="the oracle is a real bash")


@dataclass(frozen=True)
class Row:
    """A program and what it is given."""

    text: str
    args: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    runnable: list[str] = field(default_factory=list)
    """Which of the files may be executed."""
    env: dict[str, str] = field(default_factory=dict)
    stdin: str = ""
    shell: str = "bash"
    prelude: str = ""
    """What the shell runs first, to be set up as procrun always is."""


@dataclass(frozen=True)
class Outcome:
    """What a program did, as far as the shell and procrun are compared."""

    stdout: str
    status: int
    files: dict[str, str] = field(default_factory=dict)
    """The files that are new or changed."""


Runner = Callable[[Row, Path, dict[str, str]], tuple[bytes, int]]


def rows(table: str) -> list[Row]:
    given = runpy.run_path(str(TABLES / f"{table}.py"))["ROWS"]
    return [Row(row) if isinstance(row, str) else Row(row[0], **row[1]) for row in given]


AGREEING = [row for table in ("words", "files", "lists") for row in rows(table)]
DIFFERING = [
    (Row(text, **given), reason, Outcome(*theirs), Outcome(*ours))
    for text, reason, theirs, ours, given in runpy.run_path(str(TABLES / "differences.py"))["ROWS"]
]


def run_shell(row: Row, folder: Path, env: dict[str, str]) -> tuple[bytes, int]:
    text = f"{row.prelude}\n{row.text}" if row.prelude else row.text
    done = subprocess.run(
        [row.shell, "-c", text, row.shell, *row.args],
        input=row.stdin.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=env,
        timeout=30,
    )
    return done.stdout, done.returncode if done.returncode >= 0 else 128 - done.returncode


def run_here(row: Row, folder: Path, env: dict[str, str]) -> tuple[bytes, int]:
    """Through the Python API; stdout goes to a file, which keeps it also when an error is raised."""
    output = folder.parent / "stdout"
    try:
        result = procrun.run(
            row.text,
            *row.args,
            input=row.stdin,
            stdout=output,
            stderr=procrun.NULL,
            cwd=folder,
            env=env,
            clean_env=True,
            check=False,
            timeout=30,
        )
        status = result.status.shell
    except ProcrunError as error:
        status = error.exit_code
    return output.read_bytes() if output.exists() else b"", status


def run_command(row: Row, folder: Path, env: dict[str, str]) -> tuple[bytes, int]:
    """Through the command line, as `procrun pipe TEXT ARGS…`."""
    done = subprocess.run(
        [sys.executable, "-m", "procrun", "pipe", row.text, *row.args],
        input=row.stdin.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        # It runs in the row's folder, from where Python would not find the package by itself.
        env={**env, "PYTHONPATH": str(Path(procrun.__file__).parent.parent)},
        timeout=30,
    )
    return done.stdout, done.returncode


def outcome(runner: Runner, row: Row, folder: Path) -> Outcome:
    """Run a program in a folder of its own that holds the row's files."""
    folder.mkdir(parents=True)
    for name, content in row.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o755 if name in row.runnable else 0o644)
    home = folder.parent / "home"
    home.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", **row.env}
    stdout, status = runner(row, folder, env)
    found = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    changed = {name: content for name, content in found.items() if row.files.get(name) != content}
    return Outcome(stdout.decode(errors="surrogateescape"), status, changed)


@pytest.mark.parametrize("row", AGREEING, ids=lambda row: row.text)
def test_procrun_does_what_the_shell_does(row: Row, tmp_path: Path) -> None:
    theirs = outcome(run_shell, row, tmp_path / "shell" / "folder")
    ours = outcome(run_here, row, tmp_path / "procrun" / "folder")
    assert ours == theirs


@pytest.mark.parametrize(("row", "reason", "theirs", "ours"), DIFFERING, ids=lambda value: getattr(value, "text", ""))
def test_procrun_differs_on_purpose(row: Row, reason: str, theirs: Outcome, ours: Outcome, tmp_path: Path) -> None:
    assert outcome(run_shell, row, tmp_path / "shell" / "folder") == theirs
    assert outcome(run_here, row, tmp_path / "procrun" / "folder") == ours


@pytest.mark.parametrize("row", AGREEING[::20], ids=lambda row: row.text)
def test_the_command_line_does_what_the_shell_does(row: Row, tmp_path: Path) -> None:
    theirs = outcome(run_shell, row, tmp_path / "shell" / "folder")
    ours = outcome(run_command, row, tmp_path / "procrun" / "folder")
    assert ours == theirs


def test_the_tables_are_large_enough_and_have_no_row_twice() -> None:
    every = [*AGREEING, *(row for row, *_ in DIFFERING)]
    keys = [repr(row) for row in every]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []
    assert len(AGREEING) >= 300
