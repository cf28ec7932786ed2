"""Words as they are read: every way to write one, as the parts that it is."""

from __future__ import annotations

import pytest

from procrun.errors import PipelineSyntaxError
from procrun.syntax import parse
from procrun.syntax.nodes import Arguments, Length, Parameter, Part, Simple, Span, Substitution, Text, Tilde, Word


def parts(written: str) -> list[Part]:
    """The parts of the last word of `a WORD`."""
    (stage,) = parse(f"a {written}").items[0].pipelines[0].stages
    assert isinstance(stage, Simple)
    return list(stage.words[-1].parts)


def plain(value: str) -> Text:
    return Text(value)


def quoted(value: str) -> Text:
    return Text(value, quoted=True)


def word(*pieces: Part) -> Word:
    return Word(pieces)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("abc", [plain("abc")]),
        ("a-b_c.d/e:f,g@h%i+j=k", [plain("a-b_c.d/e:f,g@h%i+j=k")]),
        ("*.[ch]?", [plain("*.[ch]?")]),
        ("{}", [plain("{}")]),
        ("a#b", [plain("a#b")]),
        ("a!", [plain("a!")]),
        ("é日\udce9", [plain("é日\udce9")]),
        ("a\u00a0b\x0bc\x0cd\u2028e", [plain("a\u00a0b\x0bc\x0cd\u2028e")]),
        ("a\rb", [plain("a\rb")]),
        ("if", [plain("if")]),
        ("}", [plain("}")]),
        ("12", [plain("12")]),
        ("''", [quoted("")]),
        ("'a b'", [quoted("a b")]),
        ("'$X `a` \\ \"'", [quoted('$X `a` \\ "')]),
        ("'a\nb\r\nc'", [quoted("a\nb\r\nc")]),
        ('""', [quoted("")]),
        ('"a b"', [quoted("a b")]),
        ('"a\\$b\\"c\\\\d\\`e"', [quoted('a$b"c\\d`e')]),
        ('"\\a\\ \\\'"', [quoted("\\a\\ \\'")]),
        ('"a\\\nb"', [quoted("ab")]),
        ('"a\\\r\nb"', [quoted("a\\\r\nb")]),
        ('"it\'s"', [quoted("it's")]),
        ('"a\nb\r\n"', [quoted("a\nb\r\n")]),
        ('"# ~ * {a,b} | ;"', [quoted("# ~ * {a,b} | ;")]),
        ("a'b'\"c\"d", [plain("a"), quoted("bc"), plain("d")]),
        ("a''b", [plain("a"), quoted(""), plain("b")]),
        ("'a'''", [quoted("a")]),
        ("\\*", [quoted("*")]),
        ("\\a\\ \\\\\\'", [quoted("a \\'")]),
        ("\\\rb", [quoted("\r"), plain("b")]),
        ("a\\\nb", [plain("ab")]),
        ("a\\\r\nb", [plain("ab")]),
        ("\\#a", [quoted("#"), plain("a")]),
        ("\\{a,b}", [quoted("{"), plain("a,b}")]),
    ],
)
def test_text(written: str, expected: list[Part]) -> None:
    assert parts(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("$X", [Parameter("X")]),
        ("$x_1-y", [Parameter("x_1"), plain("-y")]),
        ("$_", [Parameter("_")]),
        ("${X}y", [Parameter("X"), plain("y")]),
        ("$Xé", [Parameter("X"), plain("é")]),
        ("$1", [Parameter("1")]),
        ("$10", [Parameter("1"), plain("0")]),
        ("${10}", [Parameter("10")]),
        ("${007}", [Parameter("7")]),
        ("$#", [Parameter("#")]),
        ("${#}", [Parameter("#")]),
        ("$?", [Parameter("?")]),
        ("${?}", [Parameter("?")]),
        ("$@", [Arguments()]),
        ("${@}", [Arguments()]),
        ('"$@"', [Arguments()]),
        ('"${@}"', [Arguments()]),
        ("${#X}", [Length("X")]),
        ("${#1}", [Length("1")]),
        ('"$X"', [Parameter("X", True)]),
        ('"a $X b"', [quoted("a "), Parameter("X", True), quoted(" b")]),
        ("\"$X\"''", [Parameter("X", True)]),
        ("$X''", [Parameter("X"), quoted("")]),
        ('"${#X}$?"', [Length("X", True), Parameter("?", True)]),
        ("$\\\nX", [Parameter("X")]),
        ("$X\\\nY", [Parameter("XY")]),
        ("$\\\n{\\\nX\\\nY\\\n:\\\n-\\\na\\\n}", [Parameter("XY", False, ":-", word(quoted("a")))]),
        ("${\\\n#\\\nX\\\n}", [Length("X")]),
        ("${\\\n@\\\n}", [Arguments()]),
    ],
)
def test_parameters(written: str, expected: list[Part]) -> None:
    assert parts(written) == expected


