"""Options: the frozen form of each, and what is refused in which words."""

from __future__ import annotations

import io
import math
import os
import pickle
import subprocess
from pathlib import Path
from typing import Any

import pytest

from procrun import CAPTURE, INHERIT, MERGE, NULL, PIPE, Head, Options, Spill, Tail

FILE = io.BytesIO()
OPEN = open(os.devnull, "rb")
OPEN.close()


class Array:
    """Something that cannot say whether it equals anything, as arrays cannot."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("the truth value of an array is ambiguous")

    __hash__ = object.__hash__

    def __iter__(self) -> Any:
        return iter((b"a", b"b"))


def write(data: bytes) -> None:
    """A sink."""


ARRAY = Array()


@pytest.mark.parametrize(
    ("name", "value", "frozen"),
    [
        ("input", None, None),
        ("input", b"a", b"a"),
        ("input", "a", "a"),
        ("input", bytearray(b"a"), b"a"),
        ("input", memoryview(b"a"), b"a"),
        ("input", ["a", "b"], ("a", "b")),
        ("input", (bytearray(b"a"), "b", memoryview(b"c")), (b"a", "b", b"c")),
        ("input", {"a": 1}, {"a": 1}),
        ("input", FILE, FILE),
        ("input", ARRAY, ARRAY),
        ("stdin", None, None),
        ("stdin", INHERIT, INHERIT),
        ("stdin", NULL, NULL),
        ("stdin", PIPE, PIPE),
        ("stdin", subprocess.PIPE, PIPE),
        ("stdin", subprocess.DEVNULL, NULL),
        ("stdin", "in.txt", "in.txt"),
        ("stdin", Path("in.txt"), "in.txt"),
        ("stdin", 0, 0),
        ("stdin", 77, 77),
        ("stdin", FILE, FILE),
        ("stdout", CAPTURE, CAPTURE),
        ("stdout", subprocess.PIPE, CAPTURE),
        ("stdout", subprocess.DEVNULL, NULL),
        ("stdout", PIPE, PIPE),
        ("stdout", Path("out.txt"), "out.txt"),
        ("stdout", write, write),
        ("stdout", FILE.write, FILE.write),
        ("stdout", FILE, FILE),
        ("stdout", [INHERIT, CAPTURE], (INHERIT, CAPTURE)),
        ("stdout", (Path("out.txt"), write), ("out.txt", write)),
        ("stdout", [subprocess.PIPE, 2], (CAPTURE, 2)),
        ("stderr", MERGE, MERGE),
        ("stderr", subprocess.STDOUT, MERGE),
        ("stderr", [NULL], (NULL,)),
        ("cwd", None, None),
        ("cwd", "folder", "folder"),
        ("cwd", Path("folder"), "folder"),
        ("env", None, ()),
        ("env", {}, ()),
        ("env", {"A": "1", "B": None}, (("A", "1"), ("B", None))),
        ("env", [("A", "=")], (("A", "="),)),
        ("clean_env", True, True),
        ("ok", None, None),
        ("ok", 3, frozenset({3})),
        ("ok", [0, 1, 1], frozenset({0, 1})),
        ("ok", range(3), frozenset({0, 1, 2})),
        ("ok", {-15}, frozenset({-15})),
        ("check", False, False),
        ("pipefail", False, False),
        ("timeout", None, None),
        ("timeout", 0, 0),
        ("timeout", 0.5, 0.5),
        ("timeout", math.inf, math.inf),
        ("grace", 0, 0),
        ("grace", 1.5, 1.5),
        ("encoding", "latin-1", "latin-1"),
        ("errors", "replace", "replace"),
        ("max_output", None, None),
        ("max_output", 0, 0),
        ("max_output", Head(10), Head(10)),
        ("max_output", Tail(0), Tail(0)),
        ("max_output", Spill(10, "spilt"), Spill(10, "spilt")),
    ],
)
def test_the_form_in_which_an_option_is_kept(name: str, value: Any, frozen: Any) -> None:
    kept = getattr(Options().with_(**{name: value}), name)
    assert kept is frozen or (type(kept) is type(frozen) and kept == frozen)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("input", 5, "`input` is bytes, text or an iterable of them, not 5; a file is given as `stdin`"),
        ("stdin", b"data", "`stdin` names where input comes from; give bytes themselves as `input`"),
        ("stdin", bytearray(), "`stdin` names where input comes from; give bytes themselves as `input`"),
        ("stdin", memoryview(b""), "`stdin` names where input comes from; give bytes themselves as `input`"),
        ("stdin", 1.5, "`stdin` is a procrun constant, a path, a descriptor or a file, not 1.5"),
        ("stdin", True, "`stdin` is a procrun constant, a path, a descriptor or a file, not True"),
        ("stdin", ["in.txt"], "`stdin` is a procrun constant, a path, a descriptor or a file, not ['in.txt']"),
        ("stdout", 1.5, "`stdout` is a procrun constant, a path, a descriptor, a file or a callable, not 1.5"),
        ("stdout", b"out", "`stdout` is a procrun constant, a path, a descriptor, a file or a callable, not b'out'"),
        ("stdout", {1}, "`stdout` is a procrun constant, a path, a descriptor, a file or a callable, not {1}"),
        ("stderr", False, "`stderr` is a procrun constant, a path, a descriptor, a file or a callable, not False"),
        ("cwd", 3, "`cwd` is the path of a folder, not 3"),
        ("cwd", b"folder", "`cwd` is the path of a folder, not b'folder'"),
        ("env", 5, "`env` maps names to text or None, such as {'LANG': 'C'}, and is not 5"),
        ("env", ["LANG=C"], "`env` maps names to text or None, such as {'LANG': 'C'}, and is not ['LANG=C']"),
        ("env", {"N": 5}, "`env` maps names to text or None, not 'N' to 5; write env={'N': '5'}"),
        ("env", {5: "N"}, "`env` maps names to text or None, not 5 to 'N'; write env={'5': 'N'}"),
        ("env", {"N": b"x"}, "`env` maps names to text or None, not 'N' to b'x'; write env={'N': \"b'x'\"}"),
        ("clean_env", 1, "`clean_env` is True or False, not 1"),
        ("check", "no", "`check` is True or False, not 'no'"),
        ("pipefail", None, "`pipefail` is True or False, not None"),
        ("ok", "0", "`ok` is an exit code or several of them, such as [0, 1], not '0'"),
        ("ok", True, "`ok` is an exit code or several of them, such as [0, 1], not True"),
        ("ok", [0, "1"], "`ok` is an exit code or several of them, such as [0, 1], not [0, '1']"),
        ("ok", 1.0, "`ok` is an exit code or several of them, such as [0, 1], not 1.0"),
        ("timeout", "5", "`timeout` is a number of seconds, not '5'"),
        ("timeout", True, "`timeout` is a number of seconds, not True"),
        ("grace", None, "`grace` is a number of seconds, not None"),
        ("encoding", 8, "`encoding` is a name, such as 'utf-8', not 8"),
        ("encoding", None, "`encoding` is a name, such as 'utf-8', not None"),
        ("errors", None, "`errors` is a name, such as 'surrogateescape', not None"),
        ("max_output", "1k", "`max_output` is a number of bytes, Head(n), Tail(n) or Spill(n, path), not '1k'"),
        ("max_output", True, "`max_output` is a number of bytes, Head(n), Tail(n) or Spill(n, path), not True"),
        ("max_output", 1e6, "`max_output` is a number of bytes, Head(n), Tail(n) or Spill(n, path), not 1000000.0"),
    ],
)
def test_a_value_of_a_wrong_type(name: str, value: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        Options().with_(**{name: value})
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "stdin",
            CAPTURE,
            "`stdin` cannot be procrun.CAPTURE: it is INHERIT, NULL, PIPE, a path, a descriptor or a file",
        ),
        (
            "stdin",
            subprocess.STDOUT,
            "`stdin` cannot be procrun.MERGE: it is INHERIT, NULL, PIPE, a path, a descriptor or a file",
        ),
        ("stdin", -4, "`stdin` is not a descriptor: -4"),
        ("stdout", -4, "`stdout` is not a descriptor: -4"),
        ("stdout", MERGE, "only `stderr` can be MERGE: it then goes where stdout goes"),
        ("stdout", subprocess.STDOUT, "only `stderr` can be MERGE: it then goes where stdout goes"),
        ("stdout", [], "a list for `stdout` holds sinks such as INHERIT, CAPTURE or a path, not nothing"),
        ("stdout", [None], "a list for `stdout` holds sinks such as INHERIT, CAPTURE or a path, not [None]"),
        ("stdout", [PIPE], "a list for `stdout` holds sinks such as INHERIT, CAPTURE or a path, not [procrun.PIPE]"),
        ("stderr", [MERGE], "a list for `stderr` holds sinks such as INHERIT, CAPTURE or a path, not [procrun.MERGE]"),
        ("stderr", [[1]], "a list for `stderr` holds sinks such as INHERIT, CAPTURE or a path, not [(1,)]"),
        (
            "stdout",
            [CAPTURE, "f", CAPTURE],
            "a list for `stdout` holds CAPTURE more than once; what is captured is kept once",
        ),
        ("cwd", "", "`cwd` is empty; `.` is the folder that this process is in"),
        ("env", {"": "x"}, "`env` cannot hold '': names have no `=`, and neither part a NUL"),
        ("env", {"A=B": "x"}, "`env` cannot hold 'A=B': names have no `=`, and neither part a NUL"),
        ("env", {"A": "a\0b"}, "`env` cannot hold 'A': names have no `=`, and neither part a NUL"),
        (
            "ok",
            [],
            "`ok` is empty, so that nothing would be success; to accept any status write check=False",
        ),
        ("ok", -65, "`ok` holds -65; exit codes are 0 and up, and -N is the end by signal N"),
        ("ok", [0, -256], "`ok` holds -256; exit codes are 0 and up, and -N is the end by signal N"),
        ("timeout", -1, "`timeout` is a number of seconds from 0 up, not -1"),
        ("timeout", math.nan, "`timeout` is a number of seconds from 0 up, not nan"),
        ("grace", -0.5, "`grace` is a number of seconds from 0 up, not -0.5"),
        ("idle_timeout", -1, "`idle_timeout` is a number of seconds above 0, not -1"),
        ("encoding", "utf-99", "Python knows no `encoding` of the name 'utf-99'"),
        ("encoding", "hex", "Python knows no `encoding` of the name 'hex'"),
        ("errors", "forgive", "Python knows no `errors` of the name 'forgive'"),
        ("max_output", -1, "a size is a number of bytes from 0 up, not -1"),
    ],
)
def test_a_value_that_makes_no_sense(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        Options().with_(**{name: value})
    assert str(raised.value) == message


def test_options_are_a_value() -> None:
    options = Options().with_(cwd="a", env={"A": "1"}, ok=[0, 1], stdout=[INHERIT, CAPTURE], input=["a"])
    assert options == Options().with_(cwd="a", env={"A": "1"}, ok={1, 0}, stdout=(INHERIT, CAPTURE), input=("a",))
    assert len({options, options.with_(), options.with_(timeout=1)}) == 2
    copy = pickle.loads(pickle.dumps(options))
    assert copy == options
    assert copy.stdout[0] is INHERIT
    with pytest.raises(AttributeError):
        options.cwd = "b"  # type: ignore[misc]


def test_what_is_given_is_remembered_also_if_it_changes_nothing() -> None:
    assert Options().given() == {}
    assert Options().with_(timeout=None, env={}, ok=None).given() == {}
    default = {"check": True, "encoding": "utf-8", "grace": 5, "clean_env": False}
    assert Options().with_(**default).given() == default
    assert Options().with_(check=True).with_(check=False, grace=5).given() == {"check": False, "grace": 5}
    assert Options.of(default) == Options().with_(**default) != Options()
    assert pickle.loads(pickle.dumps(Options().with_(**default))).given() == default
    assert Options().with_(timeout=0, check=False, stdin=0).given() == {"timeout": 0, "check": False, "stdin": 0}
    assert Options().with_(input=ARRAY).given() == {"input": ARRAY}


def test_a_list_that_changes_later_changes_no_options() -> None:
    pieces, piece = ["a"], bytearray(b"a")
    options = Options().with_(input=pieces, stdout=pieces)
    other = Options().with_(input=[piece])
    pieces.append("b")
    piece.append(98)
    assert (options.input, options.stdout, other.input) == (("a",), ("a",), (b"a",))


class Sink:
    """A callable that cannot be hashed, as one that can be compared."""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __call__(self, data: bytes) -> None:
        """Take a piece."""

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("given", [{"input": {"a": 1}}, {"input": {"a"}}, {"stdout": Sink()}, {"stderr": [Sink()]}])
def test_options_can_be_hashed_whatever_they_hold(given: dict[str, Any]) -> None:
    options = Options().with_(**given)
    assert len({options, options.with_(), options.with_(timeout=1)}) == 2
