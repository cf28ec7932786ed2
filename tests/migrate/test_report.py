"""What people and programs are told: the diff, the notes, the summary, the JSON."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from procrun.migrate.notes import Kind, Note
from procrun.migrate.report import as_json, describe, diff, summarize
from procrun.migrate.run import Outcome


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b"a\nb\n", b"a\nc\n", b"--- p\n+++ p\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"),
        (b"a\r\nb\r\n", b"a\r\nc\r\n", b"--- p\n+++ p\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"),
        (
            b"a",
            b"b",
            b"--- p\n+++ p\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
        ),
        (b"\xe9\n", b"\xe8\n", b"--- p\n+++ p\n@@ -1 +1 @@\n-\xe9\n+\xe8\n"),
        (b"a\n", b"a\n", b""),
    ],
)
def test_the_diff(before: bytes, after: bytes, expected: bytes) -> None:
    assert diff(Outcome("p", before, after)) == expected


@pytest.mark.skipif(not shutil.which("patch"), reason="there is no patch")
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_patch_can_apply_it(newline: bytes, end: bytes, tmp_path: Path) -> None:
    before = newline.join([b"\xef\xbb\xbfa", b"\x0cb", b"'\xe9'", b"d", b"", b"f", b"g"]) + end
    after = before.replace(b"d", b"D" + newline + b"D").replace(b"g", b"")
    file = tmp_path / "a b.py"
    file.write_bytes(before)
    data = diff(Outcome("a b.py", before, after))
    done = subprocess.run(["patch", "--binary", "-p0", str(file)], input=data, capture_output=True, check=False)
    assert (done.returncode, file.read_bytes()) == (0, after), done.stdout


NOTES = (
    Note(Kind.REWRITTEN, 1, 1, "a", "it is b today"),
    Note(Kind.MEANING, 2, 3, "c", "differs", "look"),
    Note(Kind.LEFT, 4, 5, "d(\n  e)", "gone"),
    Note(Kind.MEANING, 6, 7, "c", "differs", "look"),
    Note(Kind.MEANING, 6, 7, "c", "differs", "look"),
    Note(Kind.COMPATIBLE, 8, 9, "f", "fine"),
)


@pytest.mark.parametrize(
    ("is_written", "expected"),
    [
        (False, ["p:2, 6: `c`: differs\n  check: look", "p:4: `d( \N{HORIZONTAL ELLIPSIS}`: gone"]),
        (True, ["p:3, 7: `c`: differs\n  check: look", "p:5: `d( \N{HORIZONTAL ELLIPSIS}`: gone"]),
    ],
)
def test_notes_that_somebody_should_see(is_written: bool, expected: list[str]) -> None:
    assert list(describe(Outcome("p", b"a", b"b", NOTES, is_written=is_written))) == expected


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], "0 of 0 files would change"),
        ([Outcome("a", b"1", b"1")], "0 of 1 file would change"),
        ([Outcome("a", b"1", b"2"), Outcome("b", b"1", b"1")], "1 of 2 files would change"),
        ([Outcome("a", b"1", b"2", is_written=True), Outcome("b", error="x")], "1 of 2 files changed, 1 failed"),
        ([Outcome("a", b"1", b"2", NOTES)], "1 of 1 file would change, 3 places to check, 1 place left alone"),
    ],
)
def test_the_summary(outcomes: list[Outcome], expected: str) -> None:
    assert summarize(outcomes) == expected


def test_the_json() -> None:
    data = as_json([Outcome("p", b"a\n", b"b\n", NOTES[1:2], is_written=True), Outcome("q", error="wrong")])
    assert data == {
        "files": [
            {
                "path": "p",
                "changed": True,
                "written": True,
                "error": None,
                "notes": [
                    {"kind": "meaning", "line": 2, "new_line": 3, "what": "c", "why": "differs", "check": "look"}
                ],
                "diff": "--- p\n+++ p\n@@ -1 +1 @@\n-a\n+b\n",
            },
            {"path": "q", "changed": False, "written": False, "error": "wrong", "notes": [], "diff": ""},
        ]
    }
