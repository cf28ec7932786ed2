"""Tree to text, in one canonical form: `parse(unparse(tree)) == tree`.

Unquoted text is written as it is, quoted text in the quotes that suit it, everything else
in its shortest spelling. Comments and the layout of the original are not in the tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from procrun.errors import PipelineSyntaxError
from procrun.quoting import in_quotes, quote_word
from procrun.syntax.nodes import (
    MAX_DEPTH,
    AndOr,
    Arguments,
    Assignment,
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

_CONTINUES_NAME = re.compile(r"[A-Za-z0-9_]")
_SPECIAL_IN_DOUBLE = re.compile(r'[$`"\\]')
_SPECIAL_IN_BRACED_DOUBLE = re.compile(r'[$`"\\}]')


def unparse(node: Node) -> str:
    """The text of a tree, or of a part of one.

    >>> from procrun.syntax import parse
    >>> unparse(parse('tr  "a-z" A-Z|sort'))
    "tr 'a-z' A-Z | sort"

    Raises PipelineSyntaxError for a tree that is nested more deeply than any text may be.
    """
    printer = _Printer()
    printer.put(node)
    return "".join(printer.chunks)


class _Printer:
    """Appends the text of nodes; one call for each level of the tree, so that deep trees fit Python's stack."""

    def __init__(self) -> None:
        self.chunks: list[str] = []
        self._depth = 0

    def put(self, node: Node) -> None:
        """Append the text of any node."""
        put = _PUT.get(type(node))
        if put:
            put(self, node)
        else:
            self.word(Word((node,)))  # type: ignore[arg-type]  # every other node is a part

    def list(self, node: List) -> None:
        """`a; b`."""
        for place, item in enumerate(node.items):
            self.chunks += ["; "] if place else []
            self.and_or(item)

    def and_or(self, node: AndOr) -> None:
        """`a && b || c`."""
        for operator, pipeline in zip(("", *node.operators), node.pipelines):
            self.chunks += [f" {operator} "] if operator else []
            self.pipeline(pipeline)

    def pipeline(self, node: Pipeline) -> None:
        """`! a | b |& c`."""
        self.chunks += ["! "] if node.negated else []
        for with_stderr, stage in zip((None, *node.with_stderr), node.stages):
            self.chunks += [] if with_stderr is None else [" |& " if with_stderr else " | "]
            if isinstance(stage, Group):
                self.group(stage)
            else:
                self.simple(stage)

    def simple(self, node: Simple) -> None:
        """`X=1 a b > c`."""
        parts: tuple[Assignment | Word | Redirection, ...] = (*node.assignments, *node.words, *node.redirections)
        for place, part in enumerate(parts):
            self.chunks += [" "] if place else []
            if isinstance(part, Word):
                self.word(part)
            elif isinstance(part, Assignment):
                self.assignment(part)
            else:
                self.redirection(part)

    def group(self, node: Group) -> None:
        """`(a; b) > c`, `{ a; b; }`."""
        self.enter()
        if node.bracket == "{":
            self.chunks.append("{ ")
            self.list(node.body)
            self.chunks.append("; }")
        else:
            self.parenthesized("(", node.body)
        self._depth -= 1
        for redirection in node.redirections:
            self.chunks.append(" ")
            self.redirection(redirection)

    def parenthesized(self, opener: str, body: List) -> None:
        """`(a)` and `$(a)`; with a blank before another parenthesis, because `((` is arithmetic."""
        self.chunks.append(opener)
        place = len(self.chunks)
        self.list(body)
        if self.chunks[place : place + 1] == ["("]:
            self.chunks[place] = " ("
        self.chunks.append(")")

    def redirection(self, node: Redirection) -> None:
        """`2> word`, `2>&1`."""
        usual = 0 if node.operator.startswith("<") else 1
        number = "" if node.descriptor == usual else str(node.descriptor)
        if isinstance(node.target, int):
            self.chunks.append(f"{number}>&{node.target}")
        else:
            self.chunks.append(f"{number}{node.operator} ")
            self.word(node.target)

    def assignment(self, node: Assignment) -> None:
        """`NAME=word`."""
        self.chunks.append(f"{node.name}=")
        self.word(node.value)

    def word(self, node: Word, *, is_value: bool = False, in_double: bool = False) -> None:
        """Parts that stand together; `is_value` in `${NAME:-word}`, `in_double` if that stands in double quotes."""
        parts = node.parts
        is_open = in_double
        before: Part | None = None
        for part, following in zip(parts, (*parts[1:], None)):
            if not in_double and is_open != _wants_double(before, part, following):
                self.chunks.append('"')
                is_open = not is_open
            if not isinstance(part, Text):
                self.expansion(part, is_open, _continues_name(part, following, is_bare=is_value))
            elif is_open:
                special = _SPECIAL_IN_BRACED_DOUBLE if in_double else _SPECIAL_IN_DOUBLE
                self.chunks.append(special.sub(r"\\\g<0>", part.value))
            elif not part.quoted:
                self.chunks.append(part.value)
            elif is_value and isinstance(before, Tilde):
                # A quote directly behind `~` would make it an ordinary character.
                self.chunks += [part.value[:1], quote_word(part.value[1:]) if part.value[1:] else ""]
            else:
                self.chunks.append(quote_word(part.value) if is_value else in_quotes(part.value))
            before = part
        if is_open and not in_double:
            self.chunks.append('"')

    def expansion(self, part: Part, is_quoted: bool, has_name_behind: bool) -> None:
        """A part that is no text, without the quotes around it."""
        if isinstance(part, Parameter):
            self.parameter(part, is_quoted, has_name_behind)
        elif isinstance(part, Substitution):
            self.enter()
            self.parenthesized("$(", part.body)
            self._depth -= 1
        elif isinstance(part, Braces):
            self.enter()
            for place, choice in enumerate(part.choices):
                self.chunks.append("," if place else "{")
                self.word(choice)
            self.chunks.append("}")
            self._depth -= 1
        elif isinstance(part, Length):
            self.chunks.append(f"${{#{part.name}}}")
        elif isinstance(part, Range):
            step = f"..{part.step}" if part.step else ""
            self.chunks.append(f"{{{part.first}..{part.last}{step}}}")
        else:
            self.chunks.append("$@" if isinstance(part, Arguments) else "~")

    def parameter(self, part: Parameter, is_quoted: bool, has_name_behind: bool) -> None:
        """`$NAME`, `${NAME}` where a name would go on, `${NAME:-word}`."""
        if part.word is not None:
            self.enter()
            self.chunks.append(f"${{{part.name}{part.operator}")
            is_value = part.operator[0] not in "%#"
            self.word(part.word, is_value=is_value, in_double=is_value and is_quoted)
            self.chunks.append("}")
            self._depth -= 1
        elif (part.name.isdigit() and len(part.name) > 1) or (has_name_behind and part.name not in "#?"):
            self.chunks.append(f"${{{part.name}}}")
        else:
            self.chunks.append(f"${part.name}")

    def enter(self) -> None:
        """Go one level deeper, as the lexer counts them."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise PipelineSyntaxError(f"the tree is nested more than {MAX_DEPTH} levels deep", hint="take it apart")


def _wants_double(before: Part | None, part: Part, following: Part | None) -> bool:
    """Whether a part stands in double quotes: quoted expansions, and text beside them that shows as it is."""
    if not isinstance(part, Text):
        return _is_quoted_expansion(part)
    has_neighbour = _is_quoted_expansion(before) or _is_quoted_expansion(following)
    return part.quoted and has_neighbour and not in_quotes(part.value).startswith("$")


def _is_quoted_expansion(part: Part | None) -> bool:
    return isinstance(part, (Parameter, Length, Substitution)) and part.quoted


def _continues_name(part: Part, following: Part | None, *, is_bare: bool) -> bool:
    """Whether what follows would be read as part of a name; quotes would keep it apart, where it gets any."""
    if not isinstance(following, Text) or not _CONTINUES_NAME.match(following.value):
        return False
    return is_bare or following.quoted == getattr(part, "quoted", False)


_PUT: dict[type, Callable[[_Printer, Any], None]] = {
    List: _Printer.list,
    AndOr: _Printer.and_or,
    Pipeline: _Printer.pipeline,
    Simple: _Printer.simple,
    Group: _Printer.group,
    Redirection: _Printer.redirection,
    Assignment: _Printer.assignment,
    Word: _Printer.word,
}
