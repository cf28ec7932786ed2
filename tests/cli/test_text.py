"""Where a text comes from."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from procrun.cli import text as texts, usage
from procrun.errors import FileError


@click.command("made", cls=usage.Command, context_settings=texts.SETTINGS)
@texts.takes_text
@click.option("--more", is_flag=True)
def made(**given: object) -> None:
    """A command."""


@pytest.mark.parametrize(
    ("args", "given"),
    [
        (["a"], {"text": "a"}),
        (["a", "--more", "--", "-f"], {"text": "a", "args": ("--more", "--", "-f")}),
        (["--more", "a", "b"], {"text": "a", "args": ("b",), "more": True}),
        (["-f", "a", "--more"], {"text": "a", "args": ("--more",), "is_file": True}),
        (["--", "-f"], {"text": "-f"}),
        (["--env", "A=1", "--env", "B", "--env", "A=2=3", "a"], {"text": "a", "variables": {"A": "2=3", "B": None}}),
        (["--cwd", "c", "a"], {"text": "a", "cwd": "c"}),
    ],
)
def test_what_a_command_is_given(args: list[str], given: dict[str, object]) -> None:
    empty: dict[str, object] = {"args": (), "is_file": False, "cwd": None, "variables": {}, "more": False}
    assert made.make_context("made", args).params == {**empty, **given}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a | b\n", "a | b\n"),
        (b"\xef\xbb\xbfa\r\n", "a\r\n"),
        ("é".encode(), "é"),
        (b"\xff", "\udcff"),
        (b"", ""),
    ],
)
def test_a_file(data: bytes, text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    assert texts.read_text(str(tmp_path / "file")) == text


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    path = str(tmp_path / "missing")
    with pytest.raises(FileError) as caught:
        texts.read_text(path)
    assert str(caught.value) == (
        f"the text `{path}` cannot be read: No such file or directory\n"
        "  behind --file stands the name of a file; without it, the text itself"
    )
    assert (caught.value.exit_code, caught.value.errno, caught.value.filename) == (2, 2, path)
