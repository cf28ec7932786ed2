"""say_signals: say `ready PID`, then the name of each signal that comes, and end at the first line of stdin."""

import os
import select
import signal


def say(text):
    # One system call: the handler may interrupt what is being said, and a buffer refuses that.
    os.write(1, text.encode() + b"\n")


def came(number, frame):
    say(signal.Signals(number).name)


for name in ("INT", "QUIT", "TERM", "HUP", "USR1", "USR2", "WINCH", "CONT"):
    signal.signal(getattr(signal, f"SIG{name}"), came)
# Without this the handler of one that comes just before the wait would run after it.
news, end = os.pipe()
os.set_blocking(end, False)
signal.set_wakeup_fd(end)
say(f"ready {os.getpid()}")
while 0 not in (ready := select.select([0, news], [], [])[0]):
    os.read(ready[0], 4096)
os.read(0, 4096)
say("ended")
