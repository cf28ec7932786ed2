"""Which program a name means, and what is said when it means none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from procrun.errors import ProgramNotFound, ProgramNotRunnable
from procrun.system import program_candidates, which

WINDOWS = os.name == "nt"
posix_only = pytest.mark.skipif(WINDOWS, reason="Windows has no permission to execute")
windows_only = pytest.mark.skipif(not WINDOWS, reason="only Windows has PATHEXT")


def make(path: Path, mode: int = 0o755) -> str:
    """A program, by the rules of this system."""
    path = path.with_name(path.name + ".exe") if WINDOWS else path
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return str(path)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with `one`, `two` and nothing in PATH."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    return tmp_path


def path_of(*folders: object) -> str:
    return os.pathsep.join(map(str, folders))


def test_the_first_folder_of_path_that_has_it(here: Path) -> None:
    first, second = make(here / "one" / "tool"), make(here / "two" / "tool")
    assert which.find("tool", path=path_of(here / "one", here / "two")) == first
    assert which.find("tool", path=path_of(here / "two", here / "one")) == second
    assert which.find("tool", path=path_of(here / "none", here / "two")) == second


def test_path_of_the_environment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = make(here / "one" / "tool")
    monkeypatch.setenv("PATH", str(here / "one"))
    assert which.find("tool") == tool


@posix_only
def test_without_path_the_systems_own_is_searched(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH")
    assert which.find("sh") in ("/bin/sh", "/usr/bin/sh")


@pytest.mark.parametrize("entry", ["one", os.path.join(os.curdir, "one"), os.path.join("two", os.pardir, "one")])
def test_a_relative_entry_starts_from_the_folder(entry: str, here: Path) -> None:
    tool = make(here / "one" / "tool")
    assert which.find("tool", path=entry) == tool
    assert which.find("tool", path=entry, folder=str(here)) == tool
    with pytest.raises(ProgramNotFound):
        which.find("tool", path=entry, folder=str(here / "two"))


@pytest.mark.parametrize("path", ["", os.pathsep, os.pathsep * 2])
def test_an_empty_entry_is_not_the_current_folder(path: str, here: Path) -> None:
    make(here / "tool")
    with pytest.raises(ProgramNotFound):
        which.find("tool", path=path)


def test_the_current_folder_is_searched_where_path_names_it(here: Path) -> None:
    tool = make(here / "tool")
    assert which.find("tool", path=os.curdir) == tool


@pytest.mark.parametrize("name", ["./tool", "one/../tool", "./one/../tool"])
def test_a_name_with_a_path_is_looked_up_there_only(name: str, here: Path) -> None:
    tool = make(here / "tool")
    make(here / "one" / "tool")
    found = which.find(name, path=str(here / "one"))
    assert os.path.isabs(found)
    assert os.path.samefile(found, tool)
    with pytest.raises(ProgramNotFound):
        which.find(name, folder=str(here / "two"), path=str(here / "one"))


def test_an_absolute_name(here: Path) -> None:
    tool = make(here / "one" / "tool")
    assert which.find(tool, path="") == tool


def test_a_relative_name_starts_from_the_folder_given(here: Path) -> None:
    tool = make(here / "one" / "tool")
    assert os.path.samefile(which.find("./tool", folder="one"), tool)


@posix_only
def test_a_link_is_followed_and_a_broken_one_is_nothing(here: Path) -> None:
    tool = make(here / "one" / "tool")
    (here / "two" / "link").symlink_to(tool)
    (here / "two" / "broken").symlink_to(here / "gone")
    assert which.find("link", path=str(here / "two")) == str(here / "two" / "link")
    with pytest.raises(ProgramNotFound):
        which.find("broken", path=str(here / "two"))


@posix_only
def test_what_may_not_be_executed_is_passed_over(here: Path) -> None:
    make(here / "one" / "tool", 0o644)
    tool = make(here / "two" / "tool")
    assert which.find("tool", path=path_of(here / "one", here / "two")) == tool


def test_a_folder_of_that_name_is_passed_over(here: Path) -> None:
    (here / "one" / "tool").mkdir()
    tool = make(here / "two" / "tool")
    assert which.find("tool", path=path_of(here / "one", here / "two")) == tool


def missing(name: str, **options: str) -> ProgramNotFound:
    with pytest.raises(ProgramNotFound) as raised:
        which.find(name, **options)
    return raised.value


def test_a_program_that_is_nowhere(here: Path) -> None:
    path = path_of(here / "one", here / "two", here / "one")
    error = missing("tool", path=path)
    assert str(error) == (
        "no program `tool`\n"
        f"  searched in {path_of(here / 'one', here / 'two')}\n"
        "  correct the name, install the program, or add its folder to PATH"
    )
    assert error.searched == (str(here / "one"), str(here / "two"))
    assert (error.program, error.errno, error.filename) == ("tool", errno.ENOENT, "tool")


def test_near_names(here: Path) -> None:
    for name in ("grep", "egrep", "greed", "zzz"):
        make(here / "one" / name)
    suffix = ".exe" if WINDOWS else ""
    lines = str(missing("grpe", path=str(here / "one"))).splitlines()
    if not WINDOWS:
        assert lines[-1] == "  did you mean `grep`?"
    lines = str(missing("grepp" + suffix, path=str(here / "one"))).splitlines()
    assert lines[-1].startswith(f"  did you mean `grep{suffix}`")


def test_an_empty_path(here: Path) -> None:
    assert str(missing("tool", path="")) == (
        "no program `tool`\n  PATH is empty\n  correct the name, install the program, or add its folder to PATH"
    )


def test_a_program_in_the_current_folder_is_pointed_out(here: Path) -> None:
    (here / "tool").write_text("")
    assert str(missing("tool", path=str(here / "one"))) == (
        f"no program `tool`\n  searched in {here / 'one'}\n"
        "  `tool` lies in the current folder, which is not searched: write `./tool`"
    )


def test_a_path_that_leads_nowhere(here: Path) -> None:
    error = missing("./tool")
    assert str(error) == (
        "no program `./tool`\n"
        f"  there is no such file in `{here}`\n"
        "  look at the path; it starts from the folder the command is written in"
    )
    assert error.searched == ()


@pytest.mark.parametrize("name", ["./one", "one/"])
def test_a_folder_is_no_program(name: str, here: Path) -> None:
    with pytest.raises(ProgramNotRunnable) as raised:
        which.find(name)
    assert str(raised.value) == f"`{name}` is a folder\n  name a program; `cd` enters a folder"
    assert (raised.value.errno, raised.value.program) == (errno.EISDIR, name)


@posix_only
@pytest.mark.parametrize(
    ("name", "quoted"), [("tool", "tool"), ("my tool", "'my tool'")], ids=["plain", "with a blank"]
)
def test_a_program_without_permission(name: str, quoted: str, here: Path) -> None:
    make(here / "one" / name, 0o644)
    with pytest.raises(ProgramNotRunnable) as raised:
        which.find(f"one/{name}")
    shown = f"'one/{name}'" if quoted != name else f"one/{name}"
    assert str(raised.value) == (
        f"`one/{name}` may not be executed\n"
        f"  make it a program (`chmod +x {shown}`), or name its interpreter (`sh {shown}`)"
    )
    assert (raised.value.errno, raised.value.filename) == (errno.EACCES, f"one/{name}")
    with pytest.raises(ProgramNotRunnable) as raised:
        which.find(name, path=str(here / "one"))
    assert raised.value.program == str(here / "one" / name)


@posix_only
@pytest.mark.parametrize("name", [".", "..", "-", "a\udcff", "x" * 300])
def test_odd_names_are_not_found(name: str, here: Path) -> None:
    assert missing(name, path=str(here)).program == name


def test_a_bang_without_a_blank_is_pointed_out(here: Path) -> None:
    with pytest.raises(ProgramNotFound) as caught:
        which.find("!tool", path=str(here / "one"))
    assert str(caught.value) == (
        f"no program `!tool`\n  searched in {here / 'one'}\n"
        "  to turn the status of `tool` around put a blank behind the `!`: `! tool`"
    )


@posix_only
def test_on_unix_a_name_stands_for_itself() -> None:
    assert program_candidates("tool", ".EXE;.CMD") == ("tool",)


@windows_only
@pytest.mark.parametrize(
    ("name", "extensions", "candidates"),
    [
        ("tool", ".EXE;.CMD", ("tool.exe", "tool.cmd", "tool")),
        ("tool.exe", ".EXE;.CMD", ("tool.exe",)),
        ("tool.CMD", ".EXE;.CMD", ("tool.CMD",)),
        ("tool.py", ".EXE", ("tool.py.exe", "tool.py")),
        ("tool", ";;.EXE;", ("tool.exe", "tool")),
        ("tool", None, ("tool.com", "tool.exe", "tool.bat", "tool.cmd", "tool")),
    ],
)
def test_on_windows_a_name_stands_for_those_with_the_suffixes(
    name: str, extensions: str | None, candidates: tuple[str, ...]
) -> None:
    assert program_candidates(name, extensions) == candidates


@windows_only
def test_the_suffixes_of_the_command_are_used(here: Path) -> None:
    (here / "one" / "tool.cmd").write_text("")
    (here / "one" / "tool.exe").write_text("")
    for extensions in (".CMD;.EXE", ".EXE;.CMD"):
        found = which.find("tool", path=str(here / "one"), extensions=extensions)
        assert found.lower().endswith(extensions.split(";")[0].lower())


def test_a_name_that_is_a_whole_command(here: Path) -> None:
    tool = make(here / "one" / "tool")
    for name in ("tool -x", f"{tool} -x", "a b"):
        with pytest.raises(ProgramNotFound) as raised:
            which.find(name, path=path_of(here / "one"))
        assert raised.value.hint == (
            "the name has a blank in it: without quotes, the program and its arguments are words of their own"
        )
