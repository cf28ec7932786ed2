"""long_line N: write one line of N bytes and its newline, then a short one."""

import sys

left = int(sys.argv[1])
while left:
    size = min(left, 1 << 16)
    sys.stdout.buffer.write(b"x" * size)
    left -= size
sys.stdout.buffer.write(b"\nshort\n")
