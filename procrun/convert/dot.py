"""A program of the language as a graph for Graphviz: its stages, its files, and what flows where.

Solid edges carry bytes, dashed ones say what runs after what. Groups are boxes around their stages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from procrun.quoting import printable
from procrun.syntax import unparse
from procrun.syntax.nodes import Group, List, Pipeline, Redirection, Simple, Stage

_AFTER = {";": "then", "&&": "if it succeeds", "||": "if it fails"}


def to_dot(tree: List, text: str) -> str:
    """The graph, in the language of Graphviz; its label is `text`."""
    graph = _Graph()
    graph.list(tree)
    head = ["digraph procrun {", "  rankdir=LR;", f"  label={_quoted(text)};", "  node [shape=box];"]
    return "\n".join([*head, *graph.lines, "}\n"])


@dataclass
class _Graph:
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    nodes: int = 0
    files: dict[str, str] = field(default_factory=dict)
    """The node of each file, by what is written for it."""

    def list(self, body: List) -> tuple[str, str]:
        """The first node of a list, and the one after which the next thing runs."""
        first = last = ""
        for item in body.items:
            for operator, pipeline in zip((";", *item.operators), item.pipelines):
                start, end = self.pipeline(pipeline)
                if last:
                    self.edge(last, start, _AFTER[operator], "style=dashed")
                first, last = first or start, end
        # A comment, or nothing at all.
        return (first, last) if first else (self.node("nothing", "shape=plaintext"),) * 2

    def pipeline(self, pipeline: Pipeline) -> tuple[str, str]:
        ends = [self.stage(stage) for stage in pipeline.stages]
        bars = ["|&" if with_stderr else "|" for with_stderr in pipeline.with_stderr]
        for bar, (_, before), (after, _) in zip(bars, ends, ends[1:]):
            self.edge(before, after, bar)
        start, end = ends[0][0], ends[-1][1]
        if pipeline.negated:
            node = self.node("!", "shape=circle")
            self.edge(end, node, "exchanges success and failure", "style=dashed")
            end = node
        return start, end

    def stage(self, stage: Stage) -> tuple[str, str]:
        ends = self.group(stage) if isinstance(stage, Group) else (self.simple(stage),) * 2
        for redirection in stage.redirections:
            self.redirection(redirection, *ends)
        return ends

    def simple(self, stage: Simple) -> str:
        return self.node(unparse(replace(stage, redirections=())) or "no program")

    def group(self, group: Group) -> tuple[str, str]:
        self.nodes += 1
        label = "( )" if group.bracket == "(" else "{ }"
        self.line(f"subgraph cluster_{self.nodes} {{")
        self.depth += 1
        self.line(f"label={_quoted(label)};")
        ends = self.list(group.body)
        self.depth -= 1
        self.line("}")
        return ends

    def redirection(self, redirection: Redirection, first: str, last: str) -> None:
        label = unparse(redirection)
        if isinstance(redirection.target, int):
            self.edge(last, last, label)
            return
        name = unparse(redirection.target)
        operator = label.removesuffix(name).strip()
        if redirection.operator == "<<<":
            self.edge(self.node(name, "shape=plaintext"), first, operator)
        elif redirection.operator == "<":
            self.edge(self.file(name), first, operator)
        else:
            self.edge(last, self.file(name), operator)

    def file(self, name: str) -> str:
        if name not in self.files:
            self.files[name] = self.node(name, "shape=note")
        return self.files[name]

    def node(self, label: str, more: str = "") -> str:
        self.nodes += 1
        self.line(f"n{self.nodes} [{', '.join(_attributes(label, more))}];")
        return f"n{self.nodes}"

    def edge(self, start: str, end: str, label: str, more: str = "") -> None:
        self.line(f"{start} -> {end} [{', '.join(_attributes(label, more))}];")

    def line(self, text: str) -> None:
        self.lines.append("  " * self.depth + text)


def _attributes(label: str, more: str) -> Iterator[str]:
    yield f"label={_quoted(label)}"
    if more:
        yield more


def _quoted(text: str) -> str:
    """A string of the language of Graphviz, in which `\\n` begins a line and other escapes mean themselves."""
    lines = (re.sub(r'(["\\])', r"\\\1", printable(line)) for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'
