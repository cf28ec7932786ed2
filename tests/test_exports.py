"""The public face: every name is found on first use, known to type checkers, and explained; examples run."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import procrun
from procrun.plan.stream import Stdio

WINDOWS_ONLY = {"procrun.system.windows"}
POSIX_ONLY = {"procrun.system.posix"}
OTHER_SYSTEM = POSIX_ONLY if os.name == "nt" else WINDOWS_ONLY
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(procrun.__path__, "procrun.")
    if module.name not in {"procrun.__main__", *OTHER_SYSTEM}
)
LEGACY_MODULES = [
    "Queue",
    "commands",
    "dummy_thread",
    "dummy_threading",
    "pipes",
    "popen2",
    "signal",
    "thread",
    "threading",
]
CONSTANTS = {name for name in procrun.__all__ if isinstance(getattr(procrun, name), Stdio)}


def names_for_type_checkers() -> set[str]:
    """What the package imports for type checkers only, which is what they and editors know."""
    tree = ast.parse(Path(inspect.getfile(procrun)).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    return {
        alias.asname or alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def test_type_checkers_know_the_same_names() -> None:
    assert names_for_type_checkers() == {*procrun.__all__, *LEGACY_MODULES}


@pytest.mark.filterwarnings("ignore:The popen2 module is deprecated")
@pytest.mark.parametrize("name", LEGACY_MODULES)
def test_a_module_of_python_2_is_the_same_by_either_name(name: str) -> None:
    assert getattr(procrun, name) is importlib.import_module(f"procrun.legacy.{name}")
    # A star import would hide the program's own.
    assert name not in procrun.__all__


def test_no_name_is_exported_twice() -> None:
    assert len(procrun.__all__) == len(set(procrun.__all__))


@pytest.mark.parametrize("name", procrun.__all__)
def test_a_public_name_is_found_and_keeps_its_own(name: str) -> None:
    value = getattr(procrun, name)
    assert name in dir(procrun)
    assert name in CONSTANTS or value.__name__ == name


def test_importing_everything_gives_every_name() -> None:
    names: dict[str, object] = {}
    exec("from procrun import *", names)
    assert set(procrun.__all__) <= set(names)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError) as caught:
        procrun.pipeline  # type: ignore[attr-defined]  # noqa: B018
    assert str(caught.value) == "module `procrun` has no attribute `pipeline`"


@pytest.mark.parametrize("name", sorted(set(procrun.__all__) - CONSTANTS))
def test_a_public_name_is_explained(name: str) -> None:
    value = getattr(procrun, name)
    # A dataclass without a docstring is given its signature as one.
    assert (value.__doc__ or "").strip() and not value.__doc__.startswith(f"{name}(")
    silent = [
        member
        for member, what in vars(value).items()
        if not member.startswith("_") and (inspect.isfunction(what) or isinstance(what, property)) and not what.__doc__
    ]
    assert not inspect.isclass(value) or silent == []


def test_the_installed_version_is_the_one_it_says() -> None:
    try:
        installed = version("procrun")
    except PackageNotFoundError:
        pytest.skip("procrun is on PYTHONPATH, but not installed")
    assert procrun.__version__ == installed


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_imported_first(name: str) -> None:
    """Alone, in a new interpreter: no module may rely on what another happened to import before."""
    # Some modules of the Python 2 library warn that they are deprecated, as they did there.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", f"import {name}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# By a thread, because the examples of `signals` use SIGALRM themselves.
@pytest.mark.timeout(120, method="thread")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(os.name == "nt", reason="the examples use printf, sort and sh")
@pytest.mark.parametrize("name", ["procrun", *MODULES])
def test_the_examples_of_a_module_run(name: str) -> None:
    module = importlib.import_module(name)
    names = {**{public: getattr(procrun, public) for public in procrun.__all__}, **vars(module), "procrun": procrun}
    reports: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    for test in doctest.DocTestFinder().find(module, name, module=module, globs=names):
        runner.run(test, out=reports.append)
    if reports:
        pytest.fail("".join(reports), pytrace=False)
