"""Python scripts that run pipelines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from procrun.convert.python import to_python
from procrun.syntax import parse

PROGRAMS = Path(__file__).parent.parent / "programs"


PLAYED = {"ARGV": "echo_argv", "CAT": "cat", "EXIT": "exit_with", "LINES": "lines", "UPPER": "upper"}
"""What stands for a program in the texts that are run."""


def script(text: str) -> str:
    return to_python(parse(text), text)


def play(argv: list[str], folder: Path) -> tuple[int, str, dict[str, bytes]]:
    """Run a program in a new folder, with arguments; gives its status, its stdout and the files it made."""
    folder.mkdir()
    done = subprocess.run([*argv, "x y", "$z", ""], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_pipeline_of_plain_commands_is_built_of_commands() -> None:
    assert script("grep 'a b' {x,y}.txt < in | sort \"$@\" 2>&1") == (
        "#!/usr/bin/env python3\n"
        "# procrun build --as python wrote this for:\n"
        "#   grep 'a b' {x,y}.txt < in | sort \"$@\" 2>&1\n"
        "\n"
        "import sys\n"
        "\n"
        "from procrun import MERGE, ProcrunError, cmd\n"
        "\n"
        "pipeline = cmd('grep', 'a b', 'x.txt', 'y.txt', stdin='in') | cmd('sort', *sys.argv[1:], stderr=MERGE)\n"
        "\n"
        'if __name__ == "__main__":\n'
        "    try:\n"
        "        sys.exit(pipeline.run(check=False).status.shell)\n"
        "    except ProcrunError as error:\n"
        '        print(f"procrun: {error}", file=sys.stderr)\n'
        "        sys.exit(error.exit_code)\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "a; b",
        "a && b",
        "! a",
        "a |& b",
        "(a)",
        "X=1 a",
        "X=1",
        "a $X",
        "a $1",
        "a *.c",
        "a ~",
        "a $(b)",
        "cd /",
        ": a",
        "a >> f",
        "a <<< b",
        "a 2>&1 > f",
        "a > f 2> f",
        "a > f > g",
        "a &> f",
        "a > $X",
        "a < *",
        "$@",
        "''",
        "{,} a",
        "a {1..99999999}",
        "# nothing",
    ],
)
def test_what_has_no_form_of_its_own_stays_a_text(text: str) -> None:
    assert f"\nTEXT = {text!r}\n" in script(text)


@pytest.mark.parametrize(
    "text",
    [
        "PY -S ARGV 'a b' \"it's\" $'\\xff\\n' é \"$@\" {1..3}",
        "PY -S LINES 3 | PY -S UPPER > 'the output'",
        "PY -S EXIT 7 out err 2>&1 > FILE",
        "PY -S EXIT 7 out err > 'the output' 2>&1",
        "PY -S EXIT 3 | PY -S CAT; PY -S EXIT 4",
        "PY -S EXIT 3 | PY -S CAT",
        "X=$1; PY -S ARGV $X $# || PY -S ARGV b",
        "PY -S CAT < missing",
        "no-such-program-anywhere | PY -S CAT",
        "PY -S ARGV $NOT_SET",
    ],
)
def test_a_script_does_what_the_text_does(text: str, tmp_path: Path) -> None:
    for name, program in PLAYED.items():
        text = text.replace(name, f"'{(PROGRAMS / program).as_posix()}.py'")
    text = text.replace("PY", f"'{Path(sys.executable).as_posix()}'")
    script = tmp_path / "script.py"
    script.write_text(to_python(parse(text), text), "utf-8")
    ours = play([sys.executable, "-m", "procrun", "pipe", text], tmp_path / "ours")
    assert play([sys.executable, str(script)], tmp_path / "theirs") == ours


def test_a_script_says_what_was_wrong(tmp_path: Path) -> None:
    for text in ("no-such-program", "no-such-program || exit 127"):
        script = tmp_path / "script.py"
        script.write_text(to_python(parse(text), text), "utf-8")
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
        assert done.returncode == 127
        assert done.stderr.startswith("procrun: no program `no-such-program`")
