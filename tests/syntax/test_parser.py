"""The grammar: what each text is, where line ends may stand, and what is wrong where it stands."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest

from procrun.errors import PipelineSyntaxError
from procrun.syntax import parse, unparse
from procrun.syntax.nodes import (
    MAX_DEPTH,
    AndOr,
    Assignment,
    Group,
    List,
    Pipeline,
    Redirection,
    Simple,
    Span,
    Stage,
    Text,
    Word,
)


def word(text: str) -> Word:
    return Word((Text(text),))


def call(*words: str) -> Simple:
    return Simple(words=tuple(map(word, words)))


def pipe(*stages: Stage) -> Pipeline:
    return Pipeline(stages, (False,) * (len(stages) - 1))


def program(*pipelines: Pipeline) -> List:
    return List(tuple(AndOr((pipeline,)) for pipeline in pipelines))


A, B, C = call("a"), call("b"), call("c")
AB = program(pipe(A), pipe(B))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", List()),
        ("tr a-z A-Z", program(pipe(call("tr", "a-z", "A-Z")))),
        ("a | b", program(pipe(A, B))),
        ("a |& b | c", program(Pipeline((A, B, C), (True, False)))),
        ("! a | b", program(Pipeline((A, B), (False,), negated=True))),
        ("a; b", AB),
        ("a; b;", AB),
        ("a && b || c", List((AndOr((pipe(A), pipe(B), pipe(C)), ("&&", "||")),))),
        ("a && ! b", List((AndOr((pipe(A), Pipeline((B,), negated=True)), ("&&",)),))),
        ("(a; b)", program(pipe(Group(AB, "(")))),
        ("{ a; b; }", program(pipe(Group(AB, "{")))),
        ("(a; b) | c", program(pipe(Group(AB, "("), C))),
        ("a | { b; } | c", program(pipe(A, Group(program(pipe(B)), "{"), C))),
        ("a | ( (b) )", program(pipe(A, Group(program(pipe(Group(program(pipe(B)), "("))), "(")))),
        ("! (a)", program(Pipeline((Group(program(pipe(A)), "("),), negated=True))),
        ("!(a)", program(Pipeline((Group(program(pipe(A)), "("),), negated=True))),
        ("!a", program(pipe(call("!a")))),
        ("a !", program(pipe(call("a", "!")))),
        (":", program(pipe(call(":")))),
        ("X=1", program(pipe(Simple((Assignment("X", word("1")),))))),
        ("X=1 Y=", program(pipe(Simple((Assignment("X", word("1")), Assignment("Y", Word(()))))))),
        ("X=1 a Y=2", program(pipe(Simple((Assignment("X", word("1")),), (word("a"), word("Y=2")))))),
        ("> f", program(pipe(Simple(redirections=(Redirection(1, ">", word("f")),))))),
        ("echo if then } { done time", program(pipe(call("echo", "if", "then", "}", "{", "done", "time")))),
        ("{ a } ; }", program(pipe(Group(program(pipe(call("a", "}"))), "{")))),
        ("{a b}", program(pipe(call("{a", "b}")))),
        ("a{ b", program(pipe(call("a{", "b")))),
        ("ifx", program(pipe(call("ifx")))),
        ("2 > f", program(pipe(Simple((), (word("2"),), (Redirection(1, ">", word("f")),))))),
        ("cd x && exit; export X; unset Y", parse("cd x && exit\nexport X\nunset Y")),
        ("! cd x", program(Pipeline((call("cd", "x"),), negated=True))),
        ("(cd x; a) | b", program(pipe(Group(program(pipe(call("cd", "x")), pipe(A)), "("), B))),
        ("a cd", program(pipe(call("a", "cd")))),
    ],
)
def test_trees(text: str, tree: List) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "redirections"),
    [
        ("a < f", [(0, "<", "f")]),
        ("a <f >g", [(0, "<", "f"), (1, ">", "g")]),
        ("a 2> f 1>> g 0< h", [(2, ">", "f"), (1, ">>", "g"), (0, "<", "h")]),
        ("a 2< f 0> g", [(2, "<", "f"), (0, ">", "g")]),
        ("a >| f 2>| g", [(1, ">|", "f"), (2, ">|", "g")]),
        ("a <<< b 0<<< c", [(0, "<<<", "b"), (0, "<<<", "c")]),
        ("a &> f &>> g", [(1, "&>", "f"), (1, "&>>", "g")]),
        ("a 2>&1 >&2 1>& 2", [(2, ">&", 1), (1, ">&", 2), (1, ">&", 2)]),
        ("> f a 2> g b", [(1, ">", "f"), (2, ">", "g")]),
        ("> f > g", [(1, ">", "f"), (1, ">", "g")]),
        ("X=1 > f", [(1, ">", "f")]),
        ("a >f2>g", [(1, ">", "f2"), (1, ">", "g")]),
        ("a 2'>' > f", [(1, ">", "f")]),
        ("a '2'> f", [(1, ">", "f")]),
        ("a x2> f", [(1, ">", "f")]),
        ("a 2&> f", [(1, "&>", "f")]),
        ("(a) > f < g", [(1, ">", "f"), (0, "<", "g")]),
        ("{ a; } 2>&1 &> g", [(2, ">&", 1), (1, "&>", "g")]),
    ],
)
def test_redirections(text: str, redirections: list[tuple[int, str, str | int]]) -> None:
    (stage,) = parse(text).items[0].pipelines[0].stages
    found = [(item.descriptor, item.operator, item.target) for item in stage.redirections]
    expected = [(number, operator, word(to) if isinstance(to, str) else to) for number, operator, to in redirections]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("\n\n a\n\n\n b \n", "a; b"),
        ("a;\n\nb;\n", "a; b"),
        ("a |\n\n b |&\n c", "a | b |& c"),
        ("a &&\n# x\n\n b ||\n c", "a && b || c"),
        ("(\n\na\n\nb\n)", "(a; b)"),
        ("{\na\n}", "{ a; }"),
        ("a $(\n\nb\nc\n)", "a $(b; c)"),
        ("a\r\nb\r\n", "a; b"),
        ("a |\r\nb &&\r\n\r\nc", "a | b && c"),
        ("(\r\na\r\n)\r\n", "(a)"),
        ("a # b\r\nc", "a; c"),
        ("#!/usr/bin/env -S procrun pipe -f\na", "a"),
        ("a \\\n | \\\n b", "a | b"),
        ("a\\\n\\\nb", "ab"),
        ("a; # b", "a"),
        ("# a", ""),
        ("\n \t\r\n", ""),
    ],
)
def test_where_lines_may_end(text: str, canonical: str) -> None:
    assert unparse(parse(text)) == canonical


COMMAND = "  expected a command\n"


def missing_before(operator: str, line: str, column: int) -> str:
    return (
        f"no command stands before `{operator}`\n  {line}\n  {' ' * column}{'^' * len(operator)}\n{COMMAND}"
        f"  write a command before it, or quote it to pass it on: '{operator}'"
    )


def missing_behind(operator: str, line: str, column: int) -> str:
    return (
        f"no command follows `{operator}`\n  {line}\n  {' ' * column}{'^' * len(operator)}\n{COMMAND}"
        f"  write a command behind it, or take the `{operator}` out"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a |", missing_behind("|", "a |", 2)),
        (
            "a |&",
            missing_behind("|&", "a |&", 2),
        ),
        ("a |\n", missing_behind("|", "a |", 2)),
        (
            "a &&",
            missing_behind("&&", "a &&", 2),
        ),
        (
            "a ||",
            missing_behind("||", "a ||", 2),
        ),
        ("(a", "`(` is never closed\n  (a\n  ^\n  expected `)`\n  write `)` where it ends"),
        ("(", "`(` is never closed\n  (\n  ^\n  expected `)`\n  write `)` where it ends"),
        (
            "{ a",
            "`{` is never closed\n  { a\n  ^\n  expected `}`\n"
            "  write `}` behind `;` or on a new line, where the group ends",
        ),
        (
            "b; { a }",
            "`{` is never closed\n  b; { a }\n     ^\n  expected `}`\n"
            "  write `}` behind `;` or on a new line, where the group ends",
        ),
        ("(a; b $(c)", "`(` is never closed\n  (a; b $(c)\n  ^\n  expected `)`\n  write `)` where it ends"),
        ("a $(b;", "`$(` is never closed\n  a $(b;\n    ^^\n  expected `)`\n  write `)` where it ends"),
    ],
)
def test_what_more_text_could_mend(text: str, message: str) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(text)
    assert str(caught.value) == message
    assert caught.value.incomplete


CLOSES_NOTHING = "  take it out, or quote it to pass it on: ')'"
NO_WORDS = "  expected a redirection, `|`, `&&`, `||`, `;` or a new line\n  put `;` or `|` between them"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("| a", missing_before("|", "| a", 0)),
        ("&& a", missing_before("&&", "&& a", 0)),
        ("; a", missing_before(";", "; a", 0)),
        ("a; ; b", missing_before(";", "a; ; b", 3)),
        ("a\n; b", missing_before(";", "; b", 0)),
        ("(| a)", missing_before("|", "(| a)", 1)),
        ("a | | b", missing_behind("|", "a | | b", 2)),
        ("a && || b", missing_behind("&&", "a && || b", 2)),
        ("a | ; b", missing_behind("|", "a | ; b", 2)),
        ("(a |)", missing_behind("|", "(a |)", 3)),
        ("a $(b &&)", missing_behind("&&", "a $(b &&)", 6)),
        ("!", missing_behind("!", "!", 0)),
        ("! | a", missing_behind("!", "! | a", 0)),
        ("!\na", missing_behind("!", "!", 0)),
        ("a && !", missing_behind("!", "a && !", 5)),
        ("a )", f"`)` closes nothing\n  a )\n    ^\n{CLOSES_NOTHING}"),
        (")", f"`)` closes nothing\n  )\n  ^\n{CLOSES_NOTHING}"),
        ("{ a; )", f"`)` closes nothing\n  {{ a; )\n       ^\n{CLOSES_NOTHING}"),
        (
            "a; }",
            f"`}}` closes nothing\n  a; }}\n     ^\n{COMMAND}"
            "  a group begins with `{` and a blank; quote it to pass it on: '}'",
        ),
        (
            "{a; }",
            f"`}}` closes nothing\n  {{a; }}\n      ^\n{COMMAND}"
            "  a group begins with `{` and a blank; quote it to pass it on: '}'",
        ),
        (
            "()",
            f"a group without a command: `()`\n  ()\n  ^^\n{COMMAND}"
            "  write a command in it, if only `:`, which does nothing",
        ),
        (
            "a | { # b\n}",
            f"a group without a command: `{{}}`\n  a | {{ # b\n      ^^^^^\n{COMMAND}"
            "  write a command in it, if only `:`, which does nothing",
        ),
        ("(a) b", f"a group takes no words\n  (a) b\n      ^\n{NO_WORDS}"),
        ("(a) > f b", f"a group takes no words\n  (a) > f b\n          ^\n{NO_WORDS}"),
        ("(a)(b)", f"a group takes no words\n  (a)(b)\n     ^\n{NO_WORDS}"),
        ("{ (a) }", f"a group takes no words\n  {{ (a) }}\n        ^\n{NO_WORDS}"),
        (
            "a (b)",
            "`(` begins a group, and stands in a command\n  a (b)\n    ^\n"
            "  put `;` or `|` before a group; quote it to pass it on: '('",
        ),
        (
            "X=1 (a)",
            "`(` begins a group, and stands in a command\n  X=1 (a)\n      ^\n"
            "  put `;` or `|` before a group; quote it to pass it on: '('",
        ),
        (
            "X=1 { a; }",
            "`{` stands behind the start of a command\n  X=1 { a; }\n      ^\n"
            "  expected a program\n  quote it to pass it on: '{'",
        ),
        (
            "> f ! a",
            "`!` stands behind the start of a command\n  > f ! a\n      ^\n"
            "  expected a program\n  quote it to pass it on: '!'",
        ),
        (
            "a >",
            "nothing follows `>`\n  a >\n    ^\n  expected a file's name\n"
            "  write a file's name behind it, or quote it to pass it on: '>'",
        ),
        (
            "a 2>> | b",
            "nothing follows `>>`\n  a 2>> | b\n    ^^^\n  expected a file's name\n"
            "  write a file's name behind it, or quote it to pass it on: '>>'",
        ),
        (
            "a <<<\nb",
            "nothing follows `<<<`\n  a <<<\n    ^^^\n  expected a text\n"
            "  write a text behind it, or quote it to pass it on: '<<<'",
        ),
        (
            "a >&",
            "nothing follows `>&`\n  a >&\n    ^^\n  expected 1 or 2\n"
            "  write 1 or 2 behind it, or quote it to pass it on: '>&'",
        ),
    ],
)
def test_what_is_wrong_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(text)
    assert str(caught.value) == message
    assert not caught.value.incomplete


def test_places() -> None:
    text = "X=1 a b > f | (c; d) 2>&1 && ! e"
    (and_or,) = parse(text).items
    first, second = and_or.pipelines
    command, group = first.stages
    assert isinstance(command, Simple)
    assert isinstance(group, Group)

    def written(node: AndOr | Pipeline | Stage | Assignment | Word | Redirection | List) -> str:
        return text[node.span.start : node.span.end]

    assert written(and_or) == text
    assert (written(first), written(second)) == ("X=1 a b > f | (c; d) 2>&1", "! e")
    assert (written(command), written(group), written(group.body)) == ("X=1 a b > f", "(c; d) 2>&1", "c; d")
    assert [written(node) for node in (*command.assignments, *command.words)] == ["X=1", "a", "b"]
    assert [written(node) for node in (*command.redirections, *group.redirections)] == ["> f", "2>&1"]
    assert parse("\n a $(\n b ) \n").items[0].span == Span(2, 11)


def test_an_error_can_be_pickled() -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse("a |")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.incomplete, again.start) == (str(caught.value), True, 2)


def test_bytes_that_are_no_text_are_characters() -> None:
    raw = b"a '\xe9' $X\xff *.\xc3 # \xfe".decode("utf-8", "surrogateescape")
    other = "a 'y' $Xé *.à # x"
    assert [len(stage.words) for stage in stages(raw)] == [len(stage.words) for stage in stages(other)]
    assert unparse(parse(raw)) == "a $'\\xe9' $X\udcff *.\udcc3"
    assert unparse(parse(other)) == "a 'y' $Xé *.à"


def stages(text: str) -> list[Simple]:
    return [stage for stage in parse(text).items[0].pipelines[0].stages if isinstance(stage, Simple)]


NESTED = [
    ("( ", "a", " )"),
    ("{ ", "a", "; }"),
    ("$(", "a", ")"),
    ('a "$(', "a", ')"'),
    ("a ${X:-", "a", "}"),
    ('a "${X:-', "a", '}"'),
    ("a ${X%", "a", "}"),
    ("{b,", "a", "}"),
    ("X=$(", "a", ")"),
    ("> $(", "a", ")"),
]


def at_depth(frames: int, function: Callable[[], str]) -> str:
    """Call a function so many calls deeper."""
    return function() if frames == 0 else at_depth(frames - 1, function)


@pytest.mark.parametrize(("opening", "inner", "closing"), NESTED)
def test_texts_may_be_nested_deeply(opening: str, inner: str, closing: str) -> None:
    text = nested(opening, inner, closing, MAX_DEPTH)
    canonical = at_depth(450, lambda: unparse(parse(text)))
    assert at_depth(450, lambda: unparse(parse(canonical))) == canonical


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 20_000])
@pytest.mark.parametrize(("opening", "inner", "closing"), NESTED)
def test_texts_may_not_be_nested_too_deeply(opening: str, inner: str, closing: str, levels: int) -> None:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(nested(opening, inner, closing, levels))
    error = caught.value
    assert error.reason == "the text is nested more than 40 levels deep"
    assert error.hint == "put the inner part into a file, run by `procrun pipe -f FILE`"
    assert not error.incomplete


def test_braces_and_substitutions_count_together() -> None:
    assert unparse(parse(nested("{b,$(", "a", ")}", MAX_DEPTH // 2))).count("{b,$(") == MAX_DEPTH // 2
    with pytest.raises(PipelineSyntaxError):
        parse(nested("{b,$(", "a", ")}", MAX_DEPTH // 2 + 1))


def nested(opening: str, inner: str, closing: str, levels: int) -> str:
    return opening * levels + inner + closing * levels
