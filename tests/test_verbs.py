"""The verbs as functions: what they take, and that a value never becomes syntax."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import procrun
from procrun import CAPTURE, ExpansionError, PipelineSyntaxError, ProgramNotFound, RunFailed, cmd

Program = Callable[..., Any]
Argv = Callable[..., list[str]]

AWKWARD = [
    "",
    " ",
    "a b",
    "$HOME",
    "$(exit 3)",
    "`id`",
    "; exit 3",
    "| cat",
    "> out",
    "*",
    "'",
    '"',
    "\\",
    "#",
    "~",
    "ä\n",
]


def test_a_text_with_its_arguments(python_program: Argv) -> None:
    python, *rest = python_program("echo_argv")
    assert json.loads(procrun.read("$1 -S $2 fixed $3", python, rest[-1], "given")) == ["fixed", "given"]


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_is_never_read_as_syntax(value: str, python_program: Argv, tmp_path: Path) -> None:
    argv = python_program("echo_argv")
    assert json.loads(procrun.read("$1 $2 $3 $4", *argv, value, cwd=tmp_path)) == [value]
    assert json.loads(procrun.read("$@", *argv, value, cwd=tmp_path)) == [value]
    assert json.loads(procrun.read([*argv, value], cwd=tmp_path)) == [value]
    assert json.loads(procrun.read(cmd(*argv, value), cwd=tmp_path)) == [value]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["list", "tuple", "command", "pipeline", "text"])
@pytest.mark.parametrize("verb", ["run", "read", "capture", "lines", "start"])
def test_every_verb_takes_every_form(verb: str, form: str, python_program: Argv) -> None:
    argv = python_program("exit_with", 0, "out\n")
    target: Any = {
        "list": argv,
        "tuple": tuple(argv),
        "command": cmd(*argv),
        "pipeline": cmd(*argv).pipeline,
        "text": "$@",
    }[form]
    args = argv if form == "text" else []
    act: Any = getattr(procrun, verb)
    if verb == "run":
        assert act(target, *args, stdout=CAPTURE).stdout == "out\n"
    elif verb == "start":
        with act(target, *args, stdout=CAPTURE) as running:
            assert running.wait().stdout == "out\n"
    else:
        answer = act(target, *args)
        assert (answer.stdout if verb == "capture" else "".join(answer)) in ("out", "out\n")


def test_arguments_may_be_paths_and_numbers(python_program: Argv) -> None:
    python, option, path = python_program("echo_argv")
    assert json.loads(procrun.read([python, option, Path(path), 5, 2.5])) == ["5", "2.5"]
    assert json.loads(procrun.read("$1 $2 $3 $4", python, option, Path(path), 5)) == ["5"]


@pytest.mark.parametrize(
    ("target", "args", "message"),
    [
        (
            b"ls",
            (),
            "run a text, a list of a program and its arguments, or a command made with cmd(), not b'ls'",
        ),
        (None, (), "run a text, a list of a program and its arguments, or a command made with cmd(), not None"),
        (
            len,
            (),
            "run a text, a list of a program and its arguments, or a command made with cmd(), "
            "not <built-in function len>",
        ),
        ([], (), "a list holds the program and all its arguments: [program, *args]"),
        (["ls"], ("-l",), "a list holds the program and all its arguments: [program, *args]"),
        (cmd("ls"), ("-l",), "arguments are for a text; a command has its own: cmd(program, *args)"),
        ([b"ls"], (), "argument 0 is b'ls'; arguments are text: write os.fsdecode(…), which keeps each byte"),
        (["ls", None], (), "argument 1 is None; arguments are text, paths or numbers: write str(…)"),
        ("ls $1", (None,), "argument 1 is None; arguments are text, paths or numbers: write str(…)"),
        ("ls $@", (["-l"],), "argument 1 is a list; write a `*` before it to pass its items"),
    ],
)
@pytest.mark.parametrize("verb", ["run", "read", "capture", "lines", "start"])
def test_what_cannot_be_run(verb: str, target: Any, args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(TypeError) as raised:
        getattr(procrun, verb)(target, *args)
    assert str(raised.value) == message


def test_an_argument_with_a_nul() -> None:
    with pytest.raises(ValueError) as raised:
        procrun.run("ls $1", "a\0b")
    assert str(raised.value) == "argument 1 holds a NUL character, which no program can be given: 'a\\x00b'"


@pytest.mark.parametrize("verb", ["run", "read", "capture", "lines", "start"])
def test_a_wrong_text_runs_nothing(verb: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineSyntaxError):
        getattr(procrun, verb)("> made; |", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_options_hold_for_a_text(python_program: Argv, tmp_path: Path) -> None:
    argv = python_program("print_cwd")
    assert procrun.read("$@", *argv, cwd=tmp_path) == str(tmp_path)
    assert procrun.read("$1 -c 'import sys; print(sys.stdin.read())'", sys.executable, input="fed") == "fed"
    assert procrun.run("exit 3", check=False).status.code == 3
    assert procrun.run("exit 3", ok=[0, 3]).is_success
    with pytest.raises(TypeError) as raised:
        procrun.run("true", chek=False)  # type: ignore[call-arg]
    assert str(raised.value) == "unknown option `chek`; did you mean `check`?"


def test_the_environment_of_a_text(python_program: Argv) -> None:
    argv = python_program("print_env", "GIVEN")
    assert procrun.read("$@", *argv, env={"GIVEN": "x"}) == '{"GIVEN": "x"}'
    assert procrun.read("GIVEN=y $@", *argv, env={"GIVEN": "x"}) == '{"GIVEN": "y"}'


def test_lines_of_a_text_start_with_the_first_that_is_asked_for(tmp_path: Path) -> None:
    lines = procrun.lines("> made", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert list(lines) == []
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_errors_of_a_text_are_told_with_their_place() -> None:
    with pytest.raises(ExpansionError):
        procrun.run("echo $NO_SUCH_VARIABLE_HERE")
    with pytest.raises(ProgramNotFound) as raised:
        procrun.run("true | no-such-program-at-all x")
    lines = str(raised.value).splitlines()
    assert lines[:3] == [
        "no program `no-such-program-at-all` (in stage 2 of 2, `no-such-program-at-all x`)",
        "  true | no-such-program-at-all x",
        "         ^^^^^^^^^^^^^^^^^^^^^^",
    ]
    assert lines[3].startswith("  searched in ")


def test_a_failure_of_a_text_raises_like_that_of_a_command(python_program: Argv) -> None:
    with pytest.raises(RunFailed) as raised:
        procrun.read("$@ | cat", *python_program("exit_with", 3, "out"))
    assert raised.value.returncode == 3
    assert raised.value.stdout == "out"
