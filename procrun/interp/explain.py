"""What a text would run, found out without running anything.

Words are expanded, file names matched and programs found as far as that can be known: a
`$( )` stands there as it was written, and what depends on it is marked. `cd`, assignments
and `export` act on a scope that is thrown away, so that what follows them is right. An
error is part of the answer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from procrun.errors import FileError, PatternError, ProcrunError, ProgramNotFound, ProgramNotRunnable
from procrun.interp import special
from procrun.interp.files import why_not_emptied, why_not_opened
from procrun.interp.program import refuse_shell_words
from procrun.interp.scope import DEFAULTS, Scope
from procrun.interp.stages import Stages
from procrun.plan import Command, Function, Options, Pipeline, Redirect
from procrun.syntax import parse
from procrun.syntax.nodes import Group, List, Pipeline as Written, Simple, Substitution

# Stands before the source of each `$( )`, and so in every value that what it prints would be a part of.
_UNKNOWN = f"procrun-{os.urandom(8).hex()}-"

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
    inner: tuple[ExplainedList, ...] = ()
    """What each of these would run."""
    is_unknown: bool = False
    """Whether it depends on what a `$( )` prints, here or before."""
    body: ExplainedList | None = None
    """What is in it, for a group."""
    error: ProcrunError | None = None
    """Why it could not run, as things are now."""
    may_change: bool = False
    """Whether that is about files, which what runs before could make."""

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

    def errors(self) -> Iterator[ProcrunError]:
        """Why something in it could not run, in the order of the text; without what may change."""
        for stage in (stage for pipeline in self.pipelines for stage in pipeline.stages):
            for inner in stage.inner:
                yield from inner.errors()
            if stage.body is not None:
                yield from stage.body.errors()
            if stage.error is not None and not stage.may_change:
                yield stage.error


def explain(text: str, arguments: Sequence[str] = (), options: Options = DEFAULTS) -> ExplainedList:
    """What the text would run with these arguments.

    Reads folders and nothing else. Raises PipelineSyntaxError, and FileError for a `cwd` that is
    not there; every other error is in the stage that it would stop.
    """
    tree = parse(text)
    refuse_shell_words(tree, text, options)
    if options.cwd is not None and not os.path.isdir(options.cwd):
        cause = FileNotFoundError(2, "No such file or directory", options.cwd)
        reason, hint = f"there is no folder `{options.cwd}` to run in", "create it, or name another"
        raise FileError(reason, cause=cause, hint=hint)
    return _Explainer(text).explain(tree, Scope(arguments, options))


@dataclass
class _Explainer:
    text: str
    substitutions: list[tuple[str, ExplainedList]] = field(default_factory=list)
    """Those met in the stage that is being explained."""
    has_run: bool = False
    """Whether anything before it would have run that could make files."""

    def explain(self, body: List, scope: Scope) -> ExplainedList:
        pipelines: list[ExplainedPipeline] = []
        for item in body.items:
            for operator, written in zip(("", *item.operators), item.pipelines):
                pipelines.append(self.pipeline(written, operator or (";" if pipelines else ""), scope))
        return ExplainedList(tuple(pipelines))

    def pipeline(self, written: Written, operator: str, scope: Scope) -> ExplainedPipeline:
        is_alone, has_run = len(written.stages) == 1, self.has_run
        stages = tuple(self.stage(stage, scope if is_alone else scope.copy(), is_alone) for stage in written.stages)
        stages = tuple(self.with_loss(stage, stages, has_run) for stage in stages)
        self.has_run = self.has_run or any(stage.kind == "program" or stage.writes for stage in stages)
        source = self.text[written.span.start : written.span.end]
        return ExplainedPipeline(source, operator, stages, written.with_stderr, written.negated)

    def stage(self, written: Simple | Group, scope: Scope, is_alone: bool) -> ExplainedStage:
        has_run = self.has_run
        met = self.substitutions = []
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
        if explained.error is None:
            explained = replace(explained, error=why_not_opened(explained.redirects, self.text))
        explained = _without_marks(explained, scope)
        may_change = (has_run or bool(met)) and _is_about_files(explained.error)
        substitutions, inner = tuple(source for source, _ in met), tuple(body for _, body in met)
        return replace(explained, substitutions=substitutions, inner=inner, may_change=may_change)

    def with_loss(self, stage: ExplainedStage, stages: Sequence[ExplainedStage], has_run: bool) -> ExplainedStage:
        """The stage, with an error if it would empty a file that a stage of its pipeline is to read."""
        if stage.error is not None or stage.is_unknown:
            return stage
        read = (item for other in stages for item in other.redirects if item.action == "read")
        error = why_not_emptied(stage.redirects, tuple(read), self.text)
        return replace(stage, error=error, may_change=error is not None and (has_run or bool(stage.substitutions)))

    def group(self, written: Group, source: str, stages: Stages, scope: Scope) -> ExplainedStage:
        explained = ExplainedStage(source, "group")
        try:
            explained = replace(explained, redirects=stages.redirects(written.redirections, scope))
        except ProcrunError as error:
            explained = replace(explained, error=error)
        return replace(explained, body=self.explain(written.body, scope))

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
            try:
                act = command(special.Call(name, tuple(arguments), expansion))
            finally:
                self.substitutions[:] = met or self.substitutions
            explained = replace(explained, redirects=stages.redirects(written.redirections, scope))
            explained = replace(explained, assignments=stages.assign(written.assignments, scope))
            act()
        except ProcrunError as error:
            if command is special.change_folder and _UNKNOWN in str(error):
                scope.folder = os.path.join(scope.folder, *explained.argv[1:])
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
        try:
            found = stages.with_program(Pipeline((made,)), 0, scope)
        except ProcrunError as error:
            return replace(explained, error=error)
        return replace(explained, program=found.executable if isinstance(found, Command) else None)

    def substitute(self, part: Substitution, scope: Scope) -> bytes:
        """The text of a `$( )` in place of what it would print."""
        source = self.text[part.span.start : part.span.end]
        met = self.substitutions
        inner = self.explain(part.body, scope.copy())
        self.substitutions = met
        met.append((source, inner))
        return (_UNKNOWN + source).encode(sys.getfilesystemencoding(), "surrogateescape")


def _without_marks(explained: ExplainedStage, scope: Scope) -> ExplainedStage:
    """The stage as people should see it, with `is_unknown` where a `$( )` decides."""
    values = (*explained.argv, *(value for _, value in explained.assignments), scope.folder)
    targets = tuple(_without_mark(item.target) for item in explained.redirects)
    is_unknown = any(_UNKNOWN in value for value in values) or targets != tuple(
        item.target for item in explained.redirects
    )
    error = explained.error
    if error is not None and (_UNKNOWN in str(error) or (is_unknown and _is_about_files(error))):
        # What it is about, nobody knows yet.
        error, is_unknown = None, True
    return replace(
        explained,
        argv=tuple(value.replace(_UNKNOWN, "") for value in explained.argv),
        assignments=tuple((name, value.replace(_UNKNOWN, "")) for name, value in explained.assignments),
        redirects=tuple(replace(item, target=target) for item, target in zip(explained.redirects, targets)),
        error=error,
        is_unknown=is_unknown,
    )


def _without_mark(target: str | bytes | int) -> str | bytes | int:
    if isinstance(target, str):
        return target.replace(_UNKNOWN, "")
    return target.replace(_UNKNOWN.encode(), b"") if isinstance(target, bytes) else target


def _is_about_files(error: ProcrunError | None) -> bool:
    """Whether a file that somebody makes or removes may mend an error; programs in PATH rarely come and go."""
    if isinstance(error, (ProgramNotFound, ProgramNotRunnable)):
        return os.path.basename(error.program) != error.program
    return isinstance(error, (FileError, PatternError))


def _no_group(written: Group, scope: Scope, is_feeding: bool) -> Function:
    raise AssertionError("groups are explained stage by stage")
