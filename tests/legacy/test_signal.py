"""`signal` of procrun.legacy, beyond what the transcripts show: each in a new Python, since it changes `time`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

Python = Callable[..., "subprocess.CompletedProcess[str]"]


def test_it_has_every_name_of_todays(python: Python) -> None:
    code = """
import signal as today
from procrun.legacy import signal
print([name for name in dir(today) if not name.startswith("_") and getattr(today, name) != getattr(signal, name)
       and name not in ("signal", "getsignal")])
"""
    assert python(code).stdout == "[]\n"


def test_numbers_are_plain(python: Python) -> None:
    code = """
from procrun.legacy import signal
print("%s %r" % (signal.SIGTERM, signal.SIG_IGN), type(signal.SIGINT) is int)
print(signal.signal(signal.SIGTERM, signal.SIG_IGN), signal.getsignal(signal.SIGTERM))
handler = lambda number, frame: None
print(signal.signal(signal.SIGTERM, handler), signal.getsignal(signal.SIGTERM) is handler)
"""
    assert python(code).stdout == "15 1 True\n0 1\n1 True\n"


def test_importing_it_changes_only_sleep_and_uninstall_ends_that(python: Python) -> None:
    code = """
import os, signal, sys, threading, time
before = dict(vars(signal)), dict(vars(os)), dict(vars(threading)), dict(vars(threading.Thread))
todays = time.sleep
from procrun.legacy import signal as ours
assert before == (dict(vars(signal)), dict(vars(os)), dict(vars(threading)), dict(vars(threading.Thread)))
assert time.sleep is not todays
from procrun.legacy.install import uninstall
uninstall()
assert time.sleep is todays
"""
    python(code)


@pytest.mark.skipif(os.name != "posix", reason="an alarm is a signal of POSIX")
def test_an_alarm_ends_a_sleep(python: Python) -> None:
    code = """
from procrun.legacy import signal
import time
signal.signal(signal.SIGALRM, lambda number, frame: print("alarm", number))
signal.setitimer(signal.ITIMER_REAL, 0.1)
time.sleep(60)
print("done")
"""
    assert python(code).stdout == "alarm 14\ndone\n"
