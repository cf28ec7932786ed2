"""Lists, groups, `$( )` and statuses, and when an error of a pipeline is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import procrun
from procrun.errors import ExpansionError, FileError, PatternError, ProgramNotFound, ProgramNotRunnable
from procrun.syntax.nodes import MAX_DEPTH

Play = Callable[..., Any]

A, B = '["a"]\n', '["b"]\n'


@pytest.mark.parametrize(
    ("text", "stdout", "status"),
    [
        ("", "", 0),
        ("# comment", "", 0),
        ("$PY $ARGV a; $PY $ARGV b", A + B, 0),
        ("$PY $EXIT 0 && $PY $ARGV a", A, 0),
        ("$PY $EXIT 1 && $PY $ARGV a", "", 1),
        ("$PY $EXIT 1 || $PY $ARGV a", A, 0),
        ("$PY $EXIT 0 || $PY $ARGV a", "", 0),
        ("$PY $EXIT 0 || $PY $ARGV a && $PY $ARGV b", B, 0),
        ("! $PY $EXIT 1", "", 0),
        ("! $PY $EXIT 0", "", 1),
        ("! $PY $EXIT 127", "", 127),
        ("! $PY $EXIT 126", "", 126),
        ("! (exit 127)", "", 127),
        ("$PY $EXIT 3; $PY $ARGV $?", '["3"]\n', 0),
        ("$PY $EXIT 3 | $PY $EXIT 4 | $PY $CAT; $PY $ARGV $?", '["4"]\n', 0),
        ("$PY $EXIT 3 a | $PY $UPPER", "A", 3),
        ("($PY $ARGV b; $PY $ARGV a) | $PY $UPPER", '["B"]\n["A"]\n', 0),
        ("{ $PY $ARGV b; $PY $EXIT 5; } | $PY $UPPER", '["B"]\n', 5),
        ("$PY $ARGV a | ($PY $CAT; $PY $ARGV b)", A + B, 0),
        ("$PY $ARGV a | { $PY $CAT | ($PY $UPPER; $PY $ARGV b) | $PY $CAT; }", '["A"]\n["b"]\n', 0),
        ("( ($PY $ARGV a) )", A, 0),
        ("X=1; (X=2); $PY $ARGV $X", '["1"]\n', 0),
        ("X=1; { X=2; }; $PY $ARGV $X", '["2"]\n', 0),
        ("X=1; { X=2; } | $PY $CAT; $PY $ARGV $X", '["1"]\n', 0),
        ("X=1; { X=2; } > out; $PY $ARGV $X", '["2"]\n', 0),
        ("$PY $ARGV ${X:=a} | $PY $CAT; $PY $ARGV ${X:-none}", A + '["none"]\n', 0),
        ("$PY $ARGV $($PY $EXIT 3 a)", A, 0),
        ("X=$($PY $EXIT 3 a); $PY $ARGV $? $X", '["3", "a"]\n', 0),
        ("X=$($PY $EXIT 3)", "", 3),
        ("X=$($PY $EXIT 3) Y=$($PY $EXIT 4)", "", 4),
        ("X=$($PY $EXIT 3) Y=1", "", 3),
        ("X=$($PY $EXIT 3) $PY $EXIT 0", "", 0),
        ("X=$($PY $EXIT 3); Y=1; $PY $ARGV $?", '["0"]\n', 0),
        ("$PY $EXIT 3; X=1; $PY $ARGV $?", '["0"]\n', 0),
        ("$PY $EXIT 3; $PY $ARGV $? $($PY $EXIT 4) $?", '["3", "", "3"]\n', 0),
        ("$PY $ARGV $( X=2; $PY $EXIT 0 $X ) ${X:-none}", '["2", "none"]\n', 0),
        ("> out; $PY $ARGV $?", '["0"]\n', 0),
    ],
)
def test_lists_and_statuses(text: str, stdout: str, status: int, play: Play) -> None:
    played = play(text)
    assert (played.stdout, played.status, played.stderr, played.error) == (stdout, status, "", None)


def test_stdin_goes_to_the_programs_in_turn(play: Play) -> None:
    assert play("$PY $CAT; $PY $CAT", input=b"x").stdout == "x"
    assert play("($PY $CAT; $PY $ARGV a) | $PY $CAT", input=b"x\n").stdout == "x\n" + A
    assert play('$PY $ARGV "$($PY $CAT)"', input=b"a\n").stdout == A


def test_an_inner_list_reads_what_its_group_reads(play: Play, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("x\n")
    assert play("($PY $CAT; $PY $ARGV a) < in").stdout == "x\n" + A
    assert play("{ $PY $CAT; } <<< 'a  b'").stdout == "a  b\n"
    assert play("{ X=$($PY $CAT); } < in; $PY $ARGV $X").stdout == '["x"]\n'


def test_a_group_writes_where_it_is_sent(play: Play, tmp_path: Path) -> None:
    play("($PY $EXIT 0 out err; $PY $EXIT 0 more) > both 2>&1")
    assert sorted((tmp_path / "both").read_text()) == sorted("outerrmore")
    play("{ $PY $EXIT 0 a; } > one; { $PY $EXIT 0 b; } >> one")
    assert (tmp_path / "one").read_text() == "ab"
    assert play("($PY $EXIT 0 o e) |& $PY $UPPER").stdout in ("OE", "EO")


def test_pipefail_can_be_switched_off_inside_too(play: Play) -> None:
    assert play("$PY $EXIT 3 | $PY $CAT; $PY $ARGV $?", pipefail=False).stdout == '["0"]\n'
    assert play("($PY $EXIT 3 | $PY $CAT) | $PY $CAT", pipefail=False).status == 0


def test_a_signal_is_passed_on(play: Play) -> None:
    if os.name == "nt":
        pytest.skip("Windows ends programs by exit codes only")
    for text in ("$PY $EXIT -15", "X=1; $PY $EXIT -15", "X=1; ($PY $EXIT -15)", "X=1; ($PY $EXIT -15) > out"):
        played = play(text)
        assert played.result is not None
        assert (played.status, played.result.status.signal) == (143, signal.SIGTERM)
    assert play("$PY $EXIT -15; $PY $ARGV $?").stdout == '["143"]\n'


@pytest.mark.parametrize(
    "text",
    [
        "($PY $LINES; $PY $EXIT 0 '' never) | $PY $HEAD 1",
        "{ $PY $LINES; $PY $EXIT 0 '' never; } | $PY $HEAD 1",
        "( ($PY $LINES; $PY $EXIT 0 '' never) ) | $PY $HEAD 1",
        "({ $PY $LINES; } 2> err; $PY $EXIT 0 '' never) | $PY $HEAD 1",
        "($PY $LINES | $PY $CAT || $PY $EXIT 0 '' never) | $PY $HEAD 1",
    ],
)
def test_a_group_whose_reader_has_gone_stops_without_failing(text: str, play: Play) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no SIGPIPE by which to tell")
    text = text.replace("$PY $LINES", "yes").replace("$PY $CAT", "cat")
    played = play(text)
    assert (played.stdout, played.stderr, played.status) == ("y\n", "", 0)


def test_only_a_stage_before_the_last_stops_at_a_closed_pipe(play: Play) -> None:
    assert play("$PY $EXIT 141; $PY $ARGV a").stdout == A
    assert play("$PY $CAT | ($PY $EXIT 141; $PY $ARGV a)").stdout == A
    assert play("($PY $EXIT 141; $PY $ARGV a) | $PY $CAT").stdout == ""


@pytest.mark.parametrize(
    "text", ["$PY $EXIT 141 > out", "($PY $EXIT 141) > out", "{ { $PY $EXIT 141; :; } > out; }", "$($PY $EXIT 141)||:"]
)
def test_what_writes_elsewhere_has_no_closed_pipe(text: str, play: Play) -> None:
    assert play(f"( {text}; $PY $ARGV a) | $PY $CAT").stdout == A


PENDING = [
    ("no-such-program", ProgramNotFound, 127),
    ("./no-such-program", ProgramNotFound, 127),
    ("./folder", ProgramNotRunnable, 126),
    ("$PY *.nope", PatternError, 1),
    ("$PY < nope", FileError, 1),
    ("$PY > no/pe", FileError, 1),
    ("> no/pe", FileError, 1),
    ("cd nope", FileError, 1),
    ("$PY | no-such-program", ProgramNotFound, 127),
    ("(no-such-program)", ProgramNotFound, 127),
    ("{ no-such-program; }", ProgramNotFound, 127),
    ("(no-such-program) > out", ProgramNotFound, 127),
    ("X=$(no-such-program)", ProgramNotFound, 127),
    ("$PY $ARGV $(no-such-program)", ProgramNotFound, 127),
    ("X=$(cd nope)", FileError, 1),
]


@pytest.fixture
def folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("text", "kind", "status"), PENDING, ids=[text for text, *_ in PENDING])
class TestAnErrorOfAPipeline:
    def test_at_the_end_is_raised(self, text: str, kind: type, status: int, play: Play) -> None:
        played = play(f"X=1; {text}")
        assert (type(played.error), played.status, played.stderr) == (kind, status, "")

    def test_is_written_when_the_next_pipeline_starts(self, text: str, kind: type, status: int, play: Play) -> None:
        played = play(f"{text}; $PY $ARGV $?")
        assert (played.stdout, played.status, played.error) == (f'["{status}"]\n', 0, None)
        assert played.stderr.startswith("procrun: ")
        assert played.stderr.count("procrun: ") == 1

    def test_is_handled_by_or(self, text: str, kind: type, status: int, play: Play) -> None:
        played = play(f"{text} || $PY $ARGV a")
        assert (played.stdout, played.status, played.error) == (A, 0, None)

    def test_is_written_at_the_end_when_it_is_not_the_reason(
        self, text: str, kind: type, status: int, play: Play
    ) -> None:
        played = play(f"! {text}")
        if status == 1:
            assert (played.status, played.error, played.stderr.count("procrun: ")) == (0, None, 1)
        else:
            assert (played.status, type(played.error), played.stderr) == (status, kind, "")

    def test_in_a_stage_is_written_when_the_stage_ends(self, text: str, kind: type, status: int, play: Play) -> None:
        played = play(f"($PY $ARGV a; {text}) | $PY $CAT")
        assert (played.stdout, played.status, played.error) == (A, status, None)
        assert played.stderr.count("procrun: ") == 1


def test_messages_go_to_the_programs_own_stderr(play: Play, tmp_path: Path) -> None:
    played = play("(no-such-program; :) 2> err; { cd nope; :; } 2> err2; X=$(no-such-program; :) 2> err3")
    assert played.stderr.count("procrun: ") == 3
    assert [(tmp_path / name).read_text() for name in ("err", "err2", "err3")] == [""] * 3


def test_a_message_has_the_place(play: Play, tmp_path: Path) -> None:
    played = play("$PY $ARGV b*; $PY $ARGV a")
    assert (
        played.stderr
        == """procrun: no file matches `b*`
  $PY $ARGV b*; $PY $ARGV a
            ^^
  to give the word itself, quote it: 'b*'
