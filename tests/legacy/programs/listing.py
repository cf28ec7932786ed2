"""Count what `ls -lR` lists, and look at a command that fails."""

from __future__ import print_function

import commands
import os

os.makedirs("some folder/inner")
for name in ("one", "two words", "it's"):
    open(os.path.join("some folder", name), "w").close()

status, text = commands.getstatusoutput("ls -lR" + commands.mkarg("some folder"))
print(status, len([line for line in text.split("\n") if line[:2] in ("-r", "dr")]))
print(commands.getoutput("ls" + commands.mk2arg("some folder", "it's")))

status, text = commands.getstatusoutput("ls nosuchfile")
print(os.WIFEXITED(status), os.WEXITSTATUS(status) != 0, "nosuchfile" in text)

status, text = commands.getstatusoutput("kill -9 $$")
print(os.WIFSIGNALED(status), os.WTERMSIG(status), repr(text))
