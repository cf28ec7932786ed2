"""Queue — queues for threads that produce and consume.

Python 2's module of this name, over today's `queue`:

    queue = Queue.Queue(maxsize)
    queue.put(item)
    item = queue.get()

Its queues are those of `queue`, its exceptions too, so that a queue made by one module may be
given to code of the other. Subclasses override `_init`, `_qsize`, `_put` and `_get`, which are
called with the lock held; as in Python 2 some of them take one more argument that they ignore.

`self.queue` is a deque, in which a `_put` may also insert: the priority queue of the Python
books, whose `_put` is `bisect.insort(self.queue, item)`, works, as it did until Python 2.3.

What differs from Python 2: a queue whose `maxsize` is lowered under its size is full; waiting
can be interrupted by Ctrl-C, and timeouts follow the monotonic clock; items that cannot be
compared raise TypeError in a PriorityQueue. All differences: docs/legacy.md.
"""

from __future__ import annotations

import heapq
import queue
from collections import deque  # noqa: F401 — programs reached it through this module, as `Queue.deque`
from collections.abc import Callable
from queue import Empty, Full
from typing import Any

__all__ = ["Empty", "Full", "Queue", "PriorityQueue", "LifoQueue"]


class Queue(queue.Queue[Any]):
    """A queue: first in, first out. `maxsize` 0 or less sets no limit.

    `put` and `get` wait while the queue is full or empty: for ever, for `timeout` seconds, or
    not at all with `block` false; then they raise Full and Empty. `task_done` says that an item
    has been dealt with, and `join` waits until that was said of every item.

    >>> numbers = Queue()
    >>> numbers.put(1); numbers.put(2)
    >>> numbers.get(), numbers.qsize()
    (1, 1)
    """

    def _qsize(self, len: Callable[[Any], int] = len) -> int:
        return len(self.queue)


class PriorityQueue(queue.PriorityQueue[Any], Queue):
    """A queue that gives its smallest item first; usual items are tuples (priority, value)."""

    queue: list[Any]

    def _qsize(self, len: Callable[[Any], int] = len) -> int:
        return len(self.queue)

    def _put(self, item: Any, heappush: Callable[[list[Any], Any], None] = heapq.heappush) -> None:
        heappush(self.queue, item)

    def _get(self, heappop: Callable[[list[Any]], Any] = heapq.heappop) -> Any:
        return heappop(self.queue)


class LifoQueue(queue.LifoQueue[Any], Queue):
    """A queue that gives its newest item first."""

    queue: list[Any]

    def _qsize(self, len: Callable[[Any], int] = len) -> int:
        return len(self.queue)
