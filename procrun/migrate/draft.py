"""A text that is being rewritten: its tree, the changes to it, and what is known of its objects."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst
from libcst import metadata as meta

from procrun.migrate.bindings import is_free
from procrun.migrate.branches import Import
from procrun.migrate.edits import Edits
from procrun.migrate.imported import Change, Imported
from procrun.migrate.infer import Inference
from procrun.migrate.notes import Kind
from procrun.migrate.tree import Tree, full_name, node_of

# By which names the modules are known that stand in for some names of one that stays.
_COMPANIONS = {
    "procrun.legacy.os_popen": "os_popen",
    "procrun.legacy.threading": "legacy_threading",
    "procrun.legacy.time": "legacy_time",
}


class Draft:
    """What everything that rewrites works on."""

    def __init__(self, text: str) -> None:
        """Parse a text of Python 3 syntax."""
        self.tree = Tree(text)
        self.edits = Edits(text)
        self.inference = Inference(self.tree)
        self.imports: dict[Import, Change] = {}
        """What becomes of import statements; `imports.rewrite_import` does it at the end."""

    def replace(self, node: cst.CSTNode, text: str) -> None:
        """Put a text in place of a node."""
        self.edits.replace(self.tree.start(node), self.tree.end(node), text)

    def note(self, kind: Kind, node: cst.CSTNode, what: str, why: str, check: str = "") -> None:
        """Say something about a node."""
        self.edits.note(kind, self.tree.start(node), what, why, check)

    def leave(self, node: cst.CSTNode, what: str, *, why: str, check: str) -> None:
        """Say, also in a comment above its line of code, why a node was left, and what to do."""
        self.note(Kind.LEFT, node, what, why, check)
        self.edits.comment(self.tree.line_of(node), f"{why}; {check}")

    def change(self, statement: Import) -> Change:
        """What becomes of an import statement, to be added to."""
        return self.imports.setdefault(statement, Change())

    def companion(self, module: str, use: cst.CSTNode, beside: Iterable[Import]) -> str:
        """The name under which a module is imported for a use, beside the imports that served it so far."""
        wanted = _COMPANIONS.get(module, module)
        names = (wanted, *(f"procrun_{wanted.strip('_')}{number}" for number in ("", *range(2, 100))))
        new = Imported.module_as(module, next(name for name in names if is_free(self.tree, name, module)))
        if not self.is_imported(new, [use]):
            for statement in beside:
                self.change(statement).added.append(new)
        return new.bound

    def is_imported(self, new: Imported, uses: Iterable[cst.CSTNode]) -> bool:
        """Whether the module's own imports, which always happen, give the name to all of these uses already."""
        for assignment in self.tree.scopes[0][new.bound]:
            node = node_of(assignment)
            if (
                isinstance(node, (cst.Import, cst.ImportFrom))
                and full_name(node, new.bound) == new.full_name
                and self.is_alone(node)
                and all(self._comes_before(node, use) for use in uses)
            ):
                return True
        return False

    def is_alone(self, statement: Import) -> bool:
        """Whether a statement is alone on a line of the module, and not in a block, which must not become empty."""
        line = self.tree.parent(statement)
        is_only = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        return line is not None and is_only and isinstance(self.tree.parent(line), cst.Module)

    def _comes_before(self, statement: Import, use: cst.CSTNode) -> bool:
        in_function = isinstance(self.tree.scope(use), meta.FunctionScope)
        return in_function or self.tree.start(statement) < self.tree.start(use)
