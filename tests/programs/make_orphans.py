"""make_orphans COUNT: leave COUNT orphans that end at once, say their pids, wait for the end of stdin, exit with 3."""

import os
import sys

reading, writing = os.pipe()
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        if os.fork() == 0:
            os.write(writing, b"%d " % os.getpid())
        os._exit(0)
    os.wait()
os.close(writing)
with open(reading, "rb") as pids:
    os.write(1, pids.read() + b"\n")
sys.stdin.read()
sys.exit(3)
