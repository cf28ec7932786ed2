"""Start a pipeline, all or nothing.

Every program is found, then the files are opened, then the processes are started, then the
threads of function stages. A failure on the way undoes all that came before. Nothing of ours
runs in a child before its program does (docs/gotchas.md#fork).
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from procrun import system
from procrun.engine.child import Child
from procrun.engine.function import Context, FunctionRun, RunStopped
from procrun.engine.orphans import orphans
from procrun.engine.running import Running
from procrun.engine.sink import is_open
from procrun.engine.stdio import Descriptors, Wirer
from procrun.errors import FileError, ProcrunError, ProgramNotFound, ProgramNotRunnable
from procrun.plan.command import Command, Function
from procrun.plan.pipeline import Pipeline
from procrun.quoting import shorten
from procrun.signals.held import held_back
from procrun.system import which

if TYPE_CHECKING:
    from procrun.engine.confine import Confinement
    from procrun.plan.limits import Limits

# Processes get the same number again; a run that is named by number and token is found by nobody else.
_TOKEN = os.urandom(4).hex()
_serial = itertools.count(1)

_SIGKILL = 9


def start(
    pipeline: Pipeline, *, part_of: Running | None = None, limits: Limits | None = None, in_background: bool = False
) -> Running:
    """Start every stage of a pipeline and return at once.

    `limits` are those of the programs that have none of their own, of the run `part_of`.
    With `in_background` a thread serves the streams and keeps the time; otherwise whoever waits does.

    Raises ProgramNotFound, ProgramNotRunnable or FileError before anything has started, and
    ProgramNotRunnable when the system refuses to start one, NotSupported for options that it cannot fulfil; then
    nothing is left running or open.
    """
    marks = (*(part_of.marks if part_of is not None else ()), _new_mark())
    programs = [_find_program(pipeline, place, marks) for place in range(len(pipeline.stages))]
    running = Running(pipeline, marks)
    try:
        with ExitStack() as passing, ExitStack() as undo:
            wirer = Wirer(pipeline, undo, passing)
            wirer.open_files()
            with held_back(), passing, undo, _explaining(pipeline, programs[0]):
                wiring = wirer.connect()
                running.idle = wiring.idle or (part_of.idle if part_of is not None else None)
                if pipeline.options.die_with_parent:
                    _set_guard(running, undo)
                work: list[Union[Child, FunctionRun]] = []
                confined: list[tuple[int, Confinement]] = []
                for place, (stage, program, descriptors) in enumerate(zip(pipeline.stages, programs, wiring.stages)):
                    own_limits = stage.options.limits or pipeline.options.limits or limits
                    if isinstance(stage, Command):
                        confinement = None
                        if own_limits is not None and any(own_limits.given()):
                            confinement = _confine(pipeline, place, program, own_limits)
                            undo.callback(confinement.close)
                            confined.append((place, confinement))
                        child = _spawn(pipeline, place, program, descriptors, confinement)
                        undo.callback(_end, child)
                        child.idle = running.idle
                        work.append(child)
                        if running.guard is not None:
                            running.guard.tell(child.pid)
                    else:
                        work.append(_prepare_function(stage, descriptors, running, undo, own_limits))
                for place, confinement in confined:
                    _await_program(pipeline, place, programs[place], confinement)
                undo.pop_all()
                running.begin(tuple(work), wiring, in_background=in_background)
    except BaseException:
        # Of any kind: what a signal's handler raised meanwhile comes when everything has been started.
        running.discard()
        raise
    return running


class _Program(NamedTuple):
    """What a stage starts, found before any stage is started; empty for a function."""

    path: str = ""
    variables: Mapping[Any, Any] = MappingProxyType({})


def _find_program(pipeline: Pipeline, place: int, marks: tuple[str, ...]) -> _Program:
    """The file and the environment of a stage's program, and that its folder exists."""
    stage = pipeline.stages[place]
    folder = stage.options.cwd or pipeline.options.cwd
    if folder is not None and not os.path.isdir(folder):
        raise _folder_error(pipeline, place, folder)
    if isinstance(stage, Function):
        return _Program()
    try:
        variables = system.environment(
            (*pipeline.options.env, *stage.options.env),
            clean=stage.options.given().get("clean_env", pipeline.options.clean_env),
            marks=marks,
        )
    except ValueError as error:
        raise _spawn_error(pipeline, place, _Program(), error) from error
    program = _Program(stage.executable or _look_up(pipeline, place, stage), variables)
    obstacle = system.find_obstacle(program.path, stage.argv, variables)
    if obstacle is not None:
        raise _spawn_error(pipeline, place, program, obstacle) from obstacle
    return program


def _look_up(pipeline: Pipeline, place: int, stage: Command) -> str:
    """The file of a stage's program, by the name and the PATH that it is given."""
    changes = {system.variable_key(name): text for name, text in (*pipeline.options.env, *stage.options.env)}
    try:
        return which.find(stage.argv[0], path=changes.get("PATH"), extensions=changes.get("PATHEXT"))
    except (ProgramNotFound, ProgramNotRunnable) as error:
        error.stage = _name(pipeline, place)
        if error.hint == which.IS_COMMAND:
            error.hint = _hint_for_command(stage.argv[0])
        raise


def _hint_for_command(name: str) -> str:
    """What to write in Python for a program's name that is a command with arguments, or a whole text."""
    if set(name) & set("|<>;&$*?"):
        return f"that is a text of the pipeline language, for run({name!r}); cmd takes a program and its arguments"
    return f"write cmd({', '.join(map(repr, name.split()))}), or run({name!r})"


def _set_guard(running: Running, undo: ExitStack) -> None:
    """Have a process end the run if this one is killed."""
    from procrun.engine.guard import Guard

    running.guard = Guard(running.marks[-1], running.members().since, running.pipeline.options.grace)
    undo.callback(running.guard.close)


