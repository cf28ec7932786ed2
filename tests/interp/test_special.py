"""`cd`, `exit`, `export`, `unset` and `:`: what they do, and how a mistake ends the program."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procrun.errors import ExpansionError, FileError

Play = Callable[..., Any]


def folders(tmp_path: Path) -> None:
    (tmp_path / "s" / "d").mkdir(parents=True)
    (tmp_path / "s" / "x").write_text("in s\n")


@pytest.mark.parametrize(
    ("text", "stdout"),
    [
        ("cd s; $PY $CAT x", "in s\n"),
        ("cd s/d; cd ..; $PY $CAT < x", "in s\n"),
        ("(cd s); cd s; $PY $CAT x", "in s\n"),
        ("{ cd s; }; $PY $CAT x", "in s\n"),
        ("{ cd s; } > out; $PY $CAT x", "in s\n"),
        ("(cd s; $PY $CAT x) | $PY $UPPER", "IN S\n"),
        ("'cd' s; $PY $CAT x", "in s\n"),
        ("D=s; cd $D > out; $PY $CAT x", "in s\n"),
        ('cd s; cd "$OLDPWD"; $PY $CAT s/x', "in s\n"),
        ('cd s; cd "${PWD%/*}"; $PY $CAT s/x' if os.sep == "/" else "cd s; cd ..; $PY $CAT s/x", "in s\n"),
    ],
)
def test_cd_changes_the_folder_of_what_follows(text: str, stdout: str, tmp_path: Path, play: Play) -> None:
    folders(tmp_path)
    assert (play(text).stdout, play(text).status) == (stdout, 0)


def test_programs_run_in_the_folder_and_see_it(tmp_path: Path, play: Play) -> None:
    folders(tmp_path)
    assert os.path.realpath(play("cd s; $PY $CWD").stdout.removesuffix("\n")) == os.path.realpath(tmp_path / "s")
    assert play("cd s; $PY $ENV PWD OLDPWD").json == [{"PWD": str(tmp_path / "s"), "OLDPWD": str(tmp_path)}]


def test_this_process_stays_where_it_is(tmp_path: Path, play: Play) -> None:
    before = os.getcwd()
    play("cd ..")
    assert os.getcwd() == before


def test_a_failing_cd_fails_its_pipeline(play: Play, tmp_path: Path) -> None:
    played = play("cd 'no such' || $PY $ARGV none")
    assert (played.stdout, played.status) == ('["none"]\n', 0)
    assert (
        played.stderr
        == f"""procrun: `no such` cannot be entered: No such file or directory
  cd 'no such' || $PY $ARGV none
     ^^^^^^^^^
  names start from `{tmp_path}`
