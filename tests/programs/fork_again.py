"""fork_again [--hop|--grow]: say `ready`, and whenever a child ends, fork two that wait; ignores SIGTERM. POSIX.

With --grow instead: four children fork one that waits every millisecond, 500 each. With --hop: fork, end, and let the
child go on so, for ever: no process lives longer than a moment.
"""

import os
import select
import signal
import sys

signal.signal(signal.SIGTERM, signal.SIG_IGN)


def wait_for_ever():
    while True:
        signal.pause()


def start():
    if os.fork() == 0:
        wait_for_ever()


if "--hop" in sys.argv:
    os.write(1, b"ready\n")
    while os.fork() == 0:
        # Not at once: the system would have no time for anything else.
        select.select([], [], [], 0.002)
    os._exit(0)
if "--grow" in sys.argv:
    for _ in range(4):
        if os.fork() == 0:
            for number in range(500):
                start()
                if number == 20:
                    os.write(1, b"ready\n")
                select.select([], [], [], 0.001)
            wait_for_ever()
    wait_for_ever()
for _ in range(8):
    start()
os.write(1, b"ready\n")
while True:
    os.wait()
    start()
    start()
