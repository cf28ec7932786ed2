"""Say `ready` and the pid, and wait for ever; ends by any signal."""

import os
import sys
import threading

sys.stdout.write(f"ready {os.getpid()}\n")
sys.stdout.flush()
forever = threading.Event()
while True:
    forever.wait(3600)
