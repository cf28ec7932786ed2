"""The syntax tree of one text, and the questions about names and places that all the others ask.

Only libcst's own analysis of scopes decides what a name refers to; nothing here rewrites.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

import libcst as cst
from libcst import metadata as meta

Node = TypeVar("Node", bound=cst.CSTNode)

# What begins a line of code; a statement after a colon belongs to the line of its owner.
_LINE_OWNERS = (
    cst.SimpleStatementLine,
    cst.Decorator,
    cst.BaseCompoundStatement,
    cst.Else,
    cst.ExceptHandler,
    cst.ExceptStarHandler,
    cst.Finally,
    cst.MatchCase,
)


class Tree:
    """A parsed text."""

    def __init__(self, text: str) -> None:
        """Parse a text. Raises libcst.ParserSyntaxError, which a text that Python compiles does not."""
        wrapper = meta.MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        self.module = wrapper.module
        self.data = text.encode()
        self._scopes = wrapper.resolve(meta.ScopeProvider)
        self._spans = wrapper.resolve(meta.ByteSpanPositionProvider)
        self._contexts = wrapper.resolve(meta.ExpressionContextProvider)
        # What libcst's own provider finds too, in the same walk that gives the nodes their order.
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self.nodes = tuple(self._walk())
        """Every node, in the order of the text."""

    def all(self, kind: type[Node]) -> Iterator[Node]:
        """Every node of a kind, in the order of the text."""
        return (node for node in self.nodes if isinstance(node, kind))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that holds a node."""
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, from the inside out."""
        while (parent := self.parent(node)) is not None:
            yield parent
            node = parent

    def start(self, node: cst.CSTNode) -> int:
        """Where a node begins."""
        return int(self._spans[node].start)

    def end(self, node: cst.CSTNode) -> int:
        """Where a node ends. Parentheses around an expression are outside of it."""
        span = self._spans[node]
        return int(span.start + span.length)

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node."""
        return self.between(self.start(node), self.end(node))

    def between(self, start: int, end: int) -> str:
        """The text between two places."""
        return self.data[start:end].decode()

    def line_of(self, node: cst.CSTNode) -> int:
        """Where the code begins in the line of code that a node is in."""
        owner = next((n for n in (node, *self.ancestors(node)) if isinstance(n, _LINE_OWNERS)), node)
        return self.start(owner)

    def is_loaded(self, node: cst.CSTNode) -> bool:
        """Whether an attribute is read, not assigned or deleted."""
        return self._contexts.get(node) in (None, meta.ExpressionContext.LOAD)

    def scope(self, node: cst.CSTNode) -> meta.Scope:
        """The scope in which a node is evaluated."""
        found = self._scopes.get(node)
        if found is None:
            found = next((scope for n in self.ancestors(node) if (scope := self._scopes.get(n))), self.scopes[0])
        return found

    @cached_property
    def scopes(self) -> tuple[meta.Scope, ...]:
        """Every scope, that of the module first."""
        found = {scope for scope in self._scopes.values() if scope is not None}
        return tuple(sorted(found, key=lambda scope: not isinstance(scope, meta.GlobalScope)))

    @cached_property
    def captured(self) -> frozenset[str]:
        """The names that patterns of `match` bind, which libcst takes for uses."""
        names: set[str] = set()
        for node in self.nodes:
            bound = node.rest if isinstance(node, cst.MatchMapping) else getattr(node, "name", None)
            if isinstance(node, (cst.MatchAs, cst.MatchStar, cst.MatchMapping)) and isinstance(bound, cst.Name):
                names.add(bound.value)
        return frozenset(names)

    def assignments(self, name: cst.Name) -> frozenset[meta.BaseAssignment]:
        """All that may have given a name its value where it is used: every assignment of its scope."""
        if name.value in self.captured:
            return frozenset()
        return frozenset(self.scope(name)[name.value])

    def imported(self, node: cst.CSTNode) -> str:
        """The full name of what an expression is, when imports alone decide that; else empty.

        A name that is None when an import has failed is what it is when the import has not.
        """
        if isinstance(node, cst.Attribute):
            holder = self.imported(node.value)
            return f"{holder}.{node.attr.value}" if holder else ""
        if not isinstance(node, cst.Name):
            return ""
        found = {self._imported_by(assignment) for assignment in self.assignments(node)} - {None}
        return next(iter(found), "") or "" if len(found) == 1 else ""

    def _walk(self) -> Iterator[cst.CSTNode]:
        # A stack of our own, since Python's is too short for a long sum.
        stack: list[cst.CSTNode] = [self.module]
        while stack:
            node = stack.pop()
            yield node
            children = node.children
            self._parents.update(dict.fromkeys(children, node))
            stack += reversed(children)

    def import_statements(self, node: cst.CSTNode) -> list[cst.Import | cst.ImportFrom]:
        """The statements that import what an expression is, or the module of which it is an attribute."""
        while isinstance(node, cst.Attribute):
            node = node.value
        found = [node_of(assignment) for assignment in self.assignments(node)] if isinstance(node, cst.Name) else []
        return [statement for statement in found if isinstance(statement, (cst.Import, cst.ImportFrom))]

    def _imported_by(self, assignment: meta.BaseAssignment) -> str | None:
        """The full name of what an assignment gives; None for None, empty when it is no import."""
        if isinstance(assignment, meta.ImportAssignment) and isinstance(assignment.node, (cst.Import, cst.ImportFrom)):
            return full_name(assignment.node, assignment.name)
        return None if self.gives_none(assignment) else ""

    def gives_none(self, assignment: meta.BaseAssignment) -> bool:
        """Whether an assignment is `name = None`."""
        node = node_of(assignment)
        return node is not None and self.is_given_none(node)

    def is_given_none(self, target: cst.CSTNode) -> bool:
        """Whether None is assigned to a name or an attribute."""
        holder = self.parent(target)
        statement = self.parent(holder) if isinstance(holder, cst.AssignTarget) else None
        return (
            isinstance(statement, cst.Assign)
            and isinstance(statement.value, cst.Name)
            and statement.value.value == "None"
        )


