"""Say `ready` and the pid, and wait for ever; ends by any signal."""

import os
import signal
import sys
import threading

# Python's own handler would end it with a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.stdout.write(f"ready {os.getpid()}\n")
sys.stdout.flush()
forever = threading.Event()
while True:
    forever.wait(3600)
