"""What the systems differ in for terminals: whom their keys reach, and how they are set.

Apart from the contract in `procrun.system`, because only what stands in the foreground asks for
it. Like there, a caller never tests for a platform. Why settings have to be put back: docs/gotchas.md#terminal.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

_POSIX = os.name == "posix"

Settings = list[Any]
"""How a terminal is set, for `put_back_settings` only."""


def shares_signals(pids: Iterable[int] = ()) -> bool:
    """Whether what the terminal sends (Ctrl-C, Ctrl-\\, Ctrl-Z, its new size) reaches us, and these processes as well.

    POSIX: whether our process group is the terminal's foreground group, and theirs is ours (XBD 11.1.9).
    Windows: a console tells all that are attached to it; those with a process group of their own, which cannot be
    told from outside, hear only Ctrl-Break.
    """
    if not _POSIX:
        return True
    group = os.getpgrp()
    with _foreground() as terminal:
        return terminal is not None and all(_is_in(group, pid) for pid in pids)


def settings() -> Settings | None:
    """How our terminal is set; None when we have none, or are not in its foreground. Windows: None."""
    if not _POSIX:
        return None
    with _foreground() as terminal:
        if terminal is None:
            return None
        import termios

        try:
            return termios.tcgetattr(terminal)
        except termios.error:
            return None  # It has gone this moment.


def put_back_settings(found: Settings | None) -> None:
    """Set the terminal as it was found, if it is still there and we are in its foreground.

    From the background it would stop us (SIGTTOU), and change what now belongs to another.
    """
    if found is None:
        return
    import termios

    with _foreground() as terminal:
        try:
            if terminal is not None:
                # At once: to wait until all is shown would be for ever when somebody has pressed Ctrl-S.
                termios.tcsetattr(terminal, termios.TCSANOW, found)
        except termios.error:
            return  # It has gone this moment.


def be_stoppable() -> None:
    """Let keys stop us also while we start a program: from now on by `fork`, where we have a terminal.

    By `vfork` we could not be stopped before it runs its file, and it, stopped before that, would keep us, and the
    shell that waits for us to stop, for ever (docs/gotchas.md#vfork). Python 3.10 knows no other way.
    """
    import subprocess

    if _POSIX and _has_terminal():
        subprocess._USE_VFORK = subprocess._USE_POSIX_SPAWN = False  # type: ignore[misc]


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


@contextmanager
def _foreground() -> Iterator[int | None]:
    """The terminal in whose foreground we are; None when there is none."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        yield None
        return
    try:
        yield terminal if _foreground_group(terminal) == os.getpgrp() else None
    finally:
        os.close(terminal)


def _foreground_group(terminal: int) -> int | None:
    try:
        return os.tcgetpgrp(terminal)
    except OSError:
        return None  # It has been closed.


def _is_in(group: int, pid: int) -> bool:
    """Whether a process is in a group; also when it has ended, for then nobody has to be told."""
    try:
        return os.getpgid(pid) == group
    except ProcessLookupError:
        return True
