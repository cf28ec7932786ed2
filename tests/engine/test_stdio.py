"""Where the three streams of every stage lead: each source and sink, alone and together."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from procrun import CAPTURE, INHERIT, MERGE, NULL, PIPE, Command, FileError, Head, OutputTooLarge, Spill, Tail, cmd
from procrun.plan.redirect import Redirect

Program = Callable[..., Any]


def both(program: Program, out: str = "out", err: str = "err") -> Any:
    return program("exit_with", 0, out, err)


def redirected(command: Command, *redirects: Redirect, **fields: Any) -> Command:
    return replace(command, redirects=redirects, **fields)


def test_a_path(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "out"
    path.write_text("what was there before, and longer")
    assert both(program).run(stdout=path, stderr=NULL).stdout_bytes is None
    assert path.read_text() == "out"
    assert program("cat").read(stdin=path) == "out"


def test_a_descriptor_and_an_open_file_are_given_to_the_child(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "out"
    with path.open("w") as file:
        file.write("ours, ")
        both(program).run(stdout=file, stderr=file.fileno())
    assert path.read_text().startswith("ours, ")
    assert sorted(path.read_text()[6:]) == sorted("outerr")


def test_a_file_without_a_descriptor_is_written_by_us(program: Program) -> None:
    binary, text = io.BytesIO(), io.StringIO()
    both(program, "ü").run(stdout=binary, stderr=text)
    assert (binary.getvalue(), text.getvalue()) == ("ü".encode(), "err")


def test_a_callable_gets_every_piece(program: Program) -> None:
    pieces: list[bytes] = []
    program("flood", 1_000_000).run(stdout=pieces.append)
    assert len(b"".join(pieces)) == 1_000_000
    assert all(pieces)


def test_a_list_of_sinks_gets_all_of_it_each(tmp_path: Path, program: Program, capfd: Any) -> None:
    path, pieces, text = tmp_path / "copy", [], io.StringIO()
    with (tmp_path / "file").open("wb", buffering=0) as raw, (tmp_path / "text").open("w") as file:
        sinks = [INHERIT, CAPTURE, path, pieces.append, text, raw, file, NULL]
        result = program("exit_with", 0, "out\n").run(stdout=sinks)
    assert result.stdout == "out\n"
    assert capfd.readouterr().out == "out\n"
    assert path.read_text() == "".join(piece.decode() for piece in pieces) == text.getvalue() == "out\n"
    assert (tmp_path / "file").read_text() == (tmp_path / "text").read_text() == "out\n"


def test_stderr_has_a_list_of_its_own(tmp_path: Path, program: Program, capfd: Any) -> None:
    result = (both(program, "", "one\n") | both(program, "", "two\n")).run(stderr=[tmp_path / "err", INHERIT, CAPTURE])
    assert sorted(result.stderr.splitlines()) == ["one", "two"]
    assert sorted((tmp_path / "err").read_text().splitlines()) == ["one", "two"]
    assert sorted(capfd.readouterr().err.splitlines()) == ["one", "two"]
    assert [stage.stderr for stage in result.stages] == [b"one\n", b"two\n"]


def test_invalid_text_reaches_every_kind_of_sink_whole(tmp_path: Path, program: Program) -> None:
    data = b"\xc3\xa9 \xff\xfe \xc3"
    text = io.StringIO()
    with (tmp_path / "text").open("w", encoding="ascii") as file:
        result = program("cat").run(input=data, stdout=[CAPTURE, text, file, tmp_path / "path"])
    assert result.stdout_bytes == data
    assert result.stdout == text.getvalue() == "é \udcff\udcfe \udcc3"
    assert result.stdout.encode("utf-8", "surrogateescape") == data
    assert (tmp_path / "text").read_bytes() == (tmp_path / "path").read_bytes() == data


@pytest.mark.parametrize(
    ("encoding", "errors", "text"),
    [
        ("utf-8", "replace", "é \ufffd\ufffd"),
        ("utf-8", "backslashreplace", "é \\xff\\xc3"),
        ("latin-1", "strict", "Ã© ÿÃ"),
    ],
)
def test_how_text_is_made_of_what_was_captured(encoding: str, errors: str, text: str, program: Program) -> None:
    result = program("cat").capture(input=b"\xc3\xa9 \xff\xc3", encoding=encoding, errors=errors)
    assert result.stdout == text
    assert result.stdout_bytes == b"\xc3\xa9 \xff\xc3"


def test_finishing_a_run_raises_no_decode_error_but_asking_for_text_may(program: Program) -> None:
    result = program("cat").capture(input=b"\xff", errors="strict")
    assert result.stdout_bytes == b"\xff"
    with pytest.raises(UnicodeDecodeError):
        assert result.stdout


def test_one_path_for_the_stderr_of_all_stages(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "err"
    stages = [program("noisy_cat", 10_000) for _ in range(3)]
    (stages[0] | stages[1] | stages[2]).run(stdin=NULL, stdout=NULL, stderr=path)
    assert path.read_bytes() == b"e" * 30_000
    part = (stages[0] | stages[1]).with_(stderr=path)
    (part | stages[2]).run(stdin=NULL, stdout=NULL, stderr=NULL)
    assert path.read_bytes() == b"e" * 20_000


def test_merge_of_a_stage_is_what_its_neighbour_reads(program: Program) -> None:
    result = (program("exit_with", 0, "out", "err", stderr=MERGE) | program("cat")).capture()
    assert sorted(result.stdout) == sorted("outerr")
    assert result.stderr == ""


def test_merge_of_the_run_is_where_its_output_goes(program: Program) -> None:
    result = (both(program, "", "first\n") | program("cat") | both(program, "last\n", "")).capture(stderr=MERGE)
    assert sorted(result.stdout.splitlines()) == ["first", "last"]
    assert result.stderr_bytes is None


def test_merge_keeps_the_order_of_the_writes(program: Program) -> None:
    script = "import os\nfor n in range(500): os.write(1 + n % 2, b'%d\\n' % n)"
    numbers = cmd(sys.executable, "-S", "-c", script).read(stderr=MERGE).split()
    assert numbers == [str(n) for n in range(500)]


def test_a_stage_says_itself_where_its_streams_lead(tmp_path: Path, program: Program) -> None:
    (tmp_path / "in").write_text("from a file")
    quiet = both(program, "seen by nobody", "too").with_(stdout=NULL, stderr=tmp_path / "err")
    result = (quiet | program("cat", stdin=tmp_path / "in")).capture()
    assert (result.stdout, result.stderr) == ("from a file", "")
    assert (tmp_path / "err").read_text() == "too"


def test_capturing_in_the_middle(program: Program) -> None:
    result = (both(program).with_(stdout=CAPTURE, stderr=CAPTURE) | program("count")).run(stdout=NULL, stderr=NULL)
    assert (result.stdout, result.stderr) == ("out", "err")


@pytest.mark.parametrize(
    ("redirects", "stdout", "stderr"),
    [
        ((), "out", "err"),
        ((Redirect(2, "copy", 1),), "outerr", ""),
        ((Redirect(1, "copy", 2),), "", "outerr"),
        ((Redirect(1, "write", os.devnull), Redirect(2, "copy", 1)), "", ""),
        ((Redirect(2, "copy", 1), Redirect(1, "write", os.devnull)), "err", ""),
        ((Redirect(2, "write", os.devnull),), "out", ""),
    ],
)
def test_redirections_act_in_their_order(
    redirects: tuple[Redirect, ...], stdout: str, stderr: str, program: Program
) -> None:
    result = redirected(both(program), *redirects).capture()
    assert (sorted(result.stdout), sorted(result.stderr)) == (sorted(stdout), sorted(stderr))


def test_a_text_as_input_by_redirection(program: Program) -> None:
    assert redirected(program("cat"), Redirect(0, "text", b"one\n")).read() == "one"
    pipeline = program("flood", 10) | redirected(program("cat"), Redirect(0, "text", b"two\n"))
    assert pipeline.capture(check=False).stdout == "two\n"


def test_stderr_along_with_stdout(program: Program) -> None:
    result = (redirected(both(program), with_stderr=True) | program("cat")).capture()
    assert (sorted(result.stdout), result.stderr) == (sorted("outerr"), "")
    result = (redirected(both(program), Redirect(1, "write", os.devnull), with_stderr=True) | program("cat")).capture()
    assert (result.stdout, result.stderr) == ("", "")


def test_max_output_fails_the_run(program: Program) -> None:
    with pytest.raises(OutputTooLarge) as raised:
        program("flood", 10_000_000).capture(max_output=1000, check=False)
    result = raised.value.result
    assert len(result.stdout_bytes or b"") == 1000
    assert result.stdout_dropped > 0
    assert str(raised.value) == (
        f"the output is larger than max_output=1000 bytes (in `{result.command}`)\n"
        "  raise the limit, keep a part with Head(n) or Tail(n), or spill to a file with Spill(n, path)"
    )
    with pytest.raises(OutputTooLarge):
        program("lines").capture(max_output=1000)
    assert program("flood", 1000).capture(max_output=1000).stdout_dropped == 0


@pytest.mark.parametrize(("limit", "part"), [(Head(100), slice(0, 100)), (Tail(100), slice(-100, None))])
def test_max_output_keeps_a_part_and_counts_the_rest(limit: Any, part: slice, program: Program) -> None:
    whole = program("flood", 1_000_000, 500_000).capture()
    result = program("flood", 1_000_000, 500_000).capture(max_output=limit)
    assert (result.stdout, result.stdout_dropped) == (whole.stdout[part], 999_900)
    assert (result.stderr, result.stderr_dropped) == (whole.stderr[part], 499_900)


def test_max_output_spills_each_stream_to_a_file_of_its_own(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "spilt"
    result = both(program, "o" * 500, "e" * 500).capture(max_output=Spill(100, path))
    assert (result.stdout, result.stdout_dropped) == ("o" * 100, 400)
    assert path.read_text() == "o" * 500
    assert (tmp_path / "spilt.stderr").read_text() == "e" * 500
    both(program, "", "x" * 500).run(stdout=NULL, stderr=CAPTURE, max_output=Spill(0, path))
    assert path.read_text() == "x" * 500


def test_a_file_that_cannot_be_spilt_to(tmp_path: Path, program: Program) -> None:
    folder, missing = tmp_path / "folder", tmp_path / "missing" / "file"
    folder.mkdir()
    kept = tmp_path / "kept"
    kept.write_text("kept")
    hint = "  correct the path of Spill(n, path): its folder must exist, with room and the permission to write there"
    with pytest.raises(FileError) as raised:
        both(program).run(stdout=[CAPTURE, kept], max_output=Spill(0, missing))
    assert str(raised.value) == f"the output cannot be spilt to `{missing}`: No such file or directory\n{hint}"
    assert (kept.read_text(), raised.value.errno) == ("kept", errno.ENOENT)
    with pytest.raises(FileError) as raised:
        program("lines").capture(max_output=Spill(5, folder))
    assert str(raised.value) == f"the output cannot be spilt to `{folder}`: {raised.value.strerror}\n{hint}"


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_descriptor_that_is_not_open(name: str, program: Program) -> None:
    message = (
        f"`{name}` is the descriptor 9999, which is not open; "
        "give one that is, an open file, a path, or NULL to have none"
    )
    for pipeline in (program("cat", **{name: 9999}) | program("cat"), program("cat").pipeline.with_(**{name: 9999})):
        with pytest.raises(ValueError) as raised:
            pipeline.run()
        assert str(raised.value) == message


def test_input_and_stdin_together_cost_nothing(tmp_path: Path, program: Program) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    for pipeline in (program("cat", stdin=os.devnull), program("cat").with_(stdin=NULL)):
        with pytest.raises(ValueError) as raised:
            pipeline.run(input=b"x", stdout=kept)
        assert str(raised.value) == "`input` and `stdin` are both given; the first stage can read only one of them"
    assert kept.read_text() == "kept"


def test_a_pipe_for_a_later_stages_stdin(program: Program) -> None:
    with pytest.raises(ValueError) as raised:
        (program("cat") | program("cat", stdin=PIPE)).start()
    assert str(raised.value) == (
        "`stdin=PIPE` is for the first stage; the others read what the stage before them writes"
    )


def test_stages_that_hand_out_their_stderr_share_it(program: Program) -> None:
    pipeline = program("exit_with", 0, "", "one\n", stderr=PIPE) | program("exit_with", 0, "", "two\n", stderr=PIPE)
    with pipeline.start(stdout=NULL) as running:
        assert running.stderr is not None
        assert sorted(running.stderr.read().split()) == [b"one", b"two"]
        assert running.wait().is_success


def test_what_we_have_buffered_comes_before_what_the_child_writes(tmp_path: Path, program: Program) -> None:
    with (tmp_path / "text").open("w") as file:
        for number in range(3):
            file.write(f"ours {number}, ")
            program("exit_with", 0, f"child {number}, ").run(stdout=[file, CAPTURE])
    assert (tmp_path / "text").read_text() == "ours 0, child 0, ours 1, child 1, ours 2, child 2, "
