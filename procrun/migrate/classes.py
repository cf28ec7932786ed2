"""The classes of one file: their methods, and what these do with `self`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from procrun.migrate.tree import Tree, dotted, node_of


class Classes:
    """The classes that one file defines."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def holder(self, method: cst.CSTNode) -> cst.ClassDef | None:
        """The class in which a function stands itself."""
        for around in self._tree.ancestors(method):
            if isinstance(around, (cst.ClassDef, cst.FunctionDef, cst.Lambda)):
                return around if isinstance(around, cst.ClassDef) else None
        return None

    def defines(self, definition: cst.ClassDef, name: str) -> Iterator[cst.CSTNode]:
        """The places where a class gives an attribute a value: a method, a variable, `self.name = …`."""
        for method in self._methods[definition]:
            if method.name.value == name:
                yield method
        for use in self.uses_of_self[definition, name]:
            if not self._tree.is_loaded(use):
                yield use

    def of_parameter(self, parameter: cst.Param) -> cst.ClassDef | None:
        """The class whose object a parameter is: the first one of a method."""
        function = next(
            (n for n in self._tree.ancestors(parameter) if isinstance(n, (cst.FunctionDef, cst.Lambda))), None
        )
        if not isinstance(function, cst.FunctionDef):
            return None
        positional = [*function.params.posonly_params, *function.params.params]
        is_plain = not {dotted(decorator.decorator) for decorator in function.decorators} & {
            "staticmethod",
            "classmethod",
        }
        return self.holder(function) if is_plain and positional[:1] == [parameter] else None

    def of_self(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """The class of the method whose `self` an expression is."""
        if not isinstance(node, cst.Name):
            return None
        owners = [
            self.of_parameter(parameter) if isinstance(parameter := node_of(assignment), cst.Param) else None
            for assignment in self._tree.assignments(node)
        ]
        return owners[0] if len(owners) == 1 else None

    @cached_property
    def uses_of_self(self) -> dict[tuple[cst.ClassDef, str], list[cst.Attribute]]:
        """All `self.name` in the methods of each class, read or assigned."""
        found: dict[tuple[cst.ClassDef, str], list[cst.Attribute]] = defaultdict(list)
        for node in self._tree.all(cst.Attribute):
            owner = self.of_self(node.value)
            if owner:
                found[owner, node.attr.value].append(node)
        return found

    @cached_property
    def _methods(self) -> dict[cst.ClassDef, list[cst.FunctionDef]]:
        found: dict[cst.ClassDef, list[cst.FunctionDef]] = defaultdict(list)
        for function in self._tree.all(cst.FunctionDef):
            owner = self.holder(function)
            if owner:
                found[owner].append(function)
        return found
