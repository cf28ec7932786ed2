"""What programs do with statuses: raw ones of wait(2) under Python 2, and mostly still."""

from __future__ import annotations

import libcst as cst
from libcst import metadata as meta

from procrun.migrate.branches import is_for_python2
from procrun.migrate.draft import Draft
from procrun.migrate.kinds import Of
from procrun.migrate.notes import Kind
from procrun.migrate.tree import module_name

_TAKING_APART = (
    cst.RightShift,
    cst.BitAnd,
    cst.FloorDivide,
    cst.Divide,
    cst.Modulo,
    cst.RightShiftAssign,
    cst.BitAndAssign,
    cst.FloorDivideAssign,
    cst.DivideAssign,
    cst.ModuloAssign,
)
_FUNCTIONS = {
    f"os.{name}"
    for name in (
        "WCOREDUMP",
        "WEXITSTATUS",
        "WIFEXITED",
        "WIFSIGNALED",
        "WSTOPSIG",
        "WTERMSIG",
        "waitstatus_to_exitcode",
    )
}

_RAW = (
    "the status is still that of wait(2) on Unix, but on Windows the exit code itself",
    "whether it runs on Windows; there nothing is to be taken apart",
)
_CODE = (
    "`subprocess.getstatusoutput` gives the exit code itself, where `commands.getstatusoutput` gave a status",
    "that the exit code is not taken apart",
)
_DIVISION = ("`/` gives a float today; it is `//` now", _RAW[1])
_UNKNOWN_DIVISION = ("`/` gives a float today, where it gave an integer for two", "write `//` if both are")


def flag_statuses(draft: Draft) -> None:
    """Say where a status is shifted, masked, divided or compared with a number, and divide it as before."""
    divides_truly = _divides_truly(draft)
    for node in draft.tree.nodes:
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Divide):
            if not divides_truly:
                _divide(draft, node, node.left, node.operator, node.right)
        elif isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.DivideAssign):
            if not divides_truly:
                _divide(draft, node, node.target, node.operator, node.value)
        elif isinstance(node, cst.BinaryOperation):
            _flag(draft, node, node.left, node.operator)
        elif isinstance(node, cst.AugAssign):
            _flag(draft, node, node.target, node.operator)
        elif isinstance(node, cst.Comparison) and _compares_with_number(node):
            _flag(draft, node, node.left, None)
        elif isinstance(node, cst.Call) and node.args and _takes_apart(draft, node.func):
            _flag(draft, node, node.args[0].value, None)


def _divide(
    draft: Draft, node: cst.CSTNode, left: cst.BaseExpression, operator: cst.CSTNode, right: cst.BaseExpression
) -> None:
    """Divide integers as before, if one of them is of a status; leave what may be a float to the reader."""
    inference = draft.inference
    if is_for_python2(draft.tree, node) or not (inference.is_of_status(left) or inference.is_of_status(right)):
        _flag(draft, node, left, operator)
    elif inference.is_integer(left) and inference.is_integer(right):
        slash = draft.tree.start(operator) + draft.tree.code(operator).index("/")
        draft.edits.replace(slash, slash + 1, "//")
        draft.note(Kind.MEANING, node, draft.tree.code(node), *_DIVISION)
    elif isinstance(left, cst.Float) or isinstance(right, cst.Float):
        draft.note(Kind.MEANING, node, draft.tree.code(node), *_RAW)
    else:
        why, check = _UNKNOWN_DIVISION
        draft.leave(node, draft.tree.code(node), why=why, check=check)


def _flag(
    draft: Draft,
    node: cst.CSTNode,
    status: cst.BaseExpression,
    operator: cst.CSTNode | None,
) -> None:
    if operator is not None and not isinstance(operator, _TAKING_APART):
        return
    kind = draft.inference.kind(status)
    if kind not in (Of.STATUS, Of.CODE) or is_for_python2(draft.tree, node):
        return
    why, check = _RAW if kind is Of.STATUS else _CODE
    draft.note(Kind.MEANING, node, draft.tree.code(node), why, check)


def _takes_apart(draft: Draft, function: cst.BaseExpression) -> bool:
    """Whether a function is one for statuses, or `divmod`."""
    if isinstance(function, cst.Name) and function.value == "divmod":
        return not any(isinstance(assignment, meta.Assignment) for assignment in draft.tree.assignments(function))
    return draft.tree.imported(function) in _FUNCTIONS


def _divides_truly(draft: Draft) -> bool:
    """Whether `/` was today's division in this file, by `from __future__ import division`."""
    return any(
        module_name(node) == "__future__"
        and not isinstance(node.names, cst.ImportStar)
        and any(alias.evaluated_name == "division" for alias in node.names)
        for node in draft.tree.all(cst.ImportFrom)
    )


def _compares_with_number(node: cst.Comparison) -> bool:
    """Whether something is compared with a number other than 0, which means success in every system."""
    target = node.comparisons[0]
    return (
        len(node.comparisons) == 1
        and isinstance(target.operator, (cst.Equal, cst.NotEqual))
        and isinstance(target.comparator, cst.Integer)
        and target.comparator.evaluated_value != 0
    )
