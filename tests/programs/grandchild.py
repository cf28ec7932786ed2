"""grandchild [--stay] [PROGRAM [ARG…]]: start tests/programs/PROGRAM.py (hold_pipe), print its pid, end.

The grandchild has this program's stdin, stdout and stderr: it is the daemon that keeps a
pipe open. With --stay this program waits for ever too.
"""

import os
import subprocess
import sys
import threading

words = sys.argv[1:]
stay = words[:1] == ["--stay"]
name, *args = words[stay:] or ["hold_pipe"]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
child = subprocess.Popen([sys.executable, "-S", path, *args])
sys.stdout.write(f"{child.pid}\n")
sys.stdout.flush()
while stay:
    threading.Event().wait(3600)
# Not sys.exit: it would warn about the child, which has to outlive this program.
os._exit(0)
