"""head N: copy the first N lines of stdin and end without reading the rest."""

import sys

for _ in range(int(sys.argv[1])):
    sys.stdout.buffer.write(sys.stdin.buffer.readline())
sys.stdout.buffer.flush()
