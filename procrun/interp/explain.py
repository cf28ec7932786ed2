"""What a text would run, found out without running anything.

Words are expanded, file names matched and programs found as far as that can be known: a
`$( )` stands there as it was written. `cd`, assignments and `export` act on a scope that is
thrown away, so that what follows them is right. An error is part of the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from procrun.errors import ProcrunError
from procrun.interp import special
from procrun.interp.program import refuse_shell_words
from procrun.interp.scope import DEFAULTS, Scope
from procrun.interp.stages import Stages
from procrun.plan import Command, Function, Options, Pipeline, Redirect
from procrun.syntax import parse
from procrun.syntax.nodes import Group, List, Simple, Substitution
from procrun.syntax.nodes import Pipeline as Written

Kind = Literal["program", "special", "assignments", "group"]


@dataclass(frozen=True, slots=True)
class ExplainedStage:
    """One stage of a pipeline."""

    source: str
    """What was written."""
    kind: Kind
    """A program's call, a command that acts on the text, assignments or files alone, or a group."""
    argv: tuple[str, ...] = ()
    """The program or command and its arguments, expanded."""
    program: str | None = None
    """The file that would run; None when it was not found or cannot be known yet."""
    assignments: tuple[tuple[str, str], ...] = ()
    """The variables it sets, with their values."""
    redirects: tuple[Redirect, ...] = ()
    """Its redirections, in order."""
    substitutions: tuple[str, ...] = ()
    """The `$( )` in it, as they were written: they would run first."""
    body: ExplainedList | None = None
    """What is in it, for a group."""
    error: ProcrunError | None = None
    """Why it could not run."""

    @property
    def writes(self) -> tuple[str, ...]:
        """The files it would make, empty or add to."""
        return tuple(str(item.target) for item in self.redirects if item.action in ("write", "append"))


@dataclass(frozen=True, slots=True)
class ExplainedPipeline:
    """Stages side by side."""

    source: str
    """What was written."""
    operator: str
    """When it runs: ``, `;`, `&&` or `||` after the one before it."""
    stages: tuple[ExplainedStage, ...]
    """First to last."""
    with_stderr: tuple[bool, ...] = ()
    """For each bar, whether it was `|&`."""
    is_negated: bool = False
    """Whether `!` stands before it."""


@dataclass(frozen=True, slots=True)
class ExplainedList:
    """Pipelines one after the other."""

    pipelines: tuple[ExplainedPipeline, ...]
    """In the order of the text."""


def explain(text: str, arguments: Sequence[str] = (), options: Options = DEFAULTS) -> ExplainedList:
    """What the text would run with these arguments.

    Reads folders and nothing else. Raises PipelineSyntaxError; every other error is in the
    stage that it would stop.
    """
    tree = parse(text)
    refuse_shell_words(tree, text, options)
    return _Explainer(text).explain(tree, Scope(arguments, options))


@dataclass
class _Explainer:
    text: str
    substitutions: list[str] = field(default_factory=list)
    """Those met in the stage that is being explained."""

    def explain(self, body: List, scope: Scope) -> ExplainedList:
        pipelines: list[ExplainedPipeline] = []
        for item in body.items:
            for operator, written in zip(("", *item.operators), item.pipelines):
                pipelines.append(self.pipeline(written, operator or (";" if pipelines else ""), scope))
        return ExplainedList(tuple(pipelines))

    def pipeline(self, written: Written, operator: str, scope: Scope) -> ExplainedPipeline:
        is_alone = len(written.stages) == 1
        stages = tuple(self.stage(stage, scope if is_alone else scope.copy(), is_alone) for stage in written.stages)
        source = self.text[written.span.start : written.span.end]
        return ExplainedPipeline(source, operator, stages, written.with_stderr, written.negated)

    def stage(self, written: Simple | Group, scope: Scope, is_alone: bool) -> ExplainedStage:
        self.substitutions = []
        source = self.text[written.span.start : written.span.end]
        stages = Stages(self.text, self.substitute, _no_group)
        if isinstance(written, Group):
            explained = self.group(written, source, stages, scope.copy() if written.bracket == "(" else scope)
        elif not written.words:
            explained = self.assignments(written, source, stages, scope)
        elif is_alone and written.words[0].literal in special.COMMANDS:
            explained = self.special(written, source, stages, scope)
        else:
            explained = self.program(written, source, stages, scope)
        return replace(explained, substitutions=explained.substitutions or tuple(self.substitutions))

    def group(self, written: Group, source: str, stages: Stages, scope: Scope) -> ExplainedStage:
        try:
            redirects = stages.redirects(written.redirections, scope)
        except ProcrunError as error:
            return ExplainedStage(source, "group", body=self.explain(written.body, scope), error=error)
        met = tuple(self.substitutions)
        body = self.explain(written.body, scope)
        self.substitutions = []
        return ExplainedStage(source, "group", redirects=redirects, substitutions=met, body=body)

    def assignments(self, written: Simple, source: str, stages: Stages, scope: Scope) -> ExplainedStage:
        try:
            redirects = stages.redirects(written.redirections, scope)
            values = stages.assign(written.assignments, scope)
        except ProcrunError as error:
            return ExplainedStage(source, "assignments", error=error)
        return ExplainedStage(source, "assignments", assignments=values, redirects=redirects)

    def special(self, written: Simple, source: str, stages: Stages, scope: Scope) -> ExplainedStage:
        name, *arguments = written.words
        command = special.COMMANDS[name.literal or ""]
        expansion = stages.expansion(scope)
        explained = ExplainedStage(source, "special", argv=(name.literal or "",))
        try:
            # What `export` is given are no words but assignments, which stand in `source`.
            words = () if command is special.export else expansion.words(arguments)
            explained = replace(explained, argv=(*explained.argv, *words))
            # Expanding twice would note each `$( )` twice.
            met = tuple(self.substitutions)
            act = command(special.Call(name, tuple(arguments), expansion))
            self.substitutions[:] = met or self.substitutions
            explained = replace(explained, redirects=stages.redirects(written.redirections, scope))
            explained = replace(explained, assignments=stages.assign(written.assignments, scope))
            act()
        except ProcrunError as error:
            return replace(explained, error=error)
        return explained

    def program(self, written: Simple, source: str, stages: Stages, scope: Scope) -> ExplainedStage:
        try:
            made, scope = stages.simple(written, scope)
        except ProcrunError as error:
            return ExplainedStage(source, "program", error=error)
        if isinstance(made, Function):
            return ExplainedStage(source, "special", argv=(":",), redirects=made.redirects)
        values = tuple((item.name, scope.get(item.name) or "") for item in written.assignments)
        explained = ExplainedStage(source, "program", made.argv, None, values, made.redirects)
        if any(substitution in made.argv[0] for substitution in self.substitutions):
            return explained  # Which program it is, only running the `$( )` tells.
        try:
            found = stages.with_program(Pipeline((made,)), 0, scope)
        except ProcrunError as error:
            return replace(explained, error=error)
        return replace(explained, program=found.executable if isinstance(found, Command) else None)

    def substitute(self, part: Substitution, scope: Scope) -> bytes:
        """The text of a `$( )` in place of what it would print."""
        source = self.text[part.span.start : part.span.end]
        self.substitutions.append(source)
        return source.encode("utf-8", "surrogateescape")


def _no_group(written: Group, scope: Scope, is_feeding: bool) -> Function:
    raise AssertionError("groups are explained stage by stage")
