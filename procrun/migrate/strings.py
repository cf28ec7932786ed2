"""Old names in strings: they are left, and it is said where."""

from __future__ import annotations

import libcst as cst

from procrun.migrate.branches import is_for_python2
from procrun.migrate.draft import Draft
from procrun.migrate.names import MODULES, OLD_NAMES, STILL_THERE
from procrun.migrate.objects import GONE_METHODS, imports_threading
from procrun.migrate.tree import dotted, literal

_IMPORTING = {"__import__", "import_module", "patch"}
_ASKING = {"getattr", "hasattr", "setattr", "delattr"}
_LOOKING_UP = {"get", "pop", "setdefault"}


def flag_strings(draft: Draft) -> None:
    """Leave `__import__("commands")`, `getattr(os, "popen2")`, `sys.modules["thread"]` and the like with a comment."""
    for node in draft.tree.nodes:
        if isinstance(node, cst.Call):
            _flag_call(draft, node)
        elif isinstance(node, cst.Subscript) and _is_of_loaded_modules(draft, node.value):
            if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
                _flag_module(draft, node, literal(node.slice[0].slice.value))
        elif isinstance(node, cst.Comparison) and _is_of_loaded_modules(draft, node.comparisons[0].comparator):
            _flag_module(draft, node, literal(node.left))


def _flag_call(draft: Draft, call: cst.Call) -> None:
    function = dotted(call.func).rpartition(".")[2]
    texts = [literal(argument.value) for argument in call.args[:2]]
    is_look_up = (
        isinstance(call.func, cst.Attribute)
        and function in _LOOKING_UP
        and _is_of_loaded_modules(draft, call.func.value)
    )
    if texts and (function in _IMPORTING or is_look_up):
        _flag_module(draft, call, texts[0])
    elif function in _ASKING and len(texts) == 2 and texts[1]:
        _flag_attribute(draft, call, texts[1])


def _flag_module(draft: Draft, node: cst.CSTNode, name: str | None) -> None:
    module = (name or "").partition(".")[0]
    if module in OLD_NAMES and not is_for_python2(draft.tree, node):
        check = f"its names are in `{MODULES[module].drop_in}`"
        draft.leave(node, draft.tree.code(node), why=f"`{module}` is gone", check=check)


def _flag_attribute(draft: Draft, call: cst.Call, name: str) -> None:
    module = draft.tree.imported(call.args[0].value)
    place = MODULES[module].names.get(name) if module in MODULES and MODULES[module].stays else None
    if is_for_python2(draft.tree, call):
        return
    if place and module != "time" and name not in STILL_THERE:
        why = f"`{module}` has no `{name}` today"
        draft.leave(call, draft.tree.code(call), why=why, check=f"it is `{place.module}.{place.name}`")
    elif not module and name in GONE_METHODS and imports_threading(draft):
        why = f"`{name}` is gone, and it may be a Thread that is asked"
        draft.leave(call, draft.tree.code(call), why=why, check=f"it is `{GONE_METHODS[name]}`")


def _is_of_loaded_modules(draft: Draft, node: cst.BaseExpression) -> bool:
    return draft.tree.imported(node) == "sys.modules"
