"""What a text becomes: commands at once, or a function stage that interprets it; and what is refused."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import procrun
from procrun.errors import ExpansionError, FileError, PipelineSyntaxError, ProgramNotFound
from procrun.interp.program import prepare, walk
from procrun.plan import Command, Function, Options
from procrun.syntax import parse
from procrun.syntax.nodes import Simple, Substitution

Play = Callable[..., Any]

ARGV = str(Path(__file__).parent.parent / "programs" / "echo_argv.py")


@pytest.mark.parametrize(
    "text",
    ["$1 -c pass", "$1 | $1 |& $1", "X=1 $1 a", "$1 < in > out 2>&1", "$1 ${X:-a} {1..3}", "\"$1\" 'a b'"],
)
def test_a_pipeline_of_programs_is_made_of_commands(text: str) -> None:
    pipeline = prepare(text, [sys.executable])
    assert all(isinstance(stage, Command) for stage in pipeline.stages)
    assert pipeline.text == text


@pytest.mark.parametrize(
    "text",
    ["", "a; b", "a && b", "! a", "(a)", "{ a; }", "(a) | b", "X=1", "> f", ":", "cd x", "exit", "a $(b)", "a | b; c"],
)
def test_every_other_text_becomes_a_function(text: str) -> None:
    (stage,) = prepare(text).stages
    assert isinstance(stage, Function)
    assert str(stage) == (text or ":")


def test_options_are_those_of_the_pipeline() -> None:
    options = Options().with_(timeout=5, stdout=procrun.CAPTURE, pipefail=False)
    assert prepare("$1", [sys.executable], options).options == options
    assert prepare("a; b", [], options).options == options


def test_a_command_says_all_that_the_text_said(tmp_path: Path) -> None:
    text = "X=1 $1 'a b' < in 2>&1 |& $1 >> out"
    options = Options().with_(cwd=tmp_path)
    first, last = prepare(text, [sys.executable], options).stages
    assert isinstance(first, Command)
    assert first.argv == (sys.executable, "a b")
    assert first.options.env[-1] == ("X", "1")
    assert first.options.cwd == str(tmp_path)
    assert [redirect.target for redirect in first.redirects] == [str(tmp_path / "in"), 1]
    assert [redirect.place for redirect in first.redirects] == [(13, 17), (18, 22)]
    assert first.place == (4, 6)
    assert (first.with_stderr, last.with_stderr) == (True, False)
    assert [redirect.action for redirect in last.redirects] == ["append"]


def test_programs_are_found_with_the_path_of_the_text(tmp_path: Path) -> None:
    name = Path(sys.executable).name
    folder = os.path.dirname(sys.executable)
    (command,) = prepare("PATH=$1 $2", [folder, name], Options().with_(env={"PATH": str(tmp_path)})).stages
    assert isinstance(command, Command)
    assert command.executable == os.path.join(folder, name)


def test_what_is_prepared_can_be_pickled_and_run_again(tmp_path: Path) -> None:
    for text in ("$1 -S $2 a", "$1 -S $2 a; $1 -S $2 b"):
        pipeline = pickle.loads(pickle.dumps(prepare(text, [sys.executable, ARGV])))
        assert pipeline.read() == pipeline.read() != ""


def test_one_pipeline_fails_before_it_runs() -> None:
    with pytest.raises(ProgramNotFound):
        prepare("no-such-program")
    with pytest.raises(ExpansionError):
        prepare("$1 $NOT_SET", [sys.executable])


@pytest.mark.parametrize("text", ["$1 *.c", "./prog", "$1; $1 *.c"])
def test_a_folder_that_is_not_there_is_said_first(text: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        procrun.run(text, sys.executable, cwd=tmp_path / "no")
    assert caught.value.reason == f"there is no folder `{tmp_path / 'no'}` to run in"


def test_a_missing_program_is_pointed_at(tmp_path: Path) -> None:
    with pytest.raises(ProgramNotFound) as caught:
        prepare('"$1" a | no-such-program "b c" | "$1"', [sys.executable], Options().with_(env={"PATH": str(tmp_path)}))
    assert (
        str(caught.value)
        == f"""no program `no-such-program` (in stage 2 of 3, `no-such-program 'b c'`)
  "$1" a | no-such-program "b c" | "$1"
           ^^^^^^^^^^^^^^^
  searched in {tmp_path}
  correct the name, install the program, or add its folder to PATH"""
    )


@pytest.mark.parametrize(
    "text",
    [
        "shift",
        "read X",
        "(set -e)",
        "a || eval b",
        "echo $(shopt)",
        "echo ${X:-$(let)}",
        "{ a | declare x; }",
        "'typeset'",
    ],
)
def test_what_only_a_shell_can_mean_is_refused_before_anything_runs(text: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineSyntaxError):
        prepare(text, [], Options().with_(env={"PATH": str(tmp_path)}))


def test_the_refusal_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        prepare("echo a; shift 2", [], Options().with_(env={"PATH": str(tmp_path)}))
    message = str(caught.value)
    assert message.startswith(
        "`shift` is a command of the shell, not a program\n  echo a; shift 2\n          ^^^^^\n  "
    )


def test_a_program_of_that_name_is_a_program(tmp_path: Path) -> None:
    name = "shift.exe" if os.name == "nt" else "shift"
    (tmp_path / name).write_text("")
    (tmp_path / name).chmod(0o755)
    (command,) = prepare("shift 2", [], Options().with_(env={"PATH": str(tmp_path)})).stages
    assert isinstance(command, Command)
    assert command.executable == str(tmp_path / name)


def test_a_value_that_only_a_shell_can_mean_is_a_missing_program(play: Play) -> None:
    assert play("X=shift; $X").status == 127


def test_walking_gives_every_node_in_order() -> None:
    tree = parse("a $(b | c) && { d > $(e); }")
    calls = [node.words[0].literal for node in walk(tree) if isinstance(node, Simple)]
    assert calls == ["a", "b", "c", "d", "e"]
    assert sum(isinstance(node, Substitution) for node in walk(tree)) == 2


def test_a_plain_pipeline_needs_no_interpreter() -> None:
    code = (
        "import sys; from procrun.interp.program import prepare; prepare('$1', [sys.executable]); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "procrun.interp.interpret" not in loaded
    assert "psutil" not in loaded


values = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "$(echo x)",
        "`x`",
        "'",
        '"',
        "a b",
        "*",
        "?",
        "[a]",
        "~",
        "{a,b}",
        "$X",
        "| cat",
        "; exit 3",
        "> out",
        "\\",
        "#",
        "\n",
        "-",
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(values, min_size=3, max_size=3))
def test_a_value_is_always_one_word(values: list[str], tmp_path: Path) -> None:
    """As an argument, a variable and an output, quoted and not, in a plain pipeline and in a list."""
    if os.name == "nt" and any("\r" in value for value in values):
        return  # CR LF at the end of an output is a newline there.
    text = '$PY -S $ARGV "$1" $1 $@ $X "$X" ${X} ${NOT_SET:-$X}'
    expected = [values[0], values[0], *values, *[values[1]] * 4]
    options = {"env": {"PY": sys.executable, "ARGV": ARGV, "X": values[1]}, "cwd": tmp_path}
    assert json.loads(procrun.read(text, *values, **options)) == expected  # type: ignore[arg-type]

    text = """Y=$3; Z=$($PY -S -c 'import sys; sys.stdout.buffer.write(sys.argv[1].encode() + b".")' $Y)
    (true_=1; $PY -S $ARGV $Y "$Y" "${Z%.}" x${Y}y "$($PY -S -c 'import sys; print(sys.argv[1] + ".")' "a")")"""
    found = json.loads(procrun.read(text, *values, **options))  # type: ignore[arg-type]
    assert found == [values[2], values[2], values[2], f"x{values[2]}y", "a."]
    assert list(tmp_path.iterdir()) == []
