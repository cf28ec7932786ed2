"""Say `ready`; when asked to end by SIGTERM, wait for a program that writes `tidied by a program`, and end. POSIX."""

import os
import signal
import subprocess
import sys
import threading

asked = threading.Event()
signal.signal(signal.SIGTERM, lambda number, frame: asked.set())
sys.stdout.write("ready\n")
sys.stdout.flush()
while not asked.wait(0.05):
    continue
# Long enough for anybody who looks for it to find it.
code = "import sys, time; time.sleep(0.3); sys.stdout.write('tidied by a program\\n')"
subprocess.run([sys.executable, "-S", "-c", code], check=True)
os._exit(0)
