"""A cache that several threads use, protected by a lock."""

from __future__ import print_function

import threading


class Cache:
    def __init__(self, compute):
        self.lock = threading.Lock()
        self.values = {}
        self.computed = 0
        self.compute = compute

    def get(self, key):
        self.lock.acquire()
        try:
            if key not in self.values:
                self.computed = self.computed + 1
                self.values[key] = self.compute(key)
            return self.values[key]
        finally:
            self.lock.release()


cache = Cache(lambda key: key.upper())
answers = []


def ask():
    name = threading.currentThread().getName()
    for key in ("a", "b", "c"):
        answers.append((name, cache.get(key)))


threads = [threading.Thread(target=ask) for i in range(5)]
for t in threads:
    t.start()
for t in threads:
    t.join()

print(sorted(answers))
print(cache.computed, threading.activeCount(), [t.isAlive() for t in threads])
