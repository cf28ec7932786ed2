"""The tables: every place in them is there, and every drop-in has all the names of its module."""

from __future__ import annotations

import importlib
import json
import threading
import time
from pathlib import Path

import pytest

from procrun.migrate.names import HOOKS, KEPT_APART, MEANINGS, MODULES, OWN_ATTRIBUTES, VERBOSE

TRANSCRIPTS = Path(__file__).parent.parent / "legacy" / "transcripts"
PLACES = sorted({place for module in MODULES.values() for place in module.names.values()})

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_a_place_is_there(place: tuple[str, str]) -> None:
    assert hasattr(importlib.import_module(place[0]), place[1])


@pytest.mark.parametrize("name", [name for name, module in MODULES.items() if not module.stays])
def test_a_drop_in_has_every_name(name: str) -> None:
    drop_in = importlib.import_module(MODULES[name].drop_in)
    assert [old for old in MODULES[name].names if not hasattr(drop_in, old)] == []


@pytest.mark.parametrize("name", ["commands", "popen2", "pipes", "Queue"])
def test_every_public_name_of_the_original_is_known(name: str) -> None:
    row = json.loads((TRANSCRIPTS / f"{name}.json").read_text("ascii"))["all"]
    assert set(json.loads(row["shown"][0])) <= set(MODULES[name].names)


@pytest.mark.parametrize("name", ["thread", "Queue"])
def test_a_twin_has_every_name_but_those_of_the_drop_in(name: str) -> None:
    module = MODULES[name]
    twin = importlib.import_module(module.same)
    kept = {old for old, place in module.names.items() if place.module == module.drop_in}
    assert {old for old in module.names if not hasattr(twin, old)} <= kept


def test_what_stays_has_lost_the_names_that_go_elsewhere() -> None:
    assert [name for name in MODULES["os"].names if hasattr(__import__("os"), name)] == []
    # Deprecated names are there for a while.
    still = {name for name in MODULES["threading"].names if hasattr(threading, name)}
    assert still <= {"activeCount", "currentThread", "_allocate_lock", "_RLock", "_time", "_start_new_thread"}
    assert hasattr(time, "sleep")


def test_what_is_said_is_about_known_names() -> None:
    assert [key for key in MEANINGS if key[1] not in MODULES[key[0]].names] == []
    assert [text for meaning in MEANINGS.values() for text in meaning if not text or text[0].isupper()] == [
        meaning.why for meaning in MEANINGS.values() if meaning.why.startswith("Python")
    ]


def test_verbose_is_no_parameter_any_more() -> None:
    names = {name.partition(".")[2].lstrip("_") for name in VERBOSE}
    assert names == {"Thread", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event"}
    for name in names - {"RLock"}:  # a function, which takes and ignores anything before 3.15
        with pytest.raises(TypeError):
            getattr(threading, name)(verbose=1)


def test_threads_own_attributes_are_its_own_somewhere() -> None:
    here = {name for name in vars(threading.Thread()) | vars(threading.Thread) if not name.startswith("__")}
    # Which of them a Python has differs; all others that it has are not in the way of a subclass.
    assert here & {"_stop", "_started", "_initialized", "_is_stopped", "_handle", "_tstate_lock"} <= KEPT_APART
    assert {"_bootstrap", "_bootstrap_inner", "_delete", "_ident", "_daemonic", "_stderr"} <= OWN_ATTRIBUTES & here


def test_hooks_are_methods_of_queues() -> None:
    import queue

    assert all(hasattr(queue.Queue, name) for name in HOOKS)
