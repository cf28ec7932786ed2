"""in_terminal PROGRAM [ARG…]: become PROGRAM, with the terminal on stdin as the controlling one.

To be started as the leader of a session, which the terminal then belongs to.
"""

import fcntl
import os
import sys
import termios

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
