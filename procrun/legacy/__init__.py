"""Python 2's modules for processes and threads, for programs that were written for them.

    from procrun.legacy import commands, popen2, pipes
    from procrun.legacy import thread, threading, Queue, signal
    from procrun.legacy import dummy_thread, dummy_threading

Each file with one of these names is the chapter of the Python 2 library reference with that
name, in code: what it does is what Python 2.7.18 did, and its docstring says where it differs
and why. `os_popen` holds `os.popen2`, `os.popen3` and `os.popen4`, `time` the `sleep` that a
signal ends. docs/legacy.md lists every difference, and the test suite replays hundreds of
programs whose results a real Python 2.7 has given.

The other files are what these are made of: `install` and `live_threading` (the old names for a
whole process), `runner`, `finder` and `python2_syntax` (a script with the old names), `child` and
`streams` (processes and their pipes), `dummy_locks`, `pipes_script`, `pipes_without_sh`.

Importing this package imports and changes nothing.
"""
