"""What try.py shows: the longer words that a text of this checkout uses most, counted by a pipeline."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import environment

TEXT = environment.CHECKOUT / "docs" / "gotchas.md"

PROGRAMS = ("tr", "grep", "sort", "uniq", "head")
PIPELINE = (r"tr A-Z a-z | tr -cs a-z \\n | grep ...... | sort | uniq -c | sort -rn | head -5",)

# A bare Windows has none of these programs, so the stages are programs in Python there.
SPLIT = "import re, sys; print(*re.findall('[a-z]{6,}', sys.stdin.read().lower()), sep='\\n')"
COUNT = (
    "import collections, sys; words = collections.Counter(sys.stdin.read().split()); "
    "print(*(f'{n:7} {word}' for word, n in words.most_common(5)), sep='\\n')"
)


def show() -> int:
    """Install procrun, run the pipeline, say how to go on; the status is the pipeline's."""
    python = environment.prepare("try")
    program = str(Path(python).parent / ("procrun.exe" if environment.WINDOWS else "procrun"))
    arguments = PIPELINE if _has_programs() else ("$1 -c $2 | $1 -c $3", python, SPLIT, COUNT)
    argv = [program, "pipe", *arguments]
    file = os.path.relpath(TEXT) if not environment.WINDOWS else str(TEXT)
    print(f"$ {_written(argv)} < {_written([file])}", flush=True)
    with TEXT.open("rb") as text:
        status = subprocess.run(argv, stdin=text, check=False).returncode
    print(f"\nprocrun is installed as {_written([program])}")
    print("To have it everywhere: pipx install " + _written([str(environment.CHECKOUT)]))
    return status


def _has_programs() -> bool:
    # Windows has a `sort` of its own, which is another program.
    return not environment.WINDOWS and all(shutil.which(name) for name in PROGRAMS)


def _written(argv: list[str]) -> str:
    """The command line as one would type it."""
    return subprocess.list2cmdline(argv) if environment.WINDOWS else shlex.join(argv)
