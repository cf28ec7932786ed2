"""What to run: frozen, hashable, picklable values that start nothing.

A `Pipeline` of stages, each a `Command` or a `Function`, with redirections and
`Options`. The Python API builds them by hand, the interpreter from a text; the
engine runs them. Nothing here asks the operating system anything.
"""

from procrun.plan.command import Command, Function, cmd, each_line
from procrun.plan.options import Options
from procrun.plan.pipeline import Pipeline
from procrun.plan.redirect import Redirect
from procrun.plan.stream import (
    CAPTURE,
    INHERIT,
    MERGE,
    NULL,
    PIPE,
    Head,
    Spill,
    Stdio,
    Tail,
)

__all__ = [
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
    "Redirect",
    "Spill",
    "Stdio",
    "Tail",
    "cmd",
    "each_line",
]
