"""`pipes.Template` where its steps are run by the pipeline language, as on Windows; with sh, it does the same."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from procrun.legacy import pipes
from procrun.quoting import quote

PROGRAMS = Path(__file__).parent.parent / "programs"
CAN_USE_SH = pytest.param(True, marks=pytest.mark.skipif(os.name != "posix", reason="there is no sh"))


# Text is written as this system writes it.
NEWLINE = os.linesep.encode()


def program(name: str, *args: str) -> str:
    """The text of a step that runs one of tests/programs."""
    return quote([sys.executable, "-S", str(PROGRAMS / f"{name}.py"), *args])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for files and temporary files, which must be gone after the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "in file").write_bytes(b"one\ntwo\n")
    yield tmp_path
    assert [name for name in os.listdir(tmp_path) if name.startswith("tmp")] == []


@pytest.fixture(params=[False, CAN_USE_SH], ids=["language", "sh"])
def template(request: pytest.FixtureRequest) -> pipes.Template:
    """An empty template of each kind."""
    t = pipes.Template()
    t.uses_sh = request.param
    return t


def test_a_copy_through_pipes(template: pipes.Template) -> None:
    template.append(program("cat"), "--")
    template.append(program("upper"), "--")
    assert template.copy("in file", "out") == 0
    assert Path("out").read_bytes() == b"ONE\nTWO\n"


def test_a_copy_through_files(template: pipes.Template) -> None:
    template.append(f"{program('upper')} < $IN > $OUT", "ff")
    template.append(f"{program('cat')} < $IN", "f-")
    template.append(f"{program('cat')} > $OUT", "-f")
    assert template.copy("in file", "out") == 0
    assert Path("out").read_bytes() == b"ONE\nTWO\n"


def test_a_step_with_a_file_in_the_middle_of_a_pipeline(template: pipes.Template) -> None:
    template.append(program("cat"), "--")
    template.append(f"{program('upper')} > $OUT", "-f")
    assert template.copy("in file", "out") == 0
    assert Path("out").read_bytes() == b"ONE\nTWO\n"


def test_reading(template: pipes.Template) -> None:
    template.append(program("upper"), "--")
    stream = template.open("in file", "r")
    assert (stream.readline(), stream.read(), stream.close(), stream.close()) == ("ONE\n", "TWO\n", None, None)


def test_reading_through_files(template: pipes.Template) -> None:
    template.append(f"{program('upper')} < $IN > $OUT", "ff")
    with template.open("in file", "r") as stream:
        assert stream.read() == "ONE\nTWO\n"


def test_writing(template: pipes.Template) -> None:
    template.append(program("upper"), "--")
    stream = template.open("out", "w")
    stream.write("three\n")
    assert (stream.close(), stream.close()) == (None, None)
    assert Path("out").read_bytes() == b"THREE" + NEWLINE


def test_writing_through_files(template: pipes.Template) -> None:
    template.append(f"{program('upper')} < $IN > $OUT", "ff")
    with template.open("out", "w") as stream:
        stream.write("three\n")
    assert Path("out").read_bytes() == b"THREE" + NEWLINE


def test_a_source_and_a_sink(template: pipes.Template) -> None:
    template.append(f"{program('cat')} > sunk", "-.")
    template.prepend(program("echo_argv", "a"), ".-")
    assert template.copy("ignored", "ignored") == 0
    assert b"a" in Path("sunk").read_bytes()


STATUS = 5 if os.name == "nt" else 5 << 8


def test_the_last_step_decides(template: pipes.Template) -> None:
    template.append(program("exit_with", "5"), "--")
    assert template.copy("in file", "") == STATUS
    stream = template.open("in file", "r")
    assert (stream.read(), stream.close(), stream.close()) == ("", STATUS, None)
    template.append(program("cat"), "--")
    assert template.copy("in file", "out") == 0


def test_with_temporary_files_the_status_is_0(template: pipes.Template) -> None:
    template.append(f"{program('exit_with', '5')} $IN $OUT", "ff")
    template.append(f"{program('exit_with', '6')} $IN", "f-")
    assert template.copy("in file", "") == 0


@pytest.mark.parametrize("end", ["copy", "r", "w"])
def test_a_program_that_is_not_there(template: pipes.Template, end: str, capfd: pytest.CaptureFixture[str]) -> None:
    template.append("no-such-program", "--")
    missing = 127 if os.name == "nt" else 127 << 8
    if end == "copy":
        assert template.copy("in file", "out") == missing
    else:
        stream = template.open("in file", end)
        if end == "r":
            assert stream.read() == ""
        assert stream.close() == missing
    assert "no-such-program" in capfd.readouterr().err


def test_a_step_in_another_language_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    t = pipes.Template()
    t.uses_sh = False
    t.append("if true; then cat; fi", "--")
    assert t.copy("in file", "out") == (2 if os.name == "nt" else 2 << 8)
    assert capfd.readouterr().err.startswith("procrun: ")


def test_the_script_is_a_text_of_the_language() -> None:
    t = pipes.Template()
    t.uses_sh = False
    t.append("tr a-z A-Z", "--")
    t.append("sort < $IN > $OUT", "ff")
    script = t.makepipeline("in file", "out")
    (name,) = [name for name in os.listdir(".") if name.startswith("tmp")]
    path = os.path.join(tempfile.gettempdir(), name)
    assert script == f"tr a-z A-Z <'in file' >{pipes.quote(path)}\nIN={pipes.quote(path)}; OUT=out; sort < $IN > $OUT"
    os.remove(path)


def test_where_there_is_no_cat_a_python_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    t = pipes.Template()
    t.uses_sh = False
    assert t.copy("in file", "out") == 0
    assert Path("out").read_bytes() == b"one\ntwo\n"


def test_names_are_never_read_as_syntax(template: pipes.Template) -> None:
    name = "it's $HOME; & `x` {a,b}"
    Path(name).write_bytes(b"kept\n")
    template.append(f'{program("cat")} < "$IN" > "$OUT"', "ff")
    assert template.copy(name, name + ".out") == 0
    assert Path(name + ".out").read_bytes() == b"kept\n"


def test_our_stdin_and_stdout(python: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    code = """
import sys
from procrun.legacy import pipes
pipes.Template.uses_sh = False
t = pipes.Template()
t.append(sys.argv[1], "--")
t.debug(1)
sys.stdout.write("first\\n")
sys.exit(t.copy(sys.argv[2], ""))
"""
    done = python(code, program("upper"), str(tmp_path / "in file"))
    lines = done.stdout.splitlines()
    assert (lines[0], lines[-2:]) == ("first", ["ONE", "TWO"])
    assert not any(line.startswith("set -x") for line in lines)
