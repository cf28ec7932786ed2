"""The verbs as functions: over a text with its arguments, a list of arguments, or a command.

A text is handed to the interpreter, anything else is a pipeline already. The engine does the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Union

from procrun.engine import verbs
from procrun.plan.command import Argument, cmd
from procrun.plan.options import Options
from procrun.plan.pipeline import Pipeline, Runnable

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from procrun.engine.result import Result
    from procrun.engine.running import Running
    from procrun.plan.options import OptionKeywords

Target = Union[str, Sequence[Argument], Runnable]


def run(target: Target, *args: Argument, **options: Unpack[OptionKeywords]) -> Result:
    """Run with this process's streams, and raise unless it succeeded.

    `target` is a text of the pipeline language, whose `$1`, `$2`, … `$@` are the arguments given
    after it (a value never becomes syntax), or a list of a program and its arguments, or a command
    or pipeline made with `cmd`. `Options` lists the options.

    Stdin is inherited; where stdout is captured or given to a callable it is empty unless given.

    >>> procrun.run("exit $1", 3, check=False).status.code
    3

    Raises RunFailed (a CalledProcessError) when a stage failed and `check` is true, FunctionFailed (a
    RunFailed) when a function stage, `input` or a callable as a sink raised, RunTimeout (a TimeoutExpired)
    after `timeout`, ProgramNotFound (a FileNotFoundError), ProgramNotRunnable or FileError when something
    could not be started, and PipelineSyntaxError or ExpansionError for the text; for wrong options
    TypeError and ValueError.
    """
    return verbs.run(_pipeline(target, args, options), options)


def read(target: Target, *args: Argument, **options: Unpack[OptionKeywords]) -> str:
    """Run and give stdout as text, without the newlines at its end.

    Bytes that are not text stay in it as surrogates (`errors` changes that), so nothing is
    lost and nothing raises. Stderr is passed on; its end is in the error if the run fails.
    Takes and raises what `run` does.

    >>> procrun.read("echo $1", "two  words; no $HOME")
    'two  words; no $HOME'
    """
    return verbs.read(_pipeline(target, args, options), options)


def capture(target: Target, *args: Argument, **options: Unpack[OptionKeywords]) -> Result:
    """Run and keep stdout and stderr in the result.

    Takes and raises what `run` does.

    >>> procrun.capture("echo out; sh -c 'echo err >&2'").stderr
    'err\\n'
    """
    return verbs.capture(_pipeline(target, args, options), options)


def lines(target: Target, *args: Argument, **options: Unpack[OptionKeywords]) -> Iterator[str]:
    """Iterate over the lines of stdout as they come, without their newlines.

    Memory is bounded by the longest line. The run starts with the first line asked for; leaving the
    loop stops it. A program may hold its lines back (docs/gotchas.md#buffering).
    Takes and raises what `run` does, at the end of the loop; `stdout` is not to be given, and `max_output`
    only if stderr is captured.

    >>> [line.upper() for line in procrun.lines("printf 'a\\nb\\n'")]
    ['A', 'B']
    """
    return verbs.lines(_pipeline(target, args, options), options)


def start(target: Target, *args: Argument, **options: Unpack[OptionKeywords]) -> Running:
    """Start and return at once; the `Running` is waited for, stopped, read and written.

    Use it in a `with` block, which ends the run when it is left. Raises what `run` does when the
    run cannot be started.

    >>> with procrun.start("sleep 60") as running:
    ...     running.stop().status.signal
    15
    """
    return verbs.start(_pipeline(target, args, options), options)


def _pipeline(target: Target, args: tuple[Argument, ...], options: Any) -> Pipeline:
    """What a verb was given, as a pipeline."""
    if isinstance(target, str):
        from procrun.interp.program import prepare

        words = cmd("$0", *args).argv[1:]
        return prepare(target, words, Options().with_(**options))
    if isinstance(target, Runnable):
        if args:
            raise TypeError("arguments are for a text; a command has its own: cmd(program, *args)")
        return target.pipeline
    if isinstance(target, (list, tuple)):
        if args or not target:
            raise TypeError("a list holds the program and all its arguments: [program, *args]")
        return cmd(*target).pipeline
    raise TypeError(f"run a text, a list of a program and its arguments, or a command made with cmd(), not {target!r}")
