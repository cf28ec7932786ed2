"""Room for recursion: libcst walks a tree by calls, several for each level of an expression.

A string of four hundred lines, or a sum of as many terms, is as many levels deep.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

_STACK = 512 * 2**20
_LIMIT = 60_000


class TooDeep(Exception):
    """There is no room for so much recursion on this Python."""


def call_with_room(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function; if the usual depth of recursion is not enough for it, once more with room for much more.

    It must be one that can be called again. Raises TooDeep when this is not enough either.
    """
    try:
        return function(*arguments)
    except Exception as error:
        if not _is_about_depth(error):
            raise
    try:
        return _call_in_thread(function, *arguments)
    except Exception as error:
        if not _is_about_depth(error):
            raise
        # Not chained: the error that hides the RecursionError may have a text of any length.
        raise TooDeep from None


def _is_about_depth(error: BaseException | None) -> bool:
    # In the midst of its bookkeeping libcst turns a RecursionError into a KeyError.
    while error is not None and not isinstance(error, RecursionError):
        error = error.__context__
    return error is not None


def _call_in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function in a thread, the only place where a stack can be of another size."""
    results: list[Result] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(function(*arguments))
        except BaseException as error:
            errors.append(error)

    limit = sys.getrecursionlimit()
    size = threading.stack_size(_STACK)
    try:
        sys.setrecursionlimit(max(limit, _LIMIT))
        thread = threading.Thread(target=call)
        thread.start()
    finally:
        threading.stack_size(size)
    try:
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]
