"""The tree: what was written, with the place of everything in the text.

Each node's docstring is a sample of the text it stands for. Nodes are frozen; places
(`span`) do not take part in comparison, so that a tree equals the tree of its own
printed text. A node never holds a value from outside the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

MAX_DEPTH = 40
"""Levels of `( )`, `{ }`, `$( )`, `${ }` and braces in each other. People nest three or four. Python's
own stack holds a thousand calls, of which a level takes up to eleven, and programs do not start at its bottom."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text: offsets of its first character and of the one after its last."""

    start: int = 0
    end: int = 0


def _place() -> Span:
    return field(default=Span(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """`abc`, `'a b'`, `\\*`: characters. Unquoted ones may be pattern characters (`*.txt`)."""

    value: str
    quoted: bool = False
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$NAME`, `${1}`, `$#`, `$?`, `${NAME:-word}`, `${NAME%word}`."""

    name: str
    quoted: bool = False
    operator: str = ""
    """One of `:- - :+ + :? ? := = % %% # ##`, or empty."""
    word: Word | None = None
    """What stands behind the operator; None when there is no operator."""
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Length:
    """`${#NAME}`."""

    name: str
    quoted: bool = False
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Arguments:
    """`$@` and `"$@"`: always the whole of its word."""

    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(list)`."""

    body: List
    quoted: bool = False
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Tilde:
    """`~` at the start of a word, or after `:` and `=` in an assignment's value."""

    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Braces:
    """`{a,b}`: several words."""

    choices: tuple[Word, ...]
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Range:
    """`{1..9}`, `{a..e..2}`: several words, from the first to the last."""

    first: str
    last: str
    step: int = 0
    """0 when it was not written."""
    span: Span = _place()


Part = Union[Text, Parameter, Length, Arguments, Substitution, Tilde, Braces, Range]


@dataclass(frozen=True, slots=True)
class Word:
    """`pre"$X"*.txt`: parts that stand together."""

    parts: tuple[Part, ...]
    span: Span = _place()

    @property
    def literal(self) -> str | None:
        """The word's characters where it has nothing to expand but quotes, else None."""
        if all(isinstance(part, Text) for part in self.parts):
            return "".join(part.value for part in self.parts if isinstance(part, Text))
        return None


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME=word`; without a value, `NAME=`, the word has no parts."""

    name: str
    value: Word
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Redirection:
    """`> word`, `2>> word`, `< word`, `<<< word`, `2>&1`, `&> word`."""

    descriptor: int
    """0, 1 or 2; for `&>` and `&>>` 1 (descriptor 2 follows it)."""
    operator: str
    """One of `< > >> >| <<< >& &> &>>`."""
    target: Word | int
    """The file or text; for `>&` the other descriptor, 1 or 2."""
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Simple:
    """`X=1 tr a-z A-Z < file`: a program's call, or assignments, or `> file` alone."""

    assignments: tuple[Assignment, ...] = ()
    words: tuple[Word, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class Group:
    """`(list) > file`, `{ list; }`."""

    body: List
    bracket: str
    """`(` has variables and a folder of its own, `{` shares them."""
    redirections: tuple[Redirection, ...] = ()
    span: Span = _place()


Stage = Union[Simple, Group]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`! a | b |& c`."""

    stages: tuple[Stage, ...]
    with_stderr: tuple[bool, ...] = ()
    """For each bar, whether it was `|&`; one shorter than the stages."""
    negated: bool = False
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class AndOr:
    """`a && b || c`."""

    pipelines: tuple[Pipeline, ...]
    operators: tuple[str, ...] = ()
    """`&&` or `||` between the pipelines; one shorter than they are."""
    span: Span = _place()


@dataclass(frozen=True, slots=True)
class List:
    """`a; b`: a whole program, or the inside of a group or of `$( )`."""

    items: tuple[AndOr, ...] = ()
    span: Span = _place()


Node = Union[Part, Word, Assignment, Redirection, Stage, Pipeline, AndOr, List]
