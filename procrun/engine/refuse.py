"""Options that are wrong only here and now: files that are closed, descriptors that lead nowhere, codes that this
system does not have. Found before anything is opened; programs would be blamed for them.
"""

from __future__ import annotations

from typing import Any

from procrun import system
from procrun.engine.sink import is_open
from procrun.plan.options import Options
from procrun.plan.pipeline import Pipeline
from procrun.plan.stream import PIPE


def refuse_unusable(pipeline: Pipeline) -> None:
    """Raise ValueError for options with which the pipeline cannot run as things are now."""
    first = pipeline.stages[0].options
    if pipeline.options.input is not None and (first.stdin is not None or pipeline.options.stdin is not None):
        raise ValueError("`input` and `stdin` are both given; the first stage can read only one of them")
    if any(stage.options.stdin is PIPE for stage in pipeline.stages[1:]):
        raise ValueError("`stdin=PIPE` is for the first stage; the others read what the stage before them writes")
    for options in (pipeline.options, *(stage.options for stage in pipeline.stages)):
        _refuse_ends(options)
        _refuse_codes(options)


def _refuse_ends(options: Options) -> None:
    for name in ("input", "stdin", "stdout", "stderr"):
        value = getattr(options, name)
        for one in value if isinstance(value, tuple) and name != "input" else (value,):
            if isinstance(one, int) and not is_open(one):
                raise ValueError(
                    f"`{name}` is the descriptor {one}, which is not open; "
                    "give one that is, an open file, a path, or NULL to have none"
                )
            if hasattr(one, "read") or hasattr(one, "write"):
                _refuse_file(name, one)


def _refuse_file(name: str, file: Any) -> None:
    if getattr(file, "closed", False) is True:
        raise ValueError(f"`{name}` is a file that has been closed; give one that is open, or its path")
    # Only of what has a mode: a file of somebody's own need not tell that it can be written.
    can, purpose = ("readable", "reading") if name in ("input", "stdin") else ("writable", "writing")
    if isinstance(getattr(file, "mode", None), str) and hasattr(file, can) and not getattr(file, can)():
        raise ValueError(f"`{name}` is a file with the mode {file.mode!r}; open it for {purpose}, or give its path")


def _refuse_codes(options: Options) -> None:
    for code in options.ok or ():
        if code > system.LARGEST_CODE:
            raise ValueError(
                f"`ok` holds {code}, and no program ends so here: exit codes are 0 to {system.LARGEST_CODE}"
            )
