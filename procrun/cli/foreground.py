"""Run a pipeline as a shell runs one in the foreground: the signals of this process reach the programs.

| signal            | what happens |
| ----------------- | ------------ |
| Ctrl-C            | the terminal tells the programs itself; what they make of it decides, and procrun waits |
| SIGINT to us only | it is passed on to the programs, and procrun waits |
| either, and no program is there to hear it | the run is stopped |
| SIGTERM, SIGHUP (Windows: Ctrl-Break) | the run is stopped, then procrun ends with 128+N |

A signal that whoever started procrun has ignored (`nohup`) stays ignored.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from procrun import engine, system
from procrun.cli import render
from procrun.engine.result import Result
from procrun.engine.running import Running
from procrun.plan import Pipeline


def run(prepare: Callable[[], Pipeline]) -> Result:
    """Start what `prepare` gives and wait for its end; on the way out nothing of it is left.

    Raises KeyboardInterrupt when Ctrl-C ended it, click's Exit after another signal, and what preparing
    and starting raise.
    """
    running: Running | None = None
    try:
        with (
            _raising(system.TERMINATION_SIGNALS),
            engine.start(prepare()) as running,
            _handling((signal.SIGINT,), _interrupter(running)),
        ):
            result = running.wait()
    except _Terminated as end:
        if running is not None:
            _tell_survivors(running.stop())
        raise click.exceptions.Exit(128 + end.number) from None
    except KeyboardInterrupt:
        if running is not None:
            _tell_survivors(running.stop())
        raise
    if running.interrupted.is_set and result.status.signal == signal.SIGINT:
        raise KeyboardInterrupt
    return result


Handler = Callable[[int, "FrameType | None"], None]


class _Terminated(BaseException):
    """A signal asked procrun to end; the run is ended first."""

    def __init__(self, number: int) -> None:
        self.number = number


def _interrupter(running: Running) -> Handler:
    def interrupt(number: int, frame: FrameType | None) -> None:
        if running.is_stopping:
            return
        running.interrupt()
        if not running.living_pids():
            # A list between two programs, or one that waits for a file to be opened.
            raise KeyboardInterrupt
        if not system.shares_terminal_signals():
            running.send_signal(number)

    return interrupt


@contextmanager
def _raising(numbers: tuple[int, ...]) -> Iterator[None]:
    def terminate(number: int, frame: FrameType | None) -> None:
        for other in numbers:
            # Asked twice is asked once: the run is being stopped already.
            signal.signal(other, signal.SIG_IGN)
        raise _Terminated(number)

    with _handling(numbers, terminate):
        yield


@contextmanager
def _handling(numbers: tuple[int, ...], handler: Handler) -> Iterator[None]:
    """Handle signals for a while, unless they are ignored."""
    before = {number: signal.getsignal(number) for number in numbers}
    for number, old in before.items():
        if old is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _tell_survivors(result: Result) -> None:
    for survivor in result.survivors:
        # A thread of ours ends with us.
        if survivor.pid is not None:
            render.error(f"still running: {survivor}")
