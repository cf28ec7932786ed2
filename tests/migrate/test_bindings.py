"""Which names are bound to the old modules, where they are used, and which names are free."""

from __future__ import annotations

import pytest

from procrun.migrate.bindings import (
    bindings,
    can_rename,
    declared,
    exported,
    handles_signals,
    is_free,
    unresolved,
)
from procrun.migrate.tree import Tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import Queue, os", [("Queue", "", "Queue"), ("os", "", "os")]),
        ("import Queue as q", [("Queue", "", "q")]),
        ("import os.path", [("os", "", "os")]),
        ("import os.path as p", []),
        ("import commands.own", []),
        ("from thread import exit as e, error", [("thread", "exit", "e"), ("thread", "error", "error")]),
        ("from pipes import *", [("pipes", "", "")]),
        ("from . import Queue", []),
        ("from .Queue import Queue", []),
        ("from os.path import join", []),
        ("import json", []),
    ],
)
def test_what_is_bound(text: str, expected: list[tuple[str, str, str]]) -> None:
    live, other = bindings(Tree(text))
    assert [(binding.module, binding.name, binding.bound) for binding in live] == expected
    assert other == []


def test_uses_are_those_of_the_scope() -> None:
    text = "import os\nos.popen2\ndef f(os): os.popen3\ndef g(): return os, os.popen4\nclass A:\n    os = 1\n    os.x\n"
    ((binding,), _) = bindings(Tree(text))
    assert [use.attr for use in binding.uses] == ["popen2", "", "popen4"]


def test_what_is_for_python2_is_apart() -> None:
    live, other = bindings(
        Tree("try:\n    import Queue\nexcept ImportError:\n    import queue as Queue\nimport thread\n")
    )
    assert ([binding.module for binding in live], [binding.module for binding in other]) == (["thread"], ["Queue"])


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("x", True),
        ("import queue", True),
        ("def f(): import queue", True),
        ("x.queue", True),
        ("f(queue=1)", True),
        ("queue = 1", False),
        ("def f(queue): pass", False),
        ("def queue(): pass", False),
        ("import queue as q", True),
        ("import x as queue", False),
        ("from x import queue", False),
        ("import queue.own", False),
        ("[queue for queue in x]", False),
        ("queue", False),
        ("match x:\n    case queue: pass", False),
        ("match x:\n    case [*queue]: pass", False),
        ("match x:\n    case {**queue}: pass", False),
    ],
)
def test_which_names_are_free(text: str, free: bool) -> None:
    assert is_free(Tree(text), "queue", "queue") is free


def test_a_name_in_a_package_is_free_for_its_own_import() -> None:
    tree = Tree("from procrun.legacy import os_popen\n")
    assert is_free(tree, "os_popen", "procrun.legacy.os_popen")
    assert not is_free(tree, "os_popen", "os_popen")


@pytest.mark.parametrize(
    ("text", "can"),
    [
        ("import Queue\nQueue.x", True),
        ("import Queue", False),
        ("import Queue as q\nq.x", False),
        ("import Queue\nQueue = 1\nQueue.x", False),
        ("class A:\n    import Queue\n    Queue.x", False),
        ("import Queue\nQueue.x\n__all__ = ['Queue']", False),
        ("def f():\n    global Queue\n    import Queue\n    Queue.x", False),
        ("import Queue\ndef f(a: 'Queue.x'): pass", False),
        ("import Queue\nmatch Queue.x:\n    case Queue: pass", False),
    ],
)
def test_which_names_can_be_changed_everywhere(text: str, can: bool) -> None:
    tree = Tree(text)
    assert can_rename(tree, bindings(tree)[0]) is can


def test_names_that_nothing_binds() -> None:
    tree = Tree("from os import *\npopen2, popen3\npopen3 = 1\ndef f(): return popen2, print\n")
    found = unresolved(tree, frozenset({"popen2", "popen3", "popen4", "print"}))
    assert sorted(tree.start(node) for node in found) == [17, 25, 59]


def test_names_for_other_modules_and_scopes() -> None:
    tree = Tree(
        "__all__ = ['a', 'b']\n__all__ += ['c']\n"
        "def f():\n    global d\n    def g():\n        nonlocal e, f\n        e = 1\n    e = f = 2\n"
    )
    assert exported(tree) == {"a", "b", "c"}
    assert declared(tree) == {"d", "e", "f"}


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("import signal\nsignal.signal(2, f)", True),
        ("from signal import signal as s\ns(2, lambda *a: 0)", True),
        ("import signal\nsignal.signal(2, signal.SIG_IGN)", False),
        ("import signal\nsignal.signal(2, signal.SIG_DFL)", False),
        ("import signal\nsignal.alarm(2)", False),
        ("signal.signal(2, f)", False),
    ],
)
def test_which_files_handle_signals(text: str, handles: bool) -> None:
    assert handles_signals(Tree(text)) is handles
