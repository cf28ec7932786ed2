"""The thread that serves a started run while its caller does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable

from procrun.engine.latch import Latch


class Background:
    """Waits for a run in a thread, keeps what that raises, and then does what is left for later.

    Raises RuntimeError when there is no room for a thread.
    """

    def __init__(self, wait: Callable[[], object], afterwards: Callable[[], object]) -> None:
        self._wait = wait
        self._afterwards = afterwards
        self._has_waited = Latch()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="procrun run", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for its end; nothing in its own thread."""
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def raise_error(self) -> None:
        """Wait until it has waited, and raise what a sink raised there, to the first who asks."""
        if threading.current_thread() is not self._thread:
            self._has_waited.wait()
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _work(self) -> None:
        try:
            self._wait()
        except BaseException as error:  # Not lost: see `raise_error`.
            self._error = error
        self._has_waited.set()
        self._afterwards()
