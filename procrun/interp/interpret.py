"""Run the lists of a text: `;`, `&&`, `||`, `!`, groups, and pipelines one after the other.

Each pipeline goes to the engine through the `Context` of the function stage in which the
text runs, so that stopping the run stops it. An error that fails only its pipeline is kept
as pending: it is written to the program's stderr when the next pipeline starts, and raised
when it turns out to be the end of the program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from procrun import status, system
from procrun.errors import FileError, PatternError, ProcrunError, ProgramNotFound, ProgramNotRunnable
from procrun.interp import special
from procrun.interp.scope import Scope
from procrun.interp.stages import Stages, nothing, stage_name
from procrun.plan import CAPTURE, Function, Options, Pipeline, Redirect
from procrun.quoting import printable
from procrun.signals.forwarding import INTERRUPTS
from procrun.status import ExitStatus
from procrun.syntax.nodes import AndOr, Group, List, Pipeline as Written, Simple, Substitution

if TYPE_CHECKING:
    from procrun.engine.function import Context
    from procrun.engine.result import Result

COULD_NOT_RUN = (status.NOT_RUNNABLE, status.NOT_FOUND)
"""The statuses that `!` leaves and that fail the command around a `$( )`, whoever gave them."""

FAILURES = (PatternError, FileError, ProgramNotFound, ProgramNotRunnable)
"""The errors that fail a pipeline; every other ends the program."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is the same everywhere in one run of a text."""

    text: str
    """The whole text."""
    stderr: int
    """The program's own stderr, for procrun's messages, wherever a group's stderr leads."""
    pipefail: bool
    """Whether a failing stage before the last fails its pipeline."""


class Ended(Exception):
    """The list ends here, with this status."""

    def __init__(self, status: ExitStatus) -> None:
        super().__init__(status)
        self.status = status


class Exited(Ended):
    """By `exit`: ends the group, `$( )` or stage it stands in."""


class PipeClosed(Ended):
    """Nobody reads any more what the list of a stage writes: ends the stage."""


class Interrupted(Ended):
    """A program ended because of Ctrl-C: ends everything."""


class CouldNotRun(Ended):
    """A `$( )` ended with 126 or 127: fails the pipeline it stands in."""


