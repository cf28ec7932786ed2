"""Read stdin to its end and print the number of its bytes and their SHA-256."""

import hashlib
import sys

total, digest = 0, hashlib.sha256()
while piece := sys.stdin.buffer.read(1 << 16):
    total += len(piece)
    digest.update(piece)
sys.stdout.write(f"{total} {digest.hexdigest()}\n")
