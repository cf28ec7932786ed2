"""The locks of `dummy_threading`: what other threads would be waited for is not waited for.

There is one thread, so a lock that is held when it is wanted would never be given back. A
blocking `acquire` therefore always succeeds, and `wait` returns; what was done without the
lock, or too often, is an error as with real threads.
"""

from __future__ import annotations

import time
from typing import Any


class RLock:
    """A lock that may be acquired again while it is held, and is then released as often."""

    def __init__(self, verbose: Any = None) -> None:
        self._count = 0

    def acquire(self, blocking: Any = 1) -> bool:
        """Take the lock; always true, since all threads here are one."""
        self._count += 1
        return True

    __enter__ = acquire

    def release(self) -> None:
        """Give it back. Raises RuntimeError when it is not held."""
        if not self._count:
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1

    def __exit__(self, *_: object) -> None:
        self.release()

    def _is_owned(self) -> bool:
        return self._count > 0


class Condition:
    """A lock that threads wait with until another notifies them; here nobody ever waits."""

    def __init__(self, lock: Any = None, verbose: Any = None) -> None:
        self._lock = RLock() if lock is None else lock
        self.acquire = self._lock.acquire
        self.release = self._lock.release

    def __enter__(self) -> Any:
        return self._lock.__enter__()

    def __exit__(self, *details: Any) -> None:
        self._lock.__exit__(*details)

    def wait(self, timeout: float | None = None) -> None:
        """Return at once, or after `timeout` seconds. Raises RuntimeError without the lock."""
        self._check_owned("wait")
        if timeout is not None and timeout > 0:
            time.sleep(timeout)

    def notify(self, n: int = 1) -> None:
        """Wake nobody. Raises RuntimeError without the lock."""
        self._check_owned("notify")

    def notify_all(self) -> None:
        """Wake nobody. Raises RuntimeError without the lock."""
        self._check_owned("notify")

    notifyAll = notify_all

    def _check_owned(self, action: str) -> None:
        is_owned = self._lock._is_owned if isinstance(self._lock, RLock) else self._lock.locked
        if not is_owned():
            raise RuntimeError(f"cannot {action} on un-acquired lock")


class Semaphore:
    """A counter that `acquire` lowers and `release` raises; at 0 a blocking `acquire` lowers it all the same."""

    def __init__(self, value: int = 1, verbose: Any = None) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._value = value

    def acquire(self, blocking: Any = 1) -> bool:
        """Lower the counter; with a false `blocking`, return False if it is 0."""
        if not blocking and self._value <= 0:
            return False
        self._value -= 1
        return True

    __enter__ = acquire

    def release(self) -> None:
        """Raise the counter."""
        self._value += 1

    def __exit__(self, *_: object) -> None:
        self.release()


class BoundedSemaphore(Semaphore):
    """A Semaphore whose counter may not rise above its first value."""

    def __init__(self, value: int = 1, verbose: Any = None) -> None:
        super().__init__(value)
        self._initial_value = value

    def release(self) -> None:
        """Raise the counter. Raises ValueError when it is at its first value already."""
        if self._value >= self._initial_value:
            raise ValueError("Semaphore released too many times")
        super().release()


class Event:
    """A flag."""

    def __init__(self, verbose: Any = None) -> None:
        self._flag = False

    def is_set(self) -> bool:
        """The flag."""
        return self._flag

    isSet = is_set

    def set(self) -> None:
        """Make the flag true."""
        self._flag = True

    def clear(self) -> None:
        """Make the flag false."""
        self._flag = False

    def wait(self, timeout: float | None = None) -> bool:
        """The flag: at once, or if it is false after `timeout` seconds."""
        if not self._flag and timeout is not None and timeout > 0:
            time.sleep(timeout)
        return self._flag
