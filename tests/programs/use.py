"""use WHAT AMOUNT: use so much of the system: seconds of `cpu`, bytes of `memory`, of a file (`write`, to stdout).

`limits` prints what limits it has, and how nice it is; `signals` which signals it ignores.
"""

import os
import resource
import signal
import sys
import time

what, amount = [*sys.argv[1:], "0"][:2]
if what == "cpu":
    while time.process_time() < float(amount):
        pass
elif what == "memory":
    bytearray(int(amount))
elif what == "write":
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.write(1, bytes(int(amount)))
    os.write(1, bytes(1))
elif what == "limits":
    names = ("RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_FSIZE")
    for name in names:
        sys.stdout.write(f"{name} {resource.getrlimit(getattr(resource, name))}\n")
    sys.stdout.write(f"nice {os.nice(0)}\n")
