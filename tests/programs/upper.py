"""Copy stdin to stdout in capital letters, line by line."""

import sys

for line in sys.stdin.buffer:
    sys.stdout.buffer.write(line.upper())
    sys.stdout.buffer.flush()
