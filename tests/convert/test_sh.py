"""Scripts for sh do what procrun does: replayed in real shells over the tables of programs."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procrun.convert.sh import to_sh
from procrun.errors import TextError
from procrun.syntax import parse

SHELLS = [shell for shell in ("sh", "bash") if shutil.which(shell)]

if os.name == "nt" or not SHELLS:
    pytest.skip("needs a real sh", allow_module_level=True)

ORACLE = runpy.run_path(str(Path(__file__).parent.parent / "test_oracle.py"))
outcome: Callable[..., Any] = ORACLE["outcome"]

CARRIED_OVER = {
    "values are never split",
    "values are never patterns",
    "a pipeline fails if any stage fails",
    "the rightmost that failed counts",
    "a reader that had enough is no failure",
    "a group whose reader had enough ends",
    "never from a value",
    "as in POSIX: the assignments of `:` stay",
    "`~` is the home at the start of a word only",
    "CR LF ends a line like LF",
    "a range goes by code point",
}
"""Where procrun differs from a shell on purpose, and a script for a shell differs in the same way."""

REFUSED = ("**", "< *", '${X:+""} a')
"""Texts with one of these in them are refused."""

MISSING = ("< missing", "''; echo $?", "cd missing")
"""What a missing file or folder leads to, shells number in their own ways."""

BYTES = ("é",)
"""Some shells count bytes instead of characters."""


def parsed(rows: list[Any]) -> list[Any]:
    def is_right(row: Any) -> bool:
        try:
            parse(row.text)
        except TextError:
            return False
        return not any(piece in row.text for piece in (*REFUSED, *MISSING, *BYTES))

    return [row for row in rows if is_right(row)]


AGREEING = parsed(ORACLE["AGREEING"])
DIFFERING = [(row, ours) for row, reason, _, ours in ORACLE["DIFFERING"] if reason in CARRIED_OVER and parsed([row])]


def runner(shell: str) -> Callable[[Any, Path, dict[str, str]], tuple[bytes, int]]:
    """Runs a row's text as a script of a shell, as the oracle runs it in others."""

    def run(row: Any, folder: Path, env: dict[str, str]) -> tuple[bytes, int]:
        script = folder.parent / "script"
        script.write_bytes(to_sh(parse(row.text), row.text).encode("utf-8", "surrogateescape"))
        done = subprocess.run(
            [shell, str(script), *row.args],
            input=row.stdin.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=env,
            timeout=30,
        )
        return done.stdout, done.returncode if done.returncode >= 0 else 128 - done.returncode

    return run


@pytest.mark.parametrize("row", AGREEING, ids=lambda row: row.text)
def test_a_script_does_what_procrun_does(row: Any, tmp_path: Path) -> None:
    ours = outcome(ORACLE["run_here"], row, tmp_path / "procrun" / "folder")
    for shell in SHELLS:
        assert outcome(runner(shell), row, tmp_path / shell / "folder") == ours, shell


@pytest.mark.parametrize(("row", "ours"), DIFFERING, ids=lambda value: getattr(value, "text", ""))
def test_a_script_differs_from_a_shell_as_procrun_does(row: Any, ours: Any, tmp_path: Path) -> None:
    for shell in SHELLS:
        assert outcome(runner(shell), row, tmp_path / shell / "folder") == ours, shell


def test_most_of_the_tables_are_replayed() -> None:
    assert len(AGREEING) > 550
    assert len(DIFFERING) > 25


HERE = (
    "cat <<< a; cat <<< $'b\\nc' | sort -r; (cat <<< d; cat <<< \"$1 $(cat <<< e | cat)\") | cat; { cat; } <<< $'EOF'"
)


