"""Whole programs as users had them, run three ways, and compared with what Python 2.7 printed.

The ways are `install()`, the runner of `procrun legacy`, and imports from `procrun.legacy`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
PROGRAMS = sorted(path.stem for path in (FOLDER / "programs").glob("*.py"))
TRANSCRIPTS = json.loads((FOLDER / "transcripts" / "programs.json").read_text("ascii"))

# What differs, as docs/legacy.md says: the queue ran until Python 2.3; what was printed before a copy comes before it.
HERE = {
    "priority_queue": {"stdout": "1 first\n2 second\n3 third\nempty\n", "error": "", "status": 0},
    "template": {
        **TRANSCRIPTS["template"],
        "stdout": TRANSCRIPTS["template"]["stdout"].replace(
            "apple\nfig\npear\nsorted:\n", "sorted:\napple\nfig\npear\n"
        ),
    },
}

NEED_POSIX = {
    "alarm": "an alarm is a signal of POSIX",
    "dialogue": "its children are commands of sh",
    "listing": "it looks at the output of ls",
    "template": "its steps are sort, uniq and tr",
}
OLD = "commands|popen2|pipes|thread|threading|Queue|signal|dummy_thread|dummy_threading"

INSTALL = """
import sys, runpy
from procrun.legacy.install import install

install()
runpy.run_path(sys.argv[1], run_name="__main__")
"""
RUNNER = "import sys; from procrun.legacy.runner import run_script; sys.exit(run_script(sys.argv[1:]))"
EXPLICIT = "import sys, runpy; runpy.run_path(sys.argv[1], run_name='__main__')"


def explicit(program: str) -> str:
    """The program with each old module imported from procrun.legacy, and `os.popen2` and its kin from `os_popen`."""
    program = re.sub(rf"^import ({OLD})\b", r"from procrun.legacy import \1", program, flags=re.MULTILINE)
    with_popen = re.sub(r"\bos\.(popen[234])\b", r"os_popen.\1", program)
    return (
        with_popen
        if with_popen == program
        else with_popen.replace("import os\n", "import os\nfrom procrun.legacy import os_popen\n")
    )


@pytest.mark.parametrize("way", ["install", "runner", "explicit"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_what_it_did(
    name: str, way: str, tmp_path: Path, python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    if name in NEED_POSIX and os.name != "posix":
        pytest.skip(NEED_POSIX[name])
    if name == "chess" and not shutil.which("gnuchess"):
        pytest.skip("gnuchess is not installed")
    script = FOLDER / "programs" / f"{name}.py"
    if way == "explicit":
        text = explicit(script.read_text("utf-8"))
        assert "procrun.legacy" in text
        script = tmp_path / "program.py"
        script.write_text(text, "utf-8")
    code = {"install": INSTALL, "runner": RUNNER, "explicit": EXPLICIT}[way]
    # Python 2.7 ignored DeprecationWarnings, Python 3 shows those of `__main__`; the runner sees to it itself.
    options = () if way == "runner" else ("-W", "ignore::DeprecationWarning")
    done = python(code, str(script), check=False, options=options)
    expected = HERE.get(name, TRANSCRIPTS[name])
    assert done.stdout == expected["stdout"], done.stderr
    assert done.returncode == expected["status"]
    if name != "chess":  # it writes on stderr that its settings are missing
        assert done.stderr == expected["error"]
