"""File names from patterns, in real folders."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from procrun.interp import glob
from procrun.interp.patterns import Piece

FILES = (
    "a.txt", "b.txt", "D.txt", "c.md", ".hidden", "[x]", "star*name", "é.txt",
    "s/one.py", "s/two.py", "s/.secret.py", "s/deep/three.py", "s/deep/er/four.py", "s/.git/five.py", "t/one.py",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> str:
    for name in FILES:
        if "*" in name and os.name == "nt":
            continue
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return str(tmp_path)


def find(pattern: str, folder: str) -> list[str]:
    return glob.find([Piece(pattern, True)], folder)


TXT = ["D.txt", "a.txt", "b.txt", "é.txt"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.txt", TXT),
        ("[ab].txt", ["a.txt", "b.txt"]),
        ("[!ab].txt", ["D.txt", "é.txt"]),
        ("?.md", ["c.md"]),
        ("./*.md", ["./c.md"]),
        (".*", [".hidden"]),
        (".h*", [".hidden"]),
        ("[.]*", []),
        ("?hidden", []),
        ("*hidden", []),
        ("*.TXT", []),
        ("nothing*", []),
        ("*/", ["s/", "t/"]),
        ("*/one.py", ["s/one.py", "t/one.py"]),
        ("s/*", ["s/deep", "s/one.py", "s/two.py"]),
        ("s/.*.py", ["s/.secret.py"]),
        ("s//*.py", ["s//one.py", "s//two.py"]),
        ("s/../*.md", ["s/../c.md"]),
        ("s/*/../one.py", ["s/deep/../one.py"]),
        ("*/*/three.py", ["s/deep/three.py"]),
        ("*/missing.py", []),
        ("a.txt/*", []),
        ("missing/*", []),
        ("**/one.py", ["s/one.py", "t/one.py"]),
        ("**/*.py", ["s/deep/er/four.py", "s/deep/three.py", "s/one.py", "s/two.py", "t/one.py"]),
        ("**/*.md", ["c.md"]),
        ("s/**", ["s/deep", "s/deep/er", "s/deep/er/four.py", "s/deep/three.py", "s/one.py", "s/two.py"]),
        ("s/**/", ["s/", "s/deep/", "s/deep/er/"]),
        ("**/", ["s/", "s/deep/", "s/deep/er/", "t/"]),
        ("**/**/one.py", ["s/one.py", "t/one.py"]),
        ("s/**/**", ["s/deep", "s/deep/er", "s/deep/er/four.py", "s/deep/three.py", "s/one.py", "s/two.py"]),
        ("s/**/er", ["s/deep/er"]),
        ("s**", ["s"]),
        ("**.md", ["c.md"]),
        ("a**t", ["a.txt"]),
        ("**/.hidden", [".hidden"]),
        ("**/.*", [".hidden", "s/.git", "s/.secret.py"]),
    ],
)
def test_the_names_that_match(pattern: str, names: list[str], folder: str) -> None:
    found = [name for name in find(pattern, folder) if not name.startswith("star")]
    assert found == names


def test_names_of_an_absolute_pattern_are_absolute(folder: str) -> None:
    prefix = folder.replace("\\", "/")
    assert find(f"{prefix}/*.md", os.sep) == [f"{prefix}/c.md"]


def test_a_quoted_part_is_ordinary(folder: str) -> None:
    assert glob.find([Piece("[x]"), Piece("*", True)], folder) == ["[x]"]
    assert glob.find([Piece("[", True), Piece("a"), Piece("b].txt", True)], folder) == ["a.txt", "b.txt"]


def test_a_star_that_is_partly_quoted_is_not_deep(folder: str) -> None:
    assert glob.find([Piece("*", True), Piece("*"), Piece("/one.py", True)], folder) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("a*", True), ("a", False), ("[", False), ("[a/b]", False), ("x/[ab]", True), ("?", True), ("", False)],
)
def test_what_is_a_pattern(text: str, is_one: bool) -> None:
    assert glob.has_pattern([Piece(text, True)]) is is_one


def test_characters_of_values_are_no_pattern() -> None:
    assert not glob.has_pattern([Piece("*"), Piece("a", True), Piece("?[x]")])


def link(path: Path, target: str) -> None:
    try:
        path.symlink_to(target, target_is_directory=True)
    except OSError as error:
        pytest.skip(f"this system lets us make no links: {error}")
    if not os.path.lexists(path):
        pytest.skip("this system only pretends to make links")


def test_stars_follow_links_to_folders_and_double_stars_do_not(folder: str) -> None:
    link(Path(folder, "link"), "s")
    assert find("l*/one.py", folder) == ["link/one.py"]
    assert find("**/one.py", folder) == ["s/one.py", "t/one.py"]
    assert "link" in find("**", folder)


def test_a_link_in_a_circle_ends(folder: str) -> None:
    link(Path(folder, "s", "loop"), "..")
    assert find("**/four.py", folder) == ["s/deep/er/four.py"]
    link(Path(folder, "self"), "self")
    assert find("self/*", folder) == []
    assert find("sel*/", folder) == []
    assert find("sel*", folder) == ["self"]


def test_a_link_that_leads_nowhere_is_a_name(folder: str) -> None:
    link(Path(folder, "gone"), "nowhere")
    assert find("gon*", folder) == ["gone"]
    assert find("gon*/", folder) == []


def test_a_folder_removed_meanwhile_has_no_names(tmp_path: Path) -> None:
    assert find("*", str(tmp_path / "removed")) == []


def test_deep_folders_need_no_deep_stack(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(200):
        deep = deep / "d"
    deep.mkdir(parents=True)
    assert len(find("**", str(tmp_path))) == 200


def test_a_name_that_is_no_text(tmp_path: Path, make_bytes_file: Callable[[Path, bytes], str]) -> None:
    name = make_bytes_file(tmp_path, b"caf\xe9")
    assert find("caf*", str(tmp_path)) == [name]
    assert find("caf?", str(tmp_path)) == [name]


@pytest.fixture
def make_bytes_file() -> Callable[[Path, bytes], str]:
    def make(folder: Path, name: bytes) -> str:
        try:
            with open(os.fsencode(folder) + os.fsencode("/") + name, "wb"):
                pass
        except (OSError, UnicodeError) as error:
            pytest.skip(f"this file system takes no such name: {error}")
        return os.fsdecode(name)

    return make