@pytest.mark.parametrize(
    ("text", "args", "stdout"),
    [
        (HERE, ["x y"], "a\nc\nb\nd\nx y e\nEOF\n"),
        ("cat <<< a && cat <<< b | cat && cat <<< '$c `d` \\'", [], "a\nb\n$c `d` \\\n"),
        ("cat <<< 'a\nEOF\nb'; cat <<< \"$1\\\\\"", ["$x"], "a\nEOF\nb\n$x\\\n"),
        ("echo 'a\\tb' -e; echo -e 'a\\tb'; printf 'a\\tb\\n'; printf '\\x41\\n'", [], "a\\tb -e\na\tb\na\tb\nA\n"),
        ("$@", ["echo", "-n", "a"], "a"),
        ("X=echo; $X -n a", [], "a"),
        ("sh -c 'echo a; exit 3' | cat; echo $?", [], "a\n3\n"),
        ("sh -c 'exit 3' |& sh -c 'exit 4' | true; echo $?", [], "4\n"),
        ("! sh -c 'exit 3' | true; echo $?", [], "0\n"),
        ("(yes; echo not reached) | head -n 1; echo $?", [], "y\n0\n"),
        ("(exit 3) | { exit 0; }; echo $?; { true | (exit 5); } | cat; echo $?", [], "3\n5\n"),
        ("sh -c 'echo out; echo err >&2' 2>&1 > /dev/null | cat", [], "err\n"),
        ("echo a | (cat; echo $(echo b | cat) >&2) 2>&1 | tr a-z A-Z", [], "A\nB\n"),
        ("X=$(echo a | sh -c 'cat; exit 3'); echo $X $?", [], "a 3\n"),
        ("for='a  b'; printf '%s|' $for \"$for\" ${#for} ${for%  *} '$for'", [], "a  b|a  b|4|a|$for|"),
        ("X='a*}'; printf '%s|' ${X%'*}'} ${X%\\*\\}} ${X#?'*'} ${Y:-a\\}b} \"${Y:-it's}\"", [], "a|a|}|a}b|it's|"),
        ("'if' || echo ${X+none}${X-one}", [], "one\n"),
        ("cd /; X=1; export X Y='a b'; sh -c 'echo $PWD $X $Y'; unset X; echo ${X-gone}", [], "/ 1 a b\ngone\n"),
    ],
)
def test_what_shells_differ_in(text: str, args: list[str], stdout: str, tmp_path: Path) -> None:
    row = ORACLE["Row"](text, args=args)
    for shell in SHELLS:
        assert outcome(runner(shell), row, tmp_path / shell / "folder").stdout == stdout, shell
    assert outcome(ORACLE["run_here"], row, tmp_path / "procrun" / "folder").stdout == stdout


def test_a_plain_text_stays_plain() -> None:
    text = "grep -c $1 'my notes' ~/*.txt > out 2>&1 && X=1 sort -u < \"$2\" || ! true"
    assert to_sh(parse(text), text) == (
        "#!/bin/sh\n"
        "# procrun build --as sh wrote this for:\n"
        f"#   {text}\n"
        "set -u\n"
        "\n"
        'grep -c "$1" \'my notes\' "$HOME"/*.txt > out 2>&1 && X=1 sort -u < "$2" || ! true\n'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ls **/x", "`**` cannot be said in POSIX sh\n  ls **/x\n     ^^^^\n  let `find` look for the files"),
        (
            "cat < *.md",
            "a pattern in a redirection cannot be said in POSIX sh\n  cat < *.md\n        ^^^^\n"
            "  sh takes it for the file's name; name the file",
        ),
        (
            "a ${X:+$Y}",
            "`${…+w}` whose word may be empty cannot be said in POSIX sh\n  a ${X:+$Y}\n    ^^^^^^^^\n"
            "  quote it, which makes it a word in any case",
        ),
        (
            'X=A=1; export "$X"',
            'a name that comes from a value cannot be said in POSIX sh\n  X=A=1; export "$X"\n                ^^^^\n'
            "  a value could hold a `=` there; write the name itself",
        ),
        (
            "cat <<< ${X:-a}",
            "`${…}` with an operator behind `<<<` cannot be said in POSIX sh\n  cat <<< ${X:-a}\n          ^^^^^^^\n"
            "  set a variable to it first",
        ),
        (
            "X=1 : ${Y:=2}",
            "an assignment before `: …` cannot be said in POSIX sh\n  X=1 : ${Y:=2}\n  ^^^^^^^^^^^^^\n"
            "  write it before, with a `;` behind it",
        ),
        ("ls [[^a]]", "this `[^` cannot be said in POSIX sh\n  ls [[^a]]\n     ^^^^^^\n  write [!…]"),
    ],
)
def test_what_sh_cannot_say_is_refused(text: str, message: str) -> None:
    with pytest.raises(TextError) as caught:
        to_sh(parse(text), text)
    assert str(caught.value) == message
    assert caught.value.exit_code == 2
