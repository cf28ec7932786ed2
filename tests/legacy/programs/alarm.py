"""An alarm that ends a long sleep."""

from __future__ import print_function

import signal
import time


def handler(signo, frame):
    print("got signal", signo)


signal.signal(signal.SIGALRM, handler)
signal.alarm(1)
start = time.time()
time.sleep(200)
print("done", time.time() - start < 20)
