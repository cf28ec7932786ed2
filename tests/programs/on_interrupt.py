"""on_interrupt CODE: say `ready`, count each SIGINT aloud, and end with CODE at the first line of stdin."""

import os
import signal
import sys

counted = []


def say(text):
    # One system call: the handler may interrupt what is being said, and a buffer refuses that.
    os.write(1, text.encode() + b"\n")


def interrupted(number, frame):
    counted.append(number)
    say(f"interrupted {len(counted)}")


signal.signal(signal.SIGINT, interrupted)
say("ready")
sys.stdin.readline()
say(f"ended after {len(counted)}")
sys.exit(int(sys.argv[1]))