"""
    )


def test_a_failing_cd_at_the_end_is_raised(play: Play) -> None:
    played = play("X=1; cd no-such")
    assert isinstance(played.error, FileError)
    assert (played.status, played.stderr, played.error.errno) == (1, "", 2)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("exit", 0),
        ("exit 0", 0),
        ("exit 255", 255),
        ("exit 3; $PY $ARGV never", 3),
        ("$PY $EXIT 4; exit", 4),
        ("X=5; exit $X", 5),
        ("(exit 6); exit", 6),
        ("{ exit 7; }; exit 1", 7),
        ("{ exit 7; } > out; exit 1", 7),
        ("(exit 7) > out; exit 1", 1),
        ("{ { exit 8; } > out; } > out2; exit 1", 8),
        ("(exit 1) || exit 9", 9),
        ("{ exit 3; } | $PY $CAT; exit 1", 1),
        ("X=$(exit 3); exit 1", 1),
        ("exit 3 > out", 3),
    ],
)
def test_exit_ends_what_it_stands_in(text: str, status: int, play: Play) -> None:
    played = play(text)
    assert (played.stdout, played.status, played.error) == ("", status, None)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("export X=1; $PY $ENV X", "1"),
        ("X=1; $PY $ENV X", None),
        ("X=1; export X; $PY $ENV X", "1"),
        ("export X=1; X=2; $PY $ENV X", "2"),
        ("export X='a b'; $PY $ENV X", "a b"),
        ("Y='a b'; export X=$Y Z=1; $PY $ENV X", "a b"),
        ("export X=$($PY $ARGV); $PY $ENV X", "[]"),
        ("export X=*; $PY $ENV X", "*"),
        ("export 'X'='1'; $PY $ENV X", "1"),
        ("export 'X='{1,2}; $PY $ENV X", "2"),
        ("N=X; X=1; export $N; $PY $ENV X", "1"),
        ("export X=1; unset X; $PY $ENV X", None),
        ("export X=1; (unset X); $PY $ENV X", "1"),
        ("(export X=1); $PY $ENV X", None),
        ("{ export X=1; }; $PY $ENV X", "1"),
        ("export X=1 > out; $PY $ENV X", "1"),
        ("X=1 $PY $ENV X", "1"),
        ("X=1; X=2 $PY $ENV X", "2"),
        ("X=1 :; $PY $ENV X", None),
    ],
)
def test_what_programs_see_of_variables(text: str, seen: str | None, play: Play) -> None:
    assert play(text).json == [{"X": seen}]


def test_what_is_unset_of_the_environment_is_gone(play: Play) -> None:
    assert play("unset GIVEN; $PY $ENV GIVEN", env={"GIVEN": "1"}).json == [{"GIVEN": None}]


MISTAKES = [
    ("cd", "cd", "`cd` takes one folder, not none", "name it; cd ~ is the home folder"),
    ("cd a b", "cd a b", "`cd` takes one folder, not 2", "quote a name that holds blanks"),
    ("cd -", "cd -", "`cd -` is not part of the language", 'write cd "$OLDPWD"'),
    ("exit 1 2", "exit 1 2", "`exit` takes one status, not 2", "write exit 0 to exit 255, or exit alone"),
    ("exit 256", "exit 256", "`256` is not an exit status", "write a number from 0 to 255"),
    ("exit -1", "exit -1", "`-1` is not an exit status", "write a number from 0 to 255"),
    ("exit ''", "exit ''", "`` is not an exit status", "write a number from 0 to 255"),
    ("exit ²", "exit ²", "`²` is not an exit status", "write a number from 0 to 255"),
    ("export", "export", "`export` takes names", "write export NAME or export NAME=value"),
    ("export NOPE", "NOPE", "`NOPE` is not set", "give it a value: export NOPE=value"),
    ("export 1X=2", "1X=2", "`1X` is not a variable's name", "names have letters, digits and _, and no digit first"),
    ("export -p", "-p", "`-p` is not a variable's name", "names have letters, digits and _, and no digit first"),
    ("unset 1X", "1X", "`1X` is not a variable's name", "names have letters, digits and _, and no digit first"),
    ("unset Ä", "Ä", "`Ä` is not a variable's name", "names have letters, digits and _, and no digit first"),
]


@pytest.mark.parametrize(("call", "place", "reason", "hint"), MISTAKES, ids=[call for call, *_ in MISTAKES])
def test_a_mistake_ends_the_program(call: str, place: str, reason: str, hint: str, play: Play) -> None:
    text = f"{call} || $PY $ARGV never"
    played = play(text)
    assert isinstance(played.error, ExpansionError)
    margin = " " * text.index(place)
    assert str(played.error) == f"{reason}\n  {text}\n  {margin}{'^' * len(place)}\n  {hint}"
    assert (played.status, played.stdout) == (2, "")


def test_a_value_is_no_option_and_no_assignment(play: Play, tmp_path: Path) -> None:
    (tmp_path / "-").mkdir()
    assert play("cd $1; $PY $ENV PWD", "-").json == [{"PWD": str(tmp_path / "-")}]
    assert play('export "$1"', "A=1").status == 2


@pytest.mark.parametrize("name", ["cd", "exit", "export", "unset", ":"])
def test_a_value_is_no_command_of_the_text(name: str, play: Play) -> None:
    assert play("X=$1; $X 3", name, env={"PATH": ""}).status == 127


def test_a_file_that_cannot_be_opened_stops_the_command(play: Play, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    played = play("X=1; export X=2 > no/such || $PY $ARGV $X; cd s > no/such || $PY $ARGV $PWD")
    assert played.json == [["1"], [str(tmp_path)]]


@pytest.mark.parametrize(
    ("text", "status"),
    [(":", 0), (": a b", 0), ("! :", 1), (": > out", 0), (": | :", 0), ("$PY $EXIT 3; :", 0), ("':' a", 0)],
)
def test_a_colon_does_nothing(text: str, status: int, play: Play) -> None:
    assert play(text).status == status


def test_the_words_of_a_colon_are_expanded(play: Play) -> None:
    assert play(": ${X:=a}; $PY $ARGV $X").json == [["a"]]
    assert play(": $NOPE").status == 2
