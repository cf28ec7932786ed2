"""The canonical text of trees."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from procrun.errors import PipelineSyntaxError
from procrun.syntax import parse, unparse
from procrun.syntax.nodes import (
    AndOr,
    Arguments,
    Braces,
    Group,
    Length,
    List,
    Node,
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


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        (" \n # a\n", ""),
        ("a\n\nb;", "a; b"),
        ("a|b|&c", "a | b |& c"),
        ("!   a&&b||! c", "! a && b || ! c"),
        ("(a;b)>c", "(a; b) > c"),
        ("{ a;b;} 2>c", "{ a; b; } 2> c"),
        ("( (a);b)", "( (a); b)"),
        ("( (a))", "( (a))"),
        ("( ( (a)))", "( ( (a)))"),
        ("({ a;})", "({ a; })"),
        ("a $( (b))", "a $( (b))"),
        ("a $(  b )", "a $(b)"),
        ("a $()", "a $()"),
        ("> f X=1 < g a 1> h", "X=1 a > f < g > h"),
        ("a 0< f 1>> g 2>&1 >&2 1>&2 0> h", "a < f >> g 2>&1 >&2 >&2 0> h"),
        ("a &>f &>>g >|h 2>| i <<<j", "a &> f &>> g >| h 2>| i <<< j"),
        ("X= Y=''", "X= Y=''"),
        ('a "b" \'c\' \\d', "a 'b' 'c' 'd'"),
        ("a 'it'\\''s'", 'a "it\'s"'),
        ("a 'x\ny' $'\\t\\xe9'", "a $'x\\ny' $'\\t\\xe9'"),
        ("a 'if' \"cd\"", "a 'if' 'cd'"),
        ("a b'c'\"d\"e", "a b'cd'e"),
        ('a "$X" ${X} "${X}"', 'a "$X" $X "$X"'),
        ('a "$X"\'b c\' "b $X" \'b\'"$X"', 'a "${X}b c" "b $X" "b$X"'),
        ('a "$X"b $X\'b\' ${X}b "${X}b"', 'a "$X"b $X\'b\' ${X}b "${X}b"'),
        ('a "$X"$\'\\n\'"$Y"', 'a "$X"$\'\\n\'"$Y"'),
        ('a "\\$$X\\"\\\\\\`"', 'a "\\$$X\\"\\\\\\`"'),
        ("a ${1}0 $10 ${10} $# ${#} $#a $?1", "a ${1}0 ${1}0 ${10} $# $# $#a $?1"),
        ('a ${#X} "${#X}"', 'a ${#X} "${#X}"'),
        ("a '${@}' \"$@\" ${@}", "a '${@}' $@ $@"),
        ("a ${X:-b} ${X-'b c'} ${X:+\"$Y\"} ${X:=} ${X?\\}}", "a ${X:-b} ${X-'b c'} ${X:+\"$Y\"} ${X:=} ${X?'}'}"),
        ("a ${X:-$Y'z'} ${X:-~/'a b'} ${X:-~}", "a ${X:-${Y}z} ${X:-~/'a b'} ${X:-~}"),
        ('a "${X:-b \\} \\" \\$ $Y \'c\'}"', 'a "${X:-b \\} \\" \\$ $Y \'c\'}"'),
        ("a ${X%*.txt} \"${X##*'/'}\" ${X%\"$Y\"*}", "a ${X%*.txt} \"${X##*'/'}\" ${X%\"$Y\"*}"),
        ("a $(b \"$(c)\") \"$(b)\"", "a $(b \"$(c)\") \"$(b)\""),
        ("a {b,'c d',$X,} {1..3} {a..e..2} {1..3..0}", "a {b,'c d',$X,} {1..3} {a..e..2} {1..3}"),
        ("a {b,{c,d}}{e,f}g {} {x}", "a {b,{c,d}}{e,f}g {} {x}"),
        ("X=~/a:~ a ~ ~/b {~,c} '~'", "X=~/a:~ a ~ ~/b {~,c} '~'"),
        ("export X=~:b Y", "export X=~:b Y"),
        ("a \\\nb $\\\nX", "a b $X"),
        ("a $ '$'", "a '$' '$'"),
        ("'if' b; '!' c; '{' d", "'if' b; '!' c; '{' d"),
        ("a '#b' \\#b b#c", "a '#b' '#'b b#c"),
    ],
)  # fmt: skip
def test_canonical_texts(text: str, canonical: str) -> None:
    assert unparse(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Text("a b", quoted=True), "'a b'"),
        (Text("a*"), "a*"),
        (Parameter("X", True), '"$X"'),
        (Parameter("X", False, ":-", Word((Text("a", True),))), "${X:-a}"),
        (Length("X"), "${#X}"),
        (Arguments(), "$@"),
        (Tilde(), "~"),
        (Range("1", "3"), "{1..3}"),
        (Word((Text("a"), Text("b", True))), "a'b'"),
        (Word(()), ""),
        (Redirection(2, ">&", 1), "2>&1"),
        (Substitution(parse("a | b")), "$(a | b)"),
        (parse("! a | b && c").items[0], "! a | b && c"),
        (parse("! a | b").items[0].pipelines[0], "! a | b"),
        (parse("(a) > b").items[0].pipelines[0].stages[0], "(a) > b"),
        (parse("X=1 a").items[0].pipelines[0].stages[0], "X=1 a"),
    ],
)
def test_any_node_has_a_text(node: Node, text: str) -> None:
    assert unparse(node) == text


def in_group(tree: List) -> List:
    return List((AndOr((Pipeline((Group(tree, "("),)),)),))


def as_argument(part: Part) -> List:
    return List((AndOr((Pipeline((Simple(words=(Word((part,)),)),)),)),))


@pytest.mark.parametrize(
    "deeper",
    [
        in_group,
        lambda tree: as_argument(Substitution(tree)),
        lambda tree: as_argument(Parameter("X", False, ":-", Word((Substitution(tree),)))),
        lambda tree: as_argument(Braces((Word(()), Word((Substitution(tree),))))),
    ],
)
def test_a_tree_made_by_hand_may_be_too_deep(deeper: Callable[[List], List]) -> None:
    tree = parse("a")
    for _ in range(1000):
        tree = deeper(tree)
    with pytest.raises(PipelineSyntaxError) as caught:
        unparse(tree)
    assert str(caught.value) == "the tree is nested more than 40 levels deep\n  take it apart"
