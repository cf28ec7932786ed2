"""`procrun explain`: the tree, the JSON, the status; nothing runs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs are scripts of Unix")

PROGRAMS = ("grep", "sort", "make", "date")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files, and in `bin` programs that would tell if they ran."""
    work, bin_folder = tmp_path / "work", tmp_path / "bin"
    for made in (work, bin_folder):
        made.mkdir()
    for name in PROGRAMS:
        (bin_folder / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/ran\n")
        (bin_folder / name).chmod(0o755)
    for name in ("a.txt", "b.txt", "out.txt"):
        (work / name).write_text("old")
    return work


@pytest.fixture
def explain(run_cli: Run, folder: Path) -> Run:
    """`explain(*args)` runs `procrun explain` there, and shows the folder of the programs as BIN."""

    def run(*args: object, **options: Any) -> Any:
        programs = str(folder.parent / "bin")
        done = run_cli("explain", *args, **{"cwd": folder, **options, "env": {"PATH": programs, "HOME": "/h"}})
        assert not (folder.parent / "ran").exists()
        assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt", "out.txt"]
        stdout, stderr = (text.replace(programs, "BIN") for text in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, stdout, stderr)

    return run


def test_a_pipeline(explain: Run) -> None:
    done = explain("grep -c $1 [ab].txt < a.txt 2> err |& X='1 2' sort > out.txt 2>> out.txt", "two words")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "grep -c $1 [ab].txt < a.txt 2> err |& X='1 2' sort > out.txt 2>> out.txt\n"
        "  - grep -c 'two words' a.txt b.txt\n"
        "    program  BIN/grep\n"
        "    stdin    a.txt\n"
        "    stderr   err, new\n"
        "    stderr   where stdout goes\n"
        "  - sort\n"
        "    program  BIN/sort\n"
        "    sets     X='1 2'\n"
        "    stdout   out.txt, replaced\n"
        "    stderr   out.txt, added to\n"
    )


def test_a_list(explain: Run) -> None:
    done = explain("X=a; cd /; ! make && { sort; } || (grep $X <<< 'a b' 2>&1)\n> new; exit $(date; date) 3")
    assert done.stdout == (
        "X=a\n"
        "  - X=a\n"
        "    sets     X=a\n"
        "then: cd /\n"
        "  - cd /\n"
        "then: ! make (`!`: success and failure exchanged)\n"
        "  - make\n"
        "    program  BIN/make\n"
        "if that succeeds: { sort; }\n"
        "  - group { }\n"
        "    sort\n"
        "      - sort\n"
        "        program  BIN/sort\n"
        "if that fails: (grep $X <<< 'a b' 2>&1)\n"
        "  - group ( )\n"
        "    grep $X <<< 'a b' 2>&1\n"
        "      - grep a\n"
        "        program  BIN/grep\n"
        "        stdin    the text 'a b'\n"
        "        stderr   where stdout goes\n"
        "then: > new\n"
        "  - > new\n"
        "    stdout   /new, new\n"
        "then: exit $(date; date) 3\n"
        "  - exit $(date; date) 3\n"
        "    first    $(date; date)\n"
        "             date\n"
        "               - date\n"
        "                 program  BIN/date\n"
        "             then: date\n"
        "               - date\n"
        "                 program  BIN/date\n"
        "    unknown  what $( ) prints decides\n"
        "    error    `exit` takes one status, not 2\n"
    )
    assert done.returncode == 2


def test_what_only_running_tells(explain: Run) -> None:
    done = explain("X=$(date); $X a | sort > $X.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "X=$(date)\n"
        "  - X=$(date)\n"
        "    first    $(date)\n"
        "             date\n"
        "               - date\n"
        "                 program  BIN/date\n"
        "    sets     X='$(date)'\n"
        "    unknown  what $( ) prints decides\n"
        "then: $X a | sort > $X.txt\n"
        "  - $X a\n"
        "    unknown  what $( ) prints decides\n"
        "  - sort > $X.txt\n"
        "    program  BIN/sort\n"
        "    stdout   '$(date).txt', new\n"
        "    unknown  what $( ) prints decides\n"
    )


def test_a_missing_program_is_127_and_the_tree_is_shown(explain: Run) -> None:
    done = explain("grep a | srot > out.txt")
    assert done.returncode == 127
    assert done.stdout == (
        "grep a | srot > out.txt\n"
        "  - grep a\n"
        "    program  BIN/grep\n"
        "  - srot\n"
        "    stdout   out.txt, replaced\n"
        "    error    no program `srot`\n"
    )
    assert done.stderr == (
        "procrun: no program `srot`\n"
        "  grep a | srot > out.txt\n"
        "           ^^^^\n"
        "  searched in BIN\n"
        "  did you mean `sort`?\n"
    )


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 0),
        ("grep", 0),
        ("grep a |", 2),
        ("read X", 2),
        ("grep $NOT_SET", 2),
        ("grep *.c", 1),
        ("grep < missing", 1),
        ("sort > missing/out", 1),
        ("cd missing", 1),
        ("./a.txt", 126),
        ("no-such | grep *.c", 127),
        ("grep $(no-such)", 127),
        ("(grep; no-such)", 127),
        # What runs before may make these files.
        ("make; grep *.c; cd missing; sort < missing; ./program", 0),
        ("make; no-such", 127),
    ],
)
def test_the_status_is_that_of_the_first_error(explain: Run, text: str, status: int) -> None:
    done = explain(text)
    assert done.returncode == status
    assert bool(done.stderr) is (status != 0)


