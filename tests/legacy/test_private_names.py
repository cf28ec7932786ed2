"""The table of private names in docs/legacy.md: each is where the table says, and nowhere else."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procrun.legacy.install import installed

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "legacy.md"
# Not in every Python that there is today.
SOMETIMES = {"Thread._reset_internal_locks", "Event._at_fork_reinit"}


def rows() -> Iterator[tuple[str, list[list[str]]]]:
    """Each module with the names of its three columns."""
    section = DOCUMENT.read_text("utf-8").partition("## Private names\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^\| (`.*|its objects.*) \|$", section, re.MULTILINE):
        first, *columns = line.split("|")
        yield first.strip().strip("`"), [re.findall(r"`([\w.]+)`", column) for column in columns]


def has(module: Any, name: str) -> bool:
    """Whether a module has a name, or the attribute of one."""
    for part in name.split("."):
        if not hasattr(module, part):
            return False
        module = getattr(module, part)
    return True


@pytest.mark.parametrize(("module", "columns"), list(rows()), ids=[module for module, _ in rows()])
def test_names_are_there_or_not(module: str, columns: list[list[str]]) -> None:
    module = "threading" if module == "its objects" else module
    with warnings.catch_warnings(), installed():
        warnings.simplefilter("ignore", DeprecationWarning)
        modules = [importlib.import_module(f"procrun.legacy.{module}")]
        if module == "threading":
            modules.append(importlib.import_module("threading"))
        as_it_was, of_today, gone = columns
        for found in modules:
            assert [name for name in as_it_was if not has(found, name) and name != "_note"] == []
            assert [name for name in of_today if not has(found, name) and name not in SOMETIMES] == []
            assert [name for name in gone if has(found, name)] == []


@pytest.mark.parametrize("name", ["procrun.legacy.threading", "threading"])
def test_a_note_is_taken_and_lost(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with installed():
        module: Any = importlib.import_module(name)
        for made in (module.Thread(), module.Timer(1, len), module.Event(), module.Condition(), module.Semaphore()):
            made._note("%s of %s", 1, 2)
        module.BoundedSemaphore()._note("")
    assert capsys.readouterr() == ("", "")
