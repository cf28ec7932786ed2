"""Run processes and pipelines without a shell, the same on Unix and Windows.

>>> import procrun
>>> procrun.read("printf 'b\\na\\n' | sort")
'a\\nb'

Five verbs take a text with its arguments, a list of arguments, or a command made with `cmd`:

* `run` — with this process's streams; raises when the run fails
* `read` — stdout as text
* `capture` — a `Result` with stdout, stderr and every stage's status
* `lines` — the lines of stdout as they come
* `start` — a `Running`, to be waited for, stopped, written to and read from

Names are looked up when they are first used, so that `import procrun` costs little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procrun.engine.failure import (
        FunctionFailed as FunctionFailed,
    )
    from procrun.engine.failure import (
        OutputTooLarge as OutputTooLarge,
    )
    from procrun.engine.failure import (
        RunFailed as RunFailed,
    )
    from procrun.engine.failure import (
        RunTimeout as RunTimeout,
    )
    from procrun.engine.result import (
        Result as Result,
    )
    from procrun.engine.result import (
        StageResult as StageResult,
    )
    from procrun.engine.running import (
        Running as Running,
    )
    from procrun.errors import (
        ExpansionError as ExpansionError,
    )
    from procrun.errors import (
        FileError as FileError,
    )
    from procrun.errors import (
        PatternError as PatternError,
    )
    from procrun.errors import (
        PipelineSyntaxError as PipelineSyntaxError,
    )
    from procrun.errors import (
        ProcrunError as ProcrunError,
    )
    from procrun.errors import (
        ProgramNotFound as ProgramNotFound,
    )
    from procrun.errors import (
        ProgramNotRunnable as ProgramNotRunnable,
    )
    from procrun.plan import (
        CAPTURE as CAPTURE,
    )
    from procrun.plan import (
        INHERIT as INHERIT,
    )
    from procrun.plan import (
        MERGE as MERGE,
    )
    from procrun.plan import (
        NULL as NULL,
    )
    from procrun.plan import (
        PIPE as PIPE,
    )
    from procrun.plan import (
        Command as Command,
    )
    from procrun.plan import (
        Function as Function,
    )
    from procrun.plan import (
        Head as Head,
    )
    from procrun.plan import (
        Options as Options,
    )
    from procrun.plan import (
        Pipeline as Pipeline,
    )
    from procrun.plan import (
        Spill as Spill,
    )
    from procrun.plan import (
        Tail as Tail,
    )
    from procrun.plan import (
        cmd as cmd,
    )
    from procrun.plan import (
        each_line as each_line,
    )
    from procrun.quoting import (
        quote as quote,
    )
    from procrun.quoting import (
        split as split,
    )
    from procrun.status import (
        ExitStatus as ExitStatus,
    )
    from procrun.verbs import (
        capture as capture,
    )
    from procrun.verbs import (
        lines as lines,
    )
    from procrun.verbs import (
        read as read,
    )
    from procrun.verbs import (
        run as run,
    )
    from procrun.verbs import (
        start as start,
    )

__version__ = "0.1.0"

_HOMES = {
    "procrun.engine.failure": ("FunctionFailed", "OutputTooLarge", "RunFailed", "RunTimeout"),
    "procrun.engine.result": ("Result", "StageResult"),
    "procrun.engine.running": ("Running",),
    "procrun.errors": (
        "ExpansionError",
        "FileError",
        "PatternError",
        "PipelineSyntaxError",
        "ProcrunError",
        "ProgramNotFound",
        "ProgramNotRunnable",
    ),
    "procrun.plan": (
        "CAPTURE",
        "INHERIT",
        "MERGE",
        "NULL",
        "PIPE",
        "Command",
        "Function",
        "Head",
        "Options",
        "Pipeline",
        "Spill",
        "Tail",
        "cmd",
        "each_line",
    ),
    "procrun.quoting": ("quote", "split"),
    "procrun.status": ("ExitStatus",),
    "procrun.verbs": ("capture", "lines", "read", "run", "start"),
}

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = list(_HOME_OF)


if not TYPE_CHECKING:
    # Hidden from type checkers, which would else take every misspelt name for an `object`.

    def __getattr__(name: str) -> object:
        """Import a public name from its home when it is first asked for (PEP 562)."""
        from importlib import import_module

        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module `procrun` has no attribute `{name}`")
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
