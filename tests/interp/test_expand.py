"""From written words to the words of a program: what is put in, and every error's text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from procrun.errors import ExpansionError, PatternError
from procrun.interp.expand import Expansion
from procrun.interp.scope import Scope
from procrun.plan import Options
from procrun.syntax import parse
from procrun.syntax.nodes import Simple, Substitution


def simple(text: str) -> Simple:
    stage = parse(text).items[0].pipelines[0].stages[0]
    assert isinstance(stage, Simple)
    return stage


def expansion(
    text: str,
    *args: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: bytes = b"",
) -> Expansion:
    def substitute(part: Substitution) -> bytes:
        return output

    options = Options().with_(env={"HOME": "/h", **(env or {})}, cwd=cwd)
    return Expansion(Scope(args, options), text, substitute)


def words(text: str, *args: str, **given: object) -> list[str]:
    text = f"p {text}"
    return expansion(text, *args, **given).words(simple(text).words)[1:]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "env", "expected"),
    [
        ("$X", {"X": "a b"}, ["a b"]),
        ("$X", {"X": ""}, [""]),
        ("a $X b", {"X": ""}, ["a", "", "b"]),
        ("$X", {"X": "*"}, ["*"]),
        ("$X", {"X": "$Y `z` 'q' \"r\" \\"}, ["$Y `z` 'q' \"r\" \\"]),
        ("$X", {"X": "{a,b}"}, ["{a,b}"]),
        ("$X", {"X": "~"}, ["~"]),
        ("x${X}y$X", {"X": "1"}, ["x1y1"]),
        ("${X:+a} b", {"X": ""}, ["b"]),
        ("${X+a} b", {"X": ""}, ["a", "b"]),
        ('"${X:+a}" b', {"X": ""}, ["", "b"]),
        ("${X:+a}c b", {"X": ""}, ["c", "b"]),
        ("${X:-*}", {"X": ""}, ["*"]),
        ("${X:-a b}", {"X": ""}, ["a b"]),
        ("${X%$P}", {"X": "a*", "P": "*"}, ["a"]),
        ("${X%$P}", {"X": "ab", "P": "*"}, ["ab"]),
        ("${X%'*'}", {"X": "ab"}, ["ab"]),
        ('"${X%"*"}"', {"X": "ab*"}, ["ab"]),
        ('"${X%%b*}"', {"X": "abc"}, ["a"]),
        ("${#X}", {"X": "日本"}, ["2"]),
        ("{$X,b}", {"X": "a,c"}, ["a,c", "b"]),
        ("{,a} {,a}{,b} ''{,a}", {}, ["a", "b", "a", "ab", "", "a"]),
        ("{~,~/x}/y", {}, ["/h/y", "/h/x/y"]),
        ("~", {"HOME": "/a b*"}, ["/a b*"]),
        ("a~ x~y", {}, ["a~", "x~y"]),
        ("$'\\xc3\\xa9' $'\\xe9'", {}, ["é", "\udce9"]),
        ("[ ] [a {} {a} a=b", {}, ["[", "]", "[a", "{}", "{a}", "a=b"]),
    ],
)
def test_values_are_put_in_as_they_are(written: str, env: dict[str, str], expected: list[str]) -> None:
    assert words(written, env=env) == expected


@pytest.mark.parametrize(
    ("written", "args", "expected"),
    [
        ("$@", ["a b", "", "*"], ["a b", "", "*"]),
        ('"$@"', ["a b", "", "*"], ["a b", "", "*"]),
        ("a $@ b", [], ["a", "b"]),
        ("$1 $2", ["x", "$1"], ["x", "$1"]),
        ("$# ${#}", ["x", "y"], ["2", "2"]),
        ("${10}", list("abcdefghij"), ["j"]),
        ("${2:-none} ${1:-none}", ["x"], ["none", "x"]),
        ("${#1}", ["abc"], ["3"]),
        ("$?", [], ["0"]),
    ],
)
def test_arguments(written: str, args: list[str], expected: list[str]) -> None:
    assert words(written, *args) == expected


@pytest.mark.parametrize(
    ("output", "value"),
    [
        (b"a\n", "a"),
        (b"a\n\n\n", "a"),
        (b"\n", ""),
        (b"", ""),
        (b"\na b\n c\n", "\na b\n c"),
        (b"*", "*"),
        (b"a \n", "a "),
        ("é".encode(), "é"),
        (b"\xe9\n", "\udce9"),
        (b"\xc3\xa9", "é"),
    ],
)
def test_an_output_is_one_word(output: bytes, value: str) -> None:
    assert words("$(x)", output=output) == [value]
    assert words('"<$(x)>"', output=output) == [f"<{value}>"]


def test_the_newlines_of_this_system_are_taken_off() -> None:
    assert words("$(x)", output=f"a{os.linesep}".encode()) == ["a"]


def test_a_default_is_assigned() -> None:
    text = "p ${X:=a} $X ${Y=} ${X:=b}"
    expanding = expansion(text)
    assert expanding.words(simple(text).words) == ["p", "a", "a", "", "a"]
    assert (expanding.scope.get("X"), expanding.scope.get("Y")) == ("a", "")


def test_names_of_files_are_relative_to_the_folder_of_the_text(tmp_path: Path) -> None:
    for name in ("b.c", "a.c", "a b.d"):
        (tmp_path / name).write_text("")
    assert words("*.c x a' '*", cwd=tmp_path) == ["a.c", "b.c", "x", "a b.d"]
    assert words("{a,b}*.c", cwd=tmp_path) == ["a.c", "b.c"]
    assert words("$D/*.d", cwd=tmp_path, env={"D": "."}) == ["./a b.d"]


def test_what_is_assigned_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("")
    text = "X=*.c p"
    value = simple(text).assignments[0].value
    assert expansion(text, cwd=tmp_path).value(value) == "*.c"


def file(text: str, **given: object) -> str:
    target = simple(text).redirections[0].target
    assert not isinstance(target, int)
    return expansion(text, **given).file(target)  # type: ignore[arg-type]


def test_a_pattern_in_a_redirection_names_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("")
    assert file("p < *.c", cwd=tmp_path) == "a.c"


ERRORS = [
    (
        "p $NOPE b",
        (),
        """`NOPE` is not set
  p $NOPE b
    ^^^^^
  set it first (NOPE=value), or write ${NOPE:-} where it may be missing""",
    ),
    (
        'p "a${NOPE%x}"',
        (),
        """`NOPE` is not set
  p "a${NOPE%x}"
      ^^^^^^^^^
  set it first (NOPE=value), or write ${NOPE:-} where it may be missing""",
    ),
    (
        "p ${#NOPE}",
        (),
        """`NOPE` is not set
  p ${#NOPE}
    ^^^^^^^^
  set it first (NOPE=value), or write ${NOPE:-} where it may be missing""",
    ),
    (
        "p $2",
        ("a",),
        """there is no argument 2: 1 given
  p $2
    ^^
  give more after the text, or write ${2:-} where it may be missing""",
    ),
    (
        "p ${NOPE:?say which}",
        (),
        """`NOPE`: say which
  p ${NOPE:?say which}
    ^^^^^^^^^^^^^^^^^^
  the text asks for it; it is not set""",
    ),
    (
        "p ${1?}",
        (),
        """`1`: is not set
  p ${1?}
    ^^^^^
  the text asks for it; it is not set""",
    ),
    (
        "p ${1:?}",
        ("",),
        """`1`: is empty
  p ${1:?}
    ^^^^^^
  the text asks for it; it is empty""",
    ),
    (
        "p a$1",
        ("x\0y",),
        """the word holds a NUL character
  p a$1
    ^^^
  no program can be given one; take it out, for example with `tr -d '\\000'`""",
    ),
    (
        "p {1..9}{1..999999999}",
        (),
        """`{1..9}{1..999999999}` stands for more than 1000000 words
  p {1..9}{1..999999999}
    ^^^^^^^^^^^^^^^^^^^^
  no program takes that many; let a program count, such as `seq`""",
    ),
]


@pytest.mark.parametrize(("text", "args", "message"), ERRORS, ids=[text for text, *_ in ERRORS])
def test_an_error_of_a_word_points_at_it(text: str, args: tuple[str, ...], message: str) -> None:
    with pytest.raises(ExpansionError) as caught:
        expansion(text, *args).words(simple(text).words)
    assert str(caught.value) == message
    assert caught.value.exit_code == 2


def test_a_pattern_without_a_match_says_what_to_write(tmp_path: Path) -> None:
    text = 'p "$X"*.o b'
    with pytest.raises(PatternError) as caught:
        expansion(text, env={"X": "it's "}, cwd=tmp_path).words(simple(text).words)
    assert str(caught.value).split("\n") == [
        "no file matches `it's *.o`",
        '  p "$X"*.o b',
        "    ^^^^^^^",
        """  to give the word itself, quote it: "it's *.o\"""",
    ]
    assert caught.value.exit_code == 1


def test_the_word_to_write_instead_is_one_line(tmp_path: Path) -> None:
    text = "p *$'\\n'x"
    with pytest.raises(PatternError) as caught:
        expansion(text, cwd=tmp_path).words(simple(text).words)
    assert str(caught.value).split("\n") == [
        r"no file matches `*\nx`",
        r"  p *$'\n'x",
        "    ^^^^^^^",
        r"  to give the word itself, quote it: $'*\nx'",
    ]


@pytest.mark.parametrize(
    ("text", "reason", "details"),
    [
        ("p < *.c", "`*.c` stands for 2 files, and a redirection takes one", ("a.c, b.c",)),
        ("p < *.x", "no file matches `*.x`", ()),
    ],
)
def test_a_redirection_takes_one_file(text: str, reason: str, details: tuple[str, ...], tmp_path: Path) -> None:
    for name in ("a.c", "b.c"):
        (tmp_path / name).write_text("")
    with pytest.raises(PatternError) as caught:
        file(text, cwd=tmp_path)
    assert (caught.value.reason, caught.value.details) == (reason, details)
