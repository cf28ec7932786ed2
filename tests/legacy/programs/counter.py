"""Threads that count together, watched by their old methods, with a timer and a condition."""

from __future__ import print_function

import threading

ready = threading.Condition()
counts = {}


class Counter(threading.Thread):
    def __init__(self, name, goal):
        threading.Thread.__init__(self, name=name)
        self._stop = threading.Event()
        self.goal = goal

    def run(self):
        for i in range(self.goal):
            if self._stop.isSet():
                return
            ready.acquire()
            counts[self.getName()] = counts.get(self.getName(), 0) + 1
            ready.notifyAll()
            ready.release()
        self._stop.wait(60)

    def stop(self):
        self._stop.set()


counters = [Counter("c%d" % i, i) for i in (1, 2, 3)]
for counter in counters:
    counter.start()

ready.acquire()
while sum(counts.values()) < 6:
    ready.wait()
ready.release()

print([(c.getName(), c.isAlive(), c.isDaemon()) for c in counters])
for counter in counters:
    counter.stop()
for counter in counters:
    counter.join(10)
print([(c.getName(), c.isAlive()) for c in counters], sorted(counts.items()))

late = []
timer = threading.Timer(0.05, late.append, ["late"])
timer.start()
timer.join()
print(late, threading.currentThread().getName(), isinstance(timer, threading._Timer))