def node_of(assignment: meta.BaseAssignment) -> cst.CSTNode | None:
    """The node that makes an assignment: a name, a parameter, a definition, an import."""
    return assignment.node if isinstance(assignment, meta.Assignment) else None


def full_name(statement: cst.Import | cst.ImportFrom, bound: str) -> str:
    """The full name of what an import statement binds to a name; empty for a relative one, or for `*`."""
    if isinstance(statement, cst.ImportFrom):
        if statement.relative or isinstance(statement.names, cst.ImportStar):
            return ""
        module = module_name(statement)
        names = {alias.evaluated_alias or alias.evaluated_name: alias.evaluated_name for alias in statement.names}
        return f"{module}.{names[bound]}" if bound in names else ""
    names = {}
    for alias in statement.names:
        # `import a.b` binds `a`; libcst has an assignment of `a.b`, too.
        name = alias.evaluated_name
        names |= (
            {alias.evaluated_alias: name}
            if alias.evaluated_alias
            else {name: name, name.split(".")[0]: name.split(".")[0]}
        )
    return names.get(bound, "")


def module_name(statement: cst.ImportFrom) -> str:
    """The module that `from MODULE import …` names."""
    return dotted(statement.module) if statement.module else ""


def dotted(node: cst.CSTNode) -> str:
    """A chain of attributes as text, such as `os.path`; empty for other expressions."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        holder = dotted(node.value)
        return f"{holder}.{node.attr.value}" if holder else ""
    return ""


def literal(node: cst.CSTNode) -> str | None:
    """The value of a string written as one literal."""
    value = node.evaluated_value if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)) else None
    return value if isinstance(value, str) else None
