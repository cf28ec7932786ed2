"""Methods, parameters and attributes of the objects of `threading` that are gone or go."""

from __future__ import annotations

import re
from typing import NamedTuple

import libcst as cst

from procrun.migrate.branches import is_for_python2
from procrun.migrate.draft import Draft
from procrun.migrate.items import remove
from procrun.migrate.kinds import Of
from procrun.migrate.names import KEPT_APART, OWN_ATTRIBUTES, VERBOSE
from procrun.migrate.notes import Kind
from procrun.migrate.tree import module_name


class _Method(NamedTuple):
    """A method by its old name."""

    kind: Of
    today: str
    is_attribute: bool = False
    """Whether today's is an attribute, to be read or assigned."""
    parameters: int = 0


_METHODS = {
    "isAlive": _Method(Of.THREAD, "is_alive"),
    "getName": _Method(Of.THREAD, "name", is_attribute=True),
    "setName": _Method(Of.THREAD, "name", is_attribute=True, parameters=1),
    "isDaemon": _Method(Of.THREAD, "daemon", is_attribute=True),
    "setDaemon": _Method(Of.THREAD, "daemon", is_attribute=True, parameters=1),
    "isSet": _Method(Of.EVENT, "is_set"),
    "notifyAll": _Method(Of.CONDITION, "notify_all"),
}
_KINDS = {Of.THREAD: "a Thread", Of.EVENT: "an Event", Of.CONDITION: "a Condition"}
# These names say enough: an object of another kind hardly has them. `getName` anything may have.
_TELLING = {"isAlive", "isDaemon", "setDaemon", "isSet", "notifyAll"}
GONE_METHODS = {"isAlive": "is_alive"}
"""The methods that are gone, and today's. The others are only deprecated."""

_OLD_THREADING = "procrun.legacy.threading"
_NEW_NAMES = "a thread with a target and no name of its own is called `Thread-1 (target)`, where it was `Thread-1`"
_BASES = {"threading.Thread", "threading.Timer"}


def rewrite_objects(draft: Draft) -> None:
    """Rewrite what is done with threads, events and conditions, where the file proves that it is done with them."""
    is_likely = imports_threading(draft)
    for definition in draft.inference.classes_of(Of.THREAD):
        _keep_apart(draft, definition)
    for node in draft.tree.all(cst.Attribute):
        method = _METHODS.get(node.attr.value)
        if method and draft.tree.is_loaded(node) and not is_for_python2(draft.tree, node):
            if _is_proved(draft, node, method):
                _rewrite_method(draft, node, method)
            elif is_likely and _may_be_meant(draft, node, method):
                _suspect(draft, node, method)
    for call in draft.tree.all(cst.Call):
        function = draft.tree.imported(call.func)
        name = function.removesuffix(".__init__")
        if name in VERBOSE and not is_for_python2(draft.tree, call):
            _drop_verbose(draft, call, name, VERBOSE[name] + (name != function))


def _keep_apart(draft: Draft, definition: cst.ClassDef) -> None:
    """See to the attributes of a class that today's Thread has too, by another base where procrun's helps."""
    for name in sorted(OWN_ATTRIBUTES | KEPT_APART):
        places = list(draft.inference.classes.defines(definition, name))
        what, why = f"{definition.name.value}.{name}", f"`{name}` is an attribute of Thread itself today"
        root = draft.inference.root(definition)
        base = next((b.value for b in root.bases if draft.tree.imported(b.value) in _BASES), None)
        statements = draft.tree.import_statements(base) if base is not None else []
        if places and name in KEPT_APART and base is not None and statements:
            module = draft.companion(_OLD_THREADING, base, statements)
            draft.replace(base, f"{module}.{draft.tree.imported(base).rpartition('.')[2]}")
            why = f"{why}, which procrun's Thread leaves to subclasses"
            draft.note(
                Kind.MEANING, base, what, why, f"give yours another name, and derive from {draft.tree.code(base)}"
            )
            continue
        for place in places:
            draft.leave(place, what, why=why, check="give yours another name")


def imports_threading(draft: Draft) -> bool:
    """Whether a file imports `threading`, so that what looks like a thread may be one."""
    return any(
        module_name(node) == "threading"
        if isinstance(node, cst.ImportFrom)
        else any(alias.evaluated_name == "threading" for alias in node.names)
        for node in draft.tree.nodes
        if isinstance(node, (cst.Import, cst.ImportFrom))
    )


def _is_proved(draft: Draft, node: cst.Attribute, method: _Method) -> bool:
    """Whether the object is of the method's kind, and none of the file's own classes has such a method."""
    kind = draft.inference.kind(node.value) or draft.inference.class_kind(node.value)
    return kind is method.kind and not any(
        any(draft.inference.classes.defines(definition, node.attr.value))
        for definition in draft.inference.classes_of(method.kind)
    )


def _rewrite_method(draft: Draft, node: cst.Attribute, method: _Method) -> None:
    if not method.is_attribute:
        draft.replace(node.attr, method.today)
    elif not (_assign(draft, node, method) if method.parameters else _read(draft, node, method)):
        how = "assign to" if method.parameters else "read"
        why = f"`{node.attr.value}` is deprecated"
        check = f"{how} the attribute `{method.today}`"
        draft.leave(node, draft.tree.code(node), why=why, check=check)
        return
    if node.attr.value == "getName" and _has_nameless_targets(draft):
        check = "what is done with the name; `Thread(name=…)` gives one"
        draft.note(Kind.MEANING, node.attr, draft.tree.code(node), _NEW_NAMES, check)
    else:
        draft.note(Kind.REWRITTEN, node.attr, draft.tree.code(node), f"it is `{method.today}` today")


