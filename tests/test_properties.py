"""What holds for any text and any tree of the pipeline language."""

from __future__ import annotations

import gc
import time
from dataclasses import replace

import pytest
from hypothesis import example, given, settings, strategies as st

from procrun.errors import PipelineSyntaxError
from procrun.syntax import parse, unparse
from procrun.syntax.nodes import (
    AndOr,
    Arguments,
    Assignment,
    Braces,
    Group,
    Length,
    List,
    Parameter,
    Part,
    Pipeline,
    Range,
    Redirection,
    Simple,
    Substitution,
    Text,
    Tilde,
    Word,
)
from procrun.syntax.pieces import Pieces
from procrun.syntax.refusals import RESERVED_WORDS, SPECIAL_COMMANDS

# Texts: characters and pieces that mean something, more often than letters.
PIECES = [
    *"ab1XY ~{},:=/'\"\\$`|&;<>()#*?[]!\n\r\t-+%@.é\udce9",
    *("$(", "${X:-", '"${X:-', "${X%", "$'", "$1", "$X", "${X}", '"$@"', "..", "{a,b}", "{1..3}", "''", '""'),
    *("\\\n", "\\\r\n", "\r\n", "&&", "||", "|&", "2>&1", "<<<", "&>", " < f ", "{ ", "; }", "}", "} ", " )", " a "),
    *("if ", "cd ", "export ", "X=", "~/", "! ", "((", "a\\"),
]
SHELL_LIKE = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)
ANY_TEXT = st.one_of(
    SHELL_LIKE, st.text(max_size=30), st.text(st.characters(categories=["C", "Z", "P", "S"]), max_size=20)
)


@settings(max_examples=1000)
@given(ANY_TEXT)
@example("'a'$'\udcc3'$'\udca9'")
@example("$\\a")
@example("''~")
@example("{a,'}'}")
@example("if\\\nx")
def test_any_text_gives_a_tree_or_a_syntax_error(text: str) -> None:
    try:
        tree = parse(text)
    except PipelineSyntaxError as error:
        assert 0 <= error.start <= error.end <= len(text) + 1
        assert str(error).splitlines()[-1].strip() == error.hint.splitlines()[-1]
        assert error.reason[0].islower() or not error.reason[0].isalpha()
        return
    canonical = unparse(tree)
    assert parse(canonical) == tree
    assert unparse(parse(canonical)) == canonical


@settings(max_examples=300)
@given(SHELL_LIKE, st.sampled_from(["'", '"', "}", ")", "; }", "\na", "\n)", "\n}", '")', '}"', "a'"]))
@example("a ${#", "}")
def test_a_text_that_more_text_mends_says_that_it_is_incomplete(text: str, mend: str) -> None:
    if is_a_tree(text) or not is_a_tree(text + mend):
        return
    if mend.startswith("}") and text.count("${") <= text.count("}"):
        return  # It closes nothing, but makes another word of the last one: `}}`, `if}`.
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(text)
    assert caught.value.incomplete


def is_a_tree(text: str) -> bool:
    try:
        parse(text)
    except PipelineSyntaxError:
        return False
    return True


@given(SHELL_LIKE)
def test_bytes_that_are_no_text_are_read_like_letters(text: str) -> None:
    text = text.replace("é", "").replace("\udce9", "é")
    other = text.replace("é", "\udce9")
    if not is_a_tree(text):
        assert not is_a_tree(other)
        return
    assert repr(parse(other)).replace("\\udce9", "é") == repr(parse(text))


# Trees, in the one form that the parser gives them.
NAMES = st.sampled_from(["X", "HOME", "_a1"])
CHARS = st.sampled_from("ab1 '\"\\$`|&;<>()#*?[]!{},~=:/\n\t\r.é\udce9\udcc3\udca9")
DEFAULTS = [":-", "-", ":+", "+", ":?", "?", ":=", "="]
REMOVERS = ["%", "%%", "#", "##"]
QUOTED = st.builds(Text, st.text(CHARS, max_size=4), st.just(True))
PLAIN = st.builds(Text, st.text(st.sampled_from("abX1*?[]./-_+@%^é\udce9!"), min_size=1, max_size=4))


def merged(parts: list[Part]) -> tuple[Part, ...]:
    pieces = Pieces()
    for part in parts:
        pieces.add(part)
    return pieces.finish()


def words(lists: st.SearchStrategy[List]) -> st.SearchStrategy[Word]:
    """Arguments: anything but a reserved word, which a strategy for programs has to leave out itself."""
    simple_parts: st.SearchStrategy[Part] = st.one_of(
        QUOTED,
        PLAIN,
        st.builds(Parameter, st.one_of(NAMES, st.sampled_from(["1", "9", "10", "#", "?"])), st.booleans()),
        st.builds(Length, st.one_of(NAMES, st.just("1")), st.booleans()),
        st.builds(Substitution, lists, st.booleans()),
        st.builds(parameter, NAMES, st.booleans(), st.sampled_from(DEFAULTS), QUOTED, lists),
        st.builds(
            pattern, NAMES, st.booleans(), st.sampled_from(REMOVERS), st.lists(st.one_of(QUOTED, PLAIN), max_size=3)
        ),
    )
    plain_words = st.lists(simple_parts, min_size=1, max_size=4).map(lambda parts: Word(merged(parts)))
    choices = st.lists(st.one_of(plain_words, st.just(Word(()))), min_size=2, max_size=3).map(tuple)
    ranges = st.sampled_from([Range("1", "3"), Range("-01", "10", -2), Range("a", "e", 2)])
    parts = st.one_of(simple_parts, st.builds(Braces, choices), ranges)
    with_braces = st.lists(parts, min_size=1, max_size=4).map(lambda parts: Word(merged(parts)))
    home = st.builds(lambda word: Word((Tilde(), *merged([Text("/"), *word.parts]))), plain_words)
    return st.one_of(plain_words, with_braces, home, st.just(Word((Tilde(),))), st.just(Word((Arguments(),))))


