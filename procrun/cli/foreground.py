"""Run a pipeline as a shell runs one in the foreground: the signals of this process reach the programs.

| signal                                | what happens |
| ------------------------------------- | ------------ |
| SIGINT, SIGQUIT (Ctrl-C, Ctrl-\\)      | the programs get it, once; what they make of it decides, and procrun waits |
| the same, and no program is there     | the run is stopped |
| the same, while the run is stopped    | what still runs is killed at once |
| SIGTERM, SIGHUP (Windows: Ctrl-Break) | the run is stopped, then procrun ends with 128+N |
| SIGTSTP (Ctrl-Z)                      | the programs get it, once, and procrun stops too |
| SIGCONT, SIGUSR1, SIGUSR2, SIGWINCH   | the programs get it |

A signal that whoever started procrun has ignored (`nohup`) stays ignored. Who gets what, and that nobody gets it
twice, is `procrun.signals.forwarding`'s. The terminal's settings are put back after programs that could not do so.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import click

from procrun import engine, system
from procrun.cli import render
from procrun.engine.result import Result
from procrun.engine.running import Running
from procrun.plan import Pipeline
from procrun.signals.forwarding import INTERRUPTS, NEWS, relay
from procrun.status import ExitStatus
from procrun.system import terminal


def run(prepare: Callable[[], Pipeline]) -> Result:
    """Start what `prepare` gives and wait for its end; on the way out nothing of it is left.

    Raises KeyboardInterrupt when Ctrl-C ended it, click's Exit after another signal, and what preparing
    and starting raise.
    """
    found = terminal.settings()
    terminal.be_stoppable()
    programs = _Programs()
    try:
        with (
            _raising(system.TERMINATION_SIGNALS),
            _handling(INTERRUPTS, _interrupter(programs)),
            _handling(NEWS, relay(programs)),
            engine.start(prepare()) as running,
        ):
            programs.begin(running)
            result = running.wait()
    except _Terminated as end:
        _clear_away(programs.running, found)
        raise click.exceptions.Exit(128 + end.number) from None
    except KeyboardInterrupt:
        _clear_away(programs.running, found)
        raise
    if result.timed_out or any(_was_killed(stage.status) for stage in result.stages):
        terminal.put_back_settings(found)
    if running.interrupted.is_set and result.status.signal in INTERRUPTS:
        if result.status.signal == signal.SIGINT:
            raise KeyboardInterrupt
        raise click.exceptions.Exit(result.status.shell)
    return result


Handler = Callable[[int, "FrameType | None"], None]


class _Terminated(BaseException):
    """A signal asked procrun to end; the run is ended first."""

    def __init__(self, number: int) -> None:
        self.number = number


class _Programs:
    """Who hears the signals: nobody, until the run has been started; then also those that came before."""

    def __init__(self) -> None:
        self.running: Running | None = None
        self._early: list[int] = []

    def begin(self, running: Running) -> None:
        self.running = running
        while self._early:
            with suppress(PermissionError):  # Its user is another: `sudo`.
                running.send_signal(self._early.pop(0))

    def send_signal(self, number: int, /) -> None:
        if self.running is None:
            self._early.append(number)
        else:
            self.running.send_signal(number)

    def living_pids(self) -> list[int]:
        return [] if self.running is None else self.running.living_pids()


def _interrupter(programs: _Programs) -> Handler:
    pass_on = relay(programs)

    def interrupt(number: int, frame: FrameType | None) -> None:
        running = programs.running
        if running is not None and running.is_stopping:
            # The grace is for programs, not against the user.
            running.stop(0)
            return
        if running is not None:
            running.interrupt()
        if programs.living_pids():
            pass_on(number, frame)
        elif number == signal.SIGINT:
            # A list between two programs, or one that waits for a file to be opened.
            raise KeyboardInterrupt
        else:
            raise _Terminated(number)

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
    """Handle signals for a while, unless they are ignored.

    Not by `signals.handle`: it also keeps what C has set, which is not worth loading ctypes before every run.
    """
    before = {number: signal.getsignal(number) for number in numbers}
    for number, old in before.items():
        if old is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _was_killed(status: ExitStatus) -> bool:
    """Whether a program was ended by a signal, and so had no say in how it leaves the terminal."""
    return status.signal is not None and not status.is_broken_pipe


def _clear_away(running: Running | None, found: terminal.Settings | None) -> None:
    """See that nothing is left of a run that a signal has ended, and tell what is."""
    if running is None:
        return
    for survivor in running.stop().survivors:
        # A thread of ours ends with us.
        if survivor.pid is not None:
            render.error(f"still running: {survivor}")
    terminal.put_back_settings(found)
