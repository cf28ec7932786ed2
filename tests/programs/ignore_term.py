"""Ignore SIGTERM and SIGINT (on Windows CTRL_BREAK and CTRL_C), say `ready`, and wait for ever."""

import signal
import sys
import threading

for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
    if hasattr(signal, name):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
sys.stdout.write("ready\n")
sys.stdout.flush()
forever = threading.Event()
while True:
    forever.wait(3600)
