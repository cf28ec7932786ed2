"""Small programs, replayed and compared with what Python 2.7 did when they were recorded.

A difference is listed in the one table of docs/legacy.md with its reason, and what the program
does here is in differences.json. scripts/record_legacy.py makes the transcripts.
"""

from __future__ import annotations

import json
import os
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
MODULES = sorted(path.stem for path in (FOLDER / "cases").glob("*.txt"))
DIFFERENCES: dict[str, dict[str, Any]] = json.loads((FOLDER / "differences.json").read_text("ascii"))
DOCUMENT = FOLDER.parent.parent / "docs" / "legacy.md"

NEED_SH = {
    "commands": "its programs are commands of sh",
    "popen2": "its programs are commands of sh, and look at descriptors and signals",
    "os_popen": "its programs are commands of sh",
    "pipes": "its scripts are for sh",
    "signal": "alarms and timers are signals of POSIX",
}


def transcripts(module: str) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = json.loads((FOLDER / "transcripts" / f"{module}.json").read_text("ascii"))
    return rows


@pytest.mark.timeout(450)
@pytest.mark.parametrize(
    "module",
    [
        pytest.param(
            module,
            marks=[pytest.mark.skipif(os.name != "posix", reason=NEED_SH[module])] if module in NEED_SH else [],
        )
        for module in MODULES
    ],
)
def test_programs_do_what_they_did(module: str, transcribe: Callable[..., dict[str, Any]]) -> None:
    rows = transcripts(module)
    programs = {name: row.pop("program") for name, row in rows.items()}
    expected = {name: DIFFERENCES.get(f"{module}/{name}", row) for name, row in rows.items()}
    found = transcribe(module, programs)
    assert {name: found[name] for name in rows if found[name] != expected[name]} == {}


@pytest.mark.parametrize("module", MODULES)
def test_transcripts_are_those_of_the_programs(module: str) -> None:
    text = (FOLDER / "cases" / f"{module}.txt").read_text("ascii")
    parts = re.split(r"^=== (.+)\n", text, flags=re.MULTILINE)[1:]
    programs = {name: program.strip() + "\n" for name, program in zip(parts[::2], parts[1::2])}
    assert programs == {name: row["program"] for name, row in transcripts(module).items()}


def test_there_are_enough_programs() -> None:
    assert sum(len(transcripts(module)) for module in MODULES) >= 550


def test_a_listed_difference_is_one() -> None:
    recorded = {f"{module}/{name}": row for module in MODULES for name, row in transcripts(module).items()}
    assert set(DIFFERENCES) <= set(recorded)
    same = [
        name for name, here in DIFFERENCES.items() if {"program": recorded[name]["program"], **here} == recorded[name]
    ]
    assert same == []


def test_the_document_lists_every_difference() -> None:
    names = "|".join([*MODULES, "programs"])
    listed = re.findall(rf"`((?:{names})/[\w-]+)`", DOCUMENT.read_text("utf-8"))
    assert sorted(listed) == sorted([*DIFFERENCES, "programs/priority_queue", "programs/template"])


def test_the_document_lists_every_original_test_that_does_not_pass() -> None:
    different = runpy.run_path(str(FOLDER.parent.parent / "scripts" / "original_tests.py"))["DIFFERENT"]
    section = DOCUMENT.read_text("utf-8").partition("**CPython's own tests**")[2].partition("\n\n**")[0]
    listed = set(re.findall(r"`(test_\w+)`", section))
    files = {name.partition(".")[0] for name in listed if re.search(rf"^\| `{name}` \| \d+ \|", section, re.MULTILINE)}
    assert listed - files == {name.rpartition(".")[2] for name in different}
    assert {name.partition(".")[0] for name in different} <= files
