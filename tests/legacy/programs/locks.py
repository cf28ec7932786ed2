"""Threads of the module `thread`, which know nothing of the main program but a list of locks."""

from __future__ import print_function

import thread

lines = []
printing = thread.allocate_lock()


def count(name, goal, finished):
    try:
        for i in range(goal):
            printing.acquire()
            lines.append("%s %d" % (name, i))
            printing.release()
        if name == "b":
            thread.exit()
        lines.append(name + " done")
    finally:
        finished.release()


locks = []
for name in ("a", "b", "c"):
    lock = thread.allocate_lock()
    lock.acquire()
    locks.append(lock)
    thread.start_new_thread(count, (name, 3), {"finished": lock})
for lock in locks:
    lock.acquire()
lines.sort()
print("\n".join(lines))

try:
    printing.release()
except thread.error as problem:
    print("error:", problem)