def test_what_may_change_is_told_as_that(explain: Run) -> None:
    done = explain("make; sort *.o")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "    now      no file matches `*.o`; what runs before may change that"


def test_the_text_may_be_in_a_file_and_start_elsewhere(explain: Run, folder: Path) -> None:
    (folder.parent / "text").write_text("grep $X $1 *.txt > $2\n")
    done = explain("--cwd", "work", "--env", "X=x", "-f", "text", "--json", "new file", cwd=folder.parent)
    assert done.stdout == (
        "grep $X $1 *.txt > $2\n"
        "  - grep x --json a.txt b.txt out.txt\n"
        "    program  BIN/grep\n"
        f"    stdout   '{folder}/new file', new\n"
    )
    assert explain("-f", "missing").returncode == 2
    gone = explain("--cwd", "missing", "grep")
    message = "procrun: there is no folder `missing` to run in\n  create it, or name another\n"
    assert (gone.returncode, gone.stdout, gone.stderr) == (1, "", message)


def test_a_long_text_stays_in_its_lines(explain: Run) -> None:
    done = explain("(grep a\n  sort) |\n  # why\n  grep $'\\e[1m'")
    assert done.stdout == (
        "(grep a sort) | # why grep $'\\e[1m'\n"
        "  - group ( )\n"
        "    grep a\n"
        "      - grep a\n"
        "        program  BIN/grep\n"
        "    then: sort\n"
        "      - sort\n"
        "        program  BIN/sort\n"
        "  - grep $'\\e[1m'\n"
        "    program  BIN/grep\n"
    )


def test_json(explain: Run) -> None:
    text = "X=1 grep $1 $(date) < a.txt |& (no-such <<< a) 2>&1"
    done = explain("--json", text, "two words")
    assert done.returncode == 127
    assert done.stderr.startswith("procrun: no program `no-such`\n")
    inner = {"source": "date", "argv": ["date"], "program": "BIN/date"}
    error = {
        "status": 127,
        "reason": "no program `no-such`",
        "details": ["searched in BIN"],
        "hint": "correct the name, install the program, or add its folder to PATH",
        "start": text.index("no-such"),
        "end": text.index("no-such") + 7,
        "may_change": False,
    }
    assert json.loads(done.stdout) == {
        "format": "procrun-explanation",
        "version": 1,
        "text": text,
        "status": 127,
        "pipelines": [
            pipeline(
                text,
                stage(
                    source="X=1 grep $1 $(date) < a.txt",
                    argv=["grep", "two words", "$(date)"],
                    program="BIN/grep",
                    assignments=[{"name": "X", "value": "1"}],
                    redirections=[{"descriptor": 0, "action": "read", "target": "a.txt"}],
                    substitutions=[{"source": "$(date)", "pipelines": [pipeline("date", stage(**inner))]}],
                    unknown=True,
                    with_stderr=True,
                ),
                stage(
                    source="(no-such <<< a) 2>&1",
                    kind="group",
                    redirections=[{"descriptor": 2, "action": "copy", "target": 1}],
                    pipelines=[
                        pipeline(
                            "no-such <<< a",
                            stage(
                                source="no-such <<< a",
                                argv=["no-such"],
                                redirections=[{"descriptor": 0, "action": "text", "target": "a\n"}],
                                error=error,
                            ),
                        )
                    ],
                ),
            )
        ],
    }


def pipeline(source: str, *stages: dict[str, Any]) -> dict[str, Any]:
    return {"source": source, "operator": "", "negated": False, "stages": list(stages)}


def stage(**fields: Any) -> dict[str, Any]:
    """A stage with what it does not say otherwise."""
    empty: dict[str, Any] = {"kind": "program", "argv": [], "program": None, "assignments": [], "redirections": []}
    empty |= {"writes": [], "substitutions": [], "pipelines": None, "unknown": False, "error": None}
    return {**empty, "with_stderr": False, **fields}


def test_json_of_files_and_lists(explain: Run) -> None:
    said = json.loads(explain("--json", "! make > out.txt && sort *.o >> new || exit 3").stdout)
    assert [(item["operator"], item["negated"]) for item in said["pipelines"]] == [
        ("", True),
        ("&&", False),
        ("||", False),
    ]
    stages = [item["stages"][0] for item in said["pipelines"]]
    assert [(item["kind"], item["argv"], item["writes"]) for item in stages] == [
        ("program", ["make"], ["out.txt"]),
        ("program", [], []),
        ("special", ["exit", "3"], []),
    ]
    assert stages[1]["error"]["may_change"] is True
    assert said["status"] == 0


def test_a_wrong_text_shows_nothing(explain: Run) -> None:
    for args in ((), ("--json",)):
        done = explain(*args, "grep |")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("procrun: ")
