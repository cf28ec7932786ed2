"""A program that ran on both Pythons already, by the usual tricks, and one old thing in it."""

import sys

try:
    import Queue
except ImportError:
    import queue as Queue

if sys.version_info[0] < 3:
    from commands import getstatusoutput
    import thread
else:
    from subprocess import getstatusoutput
    import _thread as thread

from pipes import quote
import threading

status, output = getstatusoutput('"%s" -c "print(1)"' % sys.executable)
print(status, output, quote("a b"))

done = Queue.Queue()
thread.start_new_thread(done.put, (threading.activeCount() > 0,))
print(done.get())
