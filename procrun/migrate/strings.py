"""Old names in strings: they are left, and it is said where."""

from __future__ import annotations

import libcst as cst

from procrun.migrate.branches import is_for_python2
from procrun.migrate.draft import Draft
from procrun.migrate.names import MODULES, OLD_NAMES
from procrun.migrate.tree import dotted, literal

_IMPORTING = {"__import__", "import_module", "patch"}
_ASKING = {"getattr", "hasattr", "setattr", "delattr"}


def flag_strings(draft: Draft) -> None:
    """Leave `__import__("commands")`, `mock.patch("commands.getoutput")`, `getattr(os, "popen2")` with a comment."""
    for call in draft.tree.all(cst.Call):
        function = dotted(call.func).rpartition(".")[2]
        texts = [literal(argument.value) for argument in call.args[:2]]
        if function in _IMPORTING and texts and texts[0]:
            module = texts[0].partition(".")[0]
            if module in OLD_NAMES and not is_for_python2(draft.tree, call):
                drop_in = MODULES[module].drop_in
                draft.leave(
                    call, draft.tree.code(call), why=f"`{module}` is gone", check=f"its names are in `{drop_in}`"
                )
        elif function in _ASKING and len(texts) == 2 and texts[1]:
            module = draft.tree.imported(call.args[0].value)
            place = MODULES[module].names.get(texts[1]) if module in MODULES and MODULES[module].stays else None
            if place and place.module != module and not is_for_python2(draft.tree, call):
                why = f"`{module}` has no `{texts[1]}` today"
                draft.leave(call, draft.tree.code(call), why=why, check=f"it is `{place.module}.{place.name}`")
