"""Which files are meant by the names of files and folders, and which modules lie beside a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from procrun.migrate.names import MODULES, OLD_NAMES

_SUFFIXES = (".py", ".pyw")
_SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages"}
_ENVIRONMENT = "pyvenv.cfg"


class Found(NamedTuple):
    """A file to be migrated."""

    path: str
    """Its name."""

    top: str
    """The folder that was named; for a file that was named itself, its own folder."""

    error: OSError | None = None
    """Why a folder could not be looked into; `path` is that folder then."""


def python_files(paths: Iterable[str]) -> Iterator[Found]:
    """Each file that is named, and all `*.py` and `*.pyw` in each folder, in order; no file twice.

    Folders are searched without hidden files, virtual environments, caches, installed packages
    and folders behind symbolic links. A file that is named is taken whatever it is called.
    """
    seen: set[str] = set()
    for path in paths:
        found = _in_folder(path) if os.path.isdir(path) else [Found(path, os.path.dirname(path) or os.curdir)]
        for file in found:
            real = os.path.realpath(file.path)
            if real not in seen:
                seen.add(real)
                yield file


def hidden_modules(found: Found) -> frozenset[str]:
    """The old modules, and those that they become, whose names lead to a file of the program itself.

    Under Python 2 that were those in the file's own folder and in the folder where its program
    starts: the one above its packages, or the one that was named.
    """
    folder = os.path.dirname(os.path.abspath(found.path))
    starts = {os.path.abspath(found.top), _above_packages(folder)}
    # Python 3 looks into the own folder only when the program starts there.
    today = {module.same for module in MODULES.values()} - {""}
    return frozenset(
        name
        for name in OLD_NAMES | today
        if any(_has_module(start, name) for start in (starts if name in today else {*starts, folder}))
    )


def _in_folder(folder: str) -> Iterator[Found]:
    errors: list[OSError] = []
    for path, folders, files in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if _is_searched(path, name))
        for name in sorted(files):
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield Found(os.path.join(path, name), folder)
    for error in errors:
        yield Found(error.filename or folder, folder, error)


def _is_searched(path: str, name: str) -> bool:
    is_environment = os.path.exists(os.path.join(path, name, _ENVIRONMENT))
    return not name.startswith(".") and name not in _SKIPPED_FOLDERS and not is_environment


def _above_packages(folder: str) -> str:
    while "__init__.py" in _listed(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def _has_module(folder: str, name: str) -> bool:
    # By the names as they are spelled, since `queue.py` is no `Queue` where a disk does not know the difference.
    names = _listed(folder)
    return f"{name}.py" in names or (name in names and "__init__.py" in _listed(os.path.join(folder, name)))


@lru_cache(maxsize=1024)
def _listed(folder: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()  # What cannot be listed cannot be imported from, either; reading the file says more.
