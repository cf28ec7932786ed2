"""Graphs: valid, and of the right shape."""

from __future__ import annotations

import re

import pytest

from procrun.convert.dot import to_dot
from procrun.syntax import parse

TOKEN = re.compile(
    r"""\s*(?:
      (?P<string> "(?:[^"\\\n]|\\[^\n])*" )
    | (?P<word> [A-Za-z_][A-Za-z_0-9]* )
    | (?P<mark> -> | [{}\[\];,=] )
    )""",
    re.VERBOSE,
)


def tokens(text: str) -> list[str]:
    """The tokens of a graph; fails where there is none."""
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match, text[at : at + 40]
        found.append(match[0].strip())
        at = match.end()
    return found


class Graph:
    """Reads the part of Graphviz's language that we write, and fails for anything else."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.nodes: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str, dict[str, str]]] = []
        self.clusters: list[str] = []
        self.take("digraph")
        self.take("procrun")
        self.block()
        assert self.tokens == []
        assert {end for start, stop, _ in self.edges for end in (start, stop)} <= set(self.nodes)

    def take(self, *wanted: str) -> str:
        token = self.tokens.pop(0)
        assert not wanted or token in wanted, (token, wanted)
        return token

    def block(self) -> None:
        self.take("{")
        while self.tokens[0] != "}":
            self.statement()
        self.take("}")

    def statement(self) -> None:
        name = self.take()
        if name == "subgraph":
            self.clusters.append(self.take())
            self.block()
            return
        mark = self.take("=", "[", "->")
        if mark == "=":
            self.take()
        elif mark == "[":
            attributes = self.attributes()
            if name != "node":
                self.nodes[name] = attributes
        else:
            end = self.take()
            self.take("[")
            self.edges.append((name, end, self.attributes()))
        self.take(";")

    def attributes(self) -> dict[str, str]:
        found = {}
        while True:
            name = self.take()
            self.take("=")
            found[name] = self.take()
            if self.take(",", "]") == "]":
                return found

    def label(self, node: str) -> str:
        return self.nodes[node]["label"].strip('"')

    @property
    def drawn(self) -> set[str]:
        return {f"{self.label(start)} {more['label'][1:-1]} {self.label(end)}" for start, end, more in self.edges}


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("a | b |& c", {"a | b", "b |& c"}),
        ("a < in > out", {"in < a", "a > out"}),
        ("a 2>> log | b 2>> log", {"a 2>> log", "b 2>> log", "a | b"}),
        ("a; b && c || d", {"a then b", "b if it succeeds c", "c if it fails d"}),
        ("a | b; c | d", {"a | b", "c | d", "b then c"}),
        ("(a; b) | c", {"a then b", "b | c"}),
        ("a | { b; (c; d) > out; }", {"a | b", "b then c", "c then d", "d > out"}),
        ("! a; b", {"a exchanges success and failure !", "! then b"}),
        ("a 2>&1", {"a 2>&1 a"}),
        ("a <<< 'b c'", {"'b c' <<< a"}),
        ("X=1; > out; a", {"X=1 then no program", "no program > out", "no program then a"}),
    ],
)
def test_what_flows_where(text: str, edges: set[str]) -> None:
    assert Graph(to_dot(parse(text), text)).drawn == edges


@pytest.mark.parametrize(
    "text",
    ["", "# c", "a '\"' \\\\ $'\\n\\t\\x01\\xff' é", 'a "b\nc"', "a '\\N'", "(a) | ((b); c) 2>&1".replace("((", "( (")],
)
def test_every_graph_is_valid(text: str) -> None:
    Graph(to_dot(parse(text), text))


def test_a_group_is_a_box() -> None:
    assert len(Graph(to_dot(parse("(a; b) | { c; }"), "")).clusters) == 2


def test_a_file_is_one_node() -> None:
    graph = Graph(to_dot(parse("a > f; b < f; c 2> f"), ""))
    assert [more["shape"] for more in graph.nodes.values() if "shape" in more and more["label"] == '"f"'] == ["note"]


def test_labels_are_escaped() -> None:
    text = """a '"\\N' 'b\nc'"""
    label = r"""a '\"\\N' 'b\nc'"""
    assert f'  label="{label}";\n' in to_dot(parse(text), text)
