"""A part of a run that works in a thread of this process: a function stage, or the pieces of an input."""

from __future__ import annotations

import threading
from collections.abc import Callable

from procrun import system


class Task:
    """Work in a thread; what it raises fails the run.

    A subclass does the work in `_work` and gives back its descriptors in `_close`, which is called once
    in any case.
    """

    def __init__(self, name: str, abort: Callable[[], None]) -> None:
        self.name = name
        """What messages call it."""
        self.error: BaseException | None = None
        """What it raised; the run's result carries it, and the caller raises it."""
        self.has_ended = False
        """Whether its thread has nothing left to do."""
        self._abort = abort
        self._wake: system.Wake | None = None
        self._thread = threading.Thread(target=self._run, name=f"procrun {name}", daemon=True)

    def start(self, wake: system.Wake) -> None:
        """Start the thread, which sets `wake` at its end. Raises RuntimeError when the system has no room for one."""
        self._wake = wake
        self._thread.start()

    def discard(self) -> None:
        """Give it up, if its thread has not been started."""
        if self._thread.ident is None and not self.has_ended:
            self._close()
            self.has_ended = True

    def join(self) -> None:
        """Wait for the last instructions of a thread that has ended its work."""
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # Not lost: see `error`.
            self.error = error
        self._close()
        if self.error is not None:
            # Neighbours that neither read nor write would keep a run going that has failed.
            self._abort()
        self.has_ended = True
        if self._wake is not None:
            self._wake.set()

    def _work(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError
