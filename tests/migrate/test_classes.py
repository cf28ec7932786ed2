"""Classes of a file: whose `self` a name is, and what a class gives a value."""

from __future__ import annotations

import libcst as cst
import pytest

from procrun.migrate.classes import Classes
from procrun.migrate.tree import Tree

TEXT = """\
class A:
    x = 1
    def m(self):
        self.x = self.y = 1
        self.z.w = 2
        def inner(self): self.q = 1
        lambda self: self.p
        for self.r in self.s: pass
        del self.t
    def n(me): me.x += 1
    @classmethod
    def c(cls): cls.u = 1
    def x(self): pass
def f(self): self.v = 1
"""


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("x", [4, 10, 13]),
        ("y", [4]),
        ("z", []),
        ("q", []),
        ("p", []),
        ("r", [8]),
        ("s", []),
        ("t", [9]),
        ("u", []),
        ("v", []),
    ],
)
def test_what_a_class_gives_a_value(name: str, lines: list[int]) -> None:
    tree = Tree(TEXT)
    (definition,) = tree.all(cst.ClassDef)
    found = [TEXT.count("\n", 0, tree.start(node)) + 1 for node in Classes(tree).defines(definition, name)]
    assert sorted(found) == lines


def test_the_class_around_a_function() -> None:
    tree = Tree("class A:\n    if x:\n        def m(self):\n            def n(self): pass\ndef f(): pass\n")
    functions = {function.name.value: function for function in tree.all(cst.FunctionDef)}
    (definition,) = tree.all(cst.ClassDef)
    classes = Classes(tree)
    assert [classes.holder(functions[name]) for name in "mnf"] == [definition, None, None]


@pytest.mark.parametrize(
    ("parameters", "is_self"),
    [("a", True), ("a, b", True), ("a, /, b", True), ("b, a", False), ("*a", False), ("*, a", False)],
)
def test_the_first_parameter_is_the_object(parameters: str, is_self: bool) -> None:
    tree = Tree(f"class A:\n    def m({parameters}): a\n")
    (use,) = [node for node in tree.all(cst.Name) if node.value == "a" and isinstance(tree.parent(node), cst.Expr)]
    assert (Classes(tree).of_self(use) is not None) is is_self
