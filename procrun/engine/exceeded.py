"""Which limit a stage has broken, as far as its status and its times tell (docs/gotchas.md#limits).

The kernel ends a process that uses too much CPU, or makes a file too large, by a signal of its own. Memory, files and
processes it only refuses, and what the program makes of that nobody else can know.
"""

from __future__ import annotations

from dataclasses import dataclass

from procrun.engine.result import StageResult
from procrun.status import signal_name


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that a stage has certainly broken."""

    name: str
    """The limit, as `Limits` names it."""
    limit: int
    """How much it was."""
    used: float | None
    """How much the stage has used; None where the system does not tell."""

    def __str__(self) -> str:
        if self.name == "cpu":
            return f"it used {self.used:.2f} s of CPU, and its limit is {self.limit} s"
        return f"a file would have grown beyond its limit of {self.limit} bytes"


def find_exceeded(stage: StageResult) -> Exceeded | None:
    """The limit that ended a stage, also one that ended the program of a shell, which then exits with 128+N."""
    if stage.limits is None or stage.status.shell <= 128:
        return None
    signal = signal_name(stage.status.shell - 128)
    used = stage.user_time + stage.system_time
    # Who goes on after SIGXCPU is killed a second later.
    if stage.limits.cpu is not None and (signal == "SIGXCPU" or (signal == "SIGKILL" and used > stage.limits.cpu)):
        return Exceeded("cpu", stage.limits.cpu, used)
    if signal == "SIGXFSZ" and stage.limits.file_size is not None:
        return Exceeded("file_size", stage.limits.file_size, None)
    return None


def describe_limits(stage: StageResult) -> str:
    """The limits of a failed stage, beside what it is known to have used; empty if it has none but niceness."""
    given = [] if stage.limits is None else [(name, value) for name, value in stage.limits.given() if name != "nice"]
    used = {
        "memory": f", at most {stage.peak_memory} were resident" if stage.peak_memory else "",
        "cpu": f", {stage.user_time + stage.system_time:.2f} used",
    }
    words = [f"{name} {value}{used.get(name, '')}" for name, value in given]
    return f"it may have met a limit: {'; '.join(words)}" if words else ""
