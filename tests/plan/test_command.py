"""Commands and functions as values: their arguments, their text, what makes them equal."""

from __future__ import annotations

import enum
import functools
import io
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procrun import Command, Function, Options, cmd, each_line
from procrun.plan.redirect import Redirect


class Level(str, enum.Enum):
    """An enumeration whose members are texts."""

    HIGH = "high"


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("", ""),
        ("a b", "a b"),
        ("*; rm -rf $HOME", "*; rm -rf $HOME"),
        ("\udcff", "\udcff"),
        (Path("a") / "b", str(Path("a/b"))),
        (5, "5"),
        (-1, "-1"),
        (2.5, "2.5"),
        (1e100, "1e+100"),
        (signal.SIGTERM, "15"),
        (Level.HIGH, "high"),
    ],
)
def test_an_argument_is_passed_on_as_its_text(argument: Any, text: str) -> None:
    (_, kept) = cmd("program", argument).argv
    assert (type(kept), kept) == (str, text)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (None, "argument 1 is None; arguments are text, paths or numbers: write str(…)"),
        (True, "argument 1 is True; arguments are text, paths or numbers: write str(…)"),
        (b"a", "argument 1 is b'a'; arguments are text: write os.fsdecode(…), which keeps each byte"),
        (["a"], "argument 1 is a list; write a `*` before it to pass its items"),
        (("a",), "argument 1 is a tuple; write a `*` before it to pass its items"),
        ({}, "argument 1 is {}; arguments are text, paths or numbers: write str(…)"),
        (1j, "argument 1 is 1j; arguments are text, paths or numbers: write str(…)"),
    ],
)
def test_an_argument_of_another_type(argument: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        cmd("program", argument)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("program", "kind", "message"),
    [
        ("", ValueError, "the name of the program is empty; argument 0 is the program to run"),
        ("a\0b", ValueError, "argument 0 holds a NUL character, which no program can be given: 'a\\x00b'"),
        (["ls", "-l"], TypeError, "argument 0 is a list; write a `*` before it to pass its items"),
    ],
)
def test_a_program_that_is_none(program: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        cmd(program)
    assert str(raised.value) == message


def test_the_options_of_a_command_are_checked_when_they_are_given() -> None:
    with pytest.raises(TypeError) as raised:
        cmd("program", check=0)  # type: ignore[arg-type]
    assert str(raised.value) == "`check` is True or False, not 0"


def test_a_command_is_a_value() -> None:
    command = cmd("grep", "a b", cwd="folder", env={"A": "1"})
    same = cmd("grep", "a b").with_(cwd="folder", env={"A": "1"})
    assert command == same
    assert len({command, same, cmd("grep", "a b")}) == 2
    assert pickle.loads(pickle.dumps(command)) == command
    with pytest.raises(AttributeError):
        command.argv = ()  # type: ignore[misc]


def test_with_leaves_the_command_it_is_made_from() -> None:
    plain = cmd("grep", timeout=1)
    assert plain.with_(timeout=2, check=False).options == Options(timeout=2, check=False)
    assert plain.options == Options(timeout=1)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (cmd("true"), "true"),
        (cmd("echo", ""), "echo ''"),
        (cmd("echo", "a b", "$HOME"), "echo 'a b' '$HOME'"),
        (cmd("my prog"), "'my prog'"),
        (
            Command(("sort",), redirects=(Redirect(0, "read", "in"), Redirect(1, "append", "a b"))),
            "sort < in >> 'a b'",
        ),
    ],
)
def test_a_command_reads_as_the_language_writes_it(command: Command, text: str) -> None:
    assert str(command) == text


def shout(stdin: Any, stdout: Any, stderr: Any) -> None:
    """A function for a stage."""
    stdout.write(stdin.read().upper())


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Function(shout), "shout"),
        (Function(shout, "a name"), "a name"),
        (Function(shout).with_(timeout=1), "shout"),
        (Function(lambda *streams: None), "<lambda>"),
        (each_line(str.upper), "each_line(str.upper)"),
        (each_line(print), "each_line(print)"),
    ],
)
def test_what_messages_call_a_function(function: Function, name: str) -> None:
    assert str(function).removeprefix("test_what_messages_call_a_function.<locals>.") == name


def test_a_function_without_a_name_is_called_as_python_shows_it() -> None:
    partial = functools.partial(shout)
    assert str(Function(partial)) == repr(partial)


def test_a_function_is_a_value() -> None:
    assert Function(shout) == Function(shout)
    assert hash(Function(shout)) == hash(Function(shout))
    assert pickle.loads(pickle.dumps(Function(shout).with_(timeout=3))) == Function(shout, options=Options(timeout=3))
    assert pickle.loads(pickle.dumps(each_line(str.upper))) == each_line(str.upper)


@pytest.mark.parametrize(
    "make", [lambda: cmd("a") | str.upper, lambda: str.upper | cmd("a"), lambda: Function(str.upper)]
)
def test_a_function_of_a_line_is_no_stage_by_itself(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError) as raised:
        make()
    assert str(raised.value) == (
        "a stage's function takes three binary streams (stdin, stdout, stderr), and `str.upper` does not; "
        "for a function of a line of text write each_line(str.upper)"
    )


@pytest.mark.parametrize("function", [shout, 5])
def test_each_line_wants_a_function_of_a_line(function: Any) -> None:
    with pytest.raises(TypeError) as raised:
        each_line(function)
    name = getattr(function, "__qualname__", "5")
    assert str(raised.value) == f"each_line takes a function of one line of text, and `{name}` is none"


def test_a_function_that_does_not_tell_its_arguments_is_taken() -> None:
    assert str(Function(min)) == "min"


@pytest.mark.parametrize(
    ("data", "made"),
    [
        (b"", b""),
        (b"a\nb\n", b"A\nB\n"),
        (b"a\nb", b"A\nB"),
        (b"\n\n", b"\n\n"),
        (b"a\r\n", b"A\r\n"),
        (b"\xff\n", b"\xff\n"),
        ("äöü\n".encode(), "ÄÖÜ\n".encode()),
    ],
)
def test_each_line_gives_the_line_without_its_newline_and_puts_it_back(data: bytes, made: bytes) -> None:
    out = io.BytesIO()
    each_line(str.upper).function(io.BytesIO(data), out, None)
    assert out.getvalue() == made


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "x"}, "Python knows no `encoding` of the name 'x'"),
        ({"errors": "x"}, "Python knows no `errors` of the name 'x'"),
        (
            {"encoding": "utf-16"},
            "each_line takes lines apart at the byte of a newline, and utf-16 has others; "
            "decode in a function of the three streams, with io.TextIOWrapper",
        ),
    ],
)
def test_each_line_wants_an_encoding_of_lines(options: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError) as raised:
        each_line(str.upper, **options)
    assert str(raised.value) == message


def test_what_each_line_cannot_write() -> None:
    function: Any = len
    with pytest.raises(TypeError) as raised:
        each_line(function).function(io.BytesIO(b"ab\n"), io.BytesIO(), None)
    assert str(raised.value) == "a function of each_line gives the line to write, or None, and not 2"


def test_each_line_drops_a_line_for_none() -> None:
    out = io.BytesIO()
    each_line(lambda line: line if "a" in line else None).function(io.BytesIO(b"a\nb\nca\n"), out, None)
    assert out.getvalue() == b"a\nca\n"
