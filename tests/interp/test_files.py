"""Whether files could be opened, found out without opening any."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from procrun.interp.files import why_not_emptied, why_not_opened
from procrun.plan import Redirect


def test_files_that_could_be_opened(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("kept")
    names = [("read", "in"), ("write", "in"), ("append", "new"), ("write", "new")]
    redirects = [Redirect(1, action, str(tmp_path / name)) for action, name in names]  # type: ignore[arg-type]
    others = [Redirect(0, "text", b"no/such"), Redirect(1, "copy", 2), Redirect(0, "read", "/dev/null")]
    assert why_not_opened([*redirects, *others], "") is None
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_the_first_that_could_not_is_told() -> None:
    text = "a > no/out < missing"
    error = why_not_opened([Redirect(1, "write", "no/out", (2, 10)), Redirect(0, "read", "missing", (11, 20))], text)
    assert str(error) == (
        "`no/out` cannot be opened for writing: No such file or directory\n  a > no/out < missing\n    ^^^^^^^^"
    )


@pytest.mark.parametrize(
    ("action", "name", "is_lost"),
    [("write", "in", True), ("write", "hard", True), ("append", "in", False), ("write", "other", False)],
)
def test_a_file_that_is_to_be_read_may_not_be_emptied(
    action: str, name: str, is_lost: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for made in ("in", "other"):
        Path(made).write_text("kept")
    os.link("in", "hard")
    text = f"a < in > {name}"
    written = Redirect(1, action, name, (7, len(text)))  # type: ignore[arg-type]
    error = why_not_emptied([written], [Redirect(0, "read", "missing"), Redirect(0, "read", "in")], text)
    assert (str(error).splitlines()[:3] if error else None) == (
        [f"`{name}` would be emptied before it is read", f"  {text}", f"         {'^' * (len(name) + 2)}"]
        if is_lost
        else None
    )
