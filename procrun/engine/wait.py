"""Everything of a run that has to end, and one way to wait for all of it.

First the streams and, where the system lets a process be polled like a stream, the children;
then the rest in turn. One monotonic deadline bounds it all.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any, Union

from procrun import system
from procrun.engine.child import Child
from procrun.engine.function import FunctionRun
from procrun.engine.stdio import Wiring
from procrun.plan.options import Options

Work = Union[Child, FunctionRun]


class Feeder:
    """Writes an iterable's pieces to a run's stdin, in a thread, because the iterable may block."""

    def __init__(self, descriptor: int, pieces: Any, options: Options, abort: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._descriptor = descriptor
        self._pieces = pieces
        self._options = options
        self._abort = abort
        self._thread = threading.Thread(target=self._work, name="procrun input", daemon=True)
        self._thread.start()

    def wait(self, deadline: float | None) -> bool:
        """Wait until all is written or nobody reads any more; False when the deadline has passed."""
        self._thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        return not self._thread.is_alive()

    def _work(self) -> None:
        encoding, errors = self._options.encoding, self._options.errors
        try:
            for piece in self._pieces:
                system.write_all(self._descriptor, piece.encode(encoding, errors) if isinstance(piece, str) else piece)
        except OSError as error:
            # A child need not read its input.
            self.error = None if system.is_broken_pipe(error) else error
        except BaseException as error:  # The run's result carries it; the caller raises it.
            self.error = error
        os.close(self._descriptor)
        if self.error is not None:
            self._abort()


class Course:
    """The parts of one run, from its start until all have ended."""

    def __init__(self, work: tuple[Work, ...], wiring: Wiring) -> None:
        self.work = work
        self.wiring = wiring
        self.feeder: Feeder | None = None
        self.children = tuple(part for part in work if isinstance(part, Child))

    def settle(self, deadline: float | None) -> bool:
        """Serve and wait until everything has ended (True) or the deadline has passed (False)."""
        streams = self.wiring.streams
        if len(self.work) == 1 and self.children and not streams:
            # Nothing to serve meanwhile: one wait costs less than watching.
            return self.children[0].wait(deadline) and self._feeder_ends(deadline)
        watched: list[system.Stream] = [child for child in self.children if child.watch()]
        return (
            system.serve_streams([*streams, *watched], deadline)
            and all(part.wait(deadline) for part in self.work)
            and self._feeder_ends(deadline)
        )

    def children_end(self, deadline: float) -> bool:
        """Wait for the processes only, while another thread serves and reaps."""
        return all(
            child.is_done or system.await_exit(child.process, max(0.0, deadline - time.monotonic()))
            for child in self.children
        )

    def give_up_streams(self) -> None:
        """Close our ends, so that nothing waits for them any more."""
        for stream in self.wiring.streams:
            stream.close()

    def close(self) -> None:
        """Close whatever is still open of our ends."""
        self.give_up_streams()
        for child in self.children:
            child.close()
        for output in self.wiring.outputs:
            output.close()
        for buffer in self.wiring.buffers.values():
            buffer.close()

    def first_error(self) -> BaseException | None:
        """What a function stage or the input raised, if any did."""
        parts = [*self.work] if self.feeder is None else [*self.work, self.feeder]
        return next((part.error for part in parts if part.error is not None), None)

    def _feeder_ends(self, deadline: float | None) -> bool:
        return self.feeder is None or self.feeder.wait(deadline)
