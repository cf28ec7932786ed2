"""The finder of old modules: a program's own come first, exactly where Python 2 had looked for them first."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from procrun.legacy.finder import Finder

Python = Callable[..., "subprocess.CompletedProcess[str]"]

FIND = """
import sys
from procrun.legacy.finder import Finder
sys.meta_path.insert(0, Finder(["commands", "popen2"]))
"""


def found(folder: Path, place: int, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The file of the module `commands` that is found when a folder has a place in `sys.path`; None for procrun's."""
    path = list(sys.path)
    path.insert(place, str(folder))
    monkeypatch.setattr(sys, "path", path)
    spec = Finder(["commands"]).find_spec("commands")
    assert spec is not None
    return spec.origin


@pytest.fixture
def library() -> int:
    """The place of Python's library in `sys.path`."""
    return sys.path.index(os.path.dirname(os.__file__))


def test_a_module_in_front_of_the_library_is_the_programs(
    library: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "commands.py"
    own.write_text("")
    assert found(tmp_path, 0, monkeypatch) == str(own)
    monkeypatch.undo()
    assert found(tmp_path, library, monkeypatch) == str(own)
    monkeypatch.undo()
    assert found(tmp_path, library + 1, monkeypatch) is None
    monkeypatch.undo()
    assert found(tmp_path, len(sys.path), monkeypatch) is None


def test_without_the_library_in_the_path_every_folder_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "commands.py").write_text("")
    monkeypatch.setattr(sys, "path", [])
    assert found(tmp_path, 0, monkeypatch) == str(tmp_path / "commands.py")


def test_a_package_and_a_module_in_an_archive_are_the_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands" / "__init__.py").write_text("")
    assert found(tmp_path, 0, monkeypatch) == str(tmp_path / "commands" / "__init__.py")
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("commands.py", "")
    assert found(archive, 0, monkeypatch) == os.path.join(archive, "commands.py")


def test_a_folder_of_that_name_is_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "commands").mkdir()
    assert found(tmp_path, 0, monkeypatch) is None


def test_other_names_are_left_to_others() -> None:
    finder = Finder(["commands"])
    assert finder.find_spec("popen2") is None
    assert finder.find_spec("package.commands", ["."]) is None


def test_the_module_is_procruns_one(python: Python) -> None:
    code = """
import commands, importlib
from commands import getoutput
from procrun.legacy import commands as one
assert sys.modules["commands"] is commands is one
assert getoutput is one.getoutput
assert importlib.reload(commands) is one
print(commands.__name__, commands.__spec__.name, commands.__file__ == one.__file__)
"""
    done = python(FIND + code)
    assert (done.stdout, done.stderr) == ("procrun.legacy.commands procrun.legacy.commands True\n", "")


@pytest.mark.parametrize("line", ["import popen2", "from procrun import popen2", "from procrun.legacy import popen2"])
def test_what_an_import_warns_of_is_said_of_the_importing_line_and_once(
    line: str, python: Python, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(f"{FIND}{line}\n{line}\nfor _ in 1, 2: popen2.popen2('exit')\n")
    done = python("import runpy; runpy.run_path('program.py')", options=("-W", "always::DeprecationWarning"))
    assert done.stderr == (
        f"program.py:5: DeprecationWarning: The popen2 module is deprecated.  Use the subprocess module.\n  {line}\n"
    )


def test_a_warning_may_be_an_error(python: Python) -> None:
    done = python(FIND + "import popen2", options=("-W", "error"), check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("DeprecationWarning: The popen2 module is deprecated.  Use the subprocess module.\n")
