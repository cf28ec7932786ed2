"""A Queue that keeps its items in order, as the books had it: `_put` inserts where the item belongs."""

from __future__ import print_function

import Queue
import bisect

Empty = Queue.Empty


class PriorityQueue(Queue.Queue):
    "Thread-safe priority queue"

    def _put(self, item):
        bisect.insort(self.queue, item)


queue = PriorityQueue(0)
queue.put((2, "second"))
queue.put((1, "first"))
queue.put((3, "third"))

try:
    while 1:
        priority, value = queue.get_nowait()
        print(priority, value)
except Empty:
    print("empty")
