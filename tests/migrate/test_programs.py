"""Whole programs as users had them: migrated and run by Python alone, they do what they do under `procrun legacy`.

And that is what Python 2.7 did, which tests/legacy/test_programs.py sees to.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from procrun.migrate.rewrite import Rewritten

LEGACY = Path(__file__).parent.parent / "legacy" / "programs"
OWN = Path(__file__).parent / "programs"
PROGRAMS = {path.stem: path for folder in (LEGACY, OWN) for path in sorted(folder.glob("*.py"))}
SECONDS = 100

NEED_POSIX = {
    "alarm": "an alarm is a signal of POSIX",
    "archive": "its children are commands of sh",
    "dialogue": "its children are commands of sh",
    "listing": "it looks at the output of ls",
    "template": "its steps are sort, uniq and tr",
}
OTHERWISE: dict[str, tuple[str, str]] = {
    # Threads with a target have other names today; a note says so.
    "cache": (r"'Thread-(\d)'", r"'Thread-\1 (ask)'"),
}
"""The programs that print something else, and what."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_migrated_program_does_the_same(name: str, tmp_path: Path, rewritten: Callable[..., Rewritten]) -> None:
    if name in NEED_POSIX and os.name != "posix":
        pytest.skip(NEED_POSIX[name])
    if name == "chess" and not shutil.which("gnuchess"):
        pytest.skip("gnuchess is not installed")
    original = PROGRAMS[name]
    done = rewritten(original.read_text("utf-8"))
    migrated = tmp_path / original.name
    migrated.write_text(done.text, "utf-8")
    before = run("-m", "procrun", "legacy", str(original), folder=tmp_path / "before")
    after = run("-W", "ignore::DeprecationWarning", str(migrated), folder=tmp_path / "after")
    expected = re.sub(*OTHERWISE[name], before.stdout) if name in OTHERWISE else before.stdout
    assert after.stdout == expected, after.stderr
    assert (after.returncode, after.stderr) == (before.returncode, before.stderr)
    assert before.stdout


@pytest.mark.parametrize("name", sorted(set(PROGRAMS) - {"modern"}))  # which imports old modules where they are
def test_nothing_old_is_left_in_it(name: str, rewritten: Callable[..., Rewritten]) -> None:
    text = rewritten(PROGRAMS[name].read_text("utf-8")).text
    assert re.findall(r"^\s*import (?:commands|popen2|pipes|thread|Queue|dummy_\w+)\b", text, re.MULTILINE) == []
    assert "# procrun migrate: " not in text


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a new folder."""
    folder.mkdir()
    return subprocess.run(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "1"},
        encoding="utf-8",
        errors="surrogateescape",
        timeout=SECONDS,
        check=False,
    )
