"""on_interrupt CODE: say `ready`, count each SIGINT aloud, and end with CODE at the first line of stdin."""

import signal
import sys

counted = []


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def interrupted(number, frame):
    counted.append(number)
    say(f"interrupted {len(counted)}")


signal.signal(signal.SIGINT, interrupted)
say("ready")
sys.stdin.readline()
say(f"ended after {len(counted)}")
sys.exit(int(sys.argv[1]))
