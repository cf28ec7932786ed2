"""From written stages to commands: order of expansion, redirections, and how programs are found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procrun.errors import ExpansionError, ProgramNotFound, ProgramNotRunnable
from procrun.interp.program import prepare
from procrun.interp.stages import stage_name
from procrun.plan import Command, Options
from procrun.syntax.nodes import Span

Play = Callable[..., Any]

HERE = Options().with_(env={"PY": sys.executable})


def command(text: str, *args: str) -> Command:
    stage = prepare(text, args, HERE).stages[0]
    assert isinstance(stage, Command)
    return stage


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("< f", [(0, "read", "f")]),
        ("0< f", [(0, "read", "f")]),
        ("> f", [(1, "write", "f")]),
        (">| f", [(1, "write", "f")]),
        ("2> f", [(2, "write", "f")]),
        (">> f", [(1, "append", "f")]),
        ("2>> f", [(2, "append", "f")]),
        ("2>&1", [(2, "copy", 1)]),
        (">&2", [(1, "copy", 2)]),
        ("&> f", [(1, "write", "f"), (2, "copy", 1)]),
        ("&>> f", [(1, "append", "f"), (2, "copy", 1)]),
        ("<<< 'a b'", [(0, "text", b"a b\n")]),
        ("<<< ''", [(0, "text", b"\n")]),
        ("<<< $'\\xe9'", [(0, "text", b"\xe9\n")]),
        ("<<< é", [(0, "text", "é\n".encode())]),
        ("2> a < b > c", [(2, "write", "a"), (0, "read", "b"), (1, "write", "c")]),
        ("> ''", [(1, "write", "")]),
        ("> /dev/null", [(1, "write", "/dev/null")]),
    ],
)
def test_redirections_in_their_order(written: str, made: list[tuple[object, ...]]) -> None:
    redirects = command(f"$PY {written}").redirects
    assert [(item.descriptor, item.action, item.target) for item in redirects] == made


def test_a_text_without_bytes_is_pointed_at() -> None:
    if os.name == "nt":
        pytest.skip("names of files there may hold half a pair")
    with pytest.raises(ExpansionError) as caught:
        command("$PY <<< a$1", "\ud800")
    assert (
        str(caught.value)
        == """the word holds `\\ud800`, which utf-8 cannot encode
  $PY <<< a$1
          ^^^
  correct the text that it comes from; half a surrogate pair is no character"""
    )


def test_names_of_files_are_absolute_in_another_folder(tmp_path: Path) -> None:
    (stage,) = prepare("$PY < f > /dev/null 2> ''", [], HERE.with_(cwd=tmp_path)).stages
    assert [item.target for item in stage.redirects] == [str(tmp_path / "f"), "/dev/null", ""]


def test_a_command_does_not_see_its_own_assignments() -> None:
    made = command("X=1 Y=$X $PY ${X:-none} <<< ${X:-none}")
    assert made.argv[1:] == ("none",)
    assert made.redirects[0].target == b"none\n"
    assert set(made.options.env) >= {("X", "1"), ("Y", "1")}


def test_programs_get_what_changed_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PWD", os.getcwd())
    assert command("$PY").options.env == (("PY", sys.executable),)
    assert command("X=1 PY=2 $PY").options.env == (("PY", "2"), ("X", "1"))


def test_the_place_of_a_program_is_its_word() -> None:
    made = command("X=1 < f $PY a")
    assert made.place == (8, 11)


@pytest.mark.parametrize(
    ("text", "args"), [("$@", ()), ("$@ a", ()), ("${X+a}", ()), ('"$@" | $PY', ()), ("X=1 ${X:+a} ${Y:+b}", ())]
)
def test_no_word_is_no_program(text: str, args: tuple[str, ...]) -> None:
    with pytest.raises(ExpansionError) as caught:
        prepare(text, args, HERE)
    assert caught.value.reason.endswith("gives no word, so there is no program to run")


def test_a_word_that_vanishes_leaves_the_next_as_program() -> None:
    assert command("${X:+nice} $PY a").argv == (sys.executable, "a")


def test_an_empty_name_is_no_program() -> None:
    with pytest.raises(ProgramNotFound):
        command("'' a")


def test_a_path_taken_away_leaves_what_the_system_has(play: Play) -> None:
    assert play("PATH=; sort").status == 127
    assert play("unset PATH; no-such-program").status == 127
    assert play("PATH=; $PY $ARGV a").status == 0


def test_a_folder_is_not_runnable(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(ProgramNotRunnable) as caught:
        prepare("./d x", [], HERE.with_(cwd=tmp_path))
    assert (
        str(caught.value)
        == """`./d` is a folder
  ./d x
  ^^^
  name a program; `cd` enters a folder"""
    )


def test_what_the_system_cannot_start_is_pointed_at(play: Play, tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("what Windows cannot start is another matter")
    (tmp_path / "script").write_text("echo hi\n")
    (tmp_path / "script").chmod(0o755)
    for text in ("./script a", "X=1; ./script a"):
        played = play(text)
        assert isinstance(played.error, ProgramNotRunnable)
        assert played.error.text[played.error.start : played.error.end] == "./script"


def test_too_large_arguments_are_126(play: Play) -> None:
    if os.name == "nt":
        pytest.skip("Wine starts it all the same")
    played = play("$PY $ARGV $1 || $PY $ARGV $?", "x" * 3_000_000)
    assert (played.stdout, played.status) == ('["126"]\n', 0)
    assert "too large" in played.stderr or "too long" in played.stderr


def test_a_long_group_is_named_shortly() -> None:
    text = "(echo a;\n  echo b)"
    assert stage_name(text, Span(0, len(text))) == "(echo a; echo b)"
    assert len(stage_name("(" + "x" * 100 + ")", Span(0, 102))) == 60
