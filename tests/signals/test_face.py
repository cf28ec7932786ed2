"""The face of `procrun.signals`: every name is found on first use, known to type checkers, and explained."""

from __future__ import annotations

import ast
import inspect
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from procrun import signals


def test_type_checkers_know_the_same_names() -> None:
    tree = ast.parse(Path(inspect.getfile(signals)).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    known = [alias.asname for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(known, key=str) == sorted(signals.__all__)


@pytest.mark.parametrize("name", sorted(set(signals.__all__) - {"SIGNALS"}))
def test_a_name_is_found_and_explained(name: str) -> None:
    value = getattr(signals, name)
    assert name in dir(signals)
    assert value.__name__ == name
    assert value.__doc__ and not value.__doc__.startswith(f"{name}(")
    members = vars(value).items() if inspect.isclass(value) else ()
    plain = [what for what, member in members if inspect.isfunction(member) and not what.startswith("_")]
    assert [what for what in plain if not getattr(value, what).__doc__] == []


def test_no_module_takes_the_place_of_a_name(run_python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Importing a module puts it into its package under its own name."""
    files = {path.stem for path in Path(inspect.getfile(signals)).parent.glob("*.py")}
    assert files & set(signals.__all__) == set()
    done = run_python(
        "import procrun.signals.deadlines as d; from procrun import signals; print(signals.deadline is d.deadline)"
    )
    assert done.stdout == "True\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError) as caught:
        signals.kill  # type: ignore[attr-defined]  # noqa: B018
    assert str(caught.value) == "module `procrun.signals` has no attribute `kill`"


def test_nothing_is_loaded_before_it_is_needed(run_python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    loaded = "import sys\n{}\nprint(*sorted(set(sys.modules) & {{'ctypes', 'socket', 'psutil', 'asyncio'}}))"
    assert run_python(loaded.format("import procrun.signals")).stdout == "\n"
    used = "from procrun.signals import alarm, deadline, find\nfind('TERM')\nalarm(0)\nwith deadline(None): pass"
    assert run_python(loaded.format(used)).stdout == "\n"
