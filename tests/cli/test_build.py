"""`procrun build`: parts, variables, targets, and the file they are written to."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

POSIX = pytest.mark.skipif(os.name == "nt", reason="programs and permissions of Unix")
HELP = "\n  see `procrun build --help`\n"


@pytest.fixture
def build(run_cli: Run, tmp_path: Path) -> Run:
    """`build(*args)` runs `procrun build` in an empty folder."""

    def run(*args: object, **options: Any) -> Any:
        return run_cli("build", *args, **{"cwd": tmp_path, **options})

    return run


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["tr  a-z   A-Z|sort"], "tr a-z A-Z | sort"),
        (["--append", "a", "--append", "b"], "a | b"),
        (["b", "--append", "c", "--prepend", "a0", "--append", "d", "--prepend", "a1"], "a0 | a1 | b | c | d"),
        (["a; b", "--append", "c || d", "--input", "my file", "--output=out"], "(a; b) < 'my file' | (c || d) > out"),
        (["grep $word $file", "--word=a b", "--file=x"], None),
        (["grep $word $name", "--word=a b", "--name="], "word='a b' name=; grep $word $name"),
        (
            ["grep ${word:-x} ${#name}", "--word=$(rm)", "--name=--x=1"],
            "word='$(rm)' name=--x=1; grep ${word:-x} ${#name}",
        ),
        (["--append", "--word=$word", "--word=1"], "word=1; --word=$word"),
        (["--word=1", "--word=2", "a $word"], "word=2; a $word"),
        (["--", "--word=1"], "--word=1"),
        (["a # comment\n\nb"], "a; b"),
    ],
)
def test_what_is_built(build: Run, args: list[str], text: str | None) -> None:
    done = build(*args)
    if text is None:
        # `--file` is an option, and says that TEXT is the name of one.
        assert (done.returncode, done.stderr) == (2, f"procrun: `--file` takes no value{HELP}")
    else:
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{text}\n", "")


NO_NAME = "; a variable of the text is set by --NAME=VALUE, with a name of letters, digits and `_`"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "there is nothing to build; give TEXT, or parts with --append"),
        (["--input", "x"], "there is nothing to build; give TEXT, or parts with --append"),
        (["-f"], "behind --file TEXT is missing, the name of the file"),
        ([""], "a part has no command in it"),
        (["a", "--append", "# b"], "a part has no command in it"),
        (["a < b", "--input", "c"], "the first stage reads something else already: `< b`"),
        (["a &> b", "--output", "c"], "the last stage writes something else already: `&> b`"),
        (
            ["a", "--outptu=b"],
            "`--outptu` is no option, and the text uses no variable `outptu`; did you mean `--output`?",
        ),
        (
            ["a $pattern", "--patern=b"],
            "`--patern` is no option, and the text uses no variable `patern`; did you mean `--pattern`?",
        ),
        (
            ["a", "--zzz=b"],
            "`--zzz` is no option, and the text uses no variable `zzz`; write $zzz where its value is to stand",
        ),
        (["X=1; a $X", "--X=b"], "`--X`: the text sets `X` itself; take that out of it"),
        (["a", "--x-y=b"], f"there is no option `--x-y`{NO_NAME}"),
        (["a", "--1=b"], f"there is no option `--1`{NO_NAME}"),
        (["a", "-word=b"], f"there is no option `-w`{NO_NAME}"),
        (["a $word", "--word"], "there is no option `--word`; a variable of the text is set by --word=VALUE"),
        (["a $word", "--word", "b"], "there is no option `--word`; a variable of the text is set by --word=VALUE"),
        (["a", "--appned", "b"], "there is no option `--appned`; did you mean `--append`?"),
        (["a", "--as", "html"], "--as: `html` is not one of text, sh, python, json, dot"),
        (["a", "--append"], "`--append` wants a value: --append CMD"),
        (["a", "-o", ""], "-o: the name is empty"),
        (["a", "b c"], "TEXT is one argument, not 2; write 'a b c'"),
    ],
)
def test_a_wrong_command_line(build: Run, args: list[str], message: str) -> None:
    done = build(*args)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"procrun: {message}{HELP}")


@pytest.mark.parametrize(
    "args", [["a |"], ["a", "--append", "b |"], ["cd x", "--append", "y"], ["read X"], ["X=1", "--append", "a"]]
)
def test_a_wrong_text_is_not_written(build: Run, args: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("keep")
    for target in ("text", "sh", "python", "json", "dot"):
        done = build(*args, "--as", target, "-o", "out", env={"PATH": ""})
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("procrun: ")
        assert "^" in done.stderr
    assert (tmp_path / "out").read_text() == "keep"


def test_a_built_file_is_built_upon(build: Run, tmp_path: Path) -> None:
    assert build("grep $word", "--word=x", "-o", "my.pipe").returncode == 0
    assert (tmp_path / "my.pipe").read_text() == "word=x; grep $word\n"
    assert build("-f", "my.pipe", "--append", "sort", "-o", "my.pipe").returncode == 0
    assert (tmp_path / "my.pipe").read_text() == "(word=x; grep $word) | sort\n"
    assert build("-f", "-", input="a\n").stdout == "a\n"
    assert build("-f", "missing").returncode == 2


RUNNERS = {
    "text": [sys.executable, "-m", "procrun", "pipe", "-f"],
    "sh": ["sh"],
    "python": [sys.executable],
}
"""What runs each form that can be run."""


@POSIX
def test_every_form_does_the_same(build: Run, tmp_path: Path) -> None:
    parts = ["printf '%s\\n' $word $@", "--append", "sort -r", "--append", "tr a-z A-Z"]
    parts += ["--output=the out", "--word=b c"]
    for target, runner in RUNNERS.items():
        assert build(*parts, "--as", target, "-o", "script").returncode == 0
        done = subprocess.run([*runner, "script", "a", "$x"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert (tmp_path / "the out").read_text() == "B C\nA\n$X\n"
        (tmp_path / "the out").unlink()


def test_data_and_graphs(build: Run) -> None:
    said = json.loads(build("a | b", "--as", "json").stdout)
    assert (said["format"], said["version"], said["text"], said["tree"]["kind"]) == ("procrun-tree", 1, "a | b", "list")
    done = build("a | b", "--as=dot")
    assert done.stdout.startswith("digraph procrun {\n")
    assert done.stdout.endswith("}\n")


def test_what_a_target_cannot_say(build: Run, tmp_path: Path) -> None:
    done = build("ls **", "--as", "sh", "-o", "out")
    message = "procrun: `**` cannot be said in POSIX sh\n  ls **\n     ^^\n  let `find` look for the files\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_or_not_at_all(build: Run, tmp_path: Path) -> None:
    hint = "\n  if there was such a file, it is as it was\n"
    done = build("a", "-o", "no/file")
    message = f"procrun: `no/file` cannot be written: No such file or directory{hint}"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
    (tmp_path / "folder").mkdir()
    done = build("a", "-o", "folder")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("procrun: `folder` cannot be written: ")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@POSIX
def test_a_disk_without_room_costs_no_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("keep")
    script = f"ulimit -f 0; exec '{sys.executable}' -m procrun build a -o out"
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    message = "procrun: `out` cannot be written: File too large\n  if there was such a file, it is as it was\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
    assert (tmp_path / "out").read_text() == "keep"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@POSIX
def test_a_file_keeps_its_mode_and_a_link_its_target(build: Run, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("old")
    script.chmod(0o751)
    link = tmp_path / "link"
    link.symlink_to("script")
    build("a", "-o", "link")
    assert script.read_text() == "a\n"
    assert stat.S_IMODE(script.stat().st_mode) == 0o751
    assert link.is_symlink()
    umask = os.umask(0o022)
    os.umask(umask)
    build("a", "-o", "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~umask
    assert build("a", "-o", "/dev/stdout").stdout == "a\n"


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(build: Run, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("keep")
    folder.chmod(0o555)
    assert build("a", "-o", "folder/file").returncode == 1
    assert (folder / "file").read_text() == "keep"


@POSIX
def test_bytes_stay_what_they_are(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "procrun", "build", b"printf '<%s>' $x \xff", b"--x=\xfe'", "-o"]
    for target, runner in RUNNERS.items():
        subprocess.run([*argv, "out", "--as", target], cwd=tmp_path, check=True)
        done = subprocess.run([*runner, "out"], cwd=tmp_path, capture_output=True, check=False)
        assert (done.stdout, done.stderr) == (b"<\xfe'><\xff>", b"")