def parameter(name: str, quoted: bool, operator: str, text: Text, body: List) -> Parameter:
    return Parameter(name, quoted, operator, Word(merged([text, Substitution(body, quoted), Parameter("Y", quoted)])))


def pattern(name: str, quoted: bool, operator: str, parts: list[Part]) -> Parameter:
    # A `%` behind `%` would be part of the operator.
    return Parameter(name, quoted, operator, Word(merged([Text("a"), *parts])))


def is_program(word: Word) -> bool:
    """Whether a word may stand first: no reserved word, no number before `>`, nothing that stands alone."""
    return word.literal not in {*RESERVED_WORDS, *SPECIAL_COMMANDS, "!"}


def stages(lists: st.SearchStrategy[List]) -> st.SearchStrategy[Simple | Group]:
    arguments = words(lists)
    single = arguments.filter(lambda word: not any(isinstance(part, (Arguments, Braces, Range)) for part in word.parts))
    values = single.filter(lambda word: word.literal is not None or not isinstance(word.parts[0], Tilde))
    assignments = st.lists(st.builds(Assignment, NAMES, st.one_of(values, st.just(Word(())))), max_size=2).map(tuple)
    redirections = st.lists(
        st.one_of(
            st.builds(Redirection, st.integers(0, 2), st.sampled_from(["<", ">", ">>", ">|", "<<<"]), single),
            st.builds(Redirection, st.integers(1, 2), st.just(">&"), st.integers(1, 2)),
            st.builds(Redirection, st.just(1), st.sampled_from(["&>", "&>>"]), single),
        ),
        max_size=2,
    ).map(tuple)
    calls = st.builds(lambda first, rest: (first, *rest), arguments.filter(is_program), st.lists(arguments, max_size=2))
    bodies = lists.filter(lambda body: body.items)
    return st.one_of(
        st.builds(Simple, assignments, calls, redirections),
        st.builds(Group, bodies, st.sampled_from("({"), redirections),
    )


def programs(lists: st.SearchStrategy[List]) -> st.SearchStrategy[List]:
    pipelines = st.builds(
        lambda stages, bars, negated: Pipeline(tuple(stages), tuple(bars[: len(stages) - 1]), negated),
        st.lists(stages(lists), min_size=1, max_size=3),
        st.lists(st.booleans(), min_size=2, max_size=2),
        st.booleans(),
    )
    and_ors = st.builds(
        lambda pipelines, operators: AndOr(tuple(pipelines), tuple(operators[: len(pipelines) - 1])),
        st.lists(pipelines, min_size=1, max_size=2),
        st.lists(st.sampled_from(["&&", "||"]), min_size=1, max_size=1),
    )
    return st.builds(List, st.lists(and_ors, min_size=1, max_size=2).map(tuple))


TREES = programs(st.sampled_from([parse("a"), parse("a; (b)"), parse("! a $X | (b) && c"), parse("{ a; } > f")]))


@given(TREES)
def test_a_tree_is_the_tree_of_its_own_text(tree: List) -> None:
    assert parse(unparse(tree)) == tree


@given(TREES)
def test_a_part_of_a_tree_is_printed_as_in_the_whole(tree: List) -> None:
    texts = [unparse(item) for item in tree.items]
    assert "; ".join(texts) == unparse(tree)
    assert unparse(replace(tree, items=tree.items[:1])) == texts[0]


NASTY = [
    *(
        "(",
        "( ",
        "$(",
        "${x:-",
        '"${x:-',
        "{a,",
        "{",
        "}",
        "{}",
        "{a,}",
        "{1..",
        "a..",
        "},{",
        "a{b}",
        "{a,b}",
        "{1..2}",
    ),
    *('"', "'", '"a"', "''", "\\", "\\\n", "\\a", "$", "$X", "${X}", "$(a)", "$'\\n'", "`", "~", "~:", "X=~:", "X="),
    *("a", "a ", "a|", "a;", "a\n", "a&&\n", "|\n", "\n", "\r\n", "# ", "#\n", "a>b ", "2>&1 ", "! ", "{ ", "é"),
    *("\udce9", "*[", "[", "X= ", "{1..2}"),
]


@pytest.mark.parametrize("piece", NASTY)
def test_a_long_text_takes_time_in_proportion(piece: str) -> None:
    short, long = seconds_to_read(piece * 1_000), seconds_to_read(piece * 10_000)
    # Ten times the text: a hundred times the time would be quadratic. Small times say nothing.
    assert long < max(0.15, 40 * short)


def seconds_to_read(text: str) -> float:
    """The processor time of this thread, without that for the rubbish of all other tests."""
    gc.collect()
    gc.disable()
    started = time.thread_time()
    is_a_tree(text)
    taken = time.thread_time() - started
    gc.enable()
    return taken


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["(", "$(", "{a,", '"', "'", "${x:-", "\\", "a ", "~:", "{", "a,b}"])
def test_a_megabyte_is_read_in_seconds(piece: str) -> None:
    assert seconds_to_read(piece * (1_000_000 // len(piece))) < 30
