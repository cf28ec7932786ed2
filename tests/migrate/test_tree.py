"""The syntax tree: places in the text, and what a name is."""

from __future__ import annotations

import libcst as cst
import pytest

from procrun.migrate.tree import Tree, dotted, full_name, literal


def last_expression(tree: Tree) -> cst.BaseExpression:
    return list(tree.all(cst.Expr))[-1].value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import os\nos.popen2", "os.popen2"),
        ("import os.path\nos.popen2", "os.popen2"),
        ("import os.path as p\np.join", "os.path.join"),
        ("from threading import Thread as T\nT", "threading.Thread"),
        ("from a.b import c\nc.d.e", "a.b.c.d.e"),
        ("def f():\n    import os\nos.popen2", ""),
        ("try:\n    import os\nexcept ImportError:\n    os = None\nos.x", "os.x"),
        ("try:\n    import a as x\nexcept ImportError:\n    import b as x\nx.y", ""),
        ("import os\nos = 1\nos.x", ""),
        ("from . import os\nos.x", ""),
        ("from a import *\nos.x", ""),
        ("import os\nos().x", ""),
        ("import os\nmatch a:\n    case os: pass\nos.x", ""),
        ("x = None\nx.y", ""),
    ],
)
def test_imports_decide_what_an_expression_is(text: str, name: str) -> None:
    tree = Tree(text)
    assert tree.imported(last_expression(tree)) == name


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x\ny = (\n  HERE)", "y = ("),
        ("if a: HERE", "if a: HERE"),
        ("if a: b\nelif HERE: c", "elif HERE: c"),
        ("if a: b\nelse: HERE", "else: HERE"),
        ("try: a\nexcept HERE: b", "except HERE: b"),
        ("try: a\nexcept E: HERE", "except E: HERE"),
        ("try: a\nfinally: HERE", "finally: HERE"),
        ("@HERE\n@b\ndef f(): pass", "@HERE"),
        ("@a\n@b\ndef f(c=HERE): pass", "def f(c=HERE): pass"),
        ("@a\nclass A(HERE): pass", "class A(HERE): pass"),
        ("while a:\n    b; HERE", "    b; HERE"),
        ("match a:\n    case HERE.x: pass", "    case HERE.x: pass"),
        ("x = f'''\n{HERE}'''", "x = f'''"),
        ("async def f():\n    async for a in HERE: pass", "    async for a in HERE: pass"),
        ("for a in (\n    HERE,\n): pass", "for a in ("),
    ],
)
def test_the_line_of_code_of_a_node(text: str, line: str) -> None:
    tree = Tree(text)
    node = next(node for node in tree.all(cst.Name) if node.value == "HERE")
    start = text.rfind("\n", 0, tree.line_of(node)) + 1
    assert text[start:].splitlines()[0] == line
    assert not text[start : tree.line_of(node)].strip()


def test_places_are_bytes_and_leave_parentheses_out() -> None:
    tree = Tree("é = ( 'ü' )\n")
    (node,) = tree.all(cst.SimpleString)
    assert (tree.start(node), tree.end(node), tree.code(node)) == (7, 11, "'ü'")


def test_nodes_come_in_the_order_of_the_text() -> None:
    tree = Tree("a\nif b: c\nelse:\n    d(e)\n")
    assert [node.value for node in tree.all(cst.Name)] == ["a", "b", "c", "d", "e"]


def test_which_attributes_are_read() -> None:
    tree = Tree("a.b = c.d\ne.f += 1\ndel g.h\ni.j()\nfor k.l in m.n: pass\n")
    assert [tree.code(node) for node in tree.all(cst.Attribute) if tree.is_loaded(node)] == ["c.d", "i.j", "m.n"]


def test_import_statements_behind_a_name() -> None:
    tree = Tree("import os\ndef f():\n    import os\n    return os.a.b\n")
    node = next(node for node in tree.all(cst.Attribute) if tree.code(node) == "os.a.b")
    assert [tree.start(statement) for statement in tree.import_statements(node)] == [23]


@pytest.mark.parametrize(
    ("text", "bound", "name"),
    [
        ("import a.b", "a", "a"),
        ("import a.b as c", "c", "a.b"),
        ("import a, b as c", "c", "b"),
        ("import a", "b", ""),
        ("from a.b import c as d", "d", "a.b.c"),
        ("from a import b", "c", ""),
        ("from .a import b", "b", ""),
        ("from a import *", "b", ""),
    ],
)
def test_what_an_import_statement_binds(text: str, bound: str, name: str) -> None:
    statement = next(node for node in Tree(text).nodes if isinstance(node, (cst.Import, cst.ImportFrom)))
    assert full_name(statement, bound) == name


@pytest.mark.parametrize(("text", "name"), [("a", "a"), ("a.b.c", "a.b.c"), ("a().b", ""), ("a[0].b", ""), ("'a'", "")])
def test_chains_of_attributes(text: str, name: str) -> None:
    assert dotted(last_expression(Tree(text))) == name


@pytest.mark.parametrize(
    ("text", "value"), [("'a'", "a"), ("'a' 'b'", "ab"), ("b'a'", None), ("f'a'", None), ("a", None), ("1", None)]
)
def test_strings(text: str, value: str | None) -> None:
    assert literal(last_expression(Tree(text))) == value
