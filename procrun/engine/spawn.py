"""Start a pipeline, all or nothing.

Every program is found, then the files are opened, then the processes are started, then the
threads of function stages. A failure on the way undoes all that came before.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from contextlib import ExitStack
from typing import Union

from procrun import system
from procrun.engine.child import Child
from procrun.engine.function import Context, FunctionRun, RunStopped
from procrun.engine.running import Running
from procrun.engine.stdio import Descriptors, wire
from procrun.errors import FileError, ProcrunError, ProgramNotFound, ProgramNotRunnable
from procrun.plan.command import Command, Function
from procrun.plan.pipeline import Pipeline
from procrun.system import which

# Processes get the same number again; a run that is named by number and token is found by nobody else.
_TOKEN = os.urandom(4).hex()
_serial = itertools.count(1)


def start(pipeline: Pipeline, *, part_of: Running | None = None) -> Running:
    """Start every stage of a pipeline and return at once.

    Raises ProgramNotFound, ProgramNotRunnable or FileError before anything has started, and
    ProgramNotRunnable when the system refuses to start one; then nothing is left running or open.
    """
    programs = [_find_program(pipeline, place) for place in range(len(pipeline.stages))]
    running = Running(pipeline, (*(part_of.marks if part_of is not None else ()), _new_mark()))
    with ExitStack() as passing, ExitStack() as undo:
        wiring = wire(pipeline, undo, passing)
        work: list[Union[Child, FunctionRun]] = []
        for place, (stage, program, descriptors) in enumerate(zip(pipeline.stages, programs, wiring.stages)):
            if isinstance(stage, Command):
                child = _spawn(pipeline, place, program, descriptors, running.marks)
                undo.callback(_end, child)
                work.append(child)
            else:
                work.append(_prepare_function(stage, descriptors, running, undo))
        undo.pop_all()
    running.begin(tuple(work), wiring)
    return running


def _find_program(pipeline: Pipeline, place: int) -> str:
    """The file of a stage's program, and that its folder exists; empty for a function."""
    stage = pipeline.stages[place]
    folder = stage.options.cwd or pipeline.options.cwd
    if folder is not None and not os.path.isdir(folder):
        raise FileError(
            f"there is no folder `{folder}` to run in",
            cause=FileNotFoundError(2, "No such file or directory", folder),
            stage=_name(pipeline, place),
            hint="create it, or correct `cwd`",
        )
    if isinstance(stage, Function):
        return ""
    if stage.executable is not None:
        return stage.executable
    changes = dict((*pipeline.options.env, *stage.options.env))
    try:
        return which.find(stage.argv[0], path=changes.get("PATH"), extensions=changes.get("PATHEXT"))
    except (ProgramNotFound, ProgramNotRunnable) as error:
        error.stage = _name(pipeline, place)
        raise


def _spawn(pipeline: Pipeline, place: int, program: str, descriptors: Descriptors, marks: tuple[str, ...]) -> Child:
    """Start one process."""
    stage = pipeline.stages[place]
    assert isinstance(stage, Command)
    options, common = stage.options, pipeline.options
    stdin, stdout, stderr = (
        None if descriptor == number else descriptor for number, descriptor in enumerate(descriptors)
    )
    try:
        process = subprocess.Popen(
            stage.argv,
            executable=program,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=options.cwd or common.cwd,
            env=system.environment(
                (*common.env, *options.env), clean=options.clean_env or common.clean_env, marks=marks
            ),
        )
    except (OSError, ValueError) as error:
        raise _spawn_error(pipeline, place, program, error) from error
    return Child(process)


def _spawn_error(pipeline: Pipeline, place: int, program: str, error: OSError | ValueError) -> ProcrunError:
    stage = pipeline.stages[place]
    assert isinstance(stage, Command)
    if isinstance(error, ValueError):
        reason, hint = f"`{program}` cannot be started: {error}", "no argument or variable may hold a NUL character"
    else:
        reason, hint = system.explain_spawn_error(error, program, stage.argv)
    start, end = stage.place or (0, 0)
    return ProgramNotRunnable(
        reason,
        program=program,
        cause=error if isinstance(error, OSError) else None,
        text=pipeline.text if stage.place else "",
        start=start,
        end=end,
        stage=_name(pipeline, place),
        hint=hint,
    )


def _prepare_function(stage: Function, descriptors: Descriptors, running: Running, undo: ExitStack) -> FunctionRun:
    """A function stage over descriptors of its own, which its thread closes."""
    own = []
    for descriptor in descriptors:
        own.append(os.dup(descriptor))
        undo.callback(os.close, own[-1])

    def start_inner(pipeline: Pipeline) -> Running:
        if running.is_stopping:
            raise RunStopped("the run is being stopped")
        inner = start(pipeline, part_of=running)
        running.adopt(inner)
        if running.is_stopping:
            # The stop may have looked just before the inner run was there to be found.
            inner.stop(0)
            raise RunStopped("the run is being stopped")
        return inner

    return FunctionRun(stage, Context((own[0], own[1], own[2]), running, start_inner), running.abort)


def _end(child: Child) -> None:
    """Undo a spawn: no other stage has started its work, so there is nothing to save."""
    child.process.kill()
    child.wait(None)


def _new_mark() -> str:
    """A name for a run that no other run has, also not one of a forked copy of this process."""
    return f"{os.getpid()}.{_TOKEN}.{next(_serial)}"


def _name(pipeline: Pipeline, place: int) -> str:
    if len(pipeline.stages) == 1:
        return f"`{pipeline.stages[place]}`"
    return f"stage {place + 1} of {len(pipeline.stages)}, `{pipeline.stages[place]}`"
