"""Give every stage its three descriptors, and this process its ends of the run.

Whatever is opened here is registered at once, so that a failure at any later point of the
start leaves nothing open.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from procrun import system
from procrun.engine.buffer import Buffer, Last, make_buffer
from procrun.engine.files import File, Files
from procrun.engine.idle import Idle
from procrun.engine.pump import TAIL_SIZE, Drain, Feed, to_be_fed
from procrun.engine.refuse import refuse_unusable
from procrun.engine.sink import Writer, descriptor_of, is_open, is_served, writer_to, writer_to_own
from procrun.engine.stream import Output, open_output
from procrun.errors import NotSupported
from procrun.plan.command import Function
from procrun.plan.pipeline import Pipeline, Stage
from procrun.plan.redirect import Redirect
from procrun.plan.stream import CAPTURE, INHERIT, MERGE, NULL, PIPE

Descriptors = tuple[int, int, int]

_STREAMS = ("stdin", "stdout", "stderr")


@dataclass
class Wiring:
    """The descriptors of a run that is about to start."""

    stages: list[Descriptors] = field(default_factory=list)
    """For each stage its stdin, stdout and stderr."""
    streams: list[Feed | Drain] = field(default_factory=list)
    """Our ends that the pump serves."""
    buffers: dict[int, Buffer] = field(default_factory=dict)
    """What is captured: of stdout (1), of stderr (2)."""
    tails: list[Last | None] = field(default_factory=list)
    """For each stage the end of its stderr, when it passes through us."""
    callers: dict[int, Any] = field(default_factory=dict)
    """The streams that the caller of `start` writes (0) or reads (1, 2) himself."""
    callers_outputs: list[Output] = field(default_factory=list)
    """What is under those that he reads."""
    feeds: list[tuple[int, Any]] = field(default_factory=list)
    """Our ends of pipes and the iterables to write to them, which may block: each gets a thread."""
    outputs: list[io.FileIO] = field(default_factory=list)
    """Files that we write ourselves, because an output has several sinks."""
    idle: Idle | None = None
    """Keeps the time since the last output, with `idle_timeout`."""
    endings: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    """What is to be called when every output has ended, each with its stream."""


class Wirer:
    """Opens and connects everything a pipeline needs.

    `undo` closes our ends if the start fails; `passing` closes, after the spawn in any case,
    our copies of what the stages got. Raises ValueError for options that contradict each other.
    """

    def __init__(self, pipeline: Pipeline, undo: ExitStack, passing: ExitStack) -> None:
        refuse_unusable(pipeline)
        self.stages = pipeline.stages
        self.options = pipeline.options
        self.undo = undo
        self.passing = passing
        self.input = to_be_fed(self.options)
        self.wiring = Wiring(idle=None if self.options.idle_timeout is None else Idle(self.options.idle_timeout))
        self.heard: set[int] = set()
        self.handed_over: dict[int, int] = {}
        self.files = Files(pipeline.text, passing)
        want = self.files.want
        first, last = self.stages[0].options, self.stages[-1].options
        self.stdin = want(first.stdin if first.stdin is not None else self.options.stdin, "read")
        self.stdout = want(last.stdout if last.stdout is not None else self.options.stdout, "write")
        self.stderr = want(self.options.stderr, "write")
        self.own_stdouts = [want(stage.options.stdout, "write") for stage in self.stages[:-1]]
        self.own_stdins = [want(stage.options.stdin, "read") for stage in self.stages[1:]]
        self.own_stderrs = [want(stage.options.stderr, "write") for stage in self.stages]
        self.targets = [
            [want(item.target, item.action, item.place) for item in stage.redirects] for stage in self.stages
        ]

    def open_files(self) -> None:
        """Open every file; this may wait (a FIFO without a reader). Raises FileError."""
        self.files.open_all()

    def connect(self) -> Wiring:
        """Make the pipes, give every stage its descriptors, and empty the files to be replaced.

        Raises OSError when the system has no descriptors left.
        """
        sources = [self._source(self.stdin, is_served=is_served(self.stdout))]
        sinks = []
        for own_stdout, own_stdin in zip(self.own_stdouts, self.own_stdins):
            reading, writing = self._pipe()
            self.passing.callback(os.close, reading)
            self.passing.callback(os.close, writing)
            sinks.append(writing if own_stdout is None else self._sink(own_stdout, 1))
            sources.append(reading if own_stdin is None else self._stage_source(own_stdin))
        sinks.append(self._sink(self.stdout, 1))
        shared_stderr = self._stderr_maker(self.stderr, sinks[-1])
        for stage, source, sink, own_stderr, listed in zip(self.stages, sources, sinks, self.own_stderrs, self.targets):
            # MERGE is `2>&1` for a stage's own option; for the run's it means the end of the pipeline.
            errors, tail = (shared_stderr if own_stderr is None else self._stderr_maker(own_stderr, sink))()
            self.wiring.tails.append(tail)
            self.wiring.stages.append(self._redirect(stage, listed, (source, sink, errors)))
        if self.wiring.idle is not None:
            self._watch(self.wiring.idle)
        self.files.empty_all()
        return self.wiring

    def _watch(self, idle: Idle) -> None:
        """Find out how it is to be seen that the stages write."""
        is_heard = all(descriptor in self.heard for _, *outputs in self.wiring.stages for descriptor in outputs)
        # The programs of a text may write to files that stand in it.
        is_heard = is_heard and not any(isinstance(stage, Function) and stage.wants_context for stage in self.stages)
        idle.asks_system = not is_heard and system.counts_writing()
        if not self.heard and not idle.asks_system:
            raise NotSupported(
                "`idle_timeout` sees no output: none passes through this process, and this system does not tell what "
                "programs write",
                hint="capture or read stdout or stderr, or give a list such as stdout=[INHERIT]",
            )

    def _pipe(self) -> tuple[int, int]:
        """A pipe whose ends no process started meanwhile inherits (docs/gotchas.md#pipe-inherited)."""
        reading, writing = (system.above_stdio(end) for end in os.pipe())
        system.widen_pipe(writing)
        return reading, writing

    def _source(self, value: Any, *, is_served: bool) -> int:
        """What the first stage reads."""
        if self.input is not None:
            return self._fed(self.input)
        if value is None:
            # A child whose output we wait for must not wait for a terminal, or for a pipe that
            # nobody feeds, or eat what its caller reads (docs/gotchas.md#stdin).
            value = NULL if is_served else INHERIT
        if value is PIPE:
            reading, writing = self._pipe()
            self.passing.callback(os.close, reading)
            self._hand_over(0, open(writing, "wb"))
            return reading
        return self._stage_source(value)

    def _stage_source(self, value: Any) -> int:
        if value is NULL:
            return self.files.null("read")
        if value is INHERIT:
            return 0
        if isinstance(value, File):
            return value.descriptor
        if isinstance(value, int):
            return value
        descriptor = descriptor_of(value)
        return self._fed(value) if descriptor is None else descriptor

    def _fed(self, given: Any) -> int:
        """The reading end of a pipe into which this process writes."""
        reading, writing = self._pipe()
        self.passing.callback(os.close, reading)
        if isinstance(given, bytes):
            feed = Feed(writing, given)
            self.wiring.streams.append(feed)
            self.undo.callback(feed.close)
        else:
            self.undo.callback(os.close, writing)
            self.wiring.feeds.append((writing, given))
        return reading

    def _sink(self, value: Any, number: int) -> int:
        """Where an output leads: the descriptor that the stage gets."""
        if value is None or value is INHERIT:
            return number
        if value is NULL:
            return self.files.null("write")
        if value is PIPE:
            return self._handed_over(number)
        if isinstance(value, File):
            return value.descriptor
        if isinstance(value, int):
            return int(value)
        descriptor = None if is_served(value) else descriptor_of(value)
        return self._drained(self._writers(value, number), number) if descriptor is None else descriptor

    def _handed_over(self, number: int) -> int:
        """The writing end of the pipe that the caller reads; stages that both say PIPE share it."""
        if number not in self.handed_over:
            reading, self.handed_over[number] = self._pipe()
            self.passing.callback(os.close, self.handed_over[number])
            stream, output = open_output(reading, _STREAMS[number])
            self.wiring.callers_outputs.append(output)
            if self.wiring.idle is not None:
                output.heard = self.wiring.idle.note
                self.heard.add(self.handed_over[number])
            self._hand_over(number, stream)
        return self.handed_over[number]

    def _drained(self, writers: Sequence[Writer], number: int) -> int:
        """The writing end of a pipe that the pump reads."""
        reading, writing = self._pipe()
        self.passing.callback(os.close, writing)
        if self.wiring.idle is not None:
            writers = [*writers, self.wiring.idle.note]
            self.heard.add(writing)
        drain = Drain(reading, writers, _STREAMS[number])
        self.wiring.streams.append(drain)
        self.undo.callback(drain.close)
        return writing

    def _writers(self, value: Any, number: int) -> list[Writer]:
        """What the pieces of an output are given to, for one sink or a list of them."""
        if isinstance(value, tuple):
            return [writer for sink in value for writer in self._writers(sink, number)]
        if value is CAPTURE:
            if number not in self.wiring.buffers:
                beside = ".stderr" if number == 2 and 1 in self.wiring.buffers else ""
                self.wiring.buffers[number] = make_buffer(self.options.max_output, beside)
            return [self.wiring.buffers[number].write]
        if value is NULL:
            return []
        if isinstance(value, File):
            # Ours to write until the run has ended, so it outlives the spawn.
            output = io.FileIO(os.dup(value.descriptor), "wb")
            self.undo.callback(output.close)
            self.wiring.outputs.append(output)
            value = output.fileno()
        if value is INHERIT:
            return [writer_to_own(number)] if is_open(number) else []
        if isinstance(value, int):
            return [lambda data: system.write_all(value, data)]
        writer, end = writer_to(value, self.options)
        if end is not None:
            self.wiring.endings.append((_STREAMS[number], end))
        return [writer]

    def _stderr_maker(self, value: Any, stdout: int) -> Callable[[], tuple[int, Last | None]]:
        """What gives a stage its stderr, before its redirections, and the tail that is kept of it."""
        if value is MERGE:
            return lambda: (stdout, None)
        if not is_served(value) or value is PIPE:
            descriptor = self._sink(value, 2)
            return lambda: (descriptor, None)
        writers = self._writers(value, 2)

        def with_tail() -> tuple[int, Last | None]:
            # A pipe for each stage tells whose words they are; the sinks are shared.
            tail = Last(TAIL_SIZE)
            return self._drained([*writers, tail.write], 2), tail

        return with_tail

    def _redirect(self, stage: Stage, targets: Sequence[Any], table: Descriptors) -> Descriptors:
        """A stage's descriptors after its redirections, in their order."""
        descriptors = list(table)
        for redirect, target in zip(stage.redirects, targets):
            descriptors[redirect.descriptor] = self._target(redirect, target, descriptors)
        if stage.with_stderr:
            descriptors[2] = descriptors[1]
        return descriptors[0], descriptors[1], descriptors[2]

    def _target(self, redirect: Redirect, target: Any, descriptors: Sequence[int]) -> int:
        if redirect.action == "copy":
            return descriptors[int(target)]
        if redirect.action == "text":
            return self._fed(target)
        descriptor: int = target.descriptor
        return descriptor

    def _hand_over(self, number: int, stream: Any) -> None:
        self.undo.callback(stream.close)
        self.wiring.callers[number] = stream
