"""Code for Pythons without threads: the same names, each thread run at once."""

from __future__ import print_function

import dummy_thread as thread
import dummy_threading as threading

found = []
thread.start_new_thread(found.append, ("first",))
lock = thread.allocate_lock()
print(found, lock.acquire(), lock.acquire(0), lock.release())


class Job(threading.Thread):
    def run(self):
        found.append(threading.currentThread().getName())


for name in ("second", "third"):
    job = Job(name=name)
    job.start()
    job.join()
print(found, job.isAlive(), threading.activeCount())
