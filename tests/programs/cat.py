"""Copy stdin, or the named files, to stdout, byte for byte, as it comes."""

import os
import sys

if os.name == "nt":
    import msvcrt

    msvcrt.setmode(0, os.O_BINARY)
    msvcrt.setmode(1, os.O_BINARY)

for name in sys.argv[1:] or [None]:
    source = 0 if name is None else os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    while piece := os.read(source, 1 << 16):
        while piece:
            piece = piece[os.write(1, piece) :]
