"""Options that cannot be used as things are: refused before anything is opened or started."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procrun import CAPTURE, system

Program = Callable[..., Any]


class Tee(io.TextIOBase):
    """A file of somebody's own, who has not said that it can be written."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)


@pytest.mark.parametrize("name", ["stdin", "input", "stdout", "stderr"])
@pytest.mark.parametrize("where", ["stage", "run"])
def test_a_file_that_has_been_closed(name: str, where: str, tmp_path: Path, program: Program) -> None:
    (tmp_path / "f").touch()
    for file in (open(tmp_path / "f", "r+"), io.BytesIO()):
        file.close()
        pipeline = program("cat", **({name: file} if where == "stage" else {})).pipeline
        with pytest.raises(ValueError) as raised:
            pipeline.run(**({name: file} if where == "run" else {}))
        assert str(raised.value) == f"`{name}` is a file that has been closed; give one that is open, or its path"


@pytest.mark.parametrize(
    ("name", "mode", "message"),
    [
        ("stdin", "wb", "`stdin` is a file with the mode 'wb'; open it for reading, or give its path"),
        ("input", "w", "`input` is a file with the mode 'w'; open it for reading, or give its path"),
        ("stdout", "r", "`stdout` is a file with the mode 'r'; open it for writing, or give its path"),
        ("stderr", "rb", "`stderr` is a file with the mode 'rb'; open it for writing, or give its path"),
    ],
)
def test_a_file_that_was_opened_for_the_other_way(
    name: str, mode: str, message: str, tmp_path: Path, program: Program
) -> None:
    kept, new = tmp_path / "kept", tmp_path / "new"
    kept.write_text("kept")
    with open(kept if "r" in mode else tmp_path / "other", mode) as file:
        streams = {"stdout": new, name: [CAPTURE, file] if name.startswith("stdo") else file}
        with pytest.raises(ValueError) as raised:
            program("cat").run(**streams)
    assert str(raised.value) == message
    assert (kept.read_text(), new.exists()) == ("kept", False)


def test_a_file_of_somebodys_own_may_say_nothing(program: Program) -> None:
    tee = Tee()
    program("exit_with", 0, "out").run(stdout=tee)
    assert tee.text == "out"


def test_a_code_that_no_program_has(program: Program) -> None:
    for code in (system.LARGEST_CODE + 1, 1 << 40):
        for pipeline in (program("cat").pipeline.with_(ok=[0, code]), program("cat", ok=code) | program("cat")):
            with pytest.raises(ValueError) as raised:
                pipeline.run()
            assert str(raised.value) == (
                f"`ok` holds {code}, and no program ends so here: exit codes are 0 to {system.LARGEST_CODE}"
            )
    assert program("exit_with", 255).run(ok=255).is_success
