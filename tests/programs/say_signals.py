"""say_signals: say `ready PID`, then the name of each signal that comes, and end at the first line of stdin."""

import os
import signal
import sys


def say(text):
    # One system call: the handler may interrupt what is being said, and a buffer refuses that.
    os.write(1, text.encode() + b"\n")


def came(number, frame):
    say(signal.Signals(number).name)


for name in ("INT", "QUIT", "TERM", "HUP", "USR1", "USR2", "WINCH", "CONT"):
    signal.signal(getattr(signal, f"SIG{name}"), came)
say(f"ready {os.getpid()}")
sys.stdin.readline()
say("ended")
