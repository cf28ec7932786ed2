"""dummy_thread — the `thread` module for a Python without threads: each "thread" runs at once, to its end.

Python 2's module of this name. Programs that could do without threads wrote

    try:
        import thread
    except ImportError:
        import dummy_thread as thread

Do not use it where a thread waits for something that the main program does later: that never
comes. What differs from Python 2: a "thread" inside a "thread" does not end the outer one's
protection from `interrupt_main`. All differences: docs/legacy.md.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["error", "start_new_thread", "exit", "get_ident", "allocate_lock", "interrupt_main", "LockType"]


class error(Exception):
    """Raised by `release` of a lock that is not held, and by `stack_size`; a class of its own, as it was."""


class LockType:
    """A lock for one thread: a blocking `acquire` never blocks, the other methods are honest.

    `locked_status` says whether it is held.
    """

    def __init__(self) -> None:
        self.locked_status = False

    def acquire(self, waitflag: Any = None) -> bool:
        """Take the lock and return True; with a false `waitflag`, return False if it is held."""
        if waitflag is not None and not waitflag and self.locked_status:
            return False
        self.locked_status = True
        return True

    __enter__ = acquire

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> bool:
        """Give the lock back and return True. Raises `error` when it is not held."""
        if not self.locked_status:
            raise error
        self.locked_status = False
        return True

    def locked(self) -> bool:
        """Whether it is held."""
        return self.locked_status


_NO_KEYWORDS: dict[str, Any] = {}

_is_main = True
_interrupt_is_due = False


def start_new_thread(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] = _NO_KEYWORDS
) -> None:
    """Call the function, now; return when it has ended.

    SystemExit ends it silently, any other exception is printed as a traceback. If it called
    `interrupt_main`, KeyboardInterrupt is raised after it.

    Raises TypeError for arguments that are not a tuple, and keywords that are not a dict.
    """
    global _is_main, _interrupt_is_due  # noqa: PLW0603
    if type(args) is not tuple:
        raise TypeError("2nd arg must be a tuple")
    if type(kwargs) is not dict:
        raise TypeError("3rd arg must be a dict")
    was_main, _is_main = _is_main, False
    try:
        function(*args, **kwargs)
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        _is_main = was_main
    if _is_main and _interrupt_is_due:
        _interrupt_is_due = False
        raise KeyboardInterrupt


def exit() -> NoReturn:
    """End the "thread", by SystemExit."""
    raise SystemExit


def get_ident() -> int:
    """The only thread's number: -1."""
    return -1


def allocate_lock() -> LockType:
    """A new lock."""
    return LockType()


def stack_size(size: int | None = None) -> int:
    """0, the size for new threads' stacks; setting it raises `error`."""
    if size is not None:
        raise error("setting thread stack size not supported")
    return 0


def interrupt_main() -> None:
    """Raise KeyboardInterrupt in the main program: now, or when the running "thread" has ended."""
    global _interrupt_is_due  # noqa: PLW0603
    if _is_main:
        raise KeyboardInterrupt
    _interrupt_is_due = True
