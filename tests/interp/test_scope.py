"""Variables, arguments and the folder of a running text."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from procrun.interp.scope import Scope
from procrun.plan import Options


def scope(**options: object) -> Scope:
    return Scope((), Options().with_(**options))


@pytest.fixture(autouse=True)
def known_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", "from outside")
    monkeypatch.setenv("PWD", os.getcwd())
    monkeypatch.delenv("OLDPWD", raising=False)
    monkeypatch.delenv("X", raising=False)


def test_variables_come_from_the_environment() -> None:
    assert scope().get("GIVEN") == "from outside"
    assert scope().get("X") is None
    assert scope().environment == ()


def test_only_exported_variables_reach_programs() -> None:
    own = scope()
    own.set("X", "1")
    assert (own.get("X"), own.environment) == ("1", ())
    own.export("X")
    assert own.environment == (("X", "1"),)


def test_a_variable_of_the_environment_stays_exported() -> None:
    own = scope()
    own.set("GIVEN", "new")
    assert own.environment == (("GIVEN", "new"),)
    own.set("GIVEN", "from outside")
    assert own.environment == ()


def test_unset_takes_a_variable_from_programs_too() -> None:
    own = scope()
    own.unset("GIVEN")
    assert (own.get("GIVEN"), own.environment) == (None, (("GIVEN", None),))
    own.set("GIVEN", "again")
    assert own.environment == (("GIVEN", None),), "unset took the export away"
    own.unset("NEVER")
    assert own.environment == (("GIVEN", None),)


def test_only_what_is_set_can_be_exported() -> None:
    with pytest.raises(KeyError):
        scope().export("X")


def test_a_copy_changes_nothing_of_its_original() -> None:
    own = scope()
    own.set("X", "1")
    other = own.copy()
    other.set("X", "2")
    other.export("X")
    other.unset("GIVEN")
    other.status = 3
    assert (own.get("X"), own.get("GIVEN"), own.status, own.environment) == ("1", "from outside", 0, ())
    assert own.with_exported([("X", "5")]).environment == (("X", "5"),)


def test_options_change_the_environment_at_the_start() -> None:
    own = scope(env={"X": "1", "GIVEN": None})
    assert (own.get("X"), own.get("GIVEN")) == ("1", None)
    assert own.environment == (("GIVEN", None), ("X", "1"))


def test_a_clean_environment_has_only_what_was_given() -> None:
    own = scope(clean_env=True, env={"X": "1"})
    assert (own.get("GIVEN"), own.get("X"), own.is_clean) == (None, "1", True)
    assert own.environment == (("X", "1"),)


def test_home_is_the_variable_else_the_systems() -> None:
    own = scope(env={"HOME": "/h"})
    assert own.home == "/h"
    own.set("HOME", "")
    assert own.home == ""
    own.unset("HOME")
    assert own.home == os.path.expanduser("~")


def test_the_folder_is_this_process_own_until_it_is_changed(tmp_path: Path) -> None:
    own = scope()
    assert (own.folder, own.moved_folder, own.get("PWD")) == (os.getcwd(), None, os.getcwd())
    before = os.getcwd()
    own.enter(str(tmp_path))
    assert (own.folder, own.moved_folder) == (str(tmp_path), str(tmp_path))
    assert (own.get("PWD"), own.get("OLDPWD")) == (str(tmp_path), before)
    assert own.environment == (("OLDPWD", before), ("PWD", str(tmp_path)))
    assert os.getcwd() == before


def test_the_option_cwd_is_the_folder(tmp_path: Path) -> None:
    own = scope(cwd=tmp_path)
    assert (own.folder, own.moved_folder, own.get("PWD")) == (str(tmp_path), str(tmp_path), str(tmp_path))


def test_a_wrong_pwd_is_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("/", "relative", "/no/such/folder", ""):
        monkeypatch.setenv("PWD", wrong)
        assert scope().get("PWD") == os.getcwd()
    monkeypatch.delenv("PWD")
    assert (scope().get("PWD"), scope().environment) == (os.getcwd(), ())


def test_a_copy_has_its_own_folder(tmp_path: Path) -> None:
    own = scope()
    other = own.copy()
    other.enter(str(tmp_path))
    assert own.folder == os.getcwd()


def test_names_are_relative_to_the_folder(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    own = scope(cwd=tmp_path)
    own.enter("d")
    assert own.absolute("f") == str(tmp_path / "d" / "f")
    assert own.absolute(str(tmp_path)) == str(tmp_path)
    assert own.absolute("") == ""
    own.enter("..")
    assert own.folder == str(tmp_path)
    own.enter("./d/../d/.")
    assert own.folder == str(tmp_path / "d")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("missing", errno.ENOENT),
        ("file", errno.ENOTDIR),
        ("", errno.ENOENT),
        ("missing/..", errno.ENOENT),
        ("file/..", errno.ENOTDIR),
    ],
)
def test_what_is_no_folder_is_not_entered(name: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    own = scope(cwd=tmp_path)
    with pytest.raises(OSError) as caught:
        own.enter(name)
    assert caught.value.errno == code
    assert (own.folder, own.get("OLDPWD")) == (str(tmp_path), None)


def test_two_dots_take_a_link_back(tmp_path: Path) -> None:
    (tmp_path / "far" / "away").mkdir(parents=True)
    try:
        (tmp_path / "link").symlink_to(tmp_path / "far" / "away", target_is_directory=True)
    except OSError as error:
        pytest.skip(f"this system lets us make no links: {error}")
    if not os.path.lexists(tmp_path / "link"):
        pytest.skip("this system only pretends to make links")
    own = scope(cwd=tmp_path)
    own.enter("link")
    assert own.folder == str(tmp_path / "link")
    own.enter("../link/..")
    assert own.folder == str(tmp_path)
