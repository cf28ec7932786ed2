"""Recognise Python 2's syntax, in what Python 3 refuses and in what it takes for something else.

`runner` and `procrun migrate` ask it, so that a user reads what the matter is with a script and
not that a parenthesis is missing. It looks at the one line that Python complains of: there is
no parser of Python 2 here.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from procrun.errors import TextError


class Python2SyntaxError(TextError):
    """The script is in Python 2's syntax, which no Python 3 can run."""

    exit_code = 1


def python2_syntax(error: SyntaxError, name: str = "") -> Python2SyntaxError | None:
    """The error about Python 2's syntax, if that is what an error of Python's is; `name` is the file's in it."""
    # When a line goes on, the text has the lines before it, too.
    line = (error.text or "").rstrip("\n").rpartition("\n")[2]
    where = f"`{name or os.path.basename(error.filename or '')}`, line {error.lineno}"
    if isinstance(error, TabError):
        return Python2SyntaxError(
            f"{where}, is Python 2 syntax: tabs and blanks are mixed in its indentation",
            text=line.expandtabs(),
            end=1,
            hint="let each indentation be blanks only",
        )
    complaint = str(error.msg)
    if "unterminated" in complaint:
        return None  # In every Python. It is the inside of a string that would be taken for code.
    code = _without_texts(line)
    for form in _FORMS:
        found = re.search(form.pattern, code)
        if found and form.complaint in complaint:
            return _explained(where, form, line, found.start(), found.end())
    return None


def python2_meaning(text: str, path: str) -> Python2SyntaxError | None:
    """The error about a statement of Python 2 that today's Python compiles, and lets do something else.

    These are `print` alone, `print >>file` and `print -1`, and from Python 3.14 `except Error,
    name`. The text must be one that compiles.
    """
    if not _SUSPECT.search(text):
        return None
    found = min(_statements(ast.parse(text, path)), key=lambda statement: statement[1].lineno, default=None)
    if found is None:
        return None
    form, first, last = found
    line = text.split("\n")[first.lineno - 1]
    # Columns count bytes.
    start = len(line.encode()[: first.col_offset].decode())
    length = (last.end_col_offset or 0) - first.col_offset if last.end_lineno == first.lineno else 1
    return _explained(f"`{os.path.basename(path)}`, line {first.lineno}", form, line, start, start + length)


class _Form(NamedTuple):
    """A form of Python 2."""

    pattern: str
    """What finds it in the line that Python points at, in which texts are blanked out."""
    name: str
    today: str
    """What is written instead."""
    complaint: str = ""
    """What Python says of it, for patterns that other mistakes match, too."""


_PRINT = _Form(r"\bprint(?=\s+[^\s=.(])(?!\s+(?:and|as|else|for|if|in|is|or)\b)", "the print statement", "print(…)")
_PRINT_TO = _Form("", "the print statement", "print(…, file=…)")
_PRINT_NOTHING = _Form("", "the print statement", "print()")
_HANDLER = _Form(
    r"\bexcept\b(?!.*\bas\b).+,\s*(?:[A-Za-z_][\w.]*(?:\[[^\]]*\])?|\([^()]*\))(?=\s*:)",
    "a handler with a comma",
    "except Error as name:",
)

_FORMS = (
    _PRINT,
    _Form(r"\bexec(?=\s+[^\s=.(])", "the exec statement", "exec(code, namespace)"),
    _HANDLER,
    _Form(
        r"\braise\s+(?:[^,()]|\((?:[^()]|\([^()]*\))*\))+,.*",
        "a raise with a comma",
        "raise Error(text)",
    ),
    _Form(r"`[^`]*`?", "the backquotes of repr", "repr(…)"),
    _Form(r"<>", "the operator of inequality", "!="),
    _Form(r"(?<![\w.])0[0-7]+(?![\w.])", "an octal number", "0o…"),
    _Form(r"(?<![\w.])(?:0[xX][0-9a-fA-F]+|\d+)[lL]\b", "a long number", "the number without its letter"),
    _Form(r"\b[uU][rR](?=['\"])", "a raw unicode string", "r'…'"),
    _Form(
        r"\b(?:def\s+\w+\s*\(|lambda\b)(?:[^=()]*,)?\s*\([^)]*\)?",
        "a parameter that is a tuple",
        "one name, and unpack it",
    ),
    _Form(
        r"\basync\b(?!\s+(?:def|for|with)\b)|\bnonlocal\b(?!\s+\w)|\bawait\b(?=\s*(?:[=,).:;\]}]|$))"
        r"|(?:(?<=\.)|(?<=\bdef )|(?<=\bclass )|(?<=\bimport )|(?<=\bas ))(?:await|nonlocal)\b",
        "a name that is a keyword today",
        "another name, such as async_",
    ),
    _Form(
        r"\b(?:True|False)(?=(?:\s*[,)]\s*\(?(?:True|False))*\s*\)?\s*=(?!=))", "an assignment to True", "leave it out"
    ),
    _Form(
        r"\bfor\s+[\w\s,]+?\s+in\s+[^\[\](){}:]*,[^\[\](){}]*(?=\])",
        "a list comprehension over values without parentheses",
        "for x in (1, 2)",
    ),
    _Form(
        r"\bfrom\s+\S+\s+import\s+\*",
        "an import of all names in a function",
        "the same at the top of the module",
        "import * only allowed at module level",
    ),
    _Form(
        r"\bglobal\s.*",
        "a global statement behind a use of its name",
        "the same at the top of the function",
        "global declaration",
    ),
    _Form(
        r"(?<![uU])['\"].*['\"]", "a string with a backslash that is one", "r'…' or two backslashes", "(unicode error)"
    ),
    _Form(
        r"\b[bB][rR]?['\"].*['\"]", "bytes with a letter that is not ASCII", r"b'\x…'", "bytes can only contain ASCII"
    ),
)

