"""Put a program together from parts: trees, files and variables, never pieces of text.

A part keeps its meaning whatever stands beside it, because the tree says what belongs together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from procrun.quoting import quote_word
from procrun.syntax.nodes import (
    AndOr,
    Assignment,
    Group,
    List,
    Pipeline,
    Redirection,
    Simple,
    Stage,
    Text,
    Word,
)

_INPUTS = frozenset({"<", "<<<"})


def compose(
    parts: Sequence[List],
    *,
    stdin: str | None = None,
    stdout: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> List:
    """One program in which the output of each part is the input of the next.

    `stdin` and `stdout` are files for the first and the last part, `variables` are set before.

    >>> from procrun.syntax import parse, unparse
    >>> unparse(compose([parse("grep a || true"), parse("sort | uniq")], stdin="x y", variables={"LANG": "C"}))
    "LANG=C; (grep a || true) < 'x y' | sort | uniq"

    Raises ValueError when there are no parts, when one is empty, and when a stage already reads or
    writes something else than `stdin` or `stdout`.
    """
    if not parts or not all(part.items for part in parts):
        raise ValueError("there is nothing to run" if not parts else "a part has no command in it")
    body = parts[0] if len(parts) == 1 else _one(_joined(parts))
    if stdin is not None or stdout is not None:
        body = _one(_redirected(_whole(body), stdin, stdout))
    if not variables:
        return body
    assignments = tuple(Assignment(name, _word(value)) for name, value in variables.items())
    return List((*_one(Pipeline((Simple(assignments),))).items, *body.items))


def _joined(parts: Sequence[List]) -> Pipeline:
    stages: list[Stage] = []
    bars: list[bool] = []
    for part in parts:
        pipeline = _only_pipeline(part)
        if pipeline is None or pipeline.negated:
            pipeline = Pipeline((Group(part, "("),))
        bars += [*([False] if stages else []), *pipeline.with_stderr]
        stages += pipeline.stages
    return Pipeline(tuple(stages), tuple(bars))


def _only_pipeline(body: List) -> Pipeline | None:
    """The pipeline of a list that has no other, else None."""
    if len(body.items) != 1 or body.items[0].operators:
        return None
    return body.items[0].pipelines[0]


def _whole(body: List) -> Pipeline:
    """A list as one pipeline, in which its variables stay those of the program."""
    return _only_pipeline(body) or Pipeline((Group(body, "{"),))


def _one(pipeline: Pipeline) -> List:
    return List((AndOr((pipeline,)),))


def _redirected(pipeline: Pipeline, stdin: str | None, stdout: str | None) -> Pipeline:
    stages = list(pipeline.stages)
    if stdout is not None:
        stages[-1] = _led(stages[-1], Redirection(1, ">", _word(stdout)))
    if stdin is not None:
        stages[0] = _led(stages[0], Redirection(0, "<", _word(stdin)))
    return replace(pipeline, stages=tuple(stages))


def _led(stage: Stage, redirection: Redirection) -> Stage:
    """A stage with one redirection more.

    It acts first, as if it were the stage's surroundings: a `2>&1` in the stage follows it.
    """
    for other in stage.redirections:
        if other.descriptor == redirection.descriptor:
            verb, end = ("reads", "first") if redirection.operator in _INPUTS else ("writes", "last")
            raise ValueError(f"the {end} stage {verb} something else already: {_shown(other)}")
    redirections = (redirection, *stage.redirections)
    return replace(stage, redirections=redirections)


def _shown(redirection: Redirection) -> str:
    from procrun.syntax import unparse

    return f"`{unparse(redirection)}`"


def _word(text: str) -> Word:
    """A word that stands for a text, in quotes where it needs them."""
    return Word((Text(text, quoted=quote_word(text) != text),)) if text else Word(())
