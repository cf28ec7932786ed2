"""Python 2's syntax is called so and pointed at; what is wrong in every Python is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from procrun.legacy.python2_syntax import Python2SyntaxError, python2_meaning, python2_syntax

PRINT = "the print statement"
RAISE = "a raise with a comma"
HANDLER = "a handler with a comma"
PARAMETER = "a parameter that is a tuple"
KEYWORD = "a name that is a keyword today"
ANOTHER = "another name, such as async_"
VALUES = "a list comprehension over values without parentheses"

# Each compiles under Python 2.7: a text, what it is called, what is pointed at, what is advised.
PYTHON_2 = [
    ('print "a"', PRINT, "print", "print(…)"),
    ("print x, y", PRINT, "print", "print(…)"),
    ("if x: print `y`", PRINT, "print", "print(…)"),
    ("print not x", PRINT, "print", "print(…)"),
    ("print 'a' % (\n    x)", PRINT, "print", "print(…)"),
    ("print '''a\nb'''", PRINT, "print", "print(…)"),
    ("print", PRINT, "print", "print()"),
    ("if x: print # nothing", PRINT, "print", "print()"),
    ("print >>f, 'a'", PRINT, "print", "print(…, file=…)"),
    ("a = 'é'; print >> f", PRINT, "print", "print(…, file=…)"),
    ("print -1, 2", PRINT, "print", "print(…)"),
    ("print [1][0]", PRINT, "print", "print(…)"),
    ("def f():\n    print >>f, 1\nprint", PRINT, "print", "print(…, file=…)"),
    ('exec "x = 1"', "the exec statement", "exec", "exec(code, namespace)"),
    ("exec code in namespace", "the exec statement", "exec", "exec(code, namespace)"),
    ("try: pass\nexcept ValueError, e: pass", HANDLER, "except ValueError, e", "except Error as name:"),
    ("try: pass\nexcept (A, B), e: pass", HANDLER, "except (A, B), e", "except Error as name:"),
    ("try: pass\nexcept E, (n, text): pass", HANDLER, "except E, (n, text)", "except Error as name:"),
    ("try: pass\nexcept E, self.error: pass", HANDLER, "except E, self.error", "except Error as name:"),
    ('raise ValueError, "text"', RAISE, 'raise ValueError, "text"', "raise Error(text)"),
    ("raise E(f(x)), None, trace", RAISE, "raise E(f(x)), None, trace", "raise Error(text)"),
    ("raise E, \\\n 'text'", RAISE, "raise E, \\", "raise Error(text)"),
    ("x = `1`", "the backquotes of repr", "`1`", "repr(…)"),
    ("f(a,\n  `b`)", "the backquotes of repr", "`b`", "repr(…)"),
    ("if 1 <> 2: pass", "the operator of inequality", "<>", "!="),
    ("x = 1 \\\n  <> 2", "the operator of inequality", "<>", "!="),
    ('x = """\na""" <> 2', "the operator of inequality", "<>", "!="),
    ("mode = 0644", "an octal number", "0644", "0o…"),
    ("big = 10L", "a long number", "10L", "the number without its letter"),
    ("big = 0xFFl", "a long number", "0xFFl", "the number without its letter"),
    ("s = ur'x'", "a raw unicode string", "ur", "r'…'"),
    ("def f(a, (b, c)): pass", PARAMETER, "def f(a, (b, c)", "one name, and unpack it"),
    ("def f((a,\n b)): pass", PARAMETER, "def f((a,", "one name, and unpack it"),
    ("f = lambda (a, b): a", PARAMETER, "lambda (a, b)", "one name, and unpack it"),
    ("async = 3", KEYWORD, "async", ANOTHER),
    ("f(x, async=True)", KEYWORD, "async", ANOTHER),
    ("x.async()", KEYWORD, "async", ANOTHER),
    ("from x import async", KEYWORD, "async", ANOTHER),
    ("def await(x): pass", KEYWORD, "await", ANOTHER),
    ("x = await", KEYWORD, "await", ANOTHER),
    ("nonlocal = 1", KEYWORD, "nonlocal", ANOTHER),
    ("True = 1", "an assignment to True", "True", "leave it out"),
    ("True, False = 1, 0", "an assignment to True", "True", "leave it out"),
    ("[x for x in 1, 2 if x]", VALUES, "for x in 1, 2 if x", "for x in (1, 2)"),
    (
        "def f():\n    from os import *",
        "an import of all names in a function",
        "from os import *",
        "the same at the top of the module",
    ),
    (
        "def f():\n    x = 1\n    global x",
        "a global statement behind a use of its name",
        "global x",
        "the same at the top of the function",
    ),
    (r"x = 'C:\users'", "a string with a backslash that is one", r"'C:\users'", "r'…' or two backslashes"),
    ("x = b'é'", "bytes with a letter that is not ASCII", "b'é'", r"b'\x…'"),
]


def explained(text: str, path: str) -> Python2SyntaxError | None:
    """What is said of a text."""
    try:
        compile(text, path, "exec")
    except SyntaxError as error:
        return python2_syntax(error)
    return python2_meaning(text, path)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize(("text", "what", "place", "today"), PYTHON_2, ids=[row[0] for row in PYTHON_2])
def test_it_is_called_so_and_pointed_at(text: str, what: str, place: str, today: str, tmp_path: Path) -> None:
    path = tmp_path / "old.py"
    # Of errors that Python finds late it takes the line from the file.
    path.write_text(f"import os\n{text}\n", "utf-8")
    number, line = next((n, line) for n, line in enumerate(text.split("\n"), 2) if place in line)
    assert str(explained(path.read_text("utf-8"), str(path))) == (
        f"`old.py`, line {number}, is Python 2 syntax: {what}\n"
        f"  {line}\n"
        f"  {' ' * line.index(place)}{'^' * len(place)}\n"
        f"  convert the script to Python 3 first, by hand or with a tool such as 2to3; here: {today}"
    )


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize(
    "text",
    [
        "print(a)",
        "print(a), b",
        "x = print",
        "from __future__ import print_function\nprint",
        "print (a",
        "x = print if a else b c",
        "s = 'print x",
        "x = ['a `b` c', 'd <> e' f]",
        "f(  # print x",
        "def f(a=1, b=(1, 2)) pass",
        "f(a=True, b=2",
        "x = True == 1 2",
        "await x",
        "async def f(): pass)",
        "for True in x: pass",
        "raise E(1, f(2), (3)",
        "try: pass\nexcept (A, B) as e, f: pass",
        "try: pass\nexcept (A, b): pass",
        "None = 1",
        "def f(x): global x",
        r"x = u'C:\users'",
        "x = {1: 2, 'a' 3}",
        "return",
        "x = 08",
    ],
)
def test_what_is_wrong_in_every_python_or_right_is_not_called_so(text: str, tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    path.write_text(text, "utf-8")
    assert explained(text, str(path)) is None


@pytest.mark.skipif(sys.version_info < (3, 14), reason="before Python 3.14 it does not compile")
@pytest.mark.parametrize(
    "text",
    [
        "try: pass\nexcept A, B: pass",
        "from socket import error\ntry: pass\nexcept A, error: pass",
        "class old(Exception): pass\ntry: pass\nexcept A, old: pass",
        "try: pass\nexcept A, b, C: pass",
    ],
)
def test_classes_without_parentheses_are_python_3(text: str) -> None:
    assert explained(text, "new.py") is None


def test_mixed_indentation_is_called_so() -> None:
    assert str(explained("if 1:\n        x = 1\n\ty = 2\n", "old.py")) == (
        "`old.py`, line 3, is Python 2 syntax: tabs and blanks are mixed in its indentation\n"
        "          y = 2\n"
        "  ^\n"
        "  let each indentation be blanks only"
    )


def test_another_name_may_be_given() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("print 1", "<string>", "exec")
    assert str(python2_syntax(caught.value, "some/file.py")).startswith("`some/file.py`, line 1, is Python 2 syntax: ")


def test_it_is_an_error_of_procrun() -> None:
    assert Python2SyntaxError("x").exit_code == 1
