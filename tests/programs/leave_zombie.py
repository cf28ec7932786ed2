"""Start a child that ends at once, say its pid, and wait for ever without waiting for it. POSIX."""

import os
import signal

child = os.fork()
if child == 0:
    os._exit(3)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
os.write(1, b"%d\n" % child)
while True:
    signal.pause()
