"""fork_tree COUNT [DEPTH]: fork COUNT children, in chains of DEPTH (1), say `ready`, and wait for ever. POSIX."""

import os
import signal
import sys

count, depth = int(sys.argv[1]), int((sys.argv[2:] or ["1"])[0])
reading, writing = os.pipe()
for _ in range(count // depth):
    if os.fork() == 0:
        for _ in range(depth - 1):
            if os.fork() != 0:
                break
        os.write(writing, b".")
        while True:
            signal.pause()
there = 0
while there < count // depth * depth:
    there += len(os.read(reading, 4096))
os.write(1, b"ready\n")
while True:
    signal.pause()