def _confine(pipeline: Pipeline, place: int, program: _Program, limits: Limits) -> Confinement:
    """Prepare the start of a program under limits."""
    from procrun.engine.confine import Confinement

    stage = pipeline.stages[place]
    assert isinstance(stage, Command)
    return Confinement(limits, program.path, stage.argv, program.variables)


def _await_program(pipeline: Pipeline, place: int, program: _Program, confinement: Confinement) -> None:
    """Wait until a program has started under its limits."""
    try:
        confinement.await_program()
    except OSError as error:
        raise _spawn_error(pipeline, place, program, error) from error


def _spawn(
    pipeline: Pipeline, place: int, program: _Program, descriptors: Descriptors, confinement: Confinement | None
) -> Child:
    """Start one process."""
    stage = pipeline.stages[place]
    assert isinstance(stage, Command)
    stdin, stdout, stderr = (
        None if descriptor == number else descriptor for number, descriptor in enumerate(descriptors)
    )
    try:
        with orphans.starting() as own:
            process = subprocess.Popen(
                confinement.argv if confinement else stage.argv,
                executable=confinement.argv[0] if confinement else program.path,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=stage.options.cwd or pipeline.options.cwd,
                env=program.variables,
                pass_fds=confinement.descriptors if confinement else (),
            )
            own.add(process.pid)
    except (OSError, ValueError) as error:
        if confinement and confinement.is_own_failure(error):
            raise confinement.helper_error(str(error)) from error
        raise _spawn_error(pipeline, place, program, error) from error
    return Child(process, confinement.limits if confinement else None)


def _folder_error(pipeline: Pipeline, place: int, folder: str, cause: OSError | None = None) -> FileError:
    """The error for a folder to run in that is none, or that may not be entered."""
    if cause is not None:
        reason, hint = (
            f"`{folder}` cannot be entered: {cause.strerror}",
            "look at its permissions, or name another folder",
        )
    elif os.path.exists(folder):
        cause = NotADirectoryError(20, "Not a directory", folder)
        reason, hint = f"`{folder}` is no folder to run in", "name a folder"
    else:
        cause = FileNotFoundError(2, "No such file or directory", folder)
        reason, hint = f"there is no folder `{folder}` to run in", "create it, or name another"
    return FileError(reason, cause=cause, stage=_name(pipeline, place), hint=hint)


@contextmanager
def _explaining(pipeline: Pipeline, program: _Program) -> Iterator[None]:
    """Say what the system has no room for. What the handler of a signal raises comes later, and stays as it is."""
    try:
        yield
    except ProcrunError:
        raise
    except (OSError, RuntimeError) as error:
        raise _spawn_error(pipeline, 0, program, error) from error


def _spawn_error(
    pipeline: Pipeline, place: int, program: _Program, error: OSError | ValueError | RuntimeError
) -> ProcrunError:
    """The error for a stage that the system does not start, or has no room for."""
    stage = pipeline.stages[place]
    folder = stage.options.cwd or pipeline.options.cwd
    argv, (start, end) = (stage.argv, stage.place or (0, 0)) if isinstance(stage, Command) else ((str(stage),), (0, 0))
    if isinstance(error, OSError) and folder is not None and error.filename == folder:
        return _folder_error(pipeline, place, folder, error)
    if isinstance(error, OSError):
        reason, hint = system.explain_spawn_error(error, program.path or argv[0], argv, program.variables)
    elif isinstance(error, RuntimeError):
        reason = f"`{argv[0]}` cannot be started: the system has no room for another thread"
        hint = "run less at the same time, or raise the limit (`ulimit -u`)"
    else:
        reason = f"`{argv[0]}` cannot be started: {error}"
        hint = "correct the text that it comes from; half a surrogate pair is no character"
    return ProgramNotRunnable(
        reason,
        program=program.path or argv[0],
        cause=error if isinstance(error, OSError) else None,
        text=pipeline.text if end else "",
        start=start,
        end=end,
        stage=_name(pipeline, place),
        hint=hint,
    )


def _prepare_function(
    stage: Function, descriptors: Descriptors, running: Running, undo: ExitStack, limits: Limits | None
) -> FunctionRun:
    """A function stage over descriptors of its own, which its thread closes; `limits` are for what it starts."""
    own = []
    for descriptor in descriptors:
        # A daemon may have closed its own stdin; a function gets an empty one then.
        copy = os.dup(descriptor) if is_open(descriptor) else os.open(os.devnull, os.O_RDWR)
        own.append(system.above_stdio(copy))
        undo.callback(os.close, own[-1])

    def start_inner(pipeline: Pipeline) -> Running:
        if running.is_stopping:
            raise RunStopped("the run is being stopped")
        inner = start(pipeline, part_of=running, limits=limits)
        running.adopt(inner)
        if running.is_stopping:
            # The stop may have looked just before the inner run was there to be found.
            inner.stop(0)
            raise RunStopped("the run is being stopped")
        return inner

    return FunctionRun(stage, Context((own[0], own[1], own[2]), running, start_inner), running.abort)


def _end(child: Child) -> None:
    """Undo a spawn: no other stage has started its work, so there is nothing to save."""
    child.send_signal(_SIGKILL)
    child.wait(None)


def _new_mark() -> str:
    """A name for a run that no other run has, also not one of a forked copy of this process."""
    return f"{os.getpid()}.{_TOKEN}.{next(_serial)}"


def _name(pipeline: Pipeline, place: int) -> str:
    command = shorten(str(pipeline.stages[place]))
    return f"`{command}`" if len(pipeline.stages) == 1 else f"stage {place + 1} of {len(pipeline.stages)}, `{command}`"
