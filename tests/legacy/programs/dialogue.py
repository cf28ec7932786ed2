"""Conversations with children: one that sorts when its input ends, one that answers line by line, one that fails."""

from __future__ import print_function

import os
import popen2

fromchild, tochild = popen2.popen2("sort")
tochild.write("awk\n")
tochild.write("cat\n")
tochild.write("ab\n")
tochild.close()
print(fromchild.readlines())
fromchild.close()

server = popen2.Popen3("while read word; do echo you said $word; done; exit 3", 0, 0)
for word in ("hello", "again"):
    server.tochild.write(word + "\n")
    print(server.fromchild.readline().strip(), server.poll())
server.tochild.close()
print(server.wait(), server.poll(), os.WEXITSTATUS(server.wait()))

child_out, child_in, child_err = popen2.popen3("nosuchprogram 2>/dev/null || echo failed >&2")
print(repr(child_out.read()), repr(child_err.read()))

both, child_in = popen2.popen4("echo out; echo err 1>&2")
print(both.read().split())

child_in, child_out = os.popen2("tr a-z A-Z")
child_in.write("shout\n")
child_in.close()
print(child_out.read().strip())
