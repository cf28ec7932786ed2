"""A pool of workers over a Queue, each a subclass of Thread, and a collector started with `thread`."""

from __future__ import print_function

import Queue
import thread
import threading


class Worker(threading.Thread):
    def __init__(self, jobs, results):
        self.__jobs = jobs
        self.__results = results
        threading.Thread.__init__(self)
        self.setDaemon(1)

    def run(self):
        while 1:
            job = self.__jobs.get()
            if job is None:
                break
            self.__results.put((job, job * job, self.getName()[:7]))
            self.__jobs.task_done()


def collect(results, count, found, done):
    for i in range(count):
        found.append(results.get())
    done.release()


jobs = Queue.Queue(5)
results = Queue.Queue(0)
workers = [Worker(jobs, results) for i in range(4)]
for worker in workers:
    worker.start()

found = []
done = thread.allocate_lock()
done.acquire()
thread.start_new_thread(collect, (results, 20, found, done))

for number in range(20):
    jobs.put(number)
jobs.join()
done.acquire()
for worker in workers:
    jobs.put(None)
for worker in workers:
    worker.join()

found.sort()
print([square for number, square, name in found])
print(sorted(set([name for number, square, name in found])))
print([worker.isAlive() for worker in workers], jobs.empty(), results.empty())