class Interpreter:
    """Runs lists in one thread, over one set of descriptors."""

    def __init__(self, settings: Settings, context: Context, *, is_feeding: bool = False) -> None:
        self.pending: ProcrunError | None = None
        """What the last pipeline failed with, not yet told to anybody."""
        self._settings = settings
        self._context = context
        self._is_feeding = is_feeding
        self._substituted = ExitStatus(0)
        self._stages = Stages(settings.text, self._substitute, self._group_stage)

    def run(self, body: List, scope: Scope) -> ExitStatus:
        """Run a list: the status of what ran last in it."""
        last = ExitStatus(0)
        for item in body.items:
            last = self._and_or(item, scope)
        return last

    def run_whole(self, body: List, scope: Scope) -> ExitStatus:
        """Run the list of a stage, which ends with it.

        Raises the pending error where it is the reason of the status.
        """
        try:
            last = self._run_to_end(body, scope)
        except ProcrunError:
            self.report()
            raise
        error, self.pending = self.pending, None
        if error is not None and error.exit_code == last.shell:
            raise error
        self._write(error)
        return last

    def report(self) -> None:
        """Write the pending error, because something else comes now."""
        error, self.pending = self.pending, None
        self._write(error)

    def fail(self, error: ProcrunError) -> ExitStatus:
        """Keep an error that fails its pipeline as pending."""
        if self.pending is not error:
            self.report()
        self.pending = error
        return ExitStatus(error.exit_code)

    def open_files(self, redirects: tuple[Redirect, ...]) -> None:
        """Open and close the files of redirections that no program uses."""
        if redirects:
            self._start_and_wait(Pipeline((nothing(redirects),), self._options(), self._settings.text))

    def _run_to_end(self, body: List, scope: Scope) -> ExitStatus:
        try:
            return self.run(body, scope)
        except Ended as end:
            return end.status

    def _write(self, error: ProcrunError | None) -> None:
        if error is not None:
            lines = map(printable, f"procrun: {error}\n".split("\n"))
            try:
                system.write_all(self._settings.stderr, "\n".join(lines).encode(errors="backslashreplace"))
            except OSError:
                # Stderr is closed, full, or read by nobody: there is nobody to tell, and the text goes on.
                return

    def _and_or(self, node: AndOr, scope: Scope) -> ExitStatus:
        last = self._pipeline(node.pipelines[0], scope)
        for operator, pipeline in zip(node.operators, node.pipelines[1:]):
            if last.is_success == (operator == "&&"):
                last = self._pipeline(pipeline, scope)
        return last

    def _pipeline(self, node: Written, scope: Scope) -> ExitStatus:
        self.report()
        self._context.inner = None
        try:
            last = self._run_stages(node, scope)
        except FAILURES as error:
            last = self.fail(error)
        except CouldNotRun as end:
            last = end.status
        if node.negated and last.shell not in COULD_NOT_RUN:
            self._context.inner = None
            last = ExitStatus(int(last.is_success))
        scope.status = last.shell
        return last

    def _run_stages(self, node: Written, scope: Scope) -> ExitStatus:
        stage = node.stages[0]
        if len(node.stages) == 1 and isinstance(stage, Group):
            return self._group(stage, scope)
        if len(node.stages) == 1 and isinstance(stage, Simple):
            if not stage.words:
                return self._assignments(stage, scope)
            if stage.words[0].literal in special.COMMANDS:
                return self._special(stage, scope)
        return self._run(self._stages.pipeline(node, scope, self._options()))

    def _run(self, pipeline: Pipeline) -> ExitStatus:
        """Run a pipeline of the list itself."""
        result = self._start_and_wait(pipeline)
        if self._is_feeding and result.status.is_broken_pipe and _keeps_output(pipeline.stages[-1].redirects):
            raise PipeClosed(result.status)
        return result.status

    def _start_and_wait(self, pipeline: Pipeline) -> Result:
        self.report()
        result = self._context.start(pipeline).wait()
        self._context.inner = result
        by = next((stage.status.signal for stage in result.stages if stage.status.signal in INTERRUPTS), None)
        if by is not None and self._context.is_interrupted:
            raise Interrupted(ExitStatus(signal=by))
        if result.error is not None:
            raise result.error
        return result

    def _options(self) -> Options:
        stdin, stdout, stderr = self._context.descriptors
        return Options(stdin=stdin, stdout=stdout, stderr=stderr, check=False, pipefail=self._settings.pipefail)

    def _assignments(self, node: Simple, scope: Scope) -> ExitStatus:
        """`X=1`, `> file`: the status is that of the last `$( )` (POSIX XCU 2.9.1)."""
        self._substituted = ExitStatus(0)
        self.open_files(self._stages.redirects(node.redirections, scope))
        self._stages.assign(node.assignments, scope)
        return self._substituted

    def _special(self, node: Simple, scope: Scope) -> ExitStatus:
        """`cd`, `exit`, `export`, `unset`, `:`, which act on the scope itself."""
        name, *arguments = node.words
        command = special.COMMANDS[name.literal or ""]
        act = command(special.Call(name, tuple(arguments), self._stages.expansion(scope)))
        self.open_files(self._stages.redirects(node.redirections, scope))
        # Only `:` has any: it is a special built-in utility, whose assignments stay (POSIX XCU 2.14).
        self._stages.assign(node.assignments, scope)
        last = act()
        if command is special.leave:
            raise Exited(last)
        return last

    def _group(self, node: Group, scope: Scope) -> ExitStatus:
        """A group that is a whole pipeline."""
        own = scope.copy() if node.bracket == "(" else scope
        if node.redirections:
            return self._redirected_group(node, scope, own)
        try:
            return self.run(node.body, own)
        except Exited as end:
            if node.bracket == "{":
                raise
            return end.status

    def _redirected_group(self, node: Group, scope: Scope, own: Scope) -> ExitStatus:
        """The same with redirections: as a function stage, which the engine gives other descriptors."""
        redirects = self._stages.redirects(node.redirections, scope)
        is_feeding = self._is_feeding and _keeps_output(redirects)
        stage = _Stage(self._settings, node.body, own, is_feeding=is_feeding)
        name = stage_name(self._settings.text, node.span)
        function = Function(stage, name, redirects=redirects, wants_context=True)
        try:
            last = self._run(Pipeline((function,), self._options(), self._settings.text))
        finally:
            self.pending = stage.pending
        if stage.is_exited and node.bracket == "{":
            raise Exited(last)
        return last

    def _group_stage(self, node: Group, scope: Scope, is_feeding: bool) -> Function:
        """A group that is one stage of several."""
        stage = _Stage(self._settings, node.body, scope, is_feeding=is_feeding, is_alone=False)
        return Function(stage, stage_name(self._settings.text, node.span), wants_context=True)

    def _substitute(self, node: Substitution, scope: Scope) -> bytes:
        """Run the list of a `$( )` and give what it printed."""
        stage = _Stage(self._settings, node.body, scope.copy())
        function = Function(stage, stage_name(self._settings.text, node.span), wants_context=True)
        options = replace(self._options(), stdout=CAPTURE)
        result = self._start_and_wait(Pipeline((function,), options, self._settings.text))
        self.pending = stage.pending
        self._substituted = result.status
        if result.status.shell in COULD_NOT_RUN:
            if isinstance(self.pending, FAILURES):
                raise self.pending
            raise CouldNotRun(result.status)
        return result.stdout_bytes or b""


class _Stage:
    """The function of a stage that runs a list: a group, or a `$( )`."""

    def __init__(
        self, settings: Settings, body: List, scope: Scope, *, is_feeding: bool = False, is_alone: bool = True
    ) -> None:
        self.pending: ProcrunError | None = None
        """The error it ended with, for the interpreter that waits for it."""
        self.is_exited = False
        """Whether `exit` ended it."""
        self._settings = settings
        self._body = body
        self._scope = scope
        self._is_feeding = is_feeding
        self._is_alone = is_alone

    def __call__(self, context: Context) -> ExitStatus:
        interpreter = Interpreter(self._settings, context, is_feeding=self._is_feeding)
        try:
            return interpreter.run(self._body, self._scope)
        except Ended as end:
            self.is_exited = isinstance(end, Exited)
            return end.status
        except ProcrunError:
            interpreter.report()
            raise
        finally:
            if self._is_alone:
                self.pending = interpreter.pending
            else:
                # The other stages go on; who reads the messages should see this one now.
                interpreter.report()


def _keeps_output(redirects: tuple[Redirect, ...]) -> bool:
    """Whether stdout stays where the list around writes."""
    return all(redirect.descriptor != 1 for redirect in redirects)
