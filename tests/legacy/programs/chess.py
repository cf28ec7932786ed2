"""A dialogue with a chess program, which is asked for its move until it gives one."""

from __future__ import print_function

import popen2
import re
import select

fin, fout = popen2.popen2("gnuchess -x", 0)


def answer(pattern):
    """Read on until a line fits; an empty line nudges a program that has missed a wake-up."""
    while 1:
        ready = select.select([fin], [], [], 0.5)[0]
        if not ready:
            fout.write("\n")
            continue
        line = fin.readline()
        if not line:
            return "nothing"
        if re.search(pattern, line):
            return line.strip()


fout.write("e2e4\n")
move = answer("My move is")
print(bool(re.search(r"My move is\s*: \w+", move)))
fout.write("quit\n")
fout.close()
