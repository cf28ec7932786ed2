"""Which names of a file are bound to the old modules, and where those names are used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst
from libcst import metadata as meta

from procrun.migrate.branches import Import, has_fallback, is_for_python2
from procrun.migrate.names import MODULES
from procrun.migrate.tree import Tree, literal, module_name


@dataclass(eq=False, slots=True)
class Use:
    """One place where a bound name is used."""

    node: cst.CSTNode
    """The name; or the string of an annotation that has it."""

    attribute: cst.Attribute | None
    """The attribute that is taken of it, if one is."""

    rivals: frozenset[meta.BaseAssignment]
    """All assignments that may have given the name its value here."""

    @property
    def attr(self) -> str:
        """The attribute's name, or nothing."""
        return self.attribute.attr.value if self.attribute else ""


@dataclass(eq=False, slots=True)
class Binding:
    """A name that an import statement binds to an old module, or to a name of one."""

    statement: Import
    """The statement."""

    alias: cst.ImportAlias | None
    """The part of it that binds the name; None for `from MODULE import *`."""

    module: str
    """The old module."""

    name: str
    """The name in it; empty for the module itself."""

    bound: str
    """The name that is bound; empty for `*`."""

    assignment: meta.ImportAssignment | None
    """libcst's word for it."""

    uses: list[Use] = field(default_factory=list)
    """The places where it may be what is meant."""


def bindings(tree: Tree) -> tuple[list[Binding], list[Binding]]:
    """The bindings that are to be dealt with, and those that are for Python 2 only."""
    live: list[Binding] = []
    other: list[Binding] = []
    for binding in _all_bindings(tree):
        is_other = is_for_python2(tree, binding.statement) or has_fallback(
            tree, binding.statement, binding.bound, binding.module
        )
        (other if is_other else live).append(binding)
    return live, other


def is_free(tree: Tree, name: str, module: str) -> bool:
    """Whether a file has no other use for a name than to import the module of that name."""
    for scope in tree.scopes:
        for assignment in scope.assignments:
            if assignment.name.split(".")[0] == name and not _imports_module(assignment, name, module):
                return False
        for access in scope.accesses:
            if isinstance(access.node, cst.Name) and access.node.value == name and not access.referents:
                return False
    return name not in tree.captured


def can_rename(tree: Tree, found: list[Binding]) -> bool:
    """Whether every use of the name that these bindings bind can be given another name.

    Not when something else may give the name its value, when it is meant for other modules or
    for `self`, or when it stands in a string.
    """
    statements = {id(binding.statement) for binding in found}
    names = {binding.bound for binding in found}
    if any(binding.alias is None or binding.alias.asname for binding in found):
        return False
    if any(isinstance(tree.scope(binding.statement), meta.ClassScope) for binding in found):
        return False
    if names & (exported(tree) | declared(tree) | tree.captured):
        return False
    uses = [use for binding in found for use in binding.uses]
    return bool(uses) and all(
        isinstance(use.node, cst.Name)
        and all(isinstance(rival, meta.Assignment) and id(rival.node) in statements for rival in use.rivals)
        for use in uses
    )


def unresolved(tree: Tree, names: frozenset[str]) -> list[cst.Name]:
    """The uses of names that no statement of the file binds, as `from MODULE import *` may."""
    return [
        access.node
        for scope in tree.scopes
        for access in scope.accesses
        if isinstance(access.node, cst.Name) and access.node.value in names and not access.referents
    ]


def handles_signals(tree: Tree) -> bool:
    """Whether a file sets a signal handler of its own, which under Python 2 ended a sleep."""
    return any(
        tree.imported(call.func) == "signal.signal"
        and len(call.args) == 2
        and tree.imported(call.args[1].value) not in ("signal.SIG_IGN", "signal.SIG_DFL", "signal.default_int_handler")
        for call in tree.all(cst.Call)
    )


def exported(tree: Tree) -> frozenset[str]:
    """The names in `__all__`."""
    names: set[str] = set()
    for assignment in tree.scopes[0]["__all__"]:
        if isinstance(assignment, meta.Assignment):
            statement = next(
                (n for n in tree.ancestors(assignment.node) if isinstance(n, cst.BaseSmallStatement)), None
            )
            if statement:
                names |= {text for node in _strings(statement) if (text := literal(node))}
    return frozenset(names)


def declared(tree: Tree) -> frozenset[str]:
    """The names in `global` and `nonlocal` statements."""
    return frozenset(
        item.name.value for node in tree.nodes if isinstance(node, (cst.Global, cst.Nonlocal)) for item in node.names
    )


def _all_bindings(tree: Tree) -> Iterator[Binding]:
    for node in tree.nodes:
        if isinstance(node, cst.Import):
            for alias in node.names:
                module, _, rest = alias.evaluated_name.partition(".")
                if module in MODULES and not (rest and (alias.asname or not MODULES[module].stays)):
                    yield _binding(tree, node, alias, (module, ""), alias.evaluated_alias or module)
        elif isinstance(node, cst.ImportFrom) and not node.relative and module_name(node) in MODULES:
            module = module_name(node)
            if isinstance(node.names, cst.ImportStar):
                yield Binding(node, None, module, "", "", None)
                continue
            for alias in node.names:
                name = alias.evaluated_name
                yield _binding(tree, node, alias, (module, name), alias.evaluated_alias or name)


def _binding(tree: Tree, statement: Import, alias: cst.ImportAlias, origin: tuple[str, str], bound: str) -> Binding:
    scope = tree.scope(statement)
    assignment = next(
        (
            found
            for found in scope.assignments[bound]
            if isinstance(found, meta.ImportAssignment) and found.node is statement
        ),
        None,
    )
    binding = Binding(statement, alias, *origin, bound, assignment)
    if assignment:
        seen = {id(access.node): access for access in assignment.references}
        for access in sorted(seen.values(), key=lambda access: tree.start(access.node)):
            binding.uses.append(_use(tree, access, assignment))
    return binding


def _use(tree: Tree, access: meta.Access, assignment: meta.ImportAssignment) -> Use:
    holder = tree.parent(access.node)
    attribute = holder if isinstance(holder, cst.Attribute) and holder.value is access.node else None
    return Use(access.node, attribute, frozenset(assignment.scope[assignment.name]))


def _imports_module(assignment: meta.BaseAssignment, name: str, module: str) -> bool:
    """Whether an assignment is an import that binds the name to the module."""
    if not isinstance(assignment, meta.ImportAssignment):
        return False
    statement = assignment.node
    home, _, last = module.rpartition(".")
    if isinstance(statement, cst.Import):
        return any(alias.evaluated_name == module and not alias.asname and not home for alias in statement.names)
    if not isinstance(statement, cst.ImportFrom) or isinstance(statement.names, cst.ImportStar):
        return False
    return module_name(statement) == home and any(
        alias.evaluated_name == last and (alias.evaluated_alias or last) == name for alias in statement.names
    )


def _strings(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _strings(child)
