"""noisy_cat N: copy stdin to stdout, and write N bytes to stderr meanwhile, in turns of up to 64 KiB."""

import os
import sys

if os.name == "nt":
    import msvcrt

    for descriptor in range(3):
        msvcrt.setmode(descriptor, os.O_BINARY)


def write(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


left = int(sys.argv[1])
while True:
    size = min(left, 1 << 16)
    write(2, b"e" * size)
    left -= size
    piece = os.read(0, 1 << 16)
    write(1, piece)
    if not piece and not left:
        break
