"""lines N [WORD]: N numbered lines, each written as soon as it is made; without N they never end."""

import sys

count = int(sys.argv[1]) if len(sys.argv) > 1 else None
word = sys.argv[2] if len(sys.argv) > 2 else "line"
number = 0
while count is None or number < count:
    number += 1
    sys.stdout.buffer.write(b"%s %d\n" % (word.encode(), number))
    sys.stdout.buffer.flush()
