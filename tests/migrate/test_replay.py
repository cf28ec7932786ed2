"""The small programs of tests/legacy/cases, migrated, do what Python 2.7 did when they were recorded.

They run without anything of procrun but what they import themselves. What they do differently
under `procrun.legacy` (differences.json) they do so here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from procrun.migrate.rewrite import rewrite

LEGACY = Path(__file__).parent.parent / "legacy"
MODULES = sorted(path.stem for path in (LEGACY / "cases").glob("*.txt"))
DIFFERENCES: dict[str, Any] = json.loads((LEGACY / "differences.json").read_text("ascii"))
SECONDS = 100

OTHERWISE = {
    "commands/getstatus-warns": "it shows the line of a warning, and there is one more for the import",
    "os_popen/warns": "it shows the lines of warnings, and there is one more for the import",
    "os_popen/names": "`hasattr(os, 'popen2')` is left, with a comment",
    "pipes/quote-not-a-string": "`shlex.quote(None)` gives a text where `pipes.quote` raised TypeError",
    "signal/numbers-print-as-numbers": "`signal` is as it is today; procrun changes nothing about it",
    "threading/all": "it asks for names in `threading.__all__` which are other names there today",
    "threading/all-in-order": "it shows `threading.__all__`, which has other names today",
    "threading/inside-names": "it calls `threading._newname`, of which nothing is said",
    "threading/other-names": "it asks for the names in strings, by `hasattr`",
    "threading/verbose-keyword": "it calls classes by a name that may be anything",
    "threading/default-names": "threads are named `Thread-1 (target)` today; a note says so",
    "threading/empty-name": "threads are named `Thread-1 (target)` today; a note says so",
}
"""The programs that do something else, and why."""


@pytest.mark.skipif(os.name != "posix", reason="most of the programs are commands of sh")
@pytest.mark.parametrize("module", MODULES)
def test_migrated_programs_do_what_they_did(module: str) -> None:
    rows = json.loads((LEGACY / "transcripts" / f"{module}.json").read_text("ascii"))
    name_of_module = "os" if module == "os_popen" else module
    programs = {name: rewrite(f"import {name_of_module}\n{row.pop('program')}").text for name, row in rows.items()}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "replay.py"), module],
        input=json.dumps(programs),
        stdout=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": ""},
        encoding="utf-8",
        timeout=SECONDS,
        check=True,
    )
    found = json.loads(done.stdout)
    expected = {name: DIFFERENCES.get(f"{module}/{name}", row) for name, row in rows.items()}
    otherwise = {name for name in rows if found[name] != expected[name]}
    assert {f"{module}/{name}" for name in otherwise} == {name for name in OTHERWISE if name.startswith(f"{module}/")}