@pytest.mark.parametrize("written", ["$", "$.", "$%", "$é", '"$"', '"$."', "'$'", "\\$"])
def test_a_dollar_before_nothing_is_a_character(written: str) -> None:
    assert "".join(part.value for part in parts(written) if isinstance(part, Text)).startswith("$")
    assert parts(written)[0] == quoted("$." if written == '"$."' else "$")


@pytest.mark.parametrize("operator", [":-", "-", ":+", "+", ":?", "?", ":=", "="])
def test_a_default_is_a_value(operator: str) -> None:
    assert parts(f"${{X{operator}a*b}}") == [Parameter("X", False, operator, word(quoted("a*b")))]
    assert parts(f'"${{X{operator}a*b}}"') == [Parameter("X", True, operator, word(quoted("a*b")))]
    assert parts(f"${{X{operator}}}") == [Parameter("X", False, operator, word())]


@pytest.mark.parametrize("operator", ["%", "%%", "#", "##"])
def test_what_is_removed_is_a_pattern(operator: str) -> None:
    assert parts(f"${{1{operator}a*b}}") == [Parameter("1", False, operator, word(plain("a*b")))]
    assert parts(f'"${{1{operator}a*b}}"') == [Parameter("1", True, operator, word(plain("a*b")))]
    assert parts(f"${{1{operator}}}") == [Parameter("1", False, operator, word())]


@pytest.mark.parametrize(
    ("written", "default"),
    [
        ("${X:-a b;|#c\n}", word(quoted("a b;|#c\n"))),
        ("${X:-'a}'\"b}\"\\}c}", word(quoted("a}b}}c"))),
        ("${X:-a\\b}", word(quoted("ab"))),
        ("${X:-{a,b}", word(quoted("{a,b"))),
        ("${X:-$Y}", word(Parameter("Y"))),
        ('${X:-"$Y z"}', word(Parameter("Y", True), quoted(" z"))),
        ("${X:-${Y:-a}}", word(Parameter("Y", False, ":-", word(quoted("a"))))),
        ("${X:-$(a })}", word(Substitution(parse("a }")))),
        ("${X:-''}", word(quoted(""))),
        ("${X:-~}", word(Tilde())),
        ("${X:-~/a}", word(Tilde(), quoted("/a"))),
        ("${X:-a~}", word(quoted("a~"))),
        ("${X:-\\~}", word(quoted("~"))),
        ("${X--a}", word(quoted("-a"))),
        ("${X:=:=}", word(quoted(":="))),
        ("${X:-a\\\nb}", word(quoted("ab"))),
    ],
)
def test_defaults(written: str, default: Word) -> None:
    (parameter,) = parts(written)
    assert isinstance(parameter, Parameter)
    assert parameter.word == default


@pytest.mark.parametrize(
    ("written", "default"),
    [
        ("\"${N:-'a'}\"", word(quoted("'a'"))),
        ('"${N:-\'}"', word(quoted("'"))),
        ('"${N:-"a}b"c}"', word(quoted("a}bc"))),
        ('"${N:-a\\}b\\c\\"}"', word(quoted('a}b\\c"'))),
        ('"${N:-~}"', word(quoted("~"))),
        ("\"${N:-$'a'}\"", word(quoted("$'a'"))),
        ('"${N:-$Y}"', word(Parameter("Y", True))),
    ],
)
def test_quotes_in_a_quoted_default_are_ordinary(written: str, default: Word) -> None:
    assert parts(written) == [Parameter("N", True, ":-", default)]


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("${N%'*'*}", word(quoted("*"), plain("*"))),
        ("\"${N%'*'*}\"", word(quoted("*"), plain("*"))),
        ('"${N%"*"*}"', word(quoted("*"), plain("*"))),
        ('"${N%\\**}"', word(quoted("*"), plain("*"))),
        ("${N%\\}}", word(quoted("}"))),
        ("${N%$P}", word(Parameter("P"))),
        ('"${N%$P}"', word(Parameter("P"))),
        ("${N%[a b]}", word(plain("[a b]"))),
        ("${N#~/}", word(Tilde(), plain("/"))),
        ('"${N#~/}"', word(Tilde(), plain("/"))),
        ("${N###}", word(plain("#"))),
        ("${N%%%}", word(plain("%"))),
    ],
)
def test_quotes_in_a_pattern_quote_it(written: str, pattern: Word) -> None:
    (parameter,) = parts(written)
    assert isinstance(parameter, Parameter)
    assert parameter.word == pattern


@pytest.mark.parametrize(
    ("written", "is_quoted", "inside"),
    [
        ("$(b c)", False, "b c"),
        ('"$(b "c d")"', True, "b 'c d'"),
        ("$()", False, ""),
        ("$( )", False, ""),
        ("$(# b\n)", False, ""),
        ("$(\nb\n\nc;\n)", False, "b; c"),
        ("$(b # )\n)", False, "b"),
        ("$(b ')' \")\" \\))", False, "b ')' ')' ')'"),
        ("$( (b); c)", False, "(b); c"),
        ("$({ b; })", False, "{ b; }"),
        ("$(b $(c $(d)))", False, "b $(c $(d))"),
        ("$\\\n(b)", False, "b"),
    ],
)
def test_substitutions(written: str, is_quoted: bool, inside: str) -> None:
    assert parts(written) == [Substitution(parse(inside), is_quoted)]


