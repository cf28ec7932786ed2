"""What programs do with statuses: raw ones of wait(2) under Python 2, and mostly still."""

from __future__ import annotations

import libcst as cst

from procrun.migrate.branches import is_for_python2
from procrun.migrate.draft import Draft
from procrun.migrate.kinds import Of
from procrun.migrate.notes import Kind

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
_DIVISIONS = (cst.Divide, cst.DivideAssign)
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


def flag_statuses(draft: Draft) -> None:
    """Say where a status is shifted, masked, divided or compared with a number, and divide it as before."""
    for node in draft.tree.nodes:
        if isinstance(node, cst.BinaryOperation):
            _flag(draft, node, node.left, node.operator)
        elif isinstance(node, cst.AugAssign):
            _flag(draft, node, node.target, node.operator)
        elif isinstance(node, cst.Comparison) and _compares_with_number(node):
            _flag(draft, node, node.left, None)
        elif isinstance(node, cst.Call) and draft.tree.imported(node.func) in _FUNCTIONS and node.args:
            _flag(draft, node, node.args[0].value, None)


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
    if kind is Of.STATUS and isinstance(operator, _DIVISIONS):
        why, check = _DIVISION
        slash = draft.tree.start(operator) + draft.tree.code(operator).index("/")
        draft.edits.replace(slash, slash + 1, "//")
    draft.note(Kind.MEANING, node, draft.tree.code(node), why, check)


def _compares_with_number(node: cst.Comparison) -> bool:
    """Whether something is compared with a number other than 0, which means success in every system."""
    target = node.comparisons[0]
    return (
        len(node.comparisons) == 1
        and isinstance(target.operator, (cst.Equal, cst.NotEqual))
        and isinstance(target.comparator, cst.Integer)
        and target.comparator.evaluated_value != 0
    )
