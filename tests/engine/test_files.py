"""The files of a run: their order, what is emptied when, and the words for one that cannot be opened."""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from procrun import CAPTURE, INHERIT, FileError, Pipeline, cmd
from procrun.engine.files import Files
from procrun.plan.redirect import Redirect
from procrun.signals import DeadlineExceeded, deadline, handle

WINDOWS = os.name == "nt"


def test_inputs_are_opened_before_outputs_and_nothing_is_emptied_before_all_are_open(tmp_path: Path) -> None:
    for name in ("in", "out"):
        (tmp_path / name).write_text("kept")
    with ExitStack() as stack:
        files = Files("", stack)
        output = files.want(str(tmp_path / "out"), "write")
        source = files.want(str(tmp_path / "in"), "read")
        files.open_all()
        assert source.descriptor < output.descriptor
        assert (tmp_path / "out").read_text() == "kept"
        files.empty_all()
        assert (tmp_path / "out").read_text() == ""
        assert (tmp_path / "in").read_text() == "kept"


def test_what_is_no_path_stays_what_it_is() -> None:
    with ExitStack() as stack:
        files = Files("", stack)
        for value in (None, INHERIT, 5, b"text", len):
            assert files.want(value, "write") is value
        assert files.want((INHERIT, CAPTURE), "write") == (INHERIT, CAPTURE)


def test_options_that_name_one_file_share_it_and_redirections_do_not() -> None:
    with ExitStack() as stack:
        files = Files("", stack)
        assert files.want("f", "write") is files.want("f", "write")
        assert files.want("f", "write") is not files.want("f", "append")
        assert files.want("f", "write", (0, 1)) is not files.want("f", "write", (2, 3))
        assert files.want("f", "write") is not files.want("f", "write", (0, 1))


def test_appending_keeps_what_is_there(tmp_path: Path, program: Callable[..., Any]) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\n")
    appended = Redirect(1, "append", str(path))
    stage = program("exit_with", 0, "two").pipeline.stages[0]
    for _ in range(2):
        replace(stage, redirects=(appended,)).run()
    assert path.read_bytes() == b"one\ntwotwo"


@pytest.mark.parametrize("name", ["/dev/null", os.devnull])
def test_the_null_device_has_its_name_of_unix_everywhere(name: str, program: Callable[..., Any]) -> None:
    result = program("count").run(stdin=name, stdout=name, stderr=name)
    assert result.is_success


def reason(name: str, how: str, why: int) -> str:
    return f"`{name}` cannot be opened for {how}: {os.strerror(why)}"


HINT = "\n  nothing of this pipeline was started, and no file was emptied"


def linked(folder: Path) -> list[str]:
    """A file with something in it, and every name by which it can be called."""
    kept = folder / "kept"
    kept.write_text("kept")
    os.link(kept, folder / "hard")
    names = ["kept", "hard", os.path.join(".", "kept")]
    if not WINDOWS:
        os.symlink("kept", folder / "soft")
        names.append("soft")
    return names


def would_be_lost(name: str, same: str, place: str = "") -> str:
    other = "" if same == name else f"\n  it is the same file as `{same}`"
    hint = HINT.replace("\n  ", "\n  write to another file, and rename that afterwards; ")
    return f"`{name}` would be emptied before it is read{place}{other}{hint}"


def test_an_input_that_would_be_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in linked(tmp_path):
        one = program("cat", stdin="kept", stdout=name)
        two = program("cat", stdin="kept") | program("cat", stderr=name)
        late = program("cat", stdout=name) | program("cat", stdin="kept")
        for pipeline in (one, two, late):
            with pytest.raises(FileError) as raised:
                pipeline.run()
            assert str(raised.value) == would_be_lost(name, "kept")
            assert Path("kept").read_text() == "kept"


def test_the_place_of_the_output_that_would_empty_an_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in linked(tmp_path):
        text = f"sort < kept > {name}"
        redirects = Redirect(0, "read", "kept", (5, 11)), Redirect(1, "write", name, (12, len(text)))
        with pytest.raises(FileError) as raised:
            Pipeline((replace(cmd("sort"), redirects=redirects),), text=text).run()
        carets = " " * 12 + "^" * len(f"> {name}")
        assert str(raised.value) == would_be_lost(name, "kept", f"\n  {text}\n  {carets}")
        assert (raised.value.exit_code, Path("kept").read_text()) == (1, "kept")


