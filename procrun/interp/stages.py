"""From the stages of a written pipeline to what the engine runs.

Words are expanded stage by stage, then every program is found; no file is opened and
nothing is started here. A group becomes whatever the caller makes of it: a function stage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from procrun.errors import ExpansionError, ProgramNotFound, ProgramNotRunnable
from procrun.interp.expand import Expansion
from procrun.interp.scope import Scope
from procrun.plan import Command, Function, Options, Pipeline, Redirect
from procrun.plan.redirect import Action
from procrun.quoting import display
from procrun.syntax.nodes import (
    Arguments,
    Assignment,
    Group,
    Pipeline as Written,
    Redirection,
    Simple,
    Span,
    Substitution,
    Word,
)
from procrun.system import which

_ACTIONS: dict[str, Action] = {
    "<": "read",
    ">": "write",
    ">|": "write",
    ">>": "append",
    "&>": "write",
    "&>>": "append",
}


@dataclass(frozen=True, slots=True)
class Stages:
    """Makes stages of one text."""

    text: str
    """The whole text."""
    substitute: Callable[[Substitution, Scope], bytes]
    """Runs the list of a `$( )`."""
    group: Callable[[Group, Scope, bool], Function]
    """Makes a function stage of a group, given its scope and whether it is not the last stage."""

    def pipeline(self, written: Written, scope: Scope, options: Options) -> Pipeline:
        """The pipeline to run.

        Raises ExpansionError, PatternError, ProgramNotFound and ProgramNotRunnable.
        """
        last = len(written.stages) - 1
        bars = (*written.with_stderr, False)
        stages: list[Command | Function] = []
        scopes = []
        for place, (stage, with_stderr) in enumerate(zip(written.stages, bars)):
            # Each stage of several is a shell environment of its own (POSIX XCU 2.12).
            own = scope.copy() if last else scope
            if isinstance(stage, Group):
                made = self.group(stage, own, place < last)
                redirects = self.redirects(stage.redirections, own)
                stages.append(replace(made, redirects=redirects, with_stderr=with_stderr))
            else:
                made_command, own = self.simple(stage, own)
                stages.append(replace(made_command, with_stderr=with_stderr))
            scopes.append(own)
        found = Pipeline(tuple(stages), options, self.text)
        programs = (self.with_program(found, place, scopes[place]) for place in range(last + 1))
        return replace(found, stages=tuple(programs))

    def expansion(self, scope: Scope) -> Expansion:
        """What expands words in a scope."""
        return Expansion(scope, self.text, lambda part: self.substitute(part, scope))

    def simple(self, written: Simple, scope: Scope) -> tuple[Command | Function, Scope]:
        """A program's call, not looked up yet, and the scope that its assignments make.

        In the order of POSIX XCU 2.9.1: words, redirections, assignments.
        """
        expansion = self.expansion(scope)
        argv = tuple(expansion.words(written.words))
        redirects = self.redirects(written.redirections, scope)
        if written.words[0].literal == ":":
            return nothing(redirects), scope
        if not argv or (isinstance(written.words[0].parts[0], Arguments) and not scope.arguments):
            raise self._no_program(written.words[0])
        if written.assignments:
            scope = scope.with_exported(())
            self.assign(written.assignments, scope, is_exported=True)
        options = Options(cwd=scope.moved_folder, env=scope.environment, clean_env=scope.is_clean)
        place = (written.words[0].span.start, written.words[0].span.end)
        return Command(argv, options, redirects, place=place), scope

    def assign(
        self, assignments: Sequence[Assignment], scope: Scope, *, is_exported: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """Carry out assignments from left to right, and give the names and values."""
        expansion = self.expansion(scope)
        pairs = []
        for assignment in assignments:
            value = expansion.value(assignment.value)
            scope.set(assignment.name, value)
            if is_exported:
                scope.export(assignment.name)
            pairs.append((assignment.name, value))
        return tuple(pairs)

    def redirects(self, written: Sequence[Redirection], scope: Scope) -> tuple[Redirect, ...]:
        """Redirections in their order."""
        expansion = self.expansion(scope)
        return tuple(made for redirection in written for made in _redirects(redirection, expansion))

    def with_program(self, pipeline: Pipeline, place: int, scope: Scope) -> Command | Function:
        """A stage with the file of its program, found with the text's own PATH and folder."""
        stage = pipeline.stages[place]
        if isinstance(stage, Function):
            return stage
        try:
            executable = which.find(
                stage.argv[0],
                path=scope.search_path,
                folder=scope.folder,
                extensions=scope.get("PATHEXT"),
            )
        except (ProgramNotFound, ProgramNotRunnable) as error:
            error.text = self.text
            error.start, error.end = stage.place or (0, 0)
            if len(pipeline.stages) > 1:
                error.stage = f"stage {place + 1} of {len(pipeline.stages)}, `{display(stage.argv)}`"
            raise
        return replace(stage, executable=executable)

    def _no_program(self, word: Word) -> ExpansionError:
        return ExpansionError(
            f"`{_source(self.text, word.span)}` gives no word, so there is no program to run",
            text=self.text,
            start=word.span.start,
            end=word.span.end,
            hint="give the program and its arguments after the text, or write a program's name here",
        )


def nothing(redirects: tuple[Redirect, ...] = ()) -> Function:
    """The stage of `:` and of `> file` alone: its redirections are opened, and that is all."""
    return Function(_do_nothing, ":", redirects=redirects)


def stage_name(text: str, span: Span) -> str:
    """What messages call a group: its source in one line, cut where it is long."""
    source = " ".join(_source(text, span).split())
    return source if len(source) <= 60 else f"{source[:57]}..."


def _do_nothing(stdin: object, stdout: object, stderr: object) -> int:
    return 0


def _redirects(written: Redirection, expansion: Expansion) -> tuple[Redirect, ...]:
    """What one written redirection does; `&>` and `&>>` do two things."""
    place = (written.span.start, written.span.end)
    descriptor, target = written.descriptor, written.target
    if isinstance(target, int):
        return (Redirect(descriptor, "copy", target, place),)
    if written.operator == "<<<":
        return (Redirect(descriptor, "text", expansion.encoded(target) + b"\n", place),)
    scope, name = expansion.scope, expansion.file(target)
    # As it was written while that leads to the same file, because messages show it.
    path = name if scope.moved_folder is None or name == "/dev/null" else scope.absolute(name)
    made = Redirect(descriptor, _ACTIONS[written.operator], path, place)
    return (made, Redirect(2, "copy", 1, place)) if written.operator.startswith("&") else (made,)


def _source(text: str, span: Span) -> str:
    return text[span.start : span.end]
