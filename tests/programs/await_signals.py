"""await_signals: say `ready`, then the name of each signal that comes, and lose none; SIGTERM is the end."""

import os
import signal

numbers = {signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGTERM}
# Not handlers: one that comes just before a `read` is called runs only when that returns.
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
os.write(1, b"ready\n")
while (number := signal.sigwait(numbers)) != signal.SIGTERM:
    os.write(1, signal.Signals(number).name.encode() + b"\n")
