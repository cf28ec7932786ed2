"""Say `ready`; when asked to end by SIGTERM, wait for a program that writes `tidied by a program`, and end. POSIX.

With --leave it starts hold_pipe.py instead, and ends before that.
"""

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
if "--leave" in sys.argv:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hold_pipe.py")
    subprocess.Popen([sys.executable, "-S", path], stdout=subprocess.DEVNULL)
    os._exit(0)
# Long enough for anybody who looks for it to find it.
code = "import sys, time; time.sleep(0.3); sys.stdout.write('tidied by a program\\n')"
subprocess.run([sys.executable, "-S", "-c", code], check=True)
os._exit(0)
