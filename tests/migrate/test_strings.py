"""Old names in strings: left, with a comment that says where they are today."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("code", "comment"),
    [
        ('c = __import__("commands")', "`commands` is gone; its names are in `procrun.legacy.commands`"),
        ('import_module("Queue")', "`Queue` is gone; its names are in `procrun.legacy.Queue`"),
        ('importlib.import_module("thread")', "`thread` is gone; its names are in `procrun.legacy.thread`"),
        ('@patch("popen2.Popen3")\ndef f(): pass', "`popen2` is gone; its names are in `procrun.legacy.popen2`"),
        ('getattr(os, "popen2")', "`os` has no `popen2` today; it is `procrun.legacy.os_popen.popen2`"),
        ('if hasattr(os, "popen3"): pass', "`os` has no `popen3` today; it is `procrun.legacy.os_popen.popen3`"),
        ('hasattr(threading, "_Timer")', "`threading` has no `_Timer` today; it is `threading.Timer`"),
        ('getattr(threading, "_sleep", f)', "`threading` has no `_sleep` today; it is `time.sleep`"),
        ('getattr(threading, "_allocate_lock")', None),
        ('getattr(t, "isAlive", None)', "`isAlive` is gone, and it may be a Thread that is asked; it is `is_alive`"),
        ('hasattr(t, "isAlive")', "`isAlive` is gone, and it may be a Thread that is asked; it is `is_alive`"),
        ('getattr(t, "getName")', None),
        ('sys.modules["thread"]', "`thread` is gone; its names are in `procrun.legacy.thread`"),
        ('del sys.modules["Queue"]', "`Queue` is gone; its names are in `procrun.legacy.Queue`"),
        ('sys.modules.get("commands")', "`commands` is gone; its names are in `procrun.legacy.commands`"),
        ('if "thread" in sys.modules: pass', "`thread` is gone; its names are in `procrun.legacy.thread`"),
        ('sys.modules["json"]', None),
        ('modules["thread"]', None),
        ('__import__("json")', None),
        ("__import__(name)", None),
        ('print("commands")', None),
        ('getattr(os, "path")', None),
        ('getattr(other, "popen2")', None),
        ('getattr(threading, "currentThread")', None),
    ],
)
def test_a_string_is_left(code: str, comment: str | None, becomes: Callable[..., None]) -> None:
    head = "import os, sys, threading, popen4\n"
    line = f"# procrun migrate: {comment}\n" if comment else ""
    becomes(f"{head}{code}\n", f"{head}{line}{code}\n")
