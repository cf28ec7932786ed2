"""Rewriting import statements: which parts of one stay, change, go, and what is imported besides."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from procrun.migrate.branches import Import
from procrun.migrate.draft import Draft
from procrun.migrate.imported import Change, Imported
from procrun.migrate.items import remove
from procrun.migrate.tree import module_name

_NEWLINE = re.compile(rb"\r\n|\r|\n")
_REST_OF_LINE = re.compile(rb"[ \t]*(#[^\r\n]*)?(\r\n|\r|\n)")


def rewrite_import(draft: Draft, statement: Import, change: Change) -> None:
    """Make a change to an import statement, touching as little of its text as possible."""
    aliases = () if isinstance(statement.names, cst.ImportStar) else statement.names
    home = change.star or _home(statement, aliases, change)
    elsewhere: list[Imported] = []
    gone: list[cst.ImportAlias] = []
    for alias in aliases:
        if alias in change.parts:
            fitting = [new for new in change.parts[alias] if _fits(new, home)]
            elsewhere += [new for new in change.parts[alias] if new not in fitting]
            if fitting:
                draft.replace(alias, ", ".join(new.text for new in fitting))
            else:
                gone.append(alias)
    texts = _statements([*elsewhere, *change.added])
    if gone and len(gone) == len(aliases):
        _replace_all(draft, statement, texts)
        return
    if isinstance(statement, cst.ImportFrom) and statement.module:
        draft.replace(statement.module, home)
    remove(draft, aliases, gone, has_parentheses=bool(getattr(statement, "lpar", None)))
    _add_after(draft, statement, texts)


def _home(statement: Import, aliases: Sequence[cst.ImportAlias], change: Change) -> str:
    """The module that `from` names afterwards: the old one if something still comes from it, or the first part's."""
    if isinstance(statement, cst.Import):
        return ""
    if not aliases or any(alias not in change.parts for alias in aliases):
        return module_name(statement)
    homes = [new.module for alias in aliases for new in change.parts[alias] if new.name]
    return module_name(statement) if module_name(statement) in homes else homes[0] if homes else ""


def _fits(new: Imported, home: str) -> bool:
    """Whether something can be imported by `from HOME import …`, or by `import …` where there is no home."""
    return new.module == home if new.name else not home


def _statements(wanted: list[Imported]) -> list[str]:
    """Statements that import all of these, those from one module in one."""
    plain = [new for new in wanted if not new.name]
    texts = [f"import {new.text}" for new in dict.fromkeys(plain)]
    by_module: dict[str, list[str]] = {}
    for new in dict.fromkeys(wanted):
        if new.name:
            by_module.setdefault(new.module, []).append(new.text)
    return texts + [f"from {module} import {', '.join(names)}" for module, names in by_module.items()]


def _replace_all(draft: Draft, statement: Import, texts: list[str]) -> None:
    """Put other statements in place of one, or nothing."""
    start, end = draft.tree.start(statement), draft.tree.end(statement)
    if texts:
        draft.edits.replace(start, end, texts[0])
        _add_after(draft, statement, texts[1:])
        return
    rest = _REST_OF_LINE.match(draft.edits.data, end)
    draft.edits.replace(draft.edits.line_start(start), rest.end() if rest else len(draft.edits.data), "")


def _add_after(draft: Draft, statement: Import, texts: list[str]) -> None:
    """Put statements after one: on lines of their own if it has one, else on the same."""
    line = draft.tree.parent(statement)
    start, end = draft.tree.start(statement), draft.tree.end(statement)
    indentation = draft.edits.data[draft.edits.line_start(start) : start].decode()
    newline = draft.edits.newline(end)
    for text in texts:
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1 or indentation.strip():
            draft.edits.insert(end, f"; {text}")
        elif found := _NEWLINE.search(draft.edits.data, end):
            draft.edits.insert(found.end(), f"{indentation}{text}{newline}")
        else:
            draft.edits.insert(len(draft.edits.data), f"{newline}{indentation}{text}")
