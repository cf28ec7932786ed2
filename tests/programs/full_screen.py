"""full_screen [stay] [signals]: take over the whole terminal, read its keys one by one, and say them.

`q` ends it with everything put back, `x` without. With `stay` it is not ended by SIGTERM, with `signals` Ctrl-C,
Ctrl-\\ and Ctrl-Z are signals and no keys. Its own stdin may be anything.
"""

import os
import signal
import sys
import termios
import tty

if "stay" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_DFL)
terminal = os.open("/dev/tty", os.O_RDWR)
before = termios.tcgetattr(terminal)
(tty.setcbreak if "signals" in sys.argv else tty.setraw)(terminal)
os.write(terminal, b"\x1b[?1049h\x1b[2Jfull screen %d\r\n" % os.getpid())
while True:
    key = os.read(terminal, 1)
    if key == b"x":
        break
    if key == b"q":
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        os.write(terminal, b"\x1b[?1049l")
        break
    os.write(terminal, b"key %d\r\n" % key[0])
