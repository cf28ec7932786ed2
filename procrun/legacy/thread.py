"""thread — start threads and make locks, one level below `threading`.

Python 2's module of this name; today it is `_thread`, and every name here is the same object
there:

    ident = thread.start_new_thread(function, args)
    lock = thread.allocate_lock()

When the main thread ends the program ends, whatever its other threads were doing. A thread
that raises an exception reports it on stderr and ends; SystemExit, which `exit()` raises, ends
it silently. Locks may be released by another thread than the one that acquired them, and have
the older method names too (`acquire_lock`, `release_lock`, `locked_lock`).

What differs from Python 2: `error` is RuntimeError, the class that locks raise today, so an
`except thread.error` finds it; `acquire` also takes keywords and a timeout; while the main
thread waits for a lock its signal handlers run. All differences: docs/legacy.md.
"""

from __future__ import annotations

from _thread import (
    LockType,
    _count,  # noqa: F401 — Python 2 had it too, but for `import *`
    _local,  # noqa: F401
    allocate_lock,
    error,
    exit,
    get_ident,
    interrupt_main,
    stack_size,
    start_new_thread,
)

__all__ = [
    "LockType",
    "allocate",
    "allocate_lock",
    "error",
    "exit",
    "exit_thread",
    "get_ident",
    "interrupt_main",
    "stack_size",
    "start_new",
    "start_new_thread",
]

# Old spellings: of Python 1, still in Python 2, and marked obsolete in `_thread` today.
allocate = allocate_lock
exit_thread = exit
start_new = start_new_thread
