"""Start a program under limits: by a shim, which sets them in the child and then becomes the program.

Its report tells what the spawn of the program itself would have told; `system.shim_argv` says how. Nothing of this is
loaded for a run without limits.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from typing import Any

from procrun import system
from procrun.errors import NotSupported, ProcrunError, helper_error
from procrun.plan.limits import Limits


class Confinement:
    """The start of one program under limits.

    Raises NotSupported for limits that this system does not keep, and OSError when no descriptors are left.
    """

    def __init__(self, limits: Limits, program: str, argv: Sequence[str], variables: Mapping[Any, Any]) -> None:
        given = dict(limits.given())
        missing = [name for name in given if name not in system.LIMITS]
        if missing:
            raise NotSupported(
                f"this system keeps no limit of {', '.join(f'`{name}`' for name in missing)}",
                hint=f"it keeps: {', '.join(sorted(system.LIMITS)) or 'none'}",
            )
        reading, writing = (system.above_stdio(end) for end in os.pipe())
        self._report, self._end = io.FileIO(reading, "rb"), io.FileIO(writing, "wb")
        self.limits = limits
        self._given = given
        self._program = program
        self.descriptors = (writing,)
        """What the shim has to inherit."""
        try:
            self.argv = system.shim_argv(program, argv, given, writing, variables)
            """How to start it; the first word is its program."""
        except BaseException:
            self.close()
            raise

    def await_program(self) -> None:
        """Wait until the shim has become the program.

        Raises the OSError of the program's own start, NotSupported when a limit could not be set, and ProcrunError
        when the shim does not work.
        """
        # A copy of ours would keep the report open.
        self._end.close()
        with self._report:
            report = self._report.readall()
        if report.startswith(b"-"):
            name, _, number = report[1:].decode().partition(" ")
            value = self._given[name]
            raise NotSupported(
                f"the limit `{name}` cannot be {value}: {os.strerror(int(number))}",
                hint="this process may not give more than it has itself: look at `ulimit -a -H`"
                if name != "nice"
                else "only root may take more of the processor than others",
            )
        if not report:
            raise self.helper_error("it was ended before it did")
        if len(report) > 1:
            raise OSError(int(report[1:]), os.strerror(int(report[1:])), self._program)

    def is_own_failure(self, error: OSError | ValueError) -> bool:
        """Whether a spawn has failed because the shim's interpreter is not there."""
        return isinstance(error, (FileNotFoundError, PermissionError)) and error.filename == self.argv[0]

    def helper_error(self, reason: str) -> ProcrunError:
        """The error for a shim that does not work."""
        return helper_error("sets limits", reason)

    def close(self) -> None:
        """Close what is open of the report."""
        self._end.close()
        self._report.close()
