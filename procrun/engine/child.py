"""One process of a run: wait for it, signal it, reap it, without the race over its pid.

A pid is free for a stranger as soon as it is reaped. So waiting never reaps; reaping and
signalling take one lock, and a signal after the reaping is dropped. On Linux a child is a
stream for `system.serve_streams`, which makes the time of its end exact. See
docs/gotchas.md#pid-reuse.
"""

from __future__ import annotations

import io
import os
import subprocess
import threading
import time
from typing import TYPE_CHECKING

from procrun import system
from procrun.engine.orphans import orphans
from procrun.errors import ProcrunError
from procrun.signals.held import held_back
from procrun.status import INTERNAL_ERROR, ExitStatus
from procrun.system.facts import Ending

if TYPE_CHECKING:
    from procrun.engine.idle import Idle
    from procrun.plan.limits import Limits

_SIGKILL = 9


class Child:
    """A started process, until it has been reaped."""

    writes = False

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits | None = None) -> None:
        self.process = process
        self.limits = limits
        self.pid = process.pid
        self.started = time.monotonic()
        self.ended = 0.0
        self.ending: Ending | None = None
        self.error: BaseException | None = None
        self.idle: Idle | None = None
        """Who has to hear of its end, in a run with `idle_timeout`."""
        self._watch: io.FileIO | None = None
        # Reentrant, because a signal's handler may send while its own thread reaps.
        self._lock = threading.RLock()
        self._is_reaped = False

    @property
    def is_done(self) -> bool:
        """Whether it has been reaped."""
        return self.ending is not None

    @property
    def status(self) -> ExitStatus:
        """How it ended; for one that could not be stopped, as if it had been."""
        return self.ending.status if self.ending is not None else ExitStatus(signal=_SIGKILL)

    @property
    def descriptor(self) -> int:
        """What becomes readable at its end, once it is watched."""
        return -1 if self._watch is None or self._watch.closed else self._watch.fileno()

    def watch(self) -> bool:
        """Become a stream, where the system can."""
        if self._watch is None and not self.is_done:
            with held_back():
                descriptor = system.exit_descriptor(self.process)
                self._watch = None if descriptor is None else io.FileIO(descriptor)
        return self.descriptor >= 0

    def serve(self) -> None:
        """Reap the process, which has ended."""
        with self._lock:
            if self.ending is not None:
                return
            if self.idle is not None:
                self.idle.note_end(self.pid)
            self._is_reaped = True
            try:
                with held_back():
                    self.ending = system.reap(self.process)
            except ChildProcessError:
                # SIGCHLD is ignored, or somebody called os.wait(): nobody can know how it ended
                # (docs/gotchas.md#sigchld).
                self.process.returncode = INTERNAL_ERROR
                self.ending = Ending(ExitStatus(INTERNAL_ERROR), 0.0, 0.0, 0)
                self.error = ProcrunError(
                    f"the status of process {self.pid} was taken by another part of this program\n"
                    "  do not ignore SIGCHLD and do not call os.wait() while procrun runs programs"
                )
            orphans.forget(self.pid)
            self.ended = time.monotonic()
            self.close()

    def close(self) -> None:
        """Stop being a stream."""
        if self._watch is not None:
            self._watch.close()

    def wait(self, deadline: float | None) -> bool:
        """Wait until it has ended, and reap it; False when the monotonic deadline has passed."""
        if not self.is_done:
            if not system.await_exit(self.process, None if deadline is None else deadline - time.monotonic()):
                return False
            self.serve()
        return True

    def send_signal(self, number: int) -> bool:
        """Signal the process; False when it has ended already."""
        with self._lock:
            if self._is_reaped:
                return False
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return False
            return True