def test_places() -> None:
    (stage,) = parse("a x'y'\"${Z:-q}\"$(b)").items[0].pipelines[0].stages
    assert isinstance(stage, Simple)
    argument = stage.words[1]
    assert [(part.span.start, part.span.end) for part in argument.parts] == [(2, 3), (3, 6), (7, 14), (15, 19)]
    parameter = argument.parts[2]
    assert isinstance(parameter, Parameter)
    assert parameter.word is not None
    assert parameter.word.span == Span(12, 13)
    assert parameter.word.parts[0].span == Span(12, 13)


@pytest.mark.parametrize(
    "text",
    ["a b", "a\tb", "a \\\n b", "a b  # c\n", "# c\na b", "\n\na b\n\n", "a b # c", "a b\r\n", "\r\na b", "a b #\r\n"],
)
def test_blanks_comments_and_line_ends(text: str) -> None:
    assert parse(text) == parse("a b")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a>b<c", "a > b < c"),
        ("a;b|c&&d||e", "a; b | c && d || e"),
        ("a&\\\n&b", "a && b"),
        ("a|\\\n|b", "a || b"),
        ("a >\\\n> b", "a >> b"),
        ("a 2\\\n>b", "a 2> b"),
        ("a <\\\n<\\\r\n< b", "a <<< b"),
        ("(a)#c", "(a)"),
        ("a;#c", "a"),
        ("a\\\n#b", "a#b"),
        ("a \\\n#b", "a"),
    ],
)
def test_operators_end_words_and_may_go_on_after_a_joined_line(text: str, canonical: str) -> None:
    assert parse(text) == parse(canonical)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a 'b", "`'` is never closed\n  a 'b\n    ^\n  expected `'`\n  write `'` where it ends"),
        ('a "b', '`"` is never closed\n  a "b\n    ^\n  expected `"`\n  write `"` where it ends'),
        ('a "b\nc', '`"` is never closed\n  a "b\n    ^\n  expected `"`\n  write `"` where it ends'),
        ("a ${X", "`${` is never closed\n  a ${X\n    ^^\n  expected `}`\n  write `}` where it ends"),
        ("a ${", "`${` is never closed\n  a ${\n    ^^\n  expected `}`\n  write `}` where it ends"),
        ("a ${X:-b", "`${` is never closed\n  a ${X:-b\n    ^^\n  expected `}`\n  write `}` where it ends"),
        ('a "${X:-b"', '`"` is never closed\n  a "${X:-b"\n           ^\n  expected `"`\n  write `"` where it ends'),
        ("a $(b", "`$(` is never closed\n  a $(b\n    ^^\n  expected `)`\n  write `)` where it ends"),
        ('a "$(b', '`$(` is never closed\n  a "$(b\n     ^^\n  expected `)`\n  write `)` where it ends'),
        (
            "a\\",
            "a `\\` at the end of the text escapes nothing\n  a\\\n   ^\n  write '\\' for the character itself",
        ),
    ],
)
def test_what_is_open_could_be_mended_by_more_text(text: str, message: str) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(text)
    assert str(caught.value) == message
    assert caught.value.incomplete


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a ${}",
            "no name follows `${`\n  a ${}\n    ^^^\n  expected a variable's name or an argument's number\n"
            "  write '${' for the characters themselves",
        ),
        (
            "a ${ X}",
            "no name follows `${`\n  a ${ X}\n    ^^^\n  expected a variable's name or an argument's number\n"
            "  write '${' for the characters themselves",
        ),
        (
            "a ${X b}",
            "` ` cannot stand in `${…}` there\n  a ${X b}\n    ^^^^\n"
            "  expected `}` or one of :- - :+ + :? ? := = % %% # ##\n"
            "  close it behind the name; quote it to pass it on as it is",
        ),
        (
            "a ${#X%b}",
            "`%` cannot stand in `${…}` there\n  a ${#X%b}\n    ^^^^^\n  expected `}`\n"
            "  close it behind the name; quote it to pass it on as it is",
        ),
        (
            "a ${1x}",
            "`x` cannot stand in `${…}` there\n  a ${1x}\n    ^^^^\n"
            "  expected `}` or one of :- - :+ + :? ? := = % %% # ##\n"
            "  close it behind the name; quote it to pass it on as it is",
        ),
        ("a\0b", "a NUL character cannot stand in a text\n  a\\x00b\n   ^^^^\n  take it out"),
    ],
)
def test_what_stands_in_braces_wrongly(text: str, message: str) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(text)
    assert str(caught.value) == message
    assert not caught.value.incomplete
