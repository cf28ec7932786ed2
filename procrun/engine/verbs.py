"""The five ways to run a pipeline: `run`, `read`, `capture`, `lines`, `start`.

Each is a choice of defaults for the options, and what it makes of the result.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from procrun import system
from procrun.engine.failure import failure_of
from procrun.engine.result import Result
from procrun.engine.running import Running
from procrun.engine.spawn import start as start_pipeline
from procrun.plan.options import Options
from procrun.plan.pipeline import Pipeline
from procrun.plan.stream import CAPTURE, INHERIT, PIPE


def run(pipeline: Pipeline, options: Mapping[str, Any]) -> Result:
    """Run with this process's streams; raise unless it succeeded."""
    return _finished(_with_options(pipeline, options))


def capture(pipeline: Pipeline, options: Mapping[str, Any]) -> Result:
    """Run and keep stdout and stderr; raise unless it succeeded."""
    return _finished(_with_options(pipeline, options, stdout=CAPTURE, stderr=CAPTURE))


def read(pipeline: Pipeline, options: Mapping[str, Any]) -> str:
    """Run and give stdout as text, without the newlines at its end."""
    chosen = _with_options(pipeline, options, stdout=CAPTURE, stderr=(INHERIT,))
    _refuse_own_stdout(chosen, "read", CAPTURE, PIPE)  # PIPE is refused in words of its own.
    result = _finished(chosen)
    return result.stdout.rstrip("\n")


def start(pipeline: Pipeline, options: Mapping[str, Any]) -> Running:
    """Start and return at once; a thread serves what this process must read or write meanwhile."""
    return start_pipeline(_with_options(pipeline, options), in_background=True)


def lines(pipeline: Pipeline, options: Mapping[str, Any]) -> Iterator[str]:
    """Iterate over the lines of stdout as they come, without their newlines."""
    chosen = _with_options(pipeline, options, stderr=(INHERIT,))
    _refuse_own_stdout(chosen, "lines")
    _refuse_pipes(chosen)
    return _iterate(chosen.with_(stdout=PIPE))


def _iterate(pipeline: Pipeline) -> Iterator[str]:
    running = None
    try:
        running = start_pipeline(pipeline, in_background=True)
        assert running.stdout is not None
        encoding, errors = pipeline.options.encoding, pipeline.options.errors
        with io.TextIOWrapper(running.stdout, encoding, errors, newline=system.NEWLINE) as text:
            for line in text:
                yield line[:-1] if line.endswith("\n") else line
        result = running.wait()
    finally:
        # Not `with`: Ctrl-C can arrive on the way into it.
        if running is not None:
            running.close()
    _check(result, pipeline.options)


def _finished(pipeline: Pipeline) -> Result:
    _refuse_pipes(pipeline)
    running = None
    try:
        running = start_pipeline(pipeline)
        result = running.wait()
    except BaseException:
        # `wait` has left nothing; but Ctrl-C can arrive before it has begun.
        if running is not None:
            running.discard()
        raise
    _check(result, pipeline.options)
    return result


def _check(result: Result, options: Options) -> None:
    """Raise what the result stands for, where the caller wants that."""
    if result.timed_out or result.error is not None or (options.check and not result.is_success):
        raise failure_of(result)


def _refuse_own_stdout(pipeline: Pipeline, verb: str, *allowed: Any) -> None:
    """Refuse a stdout that leads elsewhere than to the verb, which would give nothing then."""
    own = pipeline.stages[-1].options.stdout
    stdout = pipeline.options.stdout if own is None else own
    sinks = stdout if isinstance(stdout, tuple) else (stdout,)
    if stdout is not None and not any(sink is one for sink in sinks for one in allowed):
        raise TypeError(f"`{verb}` reads stdout itself; to send it elsewhere as well use run(stdout=[…])")


def _refuse_pipes(pipeline: Pipeline) -> None:
    """PIPE hands a stream to the caller, who is not there before the run has ended."""
    for options in (pipeline.options, *(stage.options for stage in pipeline.stages)):
        for name, instead in (("stdin", "input=…"), ("stdout", "stdout=CAPTURE"), ("stderr", "stderr=CAPTURE")):
            if getattr(options, name) is PIPE:
                raise ValueError(
                    f"`{name}=PIPE` is for `start`, whose caller reads and writes while it runs; here write {instead}"
                )


def _with_options(pipeline: Pipeline, options: Mapping[str, Any], **defaults: Any) -> Pipeline:
    """The pipeline with a verb's options; its own come next, the verb's defaults last."""
    chosen = pipeline.with_(**options)
    last = chosen.stages[-1].options
    missing = {
        name: value
        for name, value in defaults.items()
        if getattr(chosen.options, name) is None and (name == "stderr" or getattr(last, name) is None)
    }
    chosen = chosen.with_(**missing)
    _refuse_limit_of_nothing(chosen)
    return chosen


def _refuse_limit_of_nothing(pipeline: Pipeline) -> None:
    """Refuse a limit that nothing would keep, such as one of `lines`, which hands over what it reads."""
    if pipeline.options.max_output is None:
        return
    for options in (pipeline.options, *(stage.options for stage in pipeline.stages)):
        for sinks in (options.stdout, options.stderr):
            if any(sink is CAPTURE for sink in (sinks if isinstance(sinks, tuple) else (sinks,))):
                return
    raise ValueError(
        "`max_output` is a limit for what is captured, and nothing is here; use `read` or `capture`, or write "
        "stdout=CAPTURE where the verb allows it"
    )
