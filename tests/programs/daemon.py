"""daemon [--clean] [--stay]: start hold_pipe.py in a session of its own, print its pid, and end.

The daemon keeps this program's stdout and stderr open. With --clean it gets an empty environment, so that
nothing tells any more where it came from; with --stay this program waits for ever too. POSIX.
"""

import os
import subprocess
import sys
import threading

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hold_pipe.py")
environment = {} if "--clean" in sys.argv else None
child = subprocess.Popen([sys.executable, "-S", path], start_new_session=True, env=environment)
sys.stdout.write(f"{child.pid}\n")
sys.stdout.flush()
while "--stay" in sys.argv:
    threading.Event().wait(3600)
# Not sys.exit: it would warn about the child, which has to outlive this program.
os._exit(0)
