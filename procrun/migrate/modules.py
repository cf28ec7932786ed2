"""Uses of the old modules: each name goes to where it is today, and the imports follow."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import libcst as cst

from procrun.migrate.bindings import Binding, Use, bindings, can_rename, handles_signals, is_free, unresolved
from procrun.migrate.branches import Import, is_for_python2
from procrun.migrate.draft import Draft
from procrun.migrate.imported import Imported
from procrun.migrate.names import HOOKS, KEYWORDS, MEANINGS, MODULES, Module, Place
from procrun.migrate.notes import Kind
from procrun.migrate.tree import full_name, node_of


def rewrite_modules(draft: Draft, neighbours: frozenset[str]) -> None:
    """Rewrite the imports and uses of all old modules; `neighbours` are the modules that lie beside the file."""
    _Modules(draft, neighbours).rewrite()


class _Modules:
    def __init__(self, draft: Draft, neighbours: frozenset[str]) -> None:
        self.draft = draft
        self.tree = draft.tree
        self.neighbours = neighbours

    def rewrite(self) -> None:
        live, other = bindings(self.tree)
        for binding in other:
            if not MODULES[binding.module].stays:
                why = "it is for Python 2 only, and this file has what is for Python 3"
                self.draft.note(Kind.COMPATIBLE, binding.statement, _what(binding), why)
        groups: dict[tuple[str, str, str], list[Binding]] = {}
        for binding in live:
            if self._is_ours(binding) and (binding.module != "time" or handles_signals(self.tree)):
                groups.setdefault((binding.module, binding.name, binding.bound), []).append(binding)
        for (name, imported, _), group in groups.items():
            module = MODULES[name]
            if group[0].alias is None:
                self._star(module, group)
            elif imported:
                self._name(module, group)
            elif module.stays:
                self._attributes_elsewhere(module, group)
            else:
                self._module(module, group)

    def _is_ours(self, binding: Binding) -> bool:
        """Whether Python 2's module is meant, and what it becomes can be imported."""
        module = MODULES[binding.module]
        if not module.stays and binding.module in self.neighbours:
            why = "the module of this name that lies beside the file is meant, not Python 2's"
            self.draft.note(Kind.LEFT, binding.statement, _what(binding), why)
            return False
        if module.same in self.neighbours:
            why = f"a module `{module.same}` beside the file hides Python's own"
            self.draft.leave(binding.statement, _what(binding), why=why, check=f"rename `{module.same}.py` first")
            return False
        return True

    def _module(self, module: Module, group: list[Binding]) -> None:
        """`import Queue`: the module, whose uses decide what it becomes."""
        uses = _all_uses(group)
        moved = [use for use in uses if self._home(module, use) == module.same]
        is_whole = len(moved) == len(uses) and (bool(moved) or module.is_twin)
        bound = group[0].bound
        has_alias = any(binding.alias is not None and binding.alias.asname for binding in group)
        renamed = bool(moved) and can_rename(self.tree, group) and is_free(self.tree, module.same, module.same)
        same = Imported(module.same, "", module.same if renamed else bound)
        drop_in = Imported.module_as(module.drop_in, bound)
        if is_whole and (renamed or has_alias or module.is_twin):
            self._replace(group, same, uses=moved if renamed else ())
        elif renamed:
            self._replace(group, drop_in, same, uses=moved)
        else:
            self._replace(group, drop_in)
            moved = []
        for use in uses:
            if use in moved:
                if use.attribute is not None and self.tree.is_loaded(use.attribute):
                    self.draft.replace(use.attribute.attr, module.names[use.attr].name)
                    self._rename_keywords((group[0].module, use.attr), use.attribute)
                if renamed:
                    self.draft.replace(use.node, same.bound)
            self._note_use(group[0].module, module, use, is_moved=use in moved)

    def _name(self, module: Module, group: list[Binding]) -> None:
        """`from Queue import Empty`: one name of a module."""
        first = group[0]
        if module.stays and first.name not in module.names:
            return
        if first.name not in module.names and not module.has_any:
            for binding in group:
                why = f"Python 2's `{first.module}` has no `{first.name}`"
                self.draft.leave(binding.statement, _what(binding), why=why, check="see what is meant")
            return
        place = module.names.get(first.name) or Place(module.drop_in, first.name)
        if module is MODULES["Queue"] and self._gives_hooks_more:
            place = Place(module.drop_in, first.name)
        bound = first.bound
        if (
            place.name not in (first.name, bound)
            and can_rename(self.tree, group)
            and is_free(self.tree, place.name, f"{place.module}.{place.name}")
        ):
            bound = place.name
            for use in _all_uses(group):
                self.draft.replace(use.node, bound)
        self._replace(group, Imported(place.module, place.name, bound))
        for use in _all_uses(group):
            self._rename_keywords((first.module, first.name), use.node)
        nodes = [use.node for use in _all_uses(group)] or [binding.statement for binding in group]
        for node in nodes:
            self._note(node, first.module, first.name, place)

    def _star(self, module: Module, group: list[Binding]) -> None:
        """`from Queue import *`: the drop-in gives the same names."""
        if not module.stays:
            for binding in group:
                self.draft.change(binding.statement).star = module.drop_in
            for node in unresolved(self.tree, frozenset(module.names)):
                self._note(node, group[0].module, node.value, Place(module.drop_in, node.value))
            return
        nodes = [node for node in unresolved(self.tree, module.public) if not is_for_python2(self.tree, node)]
        for binding in group if nodes else ():
            change = self.draft.change(binding.statement)
            if binding.module == "threading":
                change.star = "procrun.legacy.threading"
            else:
                # After the other, so that its names win.
                change.added += [Imported(*module.names[name], name) for name in sorted({node.value for node in nodes})]
        for node in nodes:
            self._note(node, group[0].module, node.value, module.names[node.value])

    def _attributes_elsewhere(self, module: Module, group: list[Binding]) -> None:
        """`import os`: the module stays, some attributes have gone elsewhere."""
        name = group[0].module
        for use in _all_uses(group):
            place = module.names.get(use.attr)
            if place is None or use.attribute is None or is_for_python2(self.tree, use.node):
                continue
            imports = self._import_statements(name, use)
            if not imports or not self.tree.is_loaded(use.attribute):
                self._doubt(name, use, place)
                continue
            self.draft.replace(use.attribute.attr, place.name)
            if place.module != name:
                self.draft.replace(use.node, self.draft.companion(place.module, use.node, imports))
            self._note(use.node, name, use.attr, place)

    def _doubt(self, name: str, use: Use, place: Place) -> None:
        """Leave an attribute of what may be something else than the module, or that is assigned."""
        what, today = f"{name}.{use.attr}", f"if `{name}` is the module, it is `{place.module}.{place.name}`"
        if place.module == name and use.attr in MODULES[name].public:
            self.draft.note(Kind.LEFT, use.node, what, f"`{use.attr}` is deprecated", today)
        else:
            self.draft.leave(use.node, what, why=f"`{use.attr}` is gone", check=today)

    def _import_statements(self, module: str, use: Use) -> list[Import]:
        """The statements one of which has imported the module where it is used; none if it may be something else."""
        found: list[Import] = []
        for rival in use.rivals:
            node = node_of(rival)
            if rival.name in self.tree.captured:
                return []
            if isinstance(node, (cst.Import, cst.ImportFrom)) and full_name(node, rival.name) == module:
                found.append(node)
            elif not self.tree.gives_none(rival):
                return []
        return found

    def _home(self, module: Module, use: Use) -> str:
        """The module that has what is used."""
        place = module.names.get(use.attr)
        if module is MODULES["Queue"] and self._gives_hooks_more:
            return module.drop_in
        if module.is_twin and (place is None) is (not use.attr):
            # The module as such, or one of its names in whatever way.
            return place.module if place else module.same
        if place is None or use.attribute is None or not self.tree.is_loaded(use.attribute):
            return module.drop_in
        return place.module

    @cached_property
    def _gives_hooks_more(self) -> bool:
        """Whether the file calls `_put` and its kin with the further arguments that Python 2 had for them."""
        for call in self.tree.all(cst.Call):
            if isinstance(call.func, cst.Attribute) and call.func.attr.value in HOOKS:
                is_method = self.draft.inference.class_kind(call.func.value) is None
                if len(call.args) > HOOKS[call.func.attr.value] + (not is_method):
                    return True
        return False

    def _rename_keywords(self, name: tuple[str, str], function: cst.CSTNode) -> None:
        call = self.tree.parent(function)
        if isinstance(call, cst.Call) and call.func is function:
            for argument in call.args:
                if argument.keyword and argument.keyword.value in KEYWORDS.get(name, {}):
                    self.draft.replace(argument.keyword, KEYWORDS[name][argument.keyword.value])

    def _replace(self, group: list[Binding], *new: Imported, uses: Iterable[Use] = ()) -> None:
        """Import something else in place of these; with `uses` only if the file does not do so already."""
        imported = {part for part in new if uses and self.draft.is_imported(part, [use.node for use in uses])}
        for binding in group:
            if binding.alias is not None:
                parts = tuple(
                    part for part in new if part not in imported or not self.draft.is_alone(binding.statement)
                )
                self.draft.change(binding.statement).parts[binding.alias] = parts

    def _note_use(self, name: str, module: Module, use: Use, *, is_moved: bool) -> None:
        if not use.attr:
            return
        if use.attr not in module.names and not module.has_any and not use.attr.startswith("__"):
            self.draft.leave(
                use.node,
                f"{name}.{use.attr}",
                why=f"Python 2's `{name}` has no `{use.attr}`",
                check="see what is meant",
            )
        else:
            place = module.names[use.attr] if is_moved else Place(module.drop_in, use.attr)
            self._note(use.node, name, use.attr, place)

    def _note(self, node: cst.CSTNode, module: str, name: str, place: Place) -> None:
        meaning = MEANINGS.get((module.removeprefix("_"), name))
        what = f"{module}.{name}"
        if meaning:
            self.draft.note(Kind.MEANING, node, what, meaning.why, meaning.check)
        else:
            self.draft.note(Kind.REWRITTEN, node, what, f"it is `{place.module}.{place.name}` today")


def _all_uses(group: list[Binding]) -> list[Use]:
    """The uses of a name; one that several statements may have bound counts once."""
    return list({id(use.node): use for binding in group for use in binding.uses}.values())


def _what(binding: Binding) -> str:
    return f"{binding.module}.{binding.name or '*'}" if binding.name or binding.alias is None else binding.module
