"""What kind of object an expression gives, as far as the file itself proves it.

A name has a kind when everything that is assigned to it in its scope has that kind (None
aside), an attribute of `self` when everything in its class is that assigns to it, a list or
dict when everything is that is put into it. What comes in through a parameter, from a function
of the program or from another file is of no kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, Union

import libcst as cst

from procrun.migrate.classes import Classes
from procrun.migrate.kinds import ATTRIBUTES, CLASSES, FIRST, FUNCTIONS, LISTS, METHODS, Of
from procrun.migrate.tree import Tree, node_of

_N = TypeVar("_N", bound=cst.CSTNode)
_Variable = Union[cst.Name, cst.Attribute]

_LIST_DISPLAYS = (cst.List, cst.Tuple, cst.Set, cst.ListComp, cst.SetComp, cst.GeneratorExp)
_DISPLAYS = (*_LIST_DISPLAYS, cst.Dict, cst.DictComp)
_EMPTY = {"list": cst.List, "set": cst.Set, "dict": cst.Dict, "deque": cst.List}
# Of two integers they gave an integer.
_ARITHMETIC = (
    *(cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo),
    *(cst.LeftShift, cst.RightShift, cst.BitAnd, cst.BitOr, cst.BitXor),
)
_SIGNS = (cst.Minus, cst.Plus, cst.BitInvert)
_NUMBERS = (Of.STATUS, Of.CODE)
_ADDING = {"append", "appendleft", "add", "insert", "extend", "extendleft", "update", "setdefault"}


class Inference:
    """The kinds of the expressions of one file."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.classes = Classes(tree)
        self._asked: set[tuple[str, int]] = set()

    def kind(self, node: cst.BaseExpression) -> Of | None:
        """The kind of the object that an expression gives, if it is proved."""
        return self._once(node, self._kind)

    def is_integer(self, node: cst.BaseExpression) -> bool:
        """Whether an expression was an integer under Python 2 for certain: a status, a literal, what both make."""
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, _SIGNS):
            return self.is_integer(node.expression)
        if isinstance(node, cst.BinaryOperation):
            is_known = isinstance(node.operator, _ARITHMETIC)
            return is_known and self.is_integer(node.left) and self.is_integer(node.right)
        if isinstance(node, cst.Integer) or self.kind(node) in _NUMBERS:
            return True
        values = [self._value(t) for t in self._targets(node)] if isinstance(node, (cst.Name, cst.Attribute)) else []
        return bool(values) and all(isinstance(value, cst.Integer) for value in values)

    def is_of_status(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is a status or an integer that is computed from one."""
        if isinstance(node, cst.UnaryOperation):
            return self.is_integer(node) and self.is_of_status(node.expression)
        if isinstance(node, cst.BinaryOperation):
            return self.is_integer(node) and (self.is_of_status(node.left) or self.is_of_status(node.right))
        return self.kind(node) is Of.STATUS

    def class_kind(self, node: cst.BaseExpression) -> Of | None:
        """The kind of the objects of the class that an expression is."""
        known = CLASSES.get(self._tree.imported(node))
        if known or not isinstance(node, cst.Name):
            return known
        definitions = [node_of(assignment) for assignment in self._tree.assignments(node)]
        return _same(self.kind_of_class(d) if isinstance(d, cst.ClassDef) else None for d in definitions)

    def kind_of_class(self, definition: cst.ClassDef) -> Of | None:
        """The kind of the objects of a class of this file: that of the first base that has one."""
        return self._once(definition, self._kind_of_class)

    def classes_of(self, kind: Of) -> Iterator[cst.ClassDef]:
        """The classes of this file whose objects are of a kind."""
        return (definition for definition in self._tree.all(cst.ClassDef) if self.kind_of_class(definition) is kind)

    def root(self, definition: cst.ClassDef) -> cst.ClassDef:
        """The class of this file from which a class has its kind, by way of others or itself."""
        for base in definition.bases:
            holder = self._definition(base.value) if self.class_kind(base.value) else None
            if holder is not None:
                return self.root(holder)
        return definition

    def _definition(self, node: cst.BaseExpression) -> cst.ClassDef | None:
        """The class of this file that an expression names."""
        definitions = [node_of(a) for a in self._tree.assignments(node)] if isinstance(node, cst.Name) else []
        only = definitions[0] if len(definitions) == 1 else None
        return only if isinstance(only, cst.ClassDef) else None

    def _once(self, node: _N, answer: Callable[[_N], Of | None]) -> Of | None:
        """The answer to a question, or none while it is being asked, as for `a = a`."""
        key = answer.__name__, id(node)
        if key in self._asked:
            return None
        self._asked.add(key)
        try:
            return answer(node)
        finally:
            self._asked.discard(key)

    def _kind_of_class(self, definition: cst.ClassDef) -> Of | None:
        return next((kind for base in definition.bases if (kind := self.class_kind(base.value))), None)

    def _kind(self, node: cst.BaseExpression) -> Of | None:
        if isinstance(node, cst.Call):
            return self._of_call(node)
        if isinstance(node, (cst.Name, cst.Attribute)):
            return self._of_variable(node)
        if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
            place = node.slice[0].slice.value
            pair = self.kind(node.value)
            if pair in FIRST:
                return FIRST[pair] if isinstance(place, cst.Integer) and place.evaluated_value == 0 else None
            return self._element(node.value, _DISPLAYS)
        if isinstance(node, cst.NamedExpr):
            return self.kind(node.value)
        if isinstance(node, cst.IfExp):
            return _same([self.kind(node.body), self.kind(node.orelse)])
        return None

    def _of_call(self, node: cst.Call) -> Of | None:
        known = FUNCTIONS.get(self._function(node.func)) or self.class_kind(node.func)
        if known or not isinstance(node.func, cst.Attribute):
            return known
        name = node.func.attr.value
        if name == "pop":
            return self._element(node.func.value, _DISPLAYS)
        holder = self.kind(node.func.value)
        return METHODS.get((holder, name)) if holder else None

    def _function(self, node: cst.BaseExpression) -> str:
        """The full name of a function, also by another name that it was given: `f = commands.getstatusoutput`."""
        known = self._tree.imported(node)
        if known or not isinstance(node, cst.Name):
            return known
        values = [self._value(target) for target in self._targets(node)]
        names = {self._tree.imported(value) if value is not None else "" for value in values}
        return names.pop() if len(names) == 1 else ""

    def _of_variable(self, node: _Variable) -> Of | None:
        if isinstance(node, cst.Attribute):
            holder = self.kind(node.value)
            known = ATTRIBUTES.get((holder, node.attr.value)) if holder else None
            if known:
                return known
        targets = [t for t in self._targets(node) if t is None or not self._is_updated(t, node)]
        return _same(self._given(target) for target in targets)

    def _is_updated(self, target: cst.CSTNode, node: _Variable) -> bool:
        """Whether a variable stays of its kind where it is given a value: `s >>= 8`, `s = s / 256`.

        `s /= k` makes of it what is not known, but is itself about what it was before.
        """
        holder = self._tree.parent(target)
        if isinstance(holder, cst.AugAssign):
            is_division = isinstance(holder.operator, cst.DivideAssign)
            return target is node or not is_division or self.is_integer(holder.value)
        value = self._value(target)
        return isinstance(value, cst.BinaryOperation) and (
            self._tree.code(value.left) == self._tree.code(target)
            and isinstance(value.operator, _ARITHMETIC)
            and isinstance(value.right, cst.Integer)
        )

    def _targets(self, node: _Variable) -> list[cst.CSTNode | None]:
        """All that assigns to a variable, but for None; a None in it stands for what cannot be followed."""
        if isinstance(node, cst.Attribute):
            owner = self.classes.of_self(node.value)
            uses = self.classes.uses_of_self[owner, node.attr.value] if owner else []
            targets: list[cst.CSTNode | None] = [use for use in uses if not self._tree.is_loaded(use)]
        else:
            targets = [node_of(assignment) for assignment in self._tree.assignments(node)]
        return [target for target in targets if target is None or not self._tree.is_given_none(target)]

    def _given(self, target: cst.CSTNode | None) -> Of | None:
        """The kind of what is assigned to a target: a name, an attribute, a parameter."""
        if isinstance(target, cst.Param):
            owner = self.classes.of_parameter(target)
            return self.kind_of_class(owner) if owner else None
        holder = self._tree.parent(target) if target is not None else None
        if isinstance(holder, (cst.For, cst.CompFor)):
            return self._element(holder.iter, _LIST_DISPLAYS)
        if isinstance(holder, cst.Element):
            return self._unpacked(holder)
        value = self._value(target)
        return self.kind(value) if value is not None else None

    def _value(self, target: cst.CSTNode | None) -> cst.BaseExpression | None:
        """What stands to the right of a target."""
        holder = self._tree.parent(target) if target is not None else None
        if isinstance(holder, cst.AssignTarget):
            holder = self._tree.parent(holder)
        return holder.value if isinstance(holder, (cst.Assign, cst.AnnAssign, cst.NamedExpr)) else None

    def _unpacked(self, element: cst.Element) -> Of | None:
        """`status, output = …`"""
        targets = self._tree.parent(element)
        value = self._value(targets)
        if value is None or not isinstance(targets, (cst.Tuple, cst.List)):
            return None
        place = [id(other) for other in targets.elements].index(id(element))
        if isinstance(value, cst.Tuple) and len(value.elements) == len(targets.elements):
            return self.kind(value.elements[place].value)
        pair = self.kind(value)
        return FIRST.get(pair) if pair and place == 0 else None

    def _element(self, node: cst.BaseExpression, displays: tuple[type[cst.CSTNode], ...]) -> Of | None:
        """The kind of what is in a list (or dict, where these displays make one)."""
        if isinstance(node, cst.Call):
            if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("values", "itervalues"):
                return self._element(node.func.value, (cst.Dict, cst.DictComp))
            return LISTS.get(self._tree.imported(node.func))
        if isinstance(node, (cst.Name, cst.Attribute)):
            return self._once(node, lambda variable: self._element_of_variable(variable, displays))
        return _same(self.kind(value) for value in _displayed(node)) if isinstance(node, displays) else None

    def _element_of_variable(self, node: _Variable, displays: tuple[type[cst.CSTNode], ...]) -> Of | None:
        values = [self._value(target) for target in self._targets(node)]
        if not all(value is not None and _is_display(value, displays) for value in values):
            return _same(self._element(value, displays) if value is not None else None for value in values)
        put = [element for value in values if value is not None for element in _displayed(value)]
        put += [element for use in self._uses(node) for element in self._put_in(use)]
        return _same(self.kind(element) for element in put)

    def _uses(self, node: _Variable) -> Iterable[cst.CSTNode]:
        if isinstance(node, cst.Attribute):
            owner = self.classes.of_self(node.value)
            return self.classes.uses_of_self[owner, node.attr.value] if owner else ()
        return {access.node for found in self._tree.assignments(node) for access in found.references}

    def _put_in(self, use: cst.CSTNode) -> Iterator[cst.BaseExpression]:
        """What one use of a list or dict puts into it: `a.append(b)`, `a.insert(0, b)`, `a[c] = b`, `a.extend(b)`."""
        holder = self._tree.parent(use)
        around = self._tree.parent(holder) if holder else None
        if isinstance(holder, cst.Attribute) and isinstance(around, cst.Call) and around.func is holder:
            if holder.attr.value in _ADDING and around.args:
                # Of `extend` and its kin this is a whole list, which is of no kind.
                yield around.args[-1].value
        elif isinstance(holder, cst.Subscript) and isinstance(around, cst.AssignTarget):
            value = self._value(holder)
            if value is not None:
                yield value


def _is_display(node: cst.CSTNode, displays: tuple[type[cst.CSTNode], ...]) -> bool:
    """Whether an expression makes a list (or dict, where these displays make one): `[…]`, `list()`."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and not node.args:
        return _EMPTY.get(node.func.value) in displays
    return isinstance(node, displays)


def _displayed(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """The expressions in a display of a list or dict, or the one of a comprehension."""
    if isinstance(node, (cst.ListComp, cst.SetComp, cst.GeneratorExp)):
        return [node.elt]
    if isinstance(node, cst.DictComp):
        return [node.value]
    if isinstance(node, (cst.List, cst.Tuple, cst.Set, cst.Dict)):
        return [element.value for element in node.elements]
    return []


def _same(kinds: Iterable[Of | None]) -> Of | None:
    """The kind that all have; none when there is nothing to have one."""
    found = set(kinds)
    return found.pop() if len(found) == 1 else None