def _has_nameless_targets(draft: Draft) -> bool:
    """Whether the file makes threads that call a function and are given no name."""
    for call in draft.tree.all(cst.Call):
        if draft.tree.imported(call.func) == "threading.Thread":
            keywords = {argument.keyword.value for argument in call.args if argument.keyword}
            positional = sum(not argument.keyword for argument in call.args)
            if ("target" in keywords or positional > 1) and "name" not in keywords and positional < 3:
                return True
    return False


def _read(draft: Draft, node: cst.Attribute, method: _Method) -> bool:
    """`t.getName()` becomes `t.name`; false where it is something else than a call."""
    call = draft.tree.parent(node)
    if not isinstance(call, cst.Call) or call.func is not node:
        return False
    end = draft.tree.end(call)
    if not re.fullmatch(r"\s*\(\s*\)", draft.tree.between(draft.tree.end(node.attr), end)):
        return False
    draft.edits.replace(draft.tree.start(node.attr), end, method.today)
    return True


def _assign(draft: Draft, node: cst.Attribute, method: _Method) -> bool:
    """`t.setName(x)` becomes `t.name = x`; false where it is no statement."""
    call = draft.tree.parent(node)
    if not isinstance(call, cst.Call) or call.func is not node or call.lpar or len(call.args) != method.parameters:
        return False
    argument = call.args[0]
    head = draft.tree.between(draft.tree.end(node.attr), draft.tree.start(argument))
    tail = draft.tree.between(draft.tree.end(argument), draft.tree.end(call))
    is_plain = re.fullmatch(r"\s*\(\s*", head) and re.fullmatch(r"\s*,?\s*\)", tail)
    if not isinstance(draft.tree.parent(call), cst.Expr) or argument.star or not is_plain:
        return False
    keyword = re.match(r"\w+\s*=\s*", draft.tree.code(argument)) if argument.keyword else None
    start = draft.tree.start(argument) + (len(keyword[0].encode()) if keyword else 0)
    # Without the call's parentheses some expressions need their own.
    is_open = not getattr(argument.value, "lpar", ())
    needs_own = is_open and (
        isinstance(argument.value, (cst.GeneratorExp, cst.NamedExpr))
        or len(draft.tree.between(start, draft.tree.end(argument)).splitlines()) > 1
    )
    draft.edits.replace(draft.tree.start(node.attr), start, f"{method.today} = {'(' if needs_own else ''}")
    draft.edits.replace(draft.tree.end(argument), draft.tree.end(call), ")" if needs_own else "")
    return True


def _may_be_meant(draft: Draft, node: cst.Attribute, method: _Method) -> bool:
    """Whether an object of no known kind is used as one of the method's kind would be."""
    name = node.attr.value
    call = draft.tree.parent(node)
    return (
        name in _TELLING
        and isinstance(call, cst.Call)
        and call.func is node
        and len(call.args) == method.parameters
        and not any(function.name.value == name for function in draft.tree.all(cst.FunctionDef))
    )


def _suspect(draft: Draft, node: cst.Attribute, method: _Method) -> None:
    name, what = node.attr.value, draft.tree.code(node)
    today = f"{'the attribute ' if method.is_attribute else ''}`{method.today}`"
    check = f"if it is {_KINDS[method.kind]}, write {today}"
    if name in GONE_METHODS and _imports_old_threading(draft):
        draft.note(
            Kind.LEFT, node.attr, what, f"`{name}` is gone but for `{_OLD_THREADING}`, which this file imports", check
        )
    elif name in GONE_METHODS:
        draft.leave(node, what, why=f"`{name}` is gone, and it is not certain what has it here", check=check)
    else:
        draft.note(Kind.LEFT, node.attr, what, f"`{name}` is deprecated in `threading`", check)


def _imports_old_threading(draft: Draft) -> bool:
    """Whether the file imports procrun's `threading`, which gives the old methods back to every thread."""
    changes = draft.imports.values()
    is_to_be = any(
        change.star == _OLD_THREADING or any(part.full_name == _OLD_THREADING for part in change.added)
        for change in changes
    )
    return is_to_be or any(
        isinstance(node, cst.ImportFrom)
        and (
            module_name(node) == _OLD_THREADING
            or (
                module_name(node) == "procrun.legacy"
                and not isinstance(node.names, cst.ImportStar)
                and any(alias.evaluated_name == "threading" for alias in node.names)
            )
        )
        for node in draft.tree.nodes
    )


def _drop_verbose(draft: Draft, call: cst.Call, name: str, before: int) -> None:
    """Take out the argument `verbose`, which asked for notes on stderr."""
    argument = next((a for a in call.args if a.keyword and a.keyword.value == "verbose"), None)
    if argument is None and len(call.args) > before and not any(a.keyword or a.star for a in call.args[: before + 1]):
        argument = call.args[before]
    if argument is None:
        return
    what = f"{name}(verbose)"
    if not isinstance(argument.value, (cst.Name, cst.Integer, cst.Attribute)):
        draft.leave(call, what, why="the parameter `verbose` is gone", check="remove it")
        return
    remove(draft, call.args, [argument], has_parentheses=True)
    is_off = isinstance(argument.value, (cst.Name, cst.Integer)) and argument.value.value in ("0", "None", "False")
    if is_off:
        draft.note(Kind.REWRITTEN, call, what, "the parameter is gone")
    else:
        why, check = "the parameter is gone, and the notes on stderr with it", "whether anybody wants them"
        draft.note(Kind.MEANING, call, what, why, check)