# Only a text with one of these is parsed once more.
_SUSPECT = re.compile(r"\bprint[ \t]*(?:>>|[-+*/%\[;#\n\\]|$)|\bexcept\b[^:\n]+,")


def _explained(where: str, form: _Form, line: str, start: int, end: int) -> Python2SyntaxError:
    return Python2SyntaxError(
        f"{where}, is Python 2 syntax: {form.name}",
        text=line,
        start=start,
        end=end,
        hint=f"convert the script to Python 3 first, by hand or with a tool such as 2to3; here: {form.today}",
    )


def _without_texts(line: str) -> str:
    """The line with the insides of its strings, and its comment, blanked out."""
    code = re.sub(r"(['\"])((?:\\.|(?!\1)[^\\])*)\1", lambda found: found[1] + " " * len(found[2]) + found[1], line)
    return code.partition("#")[0]


def _statements(tree: ast.Module) -> Iterator[tuple[_Form, ast.expr | ast.ExceptHandler, ast.expr]]:
    """The statements that are Python 2's, with the first and the last part to point at."""
    imported = {alias.asname or alias.name for alias in _all(tree, ast.alias)}
    if "print_function" not in imported:
        for statement in _all(tree, ast.Expr):
            first = _leftmost(statement.value)
            if isinstance(first, ast.Name) and first.id == "print":
                yield _print_form(statement.value), first, first
    classes = imported | {defined.name for defined in _all(tree, ast.ClassDef)}
    for handler in _all(tree, ast.ExceptHandler):
        if isinstance(handler.type, ast.Tuple) and len(handler.type.elts) == 2:
            error, name = handler.type.elts
            has_parenthesis = (error.lineno, error.col_offset) != (handler.type.lineno, handler.type.col_offset)
            if not has_parenthesis and _is_target(name, classes):
                yield _HANDLER, handler, handler.type


def _is_target(value: ast.expr, classes: set[str]) -> bool:
    """Whether it is a place for an error, and no class of errors, which begins with a capital or is known."""
    if isinstance(value, ast.Tuple):
        return all(_is_target(part, classes) for part in value.elts)
    if isinstance(value, ast.Attribute):
        return isinstance(value.value, ast.Name) and value.value.id == "self"
    return isinstance(value, ast.Name) and value.id[0].islower() and value.id not in classes


def _leftmost(value: ast.expr) -> ast.expr:
    """What an expression without a call begins with: `print` in `print >>file, 1` and `print -1`."""
    if isinstance(value, ast.Tuple) and value.elts:
        return _leftmost(value.elts[0])
    if isinstance(value, ast.BinOp):
        return _leftmost(value.left)
    return _leftmost(value.value) if isinstance(value, ast.Subscript) else value


def _print_form(value: ast.expr) -> _Form:
    if isinstance(value, ast.Name):
        return _PRINT_NOTHING
    first = value.elts[0] if isinstance(value, ast.Tuple) else value
    return _PRINT_TO if isinstance(first, ast.BinOp) and isinstance(first.op, ast.RShift) else _PRINT


Node = TypeVar("Node", bound=ast.AST)


def _all(tree: ast.Module, kind: type[Node]) -> list[Node]:
    return [node for node in ast.walk(tree) if isinstance(node, kind)]
