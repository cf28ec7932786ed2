"""Find the old modules where Python 2 had them: behind the script's folder and PYTHONPATH, before what was installed.

`procrun legacy` imports through it. What `install()` does instead, entries in `sys.modules`,
comes before every folder, so that a program's own `commands.py` would never be found.
`from procrun import popen2` uses its `load`.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
import warnings
from collections.abc import Iterable, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder


class Finder:
    """What stands in `sys.meta_path`: finds modules of some names, each time by `sys.path` as it is then.

    Python's library has its place in that path. What a folder before it holds comes first, as
    it did; a `sys.path.append` comes too late, as it did.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """The program's own module or else procrun's; None for a name that is not for us."""
        if name not in self._names:
            return None
        own = PathFinder.find_spec(name, _before_the_library())
        # A folder without an `__init__.py` is a package today, and was none.
        return own if own is not None and own.loader is not None else ModuleSpec(name, _Loader())


class _Loader(Loader):
    """Gives the one module that `procrun.legacy` has by this name, and no second."""

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python to make one, which `exec_module` replaces."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Import procrun's module, and put it where Python takes the imported module from."""
        sys.modules[module.__name__] = load(module.__name__)


def load(name: str) -> types.ModuleType:
    """Import a module of `procrun.legacy`; what it warns of concerns who has asked the caller for it."""
    module = sys.modules.get(f"procrun.legacy.{name}")
    if module is None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            module = importlib.import_module(f"procrun.legacy.{name}")
        for warning in caught:
            warnings.warn(warning.message, stacklevel=3)
    return module


def _before_the_library() -> list[str]:
    """The folders of `sys.path` that are searched before Python's library; all, when it is not there."""
    library = os.path.dirname(os.__file__)
    return sys.path[: sys.path.index(library)] if library in sys.path else sys.path[:]
