"""What a word means where it stands: `~`, assignments, `$@`, redirections."""

from __future__ import annotations

import pytest

from procrun.errors import PipelineSyntaxError
from procrun.syntax import parse
from procrun.syntax.nodes import Assignment, Braces, Parameter, Part, Simple, Span, Text, Tilde, Word

HOME = Tilde()


def simple(text: str) -> Simple:
    (stage,) = parse(text).items[0].pipelines[0].stages
    assert isinstance(stage, Simple)
    return stage


def parts(*written: str | Part) -> tuple[Part, ...]:
    return tuple(Text(one) if isinstance(one, str) else one for one in written)


def quoted(value: str) -> Text:
    return Text(value, quoted=True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("~", parts(HOME)),
        ("~/", parts(HOME, "/")),
        ("~/x~", parts(HOME, "/x~")),
        ("~/{a,b}", parts(HOME, "/", Braces((Word(parts("a")), Word(parts("b")))))),
        ("{~,~/x}", parts(Braces((Word(parts(HOME)), Word(parts(HOME, "/x")))))),
        ("{~,~/x}/y", parts(Braces((Word(parts(HOME)), Word(parts(HOME, "/x")))), "/y")),
        (
            "{a,{~,b}}/y",
            parts(
                Braces(
                    (Word(parts("a")), Word(parts(Braces((Word(parts(HOME)), Word(parts("b"))))))),
                ),
                "/y",
            ),
        ),
        # Ordinary characters.
        ("a~", parts("a~")),
        ("a/~", parts("a/~")),
        ("x=~", parts("x=~")),
        ("--x=~/y", parts("--x=~/y")),
        ("a:~", parts("a:~")),
        ("~~", parts("~~")),
        ("~*", parts("~*")),
        ("~:x", parts("~:x")),
        ("\\~", parts(quoted("~"))),
        ("'~'/x", parts(quoted("~"), "/x")),
        ("''~", parts(quoted(""), "~")),
        ("~''", parts("~", quoted(""))),
        ("~'x'", parts("~", quoted("x"))),
        ("~$X", parts("~", Parameter("X"))),
        ("{~,b}'x'", parts(Braces((Word(parts("~")), Word(parts("b")))), quoted("x"))),
        ("a{~,b}", parts("a", Braces((Word(parts("~")), Word(parts("b")))))),
    ],
)
def test_the_home_folder_in_an_argument(written: str, expected: tuple[Part, ...]) -> None:
    assert simple(f"a {written}").words[1] == Word(expected)
    if "x=" not in written:
        assert simple(written).words[0] == Word(expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", parts()),
        ("1", parts("1")),
        ("a=b", parts("a=b")),
        ("''", parts(quoted(""))),
        ("'a b'$Y", parts(quoted("a b"), Parameter("Y"))),
        ("*", parts("*")),
        ("{a,b}", parts("{a,b}")),
        ("{1..3}", parts("{1..3}")),
        ("~", parts(HOME)),
        ("~/a", parts(HOME, "/a")),
        ("~/a:~/b", parts(HOME, "/a:", HOME, "/b")),
        ("~:~:", parts(HOME, ":", HOME, ":")),
        ("a:~:b", parts("a:", HOME, ":b")),
        ("$Y:~", parts(Parameter("Y"), ":", HOME)),
        ("a~:b/~", parts("a~:b/~")),
        ("a=~", parts("a=~")),
        ("a':'~", parts("a", quoted(":"), "~")),
        ("\\~", parts(quoted("~"))),
        ("~$Y", parts("~", Parameter("Y"))),
        ("/:~'x'", parts("/:~", quoted("x"))),
    ],
)
def test_assignments(written: str, expected: tuple[Part, ...]) -> None:
    assert simple(f"X={written}").assignments == (Assignment("X", Word(expected)),)
    assert simple(f"_x1={written} a").assignments == (Assignment("_x1", Word(expected)),)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("X", parts("X")),
        ("X=~", parts("X=", HOME)),
        ("X=~/a:~/b", parts("X=", HOME, "/a:", HOME, "/b")),
        ("X={a,b}", parts("X={a,b}")),
        ("X=$Y", parts("X=", Parameter("Y"))),
        ("X'='~", parts("X", quoted("="), "~")),
        ("{X,Y}=~", parts(Braces((Word(parts("X")), Word(parts("Y")))), "=~")),
    ],
)
def test_what_export_is_given_is_read_as_an_assignment(written: str, expected: tuple[Part, ...]) -> None:
    assert simple(f"export {written}").words[1] == Word(expected)
    assert simple(f"'export' a {written}").words[2] == Word(expected)


@pytest.mark.parametrize("written", ["1X=a", "X-Y=a", "'X=a'", "X'='a", "X\\=a", "\\X=a", "''X=a", "=a", "$X=a", "é=a"])
def test_what_is_no_assignment_is_a_program(written: str) -> None:
    assert simple(written).assignments == ()
    assert len(simple(written).words) == 1


