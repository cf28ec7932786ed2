"""Tree to text: `parse(unparse(tree)) == tree`, in one canonical form."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from procrun.syntax.nodes import (
    AndOr,
    Arguments,
    Assignment,
    Braces,
    Group,
    Length,
    List,
    Node,
    Parameter,
    Pipeline,
    Range,
    Redirection,
    Simple,
    Substitution,
    Text,
    Tilde,
    Word,
)

_CONTINUES_NAME = re.compile(r"[A-Za-z_0-9]")


def unparse(node: Node) -> str:
    """The text of a tree or of a part of one.

    >>> from procrun.syntax import parse
    >>> unparse(parse('tr  "a-z" A-Z|sort'))
    "tr 'a-z' A-Z | sort"
    """
    return _PRINT[type(node)](node)


def _list(node: List) -> str:
    return "; ".join(unparse(item) for item in node.items)


def _and_or(node: AndOr) -> str:
    pieces = [unparse(node.pipelines[0])]
    for operator, pipeline in zip(node.operators, node.pipelines[1:]):
        pieces += [operator, unparse(pipeline)]
    return " ".join(pieces)


def _pipeline(node: Pipeline) -> str:
    pieces = ["!"] if node.negated else []
    for stage, with_stderr in zip(node.stages, (*node.with_stderr, None)):
        pieces.append(unparse(stage))
        if with_stderr is not None:
            pieces.append("|&" if with_stderr else "|")
    return " ".join(pieces)


def _simple(node: Simple) -> str:
    parts: list[Node] = [*node.assignments, *node.words, *node.redirections]
    return " ".join(unparse(part) for part in parts)


def _group(node: Group) -> str:
    body = unparse(node.body)
    # A blank, because `((` would be arithmetic.
    text = f"{{ {body}; }}" if node.bracket == "{" else f"( {body} )" if body.startswith("(") else f"({body})"
    return " ".join([text, *(unparse(redirection) for redirection in node.redirections)])


def _redirection(node: Redirection) -> str:
    usual = int(not node.operator.startswith("<"))
    number = "" if node.descriptor == usual else str(node.descriptor)
    if isinstance(node.target, int):
        return f"{number}>&{node.target}"
    return f"{number}{node.operator} {unparse(node.target)}"


def _assignment(node: Assignment) -> str:
    return f"{node.name}={unparse(node.value)}"


def _word(node: Word) -> str:
    pieces: list[str] = []
    for part in node.parts:
        text = unparse(part)
        if pieces and pieces[-1].startswith("$") and _CONTINUES_NAME.match(text) and pieces[-1][-1:] not in "})'\"":
            pieces[-1] = "${" + pieces[-1][1:] + "}"
        pieces.append(text)
    return "".join(pieces)


def _text(node: Text) -> str:
    if not node.quoted:
        return node.value
    if "'" not in node.value:
        return f"'{node.value}'"
    return '"' + re.sub(r'([$"\\`])', r"\\\1", node.value) + '"'


def _parameter(node: Parameter) -> str:
    inside = node.name + node.operator + ("" if node.word is None else _inner_word(node))
    is_simple = not node.operator and not (node.name.isdigit() and len(node.name) > 1)
    return _quoted(f"${inside}" if is_simple else f"${{{inside}}}", node.quoted)


def _inner_word(node: Parameter) -> str:
    """The word of `${NAME:-word}`, whose quotes mean less where the whole is quoted."""
    assert node.word is not None
    if not node.quoted or node.operator[0] in "%#":
        return "".join(_in_braces(part) for part in node.word.parts)
    return "".join(
        re.sub(r'([$"\\`}])', r"\\\1", part.value) if isinstance(part, Text) else unparse(part).strip('"')
        for part in node.word.parts
    )


def _in_braces(part: Any) -> str:
    text = unparse(part)
    return text.replace("}", "\\}") if isinstance(part, Text) and not part.quoted else text


def _length(node: Length) -> str:
    return _quoted(f"${{#{node.name}}}", node.quoted)


def _substitution(node: Substitution) -> str:
    body = unparse(node.body)
    return _quoted(f"$( {body})" if body.startswith("(") else f"$({body})", node.quoted)


def _braces(node: Braces) -> str:
    return "{" + ",".join(unparse(choice) for choice in node.choices) + "}"


def _range(node: Range) -> str:
    return "{" + node.first + ".." + node.last + (f"..{node.step}" if node.step else "") + "}"


def _quoted(text: str, quoted: bool) -> str:
    return f'"{text}"' if quoted else text


_PRINT: dict[type, Callable[[Any], str]] = {
    List: _list,
    AndOr: _and_or,
    Pipeline: _pipeline,
    Simple: _simple,
    Group: _group,
    Redirection: _redirection,
    Assignment: _assignment,
    Word: _word,
    Text: _text,
    Parameter: _parameter,
    Length: _length,
    Substitution: _substitution,
    Arguments: lambda node: "$@",
    Tilde: lambda node: "~",
    Braces: _braces,
    Range: _range,
}