def test_an_input_that_is_only_added_to_or_is_no_file_of_a_disk(tmp_path: Path, program: Callable[..., Any]) -> None:
    path = tmp_path / "kept"
    path.write_text("kept")
    appended = Redirect(1, "append", str(path))
    replace(program("exit_with", 0, " more").pipeline.stages[0], redirects=(appended,)).run(stdin=path)
    assert path.read_text() == "kept more"
    assert program("cat").run(stdin=os.devnull, stdout=os.devnull).is_success


def test_an_input_that_is_missing(tmp_path: Path, program: Callable[..., Any]) -> None:
    missing, kept, untouched = (str(tmp_path / name) for name in ("missing", "kept", "untouched"))
    Path(kept).write_text("kept")
    pipeline = program("cat", stdin=missing) | program("cat", stdout=kept)
    with pytest.raises(FileError) as raised:
        pipeline.run(stderr=untouched)
    error = raised.value
    assert str(error) == reason(missing, "reading", errno.ENOENT) + HINT
    assert (error.errno, error.filename, error.exit_code) == (errno.ENOENT, missing, 1)
    assert Path(kept).read_text() == "kept"
    assert not Path(untouched).exists()


@pytest.mark.skipif(WINDOWS, reason="Windows says permission denied, and about other things")
@pytest.mark.parametrize(
    ("option", "name", "why"),
    [
        ("stdin", "no/such", errno.ENOENT),
        ("stdin", "file/below", errno.ENOTDIR),
        ("stdout", ".", errno.EISDIR),
        ("stdout", "no/such", errno.ENOENT),
        ("stderr", "file/below", errno.ENOTDIR),
        ("stdout", "x" * 300, errno.ENAMETOOLONG),
    ],
)
def test_files_that_cannot_be_opened(
    option: str, name: str, why: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("kept")
    with pytest.raises(FileError) as raised:
        cmd("true").run(**{option: name})  # type: ignore[misc]
    assert str(raised.value) == reason(name, "reading" if option == "stdin" else "writing", why) + HINT


def test_the_place_of_a_redirection_is_pointed_at() -> None:
    text = "sort < no/such"
    stage = replace(cmd("sort"), executable="/bin/sh", redirects=(Redirect(0, "read", "no/such", (7, 14)),))
    with pytest.raises(FileError) as raised:
        Pipeline((stage,), text=text).run()
    assert str(raised.value) == (
        f"{reason('no/such', 'reading', errno.ENOENT)}\n  sort < no/such\n         ^^^^^^^{HINT}"
    )


def test_a_name_that_no_system_has() -> None:
    with pytest.raises(FileError) as raised:
        cmd("true").run(stdin="a\0b")
    assert str(raised.value) == f"`a\\x00b` cannot be opened for reading: no file has such a name{HINT}"


def test_a_file_for_both_streams_gets_both(tmp_path: Path, program: Callable[..., Any]) -> None:
    both = tmp_path / "both"
    program("exit_with", 0, "out", "err").run(stdout=both, stderr=both)
    assert sorted(both.read_text()) == sorted("outerr")
    noisy = program("exit_with", 0, "o" * 5000, "e" * 5000)
    (noisy | program("cat")).run(stdout=both, stderr=[both, CAPTURE])
    assert sorted(both.read_text()) == ["e"] * 5000 + ["o"] * 5000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
def test_a_fifo_is_waited_for_until_a_handler_raises(tmp_path: Path, program: Callable[..., Any]) -> None:
    os.mkfifo(tmp_path / "fifo")
    command = program("cat", stdin=tmp_path / "fifo")
    with pytest.raises(DeadlineExceeded), deadline(0.2):
        command.run()

    def give_up(number: int, frame: object) -> None:
        raise TimeoutError("the caller's own")

    with handle("USR1", give_up), pytest.raises(TimeoutError, match=r"^the caller's own$"):
        sender = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1))
        sender.start()
        command.run()
    sender.join()
