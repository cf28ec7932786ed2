"""Which files are meant, and which modules lie beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from procrun.migrate.paths import Found, hidden_modules, python_files


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes files: `a/b.py` and so on, in a folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    for name in [
        *("b.py", "a.py", "c.txt", "w.pyw", ".hidden.py", "script", "sub/d.py", "sub/deep/e.py", ".git/f.py"),
        *("__pycache__/g.py", "env/pyvenv.cfg", "env/lib/h.py", "node_modules/i.py", "x/site-packages/j.py"),
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path


def names(*paths: str) -> list[str]:
    return [found.path.replace(os.sep, "/") for found in python_files(paths)]


def test_folders_are_searched(tree: Path) -> None:
    assert names(".") == ["./a.py", "./b.py", "./w.pyw", "./sub/d.py", "./sub/deep/e.py"]


def test_a_file_that_is_named_is_taken_whatever_its_name(tree: Path) -> None:
    assert names("script", "c.txt", "env/lib/h.py", "missing.py") == ["script", "c.txt", "env/lib/h.py", "missing.py"]


def test_no_file_comes_twice(tree: Path) -> None:
    assert names("sub", "sub/d.py", "sub/deep", "a.py", "./a.py") == ["sub/d.py", "sub/deep/e.py", "a.py"]


def test_links_to_folders_are_not_followed_but_when_they_are_named(tree: Path) -> None:
    try:
        (tree / "link").symlink_to("sub")
        (tree / "again.py").symlink_to("a.py")
    except OSError:
        pytest.skip("this system lets us make no symbolic links")
    assert names(".") == ["./a.py", "./b.py", "./w.pyw", "./sub/d.py", "./sub/deep/e.py"]
    assert names("link") == ["link/d.py", "link/deep/e.py"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything may be read")
def test_a_folder_that_cannot_be_searched_is_said(tree: Path) -> None:
    (tree / "sub").chmod(0)
    found = [found for found in python_files(["."]) if found.error]
    (tree / "sub").chmod(0o755)
    assert [(file.path, type(file.error)) for file in found] == [("./sub", PermissionError)]


@pytest.mark.parametrize(
    ("files", "path", "top", "hidden"),
    [
        (["a.py"], "a.py", ".", set()),
        (["a.py", "commands.py"], "a.py", ".", {"commands"}),
        (["a.py", "commands/__init__.py"], "a.py", ".", {"commands"}),
        (["a.py", "commands/x.py"], "a.py", ".", set()),
        (["a.py", "Commands.py"], "a.py", ".", set()),
        (["a.py", "Queue.py"], "a.py", ".", {"Queue"}),
        (["a.py", "queue.py"], "a.py", ".", {"queue"}),
        # In a package Python 2 looked beside the file first, Python 3 does not.
        (["p/__init__.py", "p/a.py", "p/commands.py", "p/queue.py"], "p/a.py", "p", {"commands", "queue"}),
        (["p/__init__.py", "p/a.py", "p/commands.py", "p/queue.py"], "p/a.py", ".", {"commands"}),
        (["p/__init__.py", "p/q/__init__.py", "p/q/a.py", "p/commands.py", "Queue.py"], "p/q/a.py", "p/q", {"Queue"}),
        (["commands.py", "sub/a.py"], "sub/a.py", ".", {"commands"}),
        (["commands.py", "sub/a.py"], "sub/a.py", "sub", set()),
    ],
)
def test_modules_of_the_program_itself(files: list[str], path: str, top: str, hidden: set[str], tmp_path: Path) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert hidden_modules(Found(str(tmp_path / path), str(tmp_path / top))) == hidden
