"""What the tests of `procrun.legacy` share: Pythons of their own for what changes a whole process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
# Without fork each small program needs a Python of its own.
SECONDS = 100 if hasattr(os, "fork") else 400

# Messages in English, text in UTF-8 whatever locales the machine has, and stdout buffered as usual.
ENVIRONMENT = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": ""}


@pytest.fixture(scope="session")
def transcribe() -> Callable[[str, Mapping[str, str]], dict[str, Any]]:
    """`transcribe(module, programs)`: what small programs do here, as transcribe.py writes it down."""

    def run(module: str, programs: Mapping[str, str]) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, str(FOLDER / "transcribe.py"), module],
            input=json.dumps(programs),
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
            encoding="utf-8",
            check=True,
            timeout=SECONDS,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return run


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`python(code, *args)`: run code in a new Python and an empty folder; it must succeed, but for `check=False`."""

    def run(*arguments: str, check: bool = True, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *options, "-c", *arguments],
            capture_output=True,
            cwd=tmp_path,
            env=ENVIRONMENT,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=SECONDS,
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done

    return run
