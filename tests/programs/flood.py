"""flood N [M]: write N bytes to stdout and M to stderr, in turns of up to 64 KiB.

The bytes are a line of 64 characters again and again, so that a test knows what must arrive.
"""

import sys

LINE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n"
BLOCK = LINE * 1024

left = [int(word) for word in sys.argv[1:]] + [0]
while left[0] or left[1]:
    for place, stream in enumerate((sys.stdout.buffer, sys.stderr.buffer)):
        size = min(left[place], len(BLOCK))
        stream.write(BLOCK[:size])
        stream.flush()
        left[place] -= size
