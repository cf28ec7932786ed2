"""Every example of the documents gives the output that stands under it.

A fenced block marked `console` holds lines after `$ `, given to `sh` one by one, each with the
output that follows it; a block marked `python` whose lines begin with `>>>` is a doctest. The
blocks of one document run in their order, in one empty folder. `...` stands for any text.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(path for path in [CHECKOUT / "README.md", *CHECKOUT.glob("docs/*.md")])
SECONDS = 60
ELLIPSIS = doctest.ELLIPSIS | doctest.REPORT_NDIFF

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the examples use sh, tr and sort")


def blocks(text: str) -> Iterator[tuple[str, int, str]]:
    """Each fenced block: its language, the number of its first line, its text."""
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match[1], text.count("\n", 0, match.start()) + 2, match[2]


def commands(block: str, line: int) -> Iterator[tuple[int, str, str]]:
    """Each command of a console block: its line, what is typed (with `> ` lines joined), the output."""
    for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE):
        if part.startswith("$ "):
            first, *rest = part.splitlines(keepends=True)
            more = next((place for place, text in enumerate(rest) if not text.startswith("> ")), len(rest))
            yield line, "".join([first[2:], *(text[2:] for text in rest[:more])]), "".join(rest[more:])
        line += part.count("\n")


def documents_with_examples() -> list[Path]:
    return [
        path
        for path in DOCUMENTS
        if any(language == "console" or ">>>" in text for language, _, text in blocks(path.read_text("utf-8")))
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and a `procrun` on PATH that is the one under test."""
    programs = tmp_path / "programs"
    programs.mkdir()
    procrun = programs / "procrun"
    procrun.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m procrun "$@"\n')
    procrun.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.mark.parametrize("path", documents_with_examples(), ids=lambda path: path.name)
def test_the_examples_of_a_document(path: Path, folder: Path) -> None:
    names: dict[str, object] = {}
    failures = []
    for language, line, text in blocks(path.read_text("utf-8")):
        if language == "console":
            failures += [wrong for at, typed, output in commands(text, line) if (wrong := run_shell(at, typed, output))]
        elif language == "python" and ">>>" in text:
            failures += run_doctest(path.name, line, text, names)
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)


def run_shell(line: int, typed: str, expected: str) -> str:
    """What was wrong with a command's output; empty when nothing was."""
    done = subprocess.run(
        ["sh", "-c", typed],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    given = done.stdout.decode("utf-8", "replace")
    if doctest.OutputChecker().check_output(expected, given, doctest.ELLIPSIS):
        return ""
    return f"line {line}: {typed}gave:\n{given}instead of:\n{expected}"


def run_doctest(name: str, line: int, text: str, names: dict[str, object]) -> list[str]:
    """The reports of the failed examples of a block; what it defines stays for the blocks that follow."""
    test = doctest.DocTestParser().get_doctest(text, names, name, name, line - 1)
    reports: list[str] = []
    # `run` works in a copy of the names, and clears it unless told otherwise.
    doctest.DocTestRunner(optionflags=ELLIPSIS, verbose=False).run(test, out=reports.append, clear_globs=False)
    names.update(test.globs)
    return reports


def test_the_readme_names_both_commands() -> None:
    text = (CHECKOUT / "README.md").read_text("utf-8")
    for script in ("scripts/try.py", "scripts/test.py"):
        assert f"python3 {script}\n" in text
        assert (CHECKOUT / script).is_file()


@pytest.mark.parametrize(
    ("typed", "output", "is_right"),
    [
        ("echo a\n", "a\n", True),
        ("echo a\n", "b\n", False),
        ("echo a >&2; exit 3\n", "a\n", True),
        ("echo /some/where/x\n", "/.../x\n", True),
        ("printf a\n", "", False),
    ],
)
def test_wrong_output_is_found(typed: str, output: str, is_right: bool) -> None:
    assert (run_shell(1, typed, output) == "") is is_right


def test_a_block_is_taken_apart() -> None:
    text = "a\n```console\n$ echo a \\\n> b\na b\n$ true\n$ x\ny\n```\n"
    ((language, line, block),) = blocks(text)
    assert (language, line) == ("console", 3)
    assert list(commands(block, line)) == [(3, "echo a \\\nb\n", "a b\n"), (6, "true\n", ""), (7, "x\n", "y\n")]
