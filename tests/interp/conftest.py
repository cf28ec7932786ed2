"""Runs texts for the tests of the interpreter, with programs that every system has."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import procrun
from procrun.errors import ProcrunError

PROGRAMS = Path(__file__).parent.parent / "programs"


@dataclass
class Played:
    """What running a text came to."""

    stdout: str
    stderr: str
    status: int
    error: ProcrunError | None
    """What was raised, if anything was."""
    result: procrun.Result | None
    """The result, if nothing was raised."""

    @property
    def json(self) -> list[Any]:
        """Each line of stdout as JSON."""
        return [json.loads(line) for line in self.stdout.splitlines()]


Play = Callable[..., Played]


@pytest.fixture
def play(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """`play(text, *args, **options)` runs a text in an empty folder and keeps what it printed.

    `$PY` is this Python, and `$ARGV $CAT $CWD $ENV $EXIT $HEAD $LINES $UPPER` are the programs
    of tests/programs, so `$PY $ARGV a b` prints `["a", "b"]`. Output goes to files, which keep
    it also when the run raises.
    """
    programs = {"ARGV": "echo_argv", "CAT": "cat", "CWD": "print_cwd", "ENV": "print_env", "EXIT": "exit_with"}
    programs |= {"HEAD": "head", "LINES": "lines", "UPPER": "upper"}
    env = {name: str(PROGRAMS / f"{program}.py") for name, program in programs.items()}
    env["PY"] = sys.executable

    def run(text: str, *args: str, **options: Any) -> Played:
        outputs = tmp_path_factory.mktemp("outputs")
        options = {"cwd": tmp_path, "stdin": procrun.NULL, "check": False, "timeout": 60, **options}
        if "input" in options:
            del options["stdin"]
        options["env"] = env | options.get("env", {})
        result = error = None
        try:
            result = procrun.run(text, *args, stdout=outputs / "1", stderr=outputs / "2", **options)
            status = result.status.shell
        except ProcrunError as raised:
            error, status = raised, raised.exit_code
        stdout, stderr = (
            path.read_bytes().decode("utf-8", "surrogateescape").replace("\r\n", "\n") if path.exists() else ""
            for path in (outputs / "1", outputs / "2")
        )
        return Played(stdout, stderr, status, error, result)

    return run
