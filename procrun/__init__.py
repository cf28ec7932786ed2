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

# What type checkers take for true, without `typing`, whose import takes longer than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from procrun.engine.failure import (
        FunctionFailed as FunctionFailed,
        LimitExceeded as LimitExceeded,
        OutputTooLarge as OutputTooLarge,
        RunFailed as RunFailed,
        RunIdle as RunIdle,
        RunTimeout as RunTimeout,
    )
    from procrun.engine.result import (
        Result as Result,
        StageResult as StageResult,
    )
    from procrun.engine.running import (
        Running as Running,
    )
    from procrun.errors import (
        ExpansionError as ExpansionError,
        FileError as FileError,
        NotSupported as NotSupported,
        PatternError as PatternError,
        PipelineSyntaxError as PipelineSyntaxError,
        ProcrunError as ProcrunError,
        ProgramNotFound as ProgramNotFound,
        ProgramNotRunnable as ProgramNotRunnable,
    )
    from procrun.legacy import (
        Queue as Queue,
        commands as commands,
        dummy_thread as dummy_thread,
        dummy_threading as dummy_threading,
        pipes as pipes,
        popen2 as popen2,
        signal as signal,
        thread as thread,
        threading as threading,
    )
    from procrun.legacy.install import (
        install as install,
        installed as installed,
        uninstall as uninstall,
    )
    from procrun.plan import (
        CAPTURE as CAPTURE,
        INHERIT as INHERIT,
        MERGE as MERGE,
        NULL as NULL,
        PIPE as PIPE,
        Command as Command,
        Function as Function,
        Head as Head,
        Options as Options,
        Pipeline as Pipeline,
        Spill as Spill,
        Tail as Tail,
        cmd as cmd,
        each_line as each_line,
    )
    from procrun.plan.limits import (
        Limits as Limits,
    )
    from procrun.quoting import (
        quote as quote,
        split as split,
    )
    from procrun.status import (
        ExitStatus as ExitStatus,
    )
    from procrun.verbs import (
        capture as capture,
        lines as lines,
        read as read,
        run as run,
        start as start,
    )

__version__ = "0.1.0"

_HOMES = {
    "procrun.engine.failure": (
        "FunctionFailed",
        "LimitExceeded",
        "OutputTooLarge",
        "RunFailed",
        "RunIdle",
        "RunTimeout",
    ),
    "procrun.engine.result": ("Result", "StageResult"),
    "procrun.engine.running": ("Running",),
    "procrun.errors": (
        "ExpansionError",
        "FileError",
        "NotSupported",
        "PatternError",
        "PipelineSyntaxError",
        "ProcrunError",
        "ProgramNotFound",
        "ProgramNotRunnable",
    ),
    "procrun.legacy.install": ("install", "installed", "uninstall"),
    "procrun.plan.limits": ("Limits",),
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

# Python 2's modules, by `from procrun import commands`. A star import leaves them out: it
# must not hide a program's own `signal` and `threading`.
_MODULES = frozenset(
    ("Queue", "commands", "dummy_thread", "dummy_threading", "pipes", "popen2", "signal", "thread", "threading")
)

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = list(_HOME_OF)


if not TYPE_CHECKING:
    # Hidden from type checkers, which would else take every misspelt name for an `object`.

    def __getattr__(name: str) -> object:
        """Import a public name from its home when it is first asked for (PEP 562)."""
        from importlib import import_module

        if name in _MODULES:
            return import_module("procrun.legacy.finder").load(name)
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module `procrun` has no attribute `{name}`")
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
