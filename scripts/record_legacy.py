"""Record what Python 2.7 does: run the programs of tests/legacy under it and store their transcripts.

    python3 scripts/record_legacy.py [PYTHON2] [NAME ...]

PYTHON2 is a Python 2.7 interpreter; without it `python2.7` is looked for on PATH. A NAME is that
of a file in tests/legacy/cases, which holds small programs for one module (`=== name` begins a
program, tests/legacy/transcribe.py says what they may use), or `programs` for the whole programs
in tests/legacy/programs. The transcripts go to tests/legacy/transcripts and belong into the
repository: the test suite compares the drop-ins with them, and needs no Python 2.

Everything is recorded twice, and a program whose two transcripts differ is refused, since it
depends on time or on the machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "legacy"
CASES = FOLDER / "cases"
PROGRAMS = FOLDER / "programs"
TRANSCRIPTS = FOLDER / "transcripts"

NEEDS = {"chess": "gnuchess"}
"""Whole programs that are recorded only where another program is installed; elsewhere their transcript stays."""

# Nothing of the environment at hand but where things are: a PYTHONUNBUFFERED in it changes what programs print.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "PYENV_ROOT") if name in os.environ}
# English messages.
ENVIRONMENT |= {"LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1"}

Transcript = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Record what was asked for, or everything."""
    names = [path.stem for path in sorted(CASES.glob("*.txt"))] + ["programs"]
    chosen = [argument for argument in arguments if argument in names]
    others = [argument for argument in arguments if argument not in names]
    python = others[0] if others else shutil.which("python2.7")
    if not python or len(others) > 1 or version_of(python) != "2.7":
        return complain("no Python 2.7; name its interpreter: record_legacy.py PYTHON2 [NAME ...]", 2)
    count = 0
    for name in chosen or names:
        rows = run_programs(python) if name == "programs" else run_cases(python, name)
        again = run_programs(python) if name == "programs" else run_cases(python, name)
        unsteady = sorted(program for program in rows if rows[program] != again[program])
        if unsteady:
            return complain(f"{name}: two runs differ: {', '.join(unsteady)}", 1)
        write(name, rows)
        count += len(rows)
    return complain(f"recorded {count} programs", 0)


def run_cases(python: str, module: str) -> dict[str, Transcript]:
    """The small programs for a module with what they did."""
    programs = read_cases(module)
    done = subprocess.run(
        [python, str(FOLDER / "transcribe.py"), module],
        input=json.dumps(programs),
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
        encoding="utf-8",
        check=True,
    )
    transcripts = json.loads(done.stdout)
    return {name: {"program": programs[name], **transcripts[name]} for name in programs}


def read_cases(module: str) -> dict[str, str]:
    """The small programs for a module by name."""
    text = (CASES / f"{module}.txt").read_text("ascii")
    parts = re.split(r"^=== (.+)\n", text, flags=re.MULTILINE)[1:]
    names = parts[::2]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit(f"record_legacy: {module}: two programs of one name: {', '.join(sorted(twice))}")
    return {name: program.strip() + "\n" for name, program in zip(names, parts[1::2])}


def run_programs(python: str) -> dict[str, Transcript]:
    """The whole programs with what they printed, each in an empty folder."""
    stored = TRANSCRIPTS / "programs.json"
    found: dict[str, Transcript] = json.loads(stored.read_text("ascii")) if stored.exists() else {}
    for path in sorted(PROGRAMS.glob("*.py")):
        if shutil.which(NEEDS.get(path.stem, "sh")):
            with tempfile.TemporaryDirectory() as folder:
                done = subprocess.run([python, str(path)], capture_output=True, text=True, cwd=folder, env=ENVIRONMENT)
            # Of a traceback the last line: the others name places in this Python.
            error = done.stderr.strip().split("\n")[-1]
            found[path.stem] = {"stdout": done.stdout, "error": error, "status": done.returncode}
    return found


def write(name: str, rows: Mapping[str, Transcript]) -> None:
    """Store transcripts."""
    TRANSCRIPTS.mkdir(exist_ok=True)
    (TRANSCRIPTS / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n", "ascii")


def version_of(python: str) -> str:
    """`2.7` and the like, or nothing for what is no Python."""
    try:
        code = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"
        return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout
    except OSError:
        return ""


def complain(message: str, status: int) -> int:
    """Say something, and return the exit status."""
    sys.stderr.write(f"record_legacy: {message}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
