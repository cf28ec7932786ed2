"""The guard of a run with `die_with_parent`: a process that ends it if this one is killed.

Nothing of this is loaded for a run without one. What it does: `signals/guard.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys

from procrun import system
from procrun.engine.orphans import orphans
from procrun.errors import NotSupported, helper_error
from procrun.system import table

_WHAT = "ends a run with its parent"


class Guard:
    """A guard at work, from before the first program is started.

    Raises NotSupported where the system has none, ProcrunError when it does not work, and OSError when the system has
    no room for it.
    """

    def __init__(self, mark: str, since: float, grace: float) -> None:
        if not system.HAS_GUARD:
            raise NotSupported(
                "`die_with_parent` is not kept on this system",
                hint="leave it out; a run that is left by an exception or a signal is ended all the same",
            )
        import pkgutil

        source = pkgutil.get_data("procrun.signals", "guard.py")
        assert source is not None
        python = system.own_python()
        reading, writing = (system.above_stdio(end) for end in os.pipe())
        # No file object: a run that is forgotten goes on, as a forgotten process does, and so must the pipe.
        self._pipe = writing
        try:
            with orphans.starting() as own:
                self._process = subprocess.Popen(
                    [
                        *python,
                        source.decode(),
                        str(reading),
                        str(os.getpid()),
                        mark,
                        repr(since),
                        repr(grace),
                        *_folders(),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    # A folder of ours it would keep busy, and what the terminal tells the whole group is not for it.
                    cwd="/",
                    start_new_session=True,
                    pass_fds=(reading,),
                )
                own.add(self._process.pid)
        except BaseException as error:
            os.close(writing)
            if isinstance(error, (FileNotFoundError, PermissionError)) and error.filename == python[0]:
                raise helper_error(_WHAT, str(error)) from error
            raise
        finally:
            os.close(reading)

    def tell(self, pid: int) -> None:
        """Name a process that has been started. Raises ProcrunError when the guard has ended meanwhile."""
        row = table.find_row(pid)
        if row is None:
            return
        try:
            os.write(self._pipe, f"{pid} {row.start}\n".encode())
        except BrokenPipeError as error:
            raise helper_error(_WHAT, "it has ended") from error

    def close(self) -> None:
        """End the guard: the run is over."""
        if self._pipe < 0:
            return
        # First, because without the pipe it would act.
        self._process.kill()
        self._process.wait()
        orphans.forget(self._process.pid)
        os.close(self._pipe)
        self._pipe = -1


def _folders() -> list[str]:
    """Where this Python looks for modules, as it is named from everywhere."""
    try:
        return [os.path.abspath(folder) for folder in sys.path]
    except FileNotFoundError:
        # The current folder has been removed, and holds no modules any more.
        return [folder for folder in sys.path if os.path.isabs(folder)]
