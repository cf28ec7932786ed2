"""Stages side by side, each reading what the one before it writes.

`Runnable` gives `Command`, `Function` and `Pipeline` the bar and the verbs. The verbs
import the engine when they are called: it is the one import against the order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Union

from procrun.plan.options import STAGE_OPTIONS, Options
from procrun.plan.stream import MERGE

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from procrun.engine.result import Result
    from procrun.engine.running import Running
    from procrun.plan.command import Command, Function
    from procrun.plan.options import OptionKeywords

StageFunction = Callable[[BinaryIO, BinaryIO, BinaryIO], object]
"""A Python function as a stage: it is called with stdin, stdout and stderr."""


class Runnable:
    """What a verb can run: the bar and the verbs of `Command`, `Function` and `Pipeline`."""

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that a verb runs."""
        raise NotImplementedError

    def __or__(self, other: Runnable | StageFunction) -> Pipeline:
        return self.pipeline.joined(_as_pipeline(other))

    def __ror__(self, other: StageFunction) -> Pipeline:
        return _as_pipeline(other).joined(self.pipeline)

    def run(self, **options: Unpack[OptionKeywords]) -> Result:
        """Run with this process's streams; see `procrun.run`."""
        from procrun.engine import verbs

        return verbs.run(self.pipeline, options)

    def read(self, **options: Unpack[OptionKeywords]) -> str:
        """Run and give stdout as text; see `procrun.read`."""
        from procrun.engine import verbs

        return verbs.read(self.pipeline, options)

    def capture(self, **options: Unpack[OptionKeywords]) -> Result:
        """Run and keep stdout and stderr; see `procrun.capture`."""
        from procrun.engine import verbs

        return verbs.capture(self.pipeline, options)

    def lines(self, **options: Unpack[OptionKeywords]) -> Iterator[str]:
        """Iterate over the lines of stdout as they come; see `procrun.lines`."""
        from procrun.engine import verbs

        return verbs.lines(self.pipeline, options)

    def start(self, **options: Unpack[OptionKeywords]) -> Running:
        """Start and return at once; see `procrun.start`."""
        from procrun.engine import verbs

        return verbs.start(self.pipeline, options)


Stage = Union["Command", "Function"]


@dataclass(frozen=True)
class Pipeline(Runnable):
    """Stages connected by pipes of the kernel.

    >>> from procrun import cmd
    >>> str(cmd("tr", "a-z", "A-Z") | cmd("sort"))
    'tr a-z A-Z | sort'
    """

    stages: tuple[Stage, ...]
    """The stages, first to last."""

    options: Options = field(default=Options(), repr=False)
    """The options of the run as a whole, and defaults for its stages."""

    text: str = field(default="", repr=False)
    """The text it was written as, for the places in error messages; or empty."""

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("a pipeline has at least one stage; make them with cmd() and connect them with `|`")

    @classmethod
    def of(cls, stage: Stage) -> Pipeline:
        """A pipeline of one stage; the stage's options for a run become the pipeline's."""
        given = stage.options.given()
        for_run = {name: value for name, value in given.items() if name not in STAGE_OPTIONS}
        own = {name: value for name, value in given.items() if name in STAGE_OPTIONS}
        return cls((replace(stage, options=Options.of(own)),), Options.of(for_run))

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline itself."""
        return self

    def with_(self, **changes: Unpack[OptionKeywords]) -> Pipeline:
        """This pipeline with other options."""
        return replace(self, options=self.options.with_(**changes))

    def joined(self, other: Pipeline) -> Pipeline:
        """The stages of both; an option of the run may come from either side, from both only if they agree."""
        for side in (self, other):
            if side.options.stderr is MERGE and len(side.stages) > 1:
                # Settled it would become each stage's own `2>&1`, and errors the input of its neighbour.
                raise ValueError(
                    "a pipeline with stderr=MERGE cannot become part of another; "
                    "set it on the stages that are meant, or on the whole: (a | b | c).with_(stderr=MERGE)"
                )
        left, right = self.settled(), other.settled()
        ours, theirs = left.options.given(), right.options.given()
        for name in sorted(set(ours) & set(theirs)):
            if ours[name] != theirs[name]:
                raise ValueError(
                    f"both sides of `|` set `{name}` ({ours[name]!r} and {theirs[name]!r}); "
                    f"set it once, on the whole: (a | b).with_({name}=…)"
                )
        if "input" in theirs:
            raise ValueError("`input` is for the first stage; the right side of `|` reads the left side's output")
        return Pipeline(left.stages + right.stages, Options.of({**ours, **theirs}))

    def settled(self) -> Pipeline:
        """The same pipeline with the defaults for its stages written into the stages.

        What a stage says itself wins; of the pipeline's own streams, stdin goes to the first
        stage, stdout to the last, stderr to all.
        """
        common = {name: value for name, value in self.options.given().items() if name in STAGE_OPTIONS}
        if not common:
            return self
        stdin, stdout = common.pop("stdin", None), common.pop("stdout", None)
        env = common.pop("env", ())
        stages = []
        for place, stage in enumerate(self.stages):
            options = {**common, **stage.options.given()}
            options["env"] = (*env, *stage.options.env)
            if place == 0 and stdin is not None:
                options.setdefault("stdin", stdin)
            if place == len(self.stages) - 1 and stdout is not None:
                options.setdefault("stdout", stdout)
            stages.append(replace(stage, options=Options.of(options)))
        rest = {name: value for name, value in self.options.given().items() if name not in STAGE_OPTIONS}
        return replace(self, stages=tuple(stages), options=Options.of(rest))

    def __str__(self) -> str:
        bars = [" |& " if stage.with_stderr else " | " for stage in self.stages[:-1]] + [""]
        return "".join(str(stage) + bar for stage, bar in zip(self.stages, bars))


def _as_pipeline(value: Any) -> Pipeline:
    """What stands on the other side of a bar, as a pipeline."""
    if isinstance(value, Runnable):
        return value.pipeline
    if callable(value):
        from procrun.plan.command import Function

        return Function(value).pipeline
    if isinstance(value, str):
        hint = f"write cmd({', '.join(map(repr, value.split() or ['']))}) for a program"
    elif isinstance(value, (list, tuple)) and value:
        hint = f"write cmd({', '.join(map(repr, value))}) for a program with its arguments"
    else:
        hint = "cmd(program, *args) makes a command"
    raise TypeError(f"a stage is a command, a pipeline or a function, not {value!r}; {hint}")
