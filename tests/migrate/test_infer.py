"""The kinds of objects: what a file proves, and what it does not."""

from __future__ import annotations

import libcst as cst
import pytest

from procrun.migrate.infer import Inference
from procrun.migrate.kinds import Of
from procrun.migrate.tree import Tree

HEAD = "import threading, commands, popen2, pipes, Queue, subprocess\nfrom threading import Thread\n"


def kind(text: str) -> Of | None:
    """The kind of the argument of the call of HERE."""
    tree = Tree(f"{HEAD}{text}\n")
    calls = [node for node in tree.all(cst.Call) if isinstance(node.func, cst.Name) and node.func.value == "HERE"]
    return Inference(tree).kind(calls[0].args[0].value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HERE(Thread())", Of.THREAD),
        ("HERE(threading.Timer(1, f))", Of.THREAD),
        ("HERE(threading.currentThread())", Of.THREAD),
        ("HERE(threading.Event())", Of.EVENT),
        ("HERE(threading.Condition())", Of.CONDITION),
        ("HERE(Queue.Queue().not_empty)", Of.CONDITION),
        ("HERE(threading.enumerate()[0])", Of.THREAD),
        ("HERE(pipes.Template().clone())", Of.TEMPLATE),
        ("HERE(commands.getstatusoutput(c))", Of.STATUS_AND_OUTPUT),
        ("HERE(commands.getstatusoutput(c)[1])", None),
        ("HERE(subprocess.getstatusoutput(c)[0])", Of.CODE),
        ("HERE(f())", None),
        # Names: all that is assigned to them in their scope.
        ("t = Thread()\nHERE(t)", Of.THREAD),
        ("t = None\nt = Thread()\nHERE(t)", Of.THREAD),
        ("t = Thread()\nt = 1\nHERE(t)", None),
        ("t = u = Thread()\nHERE(u)", Of.THREAD),
        ("t, u = Thread(), threading.Event()\nHERE(u)", Of.EVENT),
        ("t, u = f()\nHERE(u)", None),
        ("t, *u = Thread(), 1\nHERE(t)", Of.THREAD),
        ("if (t := Thread()): HERE(t)", Of.THREAD),
        ("t: object = Thread()\nHERE(t)", Of.THREAD),
        ("t = Thread() if x else threading.Timer(1, f)\nHERE(t)", Of.THREAD),
        ("t = Thread() if x else 1\nHERE(t)", None),
        ("t = t\nHERE(t)", None),
        ("t = u\nu = t\nHERE(t)", None),
        ("def f(t): HERE(t)", None),
        ("t = Thread()\ndef f(t): HERE(t)", None),
        ("t = Thread()\ndef f(): HERE(t)", Of.THREAD),
        ("def f():\n    global t\n    t = 1\nt = Thread()\nHERE(t)", None),
        ("with f() as t: HERE(t)", None),
        ("import t\nHERE(t)", None),
        ("HERE(t)", None),
        # Lists and dicts: all that is put into them.
        ("for t in [Thread(), Thread()]: HERE(t)", Of.THREAD),
        ("for t in [Thread(), 1]: HERE(t)", None),
        ("a = [Thread() for x in y]\nfor t in a: HERE(t)", Of.THREAD),
        ("a = []\na.append(Thread())\nHERE(a[0])", Of.THREAD),
        ("a = list()\na.insert(0, Thread())\n[HERE(t) for t in a]", Of.THREAD),
        ("a = []\na.append(Thread())\na.append(1)\nHERE(a[0])", None),
        ("a = []\na.append(Thread())\na.extend(b)\nHERE(a[0])", None),
        ("a = []\na += [Thread()]\nHERE(a[0])", None),
        ("a = []\nHERE(a[0])", None),
        ("a = {}\na[x] = Thread()\nHERE(a[x])", Of.THREAD),
        ("a = dict()\na[x] = Thread()\nfor t in a.values(): HERE(t)", Of.THREAD),
        ("a = {1: Thread()}\nfor t in a: HERE(t)", None),
        ("a = {x: Thread() for x in y}\nHERE(a[x])", Of.THREAD),
        ("a = [Thread()]\nHERE(a.pop())", Of.THREAD),
        ("a = [Thread()]\nb = a\nHERE(b[0])", Of.THREAD),
        ("a = b\na.append(Thread())\nHERE(a[0])", None),
        ("def f(a):\n    a.append(Thread())\n    HERE(a[0])", None),
        # Classes of the file, and what they keep in themselves.
        ("class W(Thread): pass\nHERE(W())", Of.THREAD),
        ("class V(W): pass\nclass W(Thread): pass\nHERE(V())", Of.THREAD),
        ("class W(X): pass\nHERE(W())", None),
        ("class W(W): pass\nHERE(W())", None),
        ("class W(object, Thread): pass\nHERE(W())", Of.THREAD),
        ("class W(Thread):\n    def f(self): HERE(self)", Of.THREAD),
        ("class W(Thread):\n    def f(me, self): HERE(self)", None),
        ("class W(Thread):\n    @staticmethod\n    def f(self): HERE(self)", None),
        ("class W(Thread):\n    def f(self):\n        def g(): HERE(self)", Of.THREAD),
        ("class W(Thread):\n    def f(self):\n        self = 1\n        HERE(self)", None),
        ("class A:\n    def f(self): self.t = Thread()\n    def g(self): HERE(self.t)", Of.THREAD),
        ("class A:\n    def f(self): self.t = None\n    def g(self): self.t = Thread(); HERE(self.t)", Of.THREAD),
        ("class A:\n    def f(self): self.t = x\n    def g(self): self.t = Thread(); HERE(self.t)", None),
        (
            "class A:\n    def f(self): self.a = []\n    def g(self): self.a.append(Thread()); HERE(self.a[0])",
            Of.THREAD,
        ),
        ("class A:\n    def f(self): self.a = {}; self.a[x] = Thread()\n    def g(self): HERE(self.a[x])", Of.THREAD),
        ("class A:\n    def f(self): self.t = Thread()\nclass B:\n    def g(self): HERE(self.t)", None),
    ],
)
def test_the_kind_of_an_expression(text: str, expected: Of | None) -> None:
    assert kind(text) is expected


def test_the_root_of_a_class() -> None:
    tree = Tree("import threading\nclass A(threading.Thread): pass\nclass B(A): pass\nclass C(object, B): pass\n")
    inference = Inference(tree)
    assert [definition.name.value for definition in inference.classes_of(Of.THREAD)] == ["A", "B", "C"]
    assert {inference.root(definition).name.value for definition in tree.all(cst.ClassDef)} == {"A"}
