"""A Template, `sort | uniq`, that copies a file to stdout, and is read and written through."""

from __future__ import print_function

import pipes
import sys

source = open("data", "w")
source.write("pear\napple\npear\nfig\napple\n")
source.close()

t = pipes.Template()
t.append("sort", "--")
t.append("uniq", "--")
print("sorted:")
print("status", t.copy("data", ""))

for line in t.open("data", "r").readlines():
    sys.stdout.write("- " + line)

t.append("tr a-z A-Z <$IN >$OUT", "ff")
writer = t.open("result", "w")
writer.write("b\na\nb\n")
print(writer.close(), open("result").read().split())
print(t)
