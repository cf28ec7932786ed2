"""tidy_up CODE: say `ready`; when asked to end by SIGTERM say `tidied`, and end with CODE. POSIX."""

import signal
import sys
import threading

asked = threading.Event()
signal.signal(signal.SIGTERM, lambda number, frame: asked.set())
sys.stdout.write("ready\n")
sys.stdout.flush()
while not asked.wait(0.05):
    continue
sys.stdout.write("tidied\n")
sys.stdout.flush()
sys.exit(int(sys.argv[1]))