"""
    )


def test_a_file_in_another_folder_is_named(play: Play, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    played = play("cd folder; $PY < nope")
    assert isinstance(played.error, FileError)
    assert played.error.text[played.error.start : played.error.end] == "< nope"


@pytest.mark.parametrize(
    "text",
    [
        "$PY $ARGV $NOPE",
        "$PY $ARGV $NOPE || $PY $ARGV a",
        "! $PY $ARGV $NOPE",
        "($PY $ARGV $NOPE); $PY $ARGV a",
        "($PY $ARGV $NOPE) > out; $PY $ARGV a",
        "{ X=$NOPE; } || $PY $ARGV a",
        "X=$($PY $ARGV $NOPE) || $PY $ARGV a",
        '$PY $ARGV "$(X=$($PY $ARGV $NOPE); $PY $ARGV a)"; $PY $ARGV a',
        "($PY $ARGV $NOPE) | $PY $CAT; $PY $ARGV a",
        "$PY $CAT | { $PY $CAT; X=${NOPE?}; } | $PY $CAT; $PY $ARGV a",
        "> $NOPE; $PY $ARGV a",
        "(cd a b) || $PY $ARGV a",
        "$@ | $PY $CAT || $PY $ARGV a",
        "$@ $PY || $PY $ARGV a",
        "${NOPE+x} || $PY $ARGV a",
    ],
)
def test_an_error_of_the_text_ends_everything(text: str, play: Play) -> None:
    played = play(text)
    assert isinstance(played.error, ExpansionError)
    assert (played.stdout, played.status) == ("", 2)


def test_an_error_of_the_text_stops_the_other_stages(play: Play) -> None:
    played = play("$PY $LINES | ($PY $HEAD 1 > out; X=$NOPE) | $PY $CAT")
    assert isinstance(played.error, ExpansionError)


def test_an_earlier_message_is_not_lost(play: Play) -> None:
    played = play("no-such-program; $PY $ARGV $NOPE")
    assert (played.status, played.stderr.count("procrun: no program `no-such-program`")) == (2, 1)
    played = play("$PY $ARGV $(cd nope) *.nope; :")
    assert (played.status, played.stderr.count("procrun: ")) == (0, 2)
    played = play("X=$(cd nope)$NOPE")
    assert (played.status, played.stderr.count("procrun: `nope` cannot be entered")) == (2, 1)


@pytest.mark.parametrize("status", [126, 127])
def test_a_substitution_that_could_not_run_fails_its_command(status: int, play: Play) -> None:
    played = play(f"X=old; $PY $ARGV $($PY $EXIT {status}) || $PY $ARGV $?; X=$($PY $EXIT {status}); $PY $ARGV $X")
    assert played.stdout == f'["{status}"]\n["old"]\n'


def test_nothing_is_opened_when_a_program_is_missing(play: Play, tmp_path: Path) -> None:
    (tmp_path / "keep").write_text("old")
    play("$PY $ARGV a > keep | no-such-program > new; :")
    assert (tmp_path / "keep").read_text() == "old"
    assert not (tmp_path / "new").exists()


def test_names_in_a_group_are_looked_up_when_it_runs(play: Play, tmp_path: Path) -> None:
    assert play("$PY $ARGV a | ($PY $CAT; no-such-program)").stdout == A


def test_the_result_tells_what_ran_last(play: Play) -> None:
    played = play("$PY $ARGV a; $PY $EXIT 3 | $PY $CAT")
    assert played.result is not None
    assert [stage.status.code for stage in played.result.stages] == [3, 0]
    # Nothing that ran gave this status, so no stage is to blame.
    ended = play("$PY $ARGV a; exit 3").result
    assert ended is not None
    assert [stage.command for stage in ended.stages] == ["$PY $ARGV a; exit 3"]


def test_a_timeout_ends_whatever_runs(play: Play) -> None:
    for text in ("$PY $LINES > out; $PY $ARGV a", "($PY $LINES > out) || exit 0", "X=$($PY $LINES); $PY $ARGV a"):
        played = play(text, timeout=1, grace=0)
        assert (type(played.error), played.status, played.stdout) == (procrun.RunTimeout, 124, "")


@pytest.mark.parametrize("text", ["$1 $2 -2 || $1 $3 a", "($1 $2 -2; $1 $3 a); $1 $3 b", "X=$($1 $2 -2) || $1 $3 a"])
def test_ctrl_c_ends_the_program(text: str, python_program: Callable[..., list[str]]) -> None:
    if os.name == "nt":
        pytest.skip("sends SIGINT")
    (python, _, ending), (*_, argv), (*_, head) = map(python_program, ("exit_with", "echo_argv", "head"))
    options = {"stdin": procrun.PIPE, "stdout": procrun.PIPE}
    with procrun.start(f"$1 $4 1 > /dev/null; {text}", python, ending, argv, head, **options) as running:
        running.interrupt()
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.close()
        assert running.stdout.read() == b""
        assert running.wait().status.shell == 130


def test_a_program_ended_by_sigint_alone_ends_only_itself(play: Play) -> None:
    if os.name == "nt":
        pytest.skip("sends SIGINT")
    assert play("$PY $EXIT -2 || $PY $ARGV $?").stdout == '["130"]\n'


def test_deep_nesting_runs(play: Play) -> None:
    assert play("{ " * MAX_DEPTH + "$PY $ARGV a" + "; }" * MAX_DEPTH).stdout == A
    assert play("( " * MAX_DEPTH + "$PY $ARGV a" + " )" * MAX_DEPTH).stdout == A
    assert play("( " * 10 + "$PY $ARGV a" + " | $PY $CAT )" * 10).stdout == A
    assert play("( " * MAX_DEPTH + "$PY $ARGV a" + " ) 2> err" * MAX_DEPTH).stdout == A
