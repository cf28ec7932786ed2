"""The tables of kinds: their classes, functions, methods and attributes are there, in procrun or today's modules."""

from __future__ import annotations

import importlib
import subprocess
from typing import Any

import pytest

from procrun.migrate.kinds import ATTRIBUTES, CLASSES, FIRST, FUNCTIONS, LISTS, METHODS, Of

CLASS_OF = {
    Of.POPEN: ("popen2", "Popen3"),
    Of.TEMPLATE: ("pipes", "Template"),
    Of.QUEUE: ("Queue", "Queue"),
}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def find(name: str) -> Any:
    module, _, attribute = name.partition(".")
    home = (
        subprocess
        if module == "subprocess"
        else importlib.import_module(f"procrun.legacy.{module}".replace(".queue", ".Queue"))
    )
    return getattr(home, attribute)


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS, *LISTS])
def test_a_name_is_there(name: str) -> None:
    assert isinstance(find(name), type) is (name in CLASSES)


@pytest.mark.parametrize(("kind", "name"), [*METHODS, *ATTRIBUTES])
def test_a_method_or_attribute_is_there(kind: Of, name: str) -> None:
    if kind is Of.PIPELINE:
        assert hasattr(importlib.import_module("procrun.legacy.child").CommandStream, name)
        return
    owner = find(".".join(CLASS_OF[kind]))
    assert hasattr(owner() if kind is Of.QUEUE else owner, name)


def test_the_first_of_a_pair_is_its_number() -> None:
    assert FIRST == {Of.STATUS_AND_OUTPUT: Of.STATUS, Of.CODE_AND_OUTPUT: Of.CODE}
