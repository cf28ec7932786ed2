"""close_output CODE: close stdout and stderr, read stdin to its end, and end with CODE."""

import os
import sys

os.close(1)
os.close(2)
while os.read(0, 1 << 16):
    continue
os._exit(int(sys.argv[1]))
