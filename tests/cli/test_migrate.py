"""`procrun migrate`: what is shown, what is written, and the exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

OLD = "import pipes\n\nprint(pipes.quote('a b'))\n"
NEW = "import shlex\n\nprint(shlex.quote('a b'))\n"
STATUS = "import commands\n\nstatus, text = commands.getstatusoutput('exit 3')\nprint(status >> 8)\n"
SYNTAX = "import commands\nprint commands.getoutput('ls')\n"

DIFF = (
    "--- old.py\n+++ old.py\n@@ -1,3 +1,3 @@\n"
    "-import pipes\n+import shlex\n \n-print(pipes.quote('a b'))\n+print(shlex.quote('a b'))\n"
)
NOTES = """\
procrun: status.py:3: `commands.getstatusoutput`: its output is text in the locale's encoding, where it was bytes; \
its status is that of wait(2), but on Windows the exit code
  check: what measures or prints the output, and what takes the status apart
procrun: status.py:4: `status >> 8`: the status is still that of wait(2) on Unix, but on Windows the exit code itself
  check: whether it runs on Windows; there nothing is to be taken apart
procrun: 1 of 1 file would change, 2 places to check
"""
ERROR = """\
procrun: `syntax.py`, line 2, is Python 2 syntax: the print statement
  print commands.getoutput('ls')
  ^^^^^
  convert the script to Python 3 first, by hand or with a tool such as 2to3; here: print(\N{HORIZONTAL ELLIPSIS})
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `old.py`, `new.py`, `status.py` and `syntax.py`; it is the current one."""
    for name, text in {"old": OLD, "new": NEW, "status": STATUS, "syntax": SYNTAX}.items():
        (tmp_path / f"{name}.py").write_bytes(text.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_diff_is_shown(run_cli: Cli) -> None:
    done = run_cli("migrate", "old.py", "new.py")
    assert (done.stdout, done.stderr) == (DIFF, "procrun: 1 of 2 files would change\n")
    assert done.returncode == 0
    assert Path("old.py").read_text() == OLD


def test_what_means_something_else_is_said(run_cli: Cli) -> None:
    done = run_cli("migrate", "status.py")
    assert done.stderr == NOTES
    assert done.stdout.startswith("--- status.py\n")


def test_files_are_written(run_cli: Cli) -> None:
    done = run_cli("migrate", "--write", "old.py", "new.py", "status.py")
    assert done.stdout == ""
    # The lines are those of the file as it is now.
    assert done.stderr.splitlines()[-1] == "procrun: 2 of 3 files changed, 2 places to check"
    assert Path("old.py").read_text() == NEW
    again = run_cli("migrate", "-w", "old.py", "new.py")
    assert (again.stdout, again.stderr) == ("", "procrun: 0 of 2 files would change\n")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["old.py"], 0),
        (["--check", "old.py"], 1),
        (["--check", "new.py"], 0),
        (["--check", "new.py", "old.py"], 1),
        (["--check", "--json", "old.py"], 1),
        (["--check", "old.py", "syntax.py"], 2),
        (["--write", "old.py", "syntax.py"], 2),
        (["--json", "syntax.py"], 2),
        (["."], 2),
        (["none.py"], 2),
    ],
)
def test_the_exit_status(arguments: list[str], status: int, run_cli: Cli) -> None:
    assert run_cli("migrate", *arguments).returncode == status


def test_a_file_in_python2_syntax_is_said_and_others_go_on(run_cli: Cli) -> None:
    done = run_cli("migrate", "--write", "syntax.py", "old.py")
    assert done.stderr == f"{ERROR}procrun: 1 of 2 files changed, 1 failed\n"
    assert Path("old.py").read_text() == NEW
    assert Path("syntax.py").read_text() == SYNTAX


def test_all_of_it_as_json(run_cli: Cli) -> None:
    done = run_cli("migrate", "--json", "old.py", "syntax.py")
    data = json.loads(done.stdout)
    assert done.stderr == ""
    assert (data["format"], data["version"]) == ("procrun-migration", 1)
    old, syntax = data["files"]
    assert old == {
        "path": "old.py",
        "changed": True,
        "written": False,
        "error": None,
        "notes": [
            {
                "kind": "rewritten",
                "line": 3,
                "new_line": 3,
                "what": "pipes.quote",
                "why": "it is `shlex.quote` today",
                "check": "",
            }
        ],
        "diff": DIFF,
    }
    assert syntax["error"] == ERROR.removeprefix("procrun: ").rstrip()


def test_bytes_of_any_encoding_come_through(run_cli: Cli) -> None:
    Path("old.py").write_bytes(b"# coding: latin-1\nimport Queue  # \xe9\n")
    done = run_cli("migrate", "old.py")
    # The command's output is read as text that keeps every byte.
    assert "-import Queue  # \udce9\n+import queue as Queue  # \udce9\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "PATH... is missing"),
        (["--check", "--write", "old.py"], "--write and --check exclude each other"),
        (["--wriet", "old.py"], "there is no option `--wriet`; did you mean `--write`?"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], message: str, run_cli: Cli) -> None:
    done = run_cli("migrate", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"procrun: {message}\n  see `procrun migrate --help`\n"


def test_without_libcst_it_says_how_to_get_it(folder: Path, run_cli: Cli) -> None:
    # A module of that name that no finder finds: None in `sys.modules` means that there is none.
    (folder / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'libcst' else find(name, *a)\n"
    )
    python_path = ":".join([str(folder), *[path for path in sys.path if path]])
    done = run_cli("migrate", "old.py", env={"PYTHONPATH": python_path})
    assert (done.returncode, done.stdout) == (125, "")
    assert done.stderr == (
        "procrun: procrun migrate needs the package `libcst`, which is not installed\n"
        "  install it: pip install 'procrun[migrate]'\n"
    )


def test_the_program_does_the_same_afterwards(run_cli: Cli) -> None:
    before = run_cli("legacy", "old.py")
    run_cli("migrate", "--write", "old.py")
    after = subprocess.run([sys.executable, "old.py"], capture_output=True, text=True, check=False)
    assert (after.stdout, after.stderr, after.returncode) == (before.stdout, before.stderr, before.returncode)
    assert after.stdout == "'a b'\n"