def test_assignments_stand_before_the_program_only() -> None:
    assert simple("X=1 > f Y=2 a Z=3 b") == Simple(
        (Assignment("X", Word(parts("1"))), Assignment("Y", Word(parts("2")))),
        (Word(parts("a")), Word(parts("Z=3")), Word(parts("b"))),
        simple("> f").redirections,
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("~/x", parts(HOME, "/x")),
        ("*.txt", parts("*.txt")),
        ("{x}", parts("{x}")),
        ("a~", parts("a~")),
    ],
)
def test_files_of_redirections(written: str, expected: tuple[Part, ...]) -> None:
    (redirection,) = simple(f"> {written}").redirections
    assert redirection.target == Word(expected)


@pytest.mark.parametrize(
    ("written", "expected"), [("{a,b}", parts("{a,b}")), ("~", parts(HOME)), ("''", parts(quoted("")))]
)
def test_the_text_of_a_redirection(written: str, expected: tuple[Part, ...]) -> None:
    (redirection,) = simple(f"cat <<< {written}").redirections
    assert redirection.target == Word(expected)


def test_places() -> None:
    command = simple("X=a:~/b {~,c} ~/d > ~")
    assert command.assignments[0].span == Span(0, 7)
    assert command.assignments[0].value.span == Span(2, 7)
    assert [part.span for part in command.assignments[0].value.parts] == [Span(2, 4), Span(4, 5), Span(5, 7)]
    braces = command.words[0].parts[0]
    assert isinstance(braces, Braces)
    assert braces.choices[0].parts[0].span == Span(9, 10)
    assert [part.span for part in command.words[1].parts] == [Span(14, 15), Span(15, 17)]
    assert command.redirections[0].span == Span(18, 21)


LONGER = "`$@` stands in a longer word, and becomes several words"
ASSIGNED = "`$@` stands in an assignment, and becomes several words"
REDIRECTED = "`$@` stands in a redirection, and becomes several words"
JOINED = (
    "  expected `$@` as an argument of its own\n"
    '  write it alone, with a blank on both sides; for one argument write "$1"'
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b$@", LONGER + f"\n  a b$@\n     ^^\n{JOINED}"),
        ('a "$@ "', LONGER + f'\n  a "$@ "\n     ^^\n{JOINED}'),
        ('a ""$@', LONGER + f'\n  a ""$@\n      ^^\n{JOINED}'),
        ("a $@$@", LONGER + f"\n  a $@$@\n    ^^\n{JOINED}"),
        ("a {$@,b}", LONGER + f"\n  a {{$@,b}}\n     ^^\n{JOINED}"),
        (
            "a ${X:-$@}",
            LONGER + f"\n  a ${{X:-$@}}\n         ^^\n{JOINED}",
        ),
        ("a ${X%$@}", LONGER + f"\n  a ${{X%$@}}\n        ^^\n{JOINED}"),
        ("X=$@", ASSIGNED + f"\n  X=$@\n    ^^\n{JOINED}"),
        ('X=a"$@" b', ASSIGNED + f'\n  X=a"$@" b\n      ^^\n{JOINED}'),
        (
            "export X=$@",
            ASSIGNED + f"\n  export X=$@\n           ^^\n{JOINED}",
        ),
        ("a > $@", REDIRECTED + f"\n  a > $@\n      ^^\n{JOINED}"),
        ('a <<< "$@"', REDIRECTED + f'\n  a <<< "$@"\n         ^^\n{JOINED}'),
        (
            "a > {b,c}",
            "`{b,c}` stands for several words, and a redirection takes one file\n  a > {b,c}\n      ^^^^^\n"
            "  name one file; quote braces that belong to its name",
        ),
        (
            "a < x{1..1}",
            "`x{1..1}` stands for several words, and a redirection takes one file\n  a < x{1..1}\n      ^^^^^^^\n"
            "  name one file; quote braces that belong to its name",
        ),
        ("X+=1 a", '`+=` is not part of the language\n  X+=1 a\n  ^^^\n  write X="$X…"'),
    ],
)
def test_what_cannot_stand_there(text: str, message: str) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["$@", '"$@" | sort', "a $@ b", "export $@", "cd $@", "a \"$@\" '$@'", 'a "\\$@"'])
def test_where_all_arguments_may_stand(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("text", "name", "column"),
    [
        ("a ~root", "root", 2),
        ("~root/x", "root", 0),
        ("a ~+", "+", 2),
        ("a ~-/x", "-", 2),
        ("X=~me", "me", 2),
        ("X=a:~me.you:b", "me.you", 4),
        ("export X=~me", "me", 9),
        ("a > ~me", "me", 4),
        ("a {~me,b}", "me", 3),
        ("a {b,~}me", "me", 5),
        ("a ${X:-~me}", "me", 7),
    ],
)
def test_the_home_of_another_user_is_refused(text: str, name: str, column: int) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(text)
    width = len(name) + 1 if f"~{name}" in text else 1
    assert str(caught.value) == (
        f"`~{name}`, the home folder of a user, is not part of the language\n"
        f"  {text}\n  {' ' * column}{'^' * width}\n"
        f"  write the folder itself, or '~{name}' for these characters"
    )
