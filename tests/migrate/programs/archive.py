"""A script as administrators had it: statuses taken apart, names quoted, a crowd of workers, old ways of everything."""

from __future__ import print_function

import os, commands, pipes
import Queue, thread
import threading
from popen2 import Popen3, popen4
from threading import Thread, currentThread

TOTAL = 6
queue = Queue.Queue()
results = []
lock = thread.allocate_lock()


class Worker(Thread):
    "Takes names off the queue"

    def __init__(self, number):
        Thread.__init__(self, None, None, "worker %d" % number, verbose=None)
        self.setDaemon(1)
        self._stop = threading._Event()

    def run(self):
        while not self._stop.isSet():
            try:
                name = queue.get(True, 0.05)
            except Queue.Empty:
                continue
            self.handle(name)
            queue.task_done()

    def handle(self, name):
        assert currentThread() is self and self.isAlive()
        status, output = commands.getstatusoutput("cat < " + pipes.quote(name))
        lock.acquire()
        try:
            results.append((name, status >> 8, os.WEXITSTATUS(status), status / 256, output.upper()))
        finally:
            lock.release()

    def stop(self):
        self._stop.set()


for i in range(TOTAL):
    name = "it's %d.txt" % i
    if i % 3:
        f = open(name, "w")
        f.write("text of %d\n" % i)
        f.close()
    queue.put(name)

workers = [Worker(i) for i in range(3)]
for w in workers:
    w.start()
queue.join()
for w in workers:
    w.stop()
    w.join(10)
print([(w.getName(), w.isAlive(), w.isDaemon()) for w in workers])
for name, code, again, divided, output in sorted(results):
    print(name, code == again == divided, code, output.split(":")[-1])

child = Popen3("sort; exit 5", True)
child.tochild.write("b\na\n")
child.tochild.close()
print(child.fromchild.read().split(), child.childerr.read(), child.wait() >> 8)

both, into = popen4("tr a-z A-Z; echo done >&2")
into.write("loud\n")
into.close()
print(both.readlines())

child_in, child_out, child_err = os.popen3("cat; echo oops >&2")
child_in.write("through\n")
child_in.close()
print(child_out.read(), child_err.read())

status, output = commands.getstatusoutput("kill -9 $$")
print(status & 127 or status >> 8, commands.mkarg("a'b"), commands.getoutput("echo '%s'" % output))
