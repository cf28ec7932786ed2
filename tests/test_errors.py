"""Errors: their wording, their places in a text, their fields, and that they survive pickling."""

from __future__ import annotations

import errno
import pickle
from typing import Any

import pytest

from procrun import status
from procrun.errors import (
    ErrorText,
    ExpansionError,
    FileError,
    PatternError,
    PipelineSyntaxError,
    ProcrunError,
    ProgramNotFound,
    ProgramNotRunnable,
    TextError,
    explain,
    point_at,
    word,
)


@pytest.mark.parametrize(
    ("text", "start", "end", "lines"),
    [
        ("cat | grpe x", 6, 10, ("cat | grpe x", "      ^^^^")),
        ("a", 0, 1, ("a", "^")),
        ("a |", 3, 3, ("a |", "   ^")),
        ("a |", 9, 12, ("a |", "   ^")),
        ("", 0, 0, ("", "^")),
        ("one\ntwo three\nfour", 8, 13, ("two three", "    ^^^^^")),
        ("one\r\ntwo\r\n", 5, 8, ("two", "^^^")),
        ("one\ntwo", 0, 7, ("one", "^^^")),
        ("\tcat\tx", 5, 6, ("\tcat\tx", "\t   \t^")),
        ("ünï x", 4, 5, ("ünï x", "    ^")),
        ("a\n", 2, 2, ("", "^")),
        ("日本 x語 y", 3, 5, ("日本 x語 y", "     ^^^")),
        ("e\u0301\ufe0f x", 4, 5, ("e\u0301\ufe0f x", "  ^")),
        ("a \u0301 x", 2, 3, ("a \u0301 x", "  ^")),
        ("\udce9\x1b\x00 x", 4, 5, ("\\xe9\\e\\x00 x", "           ^")),
        ("a \ud800\x7f b", 2, 4, ("a \\ud800\\x7f b", "  ^^^^^^^^^^")),
        ("a\r b", 3, 4, ("a\\r b", "    ^")),
        ("\U0001f600 \u200d x", 4, 5, ("\U0001f600 \\u200d x", "          ^")),
    ],
)
def test_a_caret_stands_under_the_place(text: str, start: int, end: int, lines: tuple[str, str]) -> None:
    assert point_at(text, start, end) == lines


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, "it is wrong"),
        ({"hint": "mend it"}, "it is wrong\n  mend it"),
        ({"stage": "stage 1 of 2, `a`"}, "it is wrong (in stage 1 of 2, `a`)"),
        (
            {"stage": "`a`", "place": ("a b", "  ^"), "details": ("seen",), "hint": "mend it"},
            "it is wrong (in `a`)\n  a b\n    ^\n  seen\n  mend it",
        ),
    ],
)
def test_the_parts_of_an_explanation(parts: dict[str, Any], text: str) -> None:
    assert explain("it is wrong", **parts) == text


def test_an_error_can_be_printed_whatever_it_quotes() -> None:
    text = explain("`\ud800` is wrong", stage="`\udcff`", details=["\x1b[31mred\ttab", "ü €"], hint="line\n  line")
    assert text == "`\\ud800` is wrong (in `\\xff`)\n  \\e[31mred\ttab\n  ü €\n  line\n  line"


def test_an_error_with_everything() -> None:
    error = ProgramNotFound(
        "no program `grpe`",
        program="grpe",
        searched=("/bin", "/usr/bin"),
        text="cat | grpe x",
        start=6,
        end=10,
        details=["searched in /bin:/usr/bin"],
        hint="did you mean `grep`?",
        stage="stage 2 of 2, `grpe x`",
    )
    assert str(error) == (
        "no program `grpe` (in stage 2 of 2, `grpe x`)\n"
        "  cat | grpe x\n"
        "        ^^^^\n"
        "  searched in /bin:/usr/bin\n"
        "  did you mean `grep`?"
    )


PLACE: dict[str, Any] = {"text": "a b", "start": 2, "end": 3, "hint": "mend it", "details": ("seen",), "stage": "`a b`"}
FILE = PermissionError(errno.EACCES, "Permission denied", "out.txt")
ERRORS = [
    TextError("wrong", **PLACE),
    PipelineSyntaxError("wrong", **PLACE),
    ExpansionError("wrong", **PLACE),
    PatternError("wrong", **PLACE),
    FileError("wrong", cause=FILE, **PLACE),
    FileError("wrong", **PLACE),
    ProgramNotFound("wrong", program="b", searched=["/bin"], **PLACE),
    ProgramNotRunnable("wrong", program="/bin/b", cause=FILE, **PLACE),
    ProgramNotRunnable("wrong", program="/bin/b", **PLACE),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error: TextError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
    assert copy.args == error.args
    assert copy.exit_code == error.exit_code
    if isinstance(error, OSError):
        assert (copy.errno, copy.strerror, copy.filename) == (error.errno, error.strerror, error.filename)


def test_a_pickled_error_still_has_what_a_program_changed_in_it() -> None:
    error = ProgramNotFound("no program `x`", program="x")
    error.stage, error.hint = "stage 2 of 2, `x`", "install it"
    assert str(pickle.loads(pickle.dumps(error))) == "no program `x` (in stage 2 of 2, `x`)\n  install it"


@pytest.mark.parametrize(
    ("kind", "bases", "exit_code"),
    [
        (ProcrunError, (Exception,), status.INTERNAL_ERROR),
        (TextError, (ProcrunError,), status.USAGE),
        (PipelineSyntaxError, (TextError, ValueError), status.USAGE),
        (ExpansionError, (TextError,), status.USAGE),
        (PatternError, (TextError,), 1),
        (FileError, (TextError, OSError), 1),
        (ProgramNotFound, (TextError, FileNotFoundError), status.NOT_FOUND),
        (ProgramNotRunnable, (TextError, OSError), status.NOT_RUNNABLE),
    ],
)
def test_the_standard_class_and_the_exit_status(
    kind: type[ProcrunError], bases: tuple[type, ...], exit_code: int
) -> None:
    assert all(issubclass(kind, base) for base in bases)
    assert kind.exit_code == exit_code


def test_the_fields_that_programs_read_are_filled() -> None:
    missing = ProgramNotFound("no program `x`", program="x", searched=["/bin"])
    assert (missing.errno, missing.strerror, missing.filename) == (2, "No such file or directory", "x")
    assert (missing.program, missing.searched) == ("x", ("/bin",))
    refused = FileError("`out.txt` cannot be opened", cause=FILE)
    assert (refused.errno, refused.strerror, refused.filename) == (errno.EACCES, "Permission denied", "out.txt")
    without_cause = FileError("a pattern matches two files")
    assert (without_cause.errno, without_cause.strerror, without_cause.filename) == (None, None, None)


def test_a_standard_except_clause_catches_what_it_used_to() -> None:
    with pytest.raises(FileNotFoundError):
        raise ProgramNotFound("no program `x`", program="x")
    with pytest.raises(OSError):
        raise FileError("`f` cannot be opened", cause=FILE)
    with pytest.raises(ValueError):
        raise PipelineSyntaxError("unexpected `)`")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("wrong"), "ValueError: wrong"),
        (KeyError("k"), "KeyError: 'k'"),
        (ErrorText("Custom: wrong"), "Custom: wrong"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (AssertionError(""), "AssertionError"),
        (ValueError(" \n"), "ValueError"),
        (ValueError(" two\nlines\n"), "ValueError:  two\nlines"),
    ],
    ids=repr,
)
def test_the_words_for_an_exception(error: BaseException, words: str) -> None:
    assert word(error) == words
