"""Code that only Python 2 runs: branches on the version, and imports that have a fallback.

Such code is left alone: the program that has it runs on both already.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, Union

import libcst as cst

from procrun.migrate.names import MODULES, OLD_NAMES
from procrun.migrate.tree import Tree, full_name, literal

Import = Union[cst.Import, cst.ImportFrom]

# What holds for both holds for every Python on which the result may run.
_VERSIONS = ((3, 10, 0, "final", 0), (3, 99, 0, "final", 0))
_FLAGS = {"py2": False, "py3": True, "is_py2": False, "is_py3": True, "python2": False, "python3": True}
_COMPARISONS: dict[type[cst.BaseCompOp], Callable[[Any, Any], bool]] = {
    cst.LessThan: operator.lt,
    cst.LessThanEqual: operator.le,
    cst.GreaterThan: operator.gt,
    cst.GreaterThanEqual: operator.ge,
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
}
_CATCH_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException", "StandardError"}


class _Unknown(Exception):
    """The value of an expression is not decided by Python's version."""


def is_for_python2(tree: Tree, node: cst.CSTNode) -> bool:
    """Whether a place is in a branch that no Python 3 takes."""
    child = node
    for parent in tree.ancestors(node):
        if isinstance(parent, (cst.If, cst.IfExp)) and child is not parent.test:
            taken = _truth(tree, parent.test)
            if taken is not None and taken is not (child is parent.body):
                return True
        child = parent
    return False


def has_fallback(tree: Tree, statement: Import, bound: str, module: str) -> bool:
    """Whether an import may fail, because another one gives the name: `except ImportError`, one way or the other."""
    child: cst.CSTNode = statement
    handler: cst.ExceptHandler | None = None
    for parent in tree.ancestors(statement):
        if isinstance(parent, cst.ExceptHandler):
            handler = parent
        elif isinstance(parent, cst.Try):
            if child is parent.body:
                bodies = [other.body for other in parent.handlers if _catches_import_errors(other)]
            else:
                bodies = [parent.body] if child is handler and _catches_import_errors(handler) else []
            if any(_imports(body, bound, MODULES[module].same) for body in bodies):
                return True
        child = parent
    return False


def _catches_import_errors(handler: cst.ExceptHandler) -> bool:
    kinds = [handler.type]
    if isinstance(handler.type, cst.Tuple):
        kinds = [element.value for element in handler.type.elements]
    return any(kind is None or (isinstance(kind, cst.Name) and kind.value in _CATCH_IMPORT_ERRORS) for kind in kinds)


def _imports(body: cst.BaseSuite, bound: str, same: str) -> bool:
    """Whether a block imports what is there today under the name, or the module of today under its own."""
    for statement in _import_statements(body):
        if isinstance(statement.names, cst.ImportStar):
            continue
        for alias in statement.names:
            name = alias.evaluated_alias or alias.evaluated_name.split(".")[0]
            origin = full_name(statement, name).split(".")[0]
            if origin not in OLD_NAMES and (name == bound or (same and name == same)):
                return True
    return False


def _import_statements(body: cst.BaseSuite) -> Iterator[Import]:
    lines = [line for line in body.body if isinstance(line, cst.SimpleStatementLine)]
    parts = [part for line in lines for part in line.body] if lines else list(body.body)
    return (part for part in parts if isinstance(part, (cst.Import, cst.ImportFrom)))


def _truth(tree: Tree, test: cst.BaseExpression) -> bool | None:
    """Whether a condition holds on every Python of today; None when something else decides."""
    try:
        values = {bool(_value(tree, test, version)) for version in _VERSIONS}
    except _Unknown:
        return None
    return values.pop() if len(values) == 1 else None


def _value(tree: Tree, node: cst.BaseExpression, version: tuple[Any, ...]) -> Any:
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return not _value(tree, node.expression, version)
    if isinstance(node, cst.BooleanOperation):
        return _decided(tree, node, version)
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        compare = _COMPARISONS.get(type(node.comparisons[0].operator))
        if compare:
            return _compared(
                compare, _value(tree, node.left, version), _value(tree, node.comparisons[0].comparator, version)
            )
    if isinstance(node, cst.Integer):
        return node.evaluated_value
    if isinstance(node, cst.Tuple):
        return tuple(_value(tree, element.value, version) for element in node.elements)
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        return _item(_value(tree, node.value, version), node.slice[0].slice)
    text = literal(node)
    return text if text is not None else _named(tree, node, version)


def _decided(tree: Tree, node: cst.BooleanOperation, version: tuple[Any, ...]) -> bool:
    """`a and b` is false when one of them is, whatever the other is; `a or b` likewise."""
    deciding = isinstance(node.operator, cst.Or)
    unknown = False
    for side in (node.left, node.right):
        try:
            if bool(_value(tree, side, version)) is deciding:
                return deciding
        except _Unknown:
            unknown = True
    if unknown:
        raise _Unknown
    return not deciding


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    try:
        return compare(left, right)
    except TypeError as error:
        raise _Unknown from error


def _item(value: Any, place: cst.BaseSlice) -> Any:
    """`version_info[0]`, `version[0]`, `version_info[:2]`."""
    if isinstance(value, (tuple, str)):
        if isinstance(place, cst.Index) and isinstance(place.value, cst.Integer):
            index = place.value.evaluated_value
            if index < len(value):
                return value[index]
        if isinstance(place, cst.Slice) and isinstance(place.upper, cst.Integer) and not (place.lower or place.step):
            return value[: place.upper.evaluated_value]
    raise _Unknown


def _named(tree: Tree, node: cst.BaseExpression, version: tuple[Any, ...]) -> Any:
    """`sys.version_info` and its kin, and the flags that compatibility modules have."""
    last = node.attr.value if isinstance(node, cst.Attribute) else node.value if isinstance(node, cst.Name) else ""
    known = {
        "sys.version_info": version,
        "sys.version_info.major": version[0],
        "sys.version": f"{version[0]}.{version[1]}",
        "sys.hexversion": version[0] << 24 | version[1] << 16,
    }
    name = tree.imported(node)
    if name in known:
        return known[name]
    if last.lower() in _FLAGS:
        return _FLAGS[last.lower()]
    raise _Unknown
