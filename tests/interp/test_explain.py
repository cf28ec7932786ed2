"""What a text would run, told without running anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from procrun.errors import ExpansionError, FileError, PatternError, PipelineSyntaxError, ProgramNotFound
from procrun.interp.explain import ExplainedList, ExplainedStage, explain
from procrun.plan import Options


def explained(text: str, *args: str, cwd: Path | None = None) -> ExplainedList:
    return explain(text, args, Options().with_(env={"PY": sys.executable, "HOME": "/h"}, cwd=cwd))


def stage(text: str, *args: str, cwd: Path | None = None) -> ExplainedStage:
    """The last stage of a text."""
    return explained(text, *args, cwd=cwd).pipelines[-1].stages[-1]


def test_the_shape_of_a_list() -> None:
    pipelines = explained("$PY a | $PY b |& $PY c && ! $PY d; (e)").pipelines
    assert [(item.operator, item.is_negated, len(item.stages)) for item in pipelines] == [
        ("", False, 3),
        ("&&", True, 1),
        (";", False, 1),
    ]
    assert pipelines[0].source == "$PY a | $PY b |& $PY c"
    assert pipelines[0].with_stderr == (False, True)
    assert [item.source for item in pipelines[0].stages] == ["$PY a", "$PY b", "$PY c"]


def test_a_program_is_expanded_and_found(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("")
    found = stage("X=1 $PY $1 *.c {1..2} > out 2>> $1", "v w", cwd=tmp_path)
    assert (found.kind, found.argv, found.program) == (
        "program",
        (sys.executable, "v w", "a.c", "1", "2"),
        sys.executable,
    )
    assert found.assignments == (("X", "1"),)
    assert found.writes == (str(tmp_path / "out"), str(tmp_path / "v w"))
    assert (found.error, found.substitutions, found.body) == (None, (), None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.c"]


def test_a_substitution_stands_as_it_was_written() -> None:
    found = stage('$PY "a $(no-such | x) b" < $(y)')
    assert found.argv[1] == "a $(no-such | x) b"
    assert found.substitutions == ("$(no-such | x)", "$(y)")
    assert found.program == sys.executable


def test_a_program_that_only_running_tells_is_unknown() -> None:
    found = stage("$(which python) a")
    assert (found.argv, found.program, found.error) == (("$(which python)", "a"), None, None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no-such-program a", ProgramNotFound),
        ("$PY $NOPE", ExpansionError),
        ("$PY *.nope", PatternError),
        ("X=$NOPE", ExpansionError),
        ("cd nope", FileError),
        ("cd a b", ExpansionError),
        ("(a) > $NOPE", ExpansionError),
    ],
)
def test_an_error_is_part_of_the_answer(text: str, kind: type, tmp_path: Path) -> None:
    assert type(stage(text, cwd=tmp_path).error) is kind


def test_what_follows_is_told_with_what_came_before(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "x.c").write_text("")
    assert stage("cd s; X=a; export Y=b; $PY *.c $X $Y > out", cwd=tmp_path).argv[1:] == ("x.c", "a", "b")
    assert stage("cd s; $PY > out", cwd=tmp_path).writes == (str(tmp_path / "s" / "out"),)
    assert isinstance(stage("(cd s); $PY *.c", cwd=tmp_path).error, PatternError)
    assert stage("{ cd s; }; $PY *.c", cwd=tmp_path).error is None
    assert isinstance(stage("{ X=1; } | $PY; $PY $X", cwd=tmp_path).error, ExpansionError)
    assert stage("X=$(date); $PY $X", cwd=tmp_path).argv[1:] == ("$(date)",)


def test_a_group_has_a_body() -> None:
    found = stage("($PY a; $PY b) > out")
    assert (found.kind, found.writes) == ("group", ("out",))
    assert found.body is not None
    assert [item.source for item in found.body.pipelines] == ["$PY a", "$PY b"]


def test_files_alone_and_commands_of_the_text() -> None:
    assert (stage("> out").kind, stage("> out").writes) == ("assignments", ("out",))
    assert (stage("X=1 Y=$1", "a").kind, stage("X=1 Y=$1", "a").assignments) == (
        "assignments",
        (("X", "1"), ("Y", "a")),
    )
    assert (stage("exit 3").kind, stage("exit 3").argv) == ("special", ("exit", "3"))
    assert stage("cd $(x)").substitutions == ("$(x)",)
    assert stage("exit $(x) 3").substitutions == ("$(x)",)
    assert stage("export X=$(x)").substitutions == ("$(x)",)
    assert (stage(": | :").kind, stage(": > out").writes) == ("special", ("out",))


def test_a_wrong_text_is_raised() -> None:
    with pytest.raises(PipelineSyntaxError):
        explained("a |")
    with pytest.raises(PipelineSyntaxError):
        explain("shift", [], Options().with_(env={"PATH": ""}))


def test_what_a_substitution_would_run_is_told() -> None:
    found = stage("$PY a $($PY b; no-such)")
    assert found.error is None
    (inner,) = found.inner
    assert [item.source for item in inner.pipelines] == ["$PY b", "no-such"]
    assert [type(error) for error in explained("$PY a $($PY b; no-such)").errors()] == [ProgramNotFound]


@pytest.mark.parametrize(
    "text",
    [
        "$(which python) a",
        "X=$(which python); $X a",
        "X=$(which python); ${X%3} a",
        "$PY $(mktemp -d)/*.c",
        "X=$(mktemp -d); $PY $X/*.c",
        "cd $(mktemp -d)",
        "cd $(mktemp -d) && $PY *.c",
        "cd $(mktemp -d) && ./prog > out",
        "X=$(mktemp -d); cd $X/s; $PY < in",
        "exit $($PY a)",
        "$PY < $(mktemp)",
        "$PY > $(mktemp -d)/out",
    ],
)
def test_what_only_running_tells_is_no_error(text: str, tmp_path: Path) -> None:
    text = text.replace("mktemp", "$PY").replace("which", "$PY")
    found = stage(text, cwd=tmp_path)
    assert (found.error, found.is_unknown) == (None, True)
    assert "procrun-" not in repr(found)
    assert list(explained(text, cwd=tmp_path).errors()) == []


def test_what_does_not_depend_on_a_substitution_is_known() -> None:
    assert not stage("X=$($PY a); $PY a").is_unknown
    assert stage("X=$($PY a); $PY $X").is_unknown
    assert type(stage("X=$($PY a); no-such $X").error) is ProgramNotFound


@pytest.mark.parametrize("late", ["$PY *.c", "$PY < in", "cd folder", "./prog", "$PY > folder/out"])
def test_what_an_earlier_program_may_make_is_told_as_that(late: str, tmp_path: Path) -> None:
    first = stage(late, cwd=tmp_path)
    assert first.error is not None
    assert not first.may_change
    then = stage(f"$PY make; {late}", cwd=tmp_path)
    assert str(then.error).partition("\n")[0] == str(first.error).partition("\n")[0]
    assert then.may_change
    assert list(explained(f"$PY make; {late}", cwd=tmp_path).errors()) == []
    assert not stage("$PY make; no-such-program", cwd=tmp_path).may_change


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("$PY < missing", "< missing", "`{}/missing` cannot be opened for reading: No such file or directory"),
        ("$PY > s", "> s", "`{}/s` cannot be opened for writing: Is a directory"),
        ("$PY >> no/out", ">> no/out", "`{}/no/out` cannot be opened for writing: No such file or directory"),
        ("($PY) 2> no/out", "2> no/out", "`{}/no/out` cannot be opened for writing: No such file or directory"),
        ("> no/out", "> no/out", "`{}/no/out` cannot be opened for writing: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_opened_is_an_error(text: str, place: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    error = stage(text, cwd=tmp_path).error
    assert type(error) is FileError
    assert error.reason == reason.format(tmp_path)
    assert text[error.start : error.end] == place


@pytest.mark.parametrize("text", ["$PY < in > in", "$PY < in | $PY > in", "$PY 2> in | : < in", "($PY) < in | : > in"])
def test_an_input_that_would_be_emptied_is_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("kept")
    error = list(explained(text, cwd=tmp_path).errors())[-1]
    assert str(error).partition("\n")[0] == f"`{tmp_path / 'in'}` would be emptied before it is read"
    later = explained(f"$PY; {text}", cwd=tmp_path).pipelines[-1]
    assert [stage.may_change for stage in later.stages if isinstance(stage.error, FileError)] == [True]
    assert (tmp_path / "in").read_text() == "kept"


def test_a_folder_that_is_not_there_is_raised() -> None:
    with pytest.raises(FileError) as caught:
        explained("$PY", cwd=Path("no/such"))
    assert str(caught.value) == "there is no folder `no/such` to run in\n  create it, or name another"
