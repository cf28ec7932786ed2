"""signal — handlers for signals: today's module, with Python 2's numbers and its `time.sleep`.

Every name of Python 2's module of this name is in today's, and works as it did. Two things are
Python 2's again for who imports this one:

- Signals and handlers are plain numbers: `signal.SIGALRM` prints as 14 and `getsignal` gives 0
  or 1, where today's are enumerations that are equal to these numbers but print by name.
- `time.sleep` in the main thread ends early when a handler has run, as `procrun.install()`
  has it (see `procrun.legacy.time`); `procrun.uninstall()` ends that.

`procrun.install()` never replaces the `signal` module itself. What differs from Python 2:
`signal` and `time.sleep` raise today's exceptions for wrong arguments. All differences:
docs/legacy.md.
"""

from __future__ import annotations

import enum
import signal as _today
from signal import *  # noqa: F403
from typing import Any

from procrun.legacy.install import install

globals().update({name: int(value) for name, value in vars(_today).items() if isinstance(value, enum.IntEnum)})


def signal(signalnum: int, handler: Any, /) -> Any:  # type: ignore[no-redef]
    """Set the handler of a signal, SIG_DFL or SIG_IGN, and return the one it replaces (None: set outside Python)."""
    return _plain(_today.signal(signalnum, handler))


def getsignal(signalnum: int, /) -> Any:  # type: ignore[no-redef]
    """The handler of a signal: a function, SIG_DFL, SIG_IGN, or None for one that was set outside Python."""
    return _plain(_today.getsignal(signalnum))


def _plain(handler: Any) -> Any:
    return int(handler) if isinstance(handler, enum.IntEnum) else handler


install(modules=False, os=False, threading=False, sleep=True)
