"""All or nothing: what is found before anything starts, and what a failed start leaves, which is nothing."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from procrun import CAPTURE, NULL, PIPE, FileError, Function, ProgramNotFound, ProgramNotRunnable, cmd, engine
from procrun.signals import DeadlineExceeded, handle

Program = Callable[..., Any]
POSIX = os.name == "posix"
posix_only = pytest.mark.skipif(not POSIX, reason="Windows finds and starts programs by other rules")


def script(path: Path, text: str, mode: int = 0o755) -> Path:
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


@posix_only
def test_a_missing_second_program_costs_nothing(tmp_path: Path, program: Program) -> None:
    folder, kept, new = tmp_path / "bin", tmp_path / "kept", tmp_path / "new"
    folder.mkdir()
    for name in ("sort", "strot", "cat"):
        script(folder / name, "#!/bin/sh\n")
    kept.write_text("kept")
    first = program("exit_with", 0, "never run", stdout=[CAPTURE, new])
    pipeline = first | cmd("srot", "-u", env={"PATH": f"{folder}:/no/such"}) | program("cat", stdout=kept)
    with pytest.raises(ProgramNotFound) as raised:
        pipeline.run(stderr=new)
    error = raised.value
    assert str(error) == (
        "no program `srot` (in stage 2 of 3, `srot -u`)\n"
        f"  searched in {folder}:/no/such\n"
        "  did you mean `strot` or `sort`?"
    )
    assert (error.program, error.searched) == ("srot", (str(folder), "/no/such"))
    assert (error.errno, error.filename, error.exit_code) == (errno.ENOENT, "srot", 127)
    assert kept.read_text() == "kept"
    assert not new.exists()


def test_a_single_missing_program(tmp_path: Path) -> None:
    with pytest.raises(ProgramNotFound) as raised:
        cmd("no-such-program-at-all", env={"PATH": str(tmp_path)}).read()
    assert str(raised.value) == (
        "no program `no-such-program-at-all` (in `no-such-program-at-all`)\n"
        f"  searched in {tmp_path}\n"
        "  correct the name, install the program, or add its folder to PATH"
    )


@posix_only
@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (("ls -l",), "write cmd('ls', '-l'), or run('ls -l')"),
        (("ls -l", "x"), "write cmd('ls', '-l'), or run('ls -l')"),
        (("/bin/sh -c x",), "write cmd('/bin/sh', '-c', 'x'), or run('/bin/sh -c x')"),
        (
            ("ls | sort",),
            "that is a text of the pipeline language, for run('ls | sort'); cmd takes a program and its arguments",
        ),
        (("/no such/tool",), "look at the path; it starts from the folder the command is written in"),
    ],
)
def test_a_name_that_is_a_whole_command(argv: tuple[str, ...], hint: str, tmp_path: Path) -> None:
    with pytest.raises(ProgramNotFound) as raised:
        cmd(*argv, env={"PATH": str(tmp_path)}).run()
    searched = f"there is no such file in `{os.getcwd()}`" if "/" in argv[0] else f"searched in {tmp_path}"
    assert str(raised.value) == f"no program `{argv[0]}` (in `{cmd(*argv)}`)\n  {searched}\n  {hint}"


@posix_only
def test_the_path_of_the_command_is_searched(tmp_path: Path) -> None:
    script(tmp_path / "tool", "#!/bin/sh\necho found\n")
    assert cmd("tool", env={"PATH": str(tmp_path)}).read() == "found"
    assert cmd("tool").with_(env={"PATH": str(tmp_path)}).read() == "found"
    assert cmd("tool").pipeline.with_(env={"PATH": str(tmp_path)}).read() == "found"
    with pytest.raises(ProgramNotFound):
        cmd("tool").read()


@posix_only
def test_a_relative_program_starts_from_here_and_not_from_cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "tool", "#!/bin/sh\npwd\n")
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(tmp_path)
    assert cmd("./tool", cwd="other").read() == str(other)
    assert cmd("other/../tool", cwd=other).read() == str(other)


@pytest.mark.parametrize("is_function", [False, True])
def test_a_folder_that_is_missing(is_function: bool, tmp_path: Path, program: Program) -> None:
    missing = str(tmp_path / "missing")
    stage: Any = program("cat")
    if is_function:
        stage = Function(print)
    with pytest.raises(FileError) as raised:
        stage.with_(cwd=missing).pipeline.run()
    assert str(raised.value) == f"there is no folder `{missing}` to run in (in `{stage}`)\n  create it, or name another"
    assert (raised.value.errno, raised.value.filename) == (errno.ENOENT, missing)


def test_a_folder_that_is_a_file(tmp_path: Path, program: Program) -> None:
    file = tmp_path / "file"
    file.write_text("")
    command = program("cat")
    with pytest.raises(FileError) as raised:
        (command | command).run(cwd=file)
    assert str(raised.value) == f"`{file}` is no folder to run in (in stage 1 of 2, `{command}`)\n  name a folder"
    assert raised.value.errno == errno.ENOTDIR


def test_the_folder_of_the_run_and_of_a_stage(tmp_path: Path, program: Program) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    where = program("print_cwd")
    (tmp_path / "out").touch()
    assert where.read(cwd=tmp_path) == str(tmp_path)
    assert where.with_(cwd=inner).read(cwd=tmp_path) == str(inner)


def test_the_environment_is_added_to_and_taken_from(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "kept")
    monkeypatch.setenv("GONE", "gone")
    show = program("print_env", "KEPT", "GONE", "RUN", "STAGE", env={"STAGE": "stage", "RUN": "stage"})
    assert show.read(env={"GONE": None, "RUN": "run", "STAGE": "run"}) == (
        '{"KEPT": "kept", "GONE": null, "RUN": "stage", "STAGE": "stage"}'
    )


def test_a_clean_environment_has_only_what_is_given(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "ours")
    show = program("print_env", "OURS", "GIVEN", clean_env=True)
    assert show.read(env={"GIVEN": "given"}) == '{"OURS": null, "GIVEN": "given"}'
    own = show.with_(clean_env=False)
    assert own.read(clean_env=True) == '{"OURS": "ours", "GIVEN": null}'
    assert (show.with_(stdout=NULL) | own).read(clean_env=True) == '{"OURS": "ours", "GIVEN": null}'
    if POSIX:
        own = {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"}
        assert set(json.loads(program("print_env", clean_env=True).read())) - own == {"PROCRUN_RUN"}


@posix_only
def test_bytes_that_are_not_text_reach_the_child(program: Program) -> None:
    argument = os.fsdecode(b"\xff\xfe")
    code = "import os, sys; sys.stdout.buffer.write(os.fsencode(sys.argv[1]) + os.environb[b'V'])"
    result = cmd(sys.executable, "-S", "-c", code, argument, env={"V": argument}).capture()
    assert result.stdout_bytes == b"\xff\xfe\xff\xfe"


@posix_only
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_start_that_fails_midway_leaves_nothing(place: int, tmp_path: Path, program: Program) -> None:
    # A binary, by its NUL, of a kind that only the kernel knows it does not know.
    odd = script(tmp_path / "odd", "\0")
    out = tmp_path / "out"
    out.write_text("emptied, as by a shell: the start had begun")
    stages: list[Any] = [program("hold_pipe"), program("hold_pipe")]
    stages.insert(place, cmd(odd))
    pipeline = stages[0] | stages[1] | stages[2]
    with pytest.raises(ProgramNotRunnable) as raised:
        pipeline.start(stdin=PIPE, stdout=[CAPTURE, out], stderr=PIPE)
    assert str(raised.value) == (
        f"`{odd}` is neither a program of this system nor a script that names its interpreter "
        f"(in stage {place + 1} of 3, `{odd}`)\n"
        "  begin the script with a line such as `#!/bin/sh`, or name the interpreter: `sh SCRIPT`"
    )
    assert (raised.value.errno, raised.value.program, raised.value.exit_code) == (errno.ENOEXEC, str(odd), 126)
    assert out.read_text() == ""


@posix_only
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("text", "arguments"),
    [("#!/no/such/interpreter\n", []), ("echo\n", []), ("", []), ("#!/bin/sh\n", ["x" * 200_000])],
)
def test_a_program_that_cannot_start_is_found_before_any_file_is_emptied(
    text: str, arguments: list[str], place: int, tmp_path: Path, program: Program
) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    stages = [program("exit_with", 0, stdout=[CAPTURE, kept])]
    stages.insert(place, cmd(script(tmp_path / "tool", text), *arguments))
    with pytest.raises(ProgramNotRunnable) as raised:
        (stages[0] | stages[1]).run(stdout=kept)
    assert raised.value.stage.startswith(f"stage {place + 1} of 2, `{tmp_path / 'tool'}")
    assert kept.read_text() == "kept"


@posix_only
@pytest.mark.parametrize(
    ("first_line", "message"),
    [
        (
            "#!/no/such/interpreter -x\n",
            "`{path}` asks for the interpreter `/no/such/interpreter`, which does not exist (in `{path}`)\n"
            "  correct its first line, or install the interpreter",
        ),
        (
            "#! /no/such/interpreter\n",
            "`{path}` asks for the interpreter `/no/such/interpreter`, which does not exist (in `{path}`)\n"
            "  correct its first line, or install the interpreter",
        ),
        (
            "#!/bin/sh\r\n",
            "`{path}` asks for an interpreter whose name ends in a carriage return: its lines end in CR LF "
            "(in `{path}`)\n"
            "  save the script with the line ends of Unix: `sed -i 's/\\r$//' {path}`",
        ),
    ],
)
def test_a_script_whose_interpreter_is_missing(first_line: str, message: str, tmp_path: Path) -> None:
    path = script(tmp_path / "script", first_line)
    with pytest.raises(ProgramNotRunnable) as raised:
        cmd(path).run()
    assert str(raised.value) == message.format(path=path)
    assert raised.value.errno == errno.ENOENT


@posix_only
def test_arguments_that_are_too_large(program: Program) -> None:
    command = program("cat", "x" * 200_000, "y")
    with pytest.raises(ProgramNotRunnable) as raised:
        (program("hold_pipe") | command).run()
    lines = str(raised.value).splitlines()
    total = sum(len(os.fsencode(argument)) + 1 for argument in command.argv)
    limit = os.sysconf("SC_ARG_MAX")
    assert lines[0].startswith(
        f"the arguments of `{sys.executable}` are too large for the system: 5 arguments, {total} bytes, "
        f"the longest 200000 bytes; the limit is {limit} bytes with the environment, "
        "and on Linux 131072 bytes for each (in stage 2 of 2, `"
    )
    assert len(lines[0]) < 900
    assert lines[1:] == ["  pass the data through stdin or a file, or call the program several times"]


@posix_only
def test_an_environment_that_is_too_large(program: Program) -> None:
    with pytest.raises(ProgramNotRunnable) as raised:
        program("cat").run(env={"A": "1", "LARGE": "x" * 200_000}, clean_env=True)
    reason, hint = str(raised.value).splitlines()
    assert re.sub(r"\b3 variables, \d+ bytes", "3 variables, N bytes", reason).startswith(
        f"the environment of `{sys.executable}` is too large for the system: 3 variables, N bytes, the largest "
        f"`LARGE` with 200007 bytes; the limit is {os.sysconf('SC_ARG_MAX')} bytes with the arguments, "
        "and on Linux 131072 bytes for each (in `"
    )
    assert hint == "  shorten `LARGE` or take it away, and pass the data through stdin or a file"


@posix_only
def test_a_program_without_permission_is_found_before_anything_starts(tmp_path: Path, program: Program) -> None:
    path = script(tmp_path / "tool", "#!/bin/sh\n", 0o644)
    kept = tmp_path / "kept"
    kept.write_text("kept")
    with pytest.raises(ProgramNotRunnable) as raised:
        (program("hold_pipe") | cmd(path)).run(stdout=kept)
    assert str(raised.value) == (
        f"`{path}` may not be executed (in stage 2 of 2, `{path}`)\n"
        f"  make it a program (`chmod +x {path}`), or name its interpreter (`sh {path}`)"
    )
    assert (raised.value.errno, kept.read_text()) == (errno.EACCES, "kept")


@posix_only
@pytest.mark.parametrize(
    ("arguments", "variables", "what"),
    [
        (["\ud800"], {}, "its argument 1 holds `\\ud800`"),
        (["x", "ü\udcff\udfff"], {}, "its argument 2 holds `\\udfff`"),
        ([], {"A": "x\ud800"}, "the variable `A` holds `\\ud800`"),
        ([], {"\ud800": None}, "the variable `\\ud800` holds `\\ud800`"),
    ],
)
def test_text_that_has_no_bytes_costs_nothing(
    arguments: list[str], variables: dict[str, str], what: str, tmp_path: Path, program: Program
) -> None:
    kept, new = tmp_path / "kept", tmp_path / "new"
    kept.write_text("kept")
    command = cmd("echo", *arguments, env=variables)
    with pytest.raises(ProgramNotRunnable) as raised:
        (program("exit_with", 0, stdout=new) | command).run(stdout=kept)
    shown = str(command).replace("\ud800", "\\ud800").replace("\udfff", "\\udfff")
    assert str(raised.value) == (
        f"`echo` cannot be started: {what}, which utf-8 cannot encode (in stage 2 of 2, `{shown}`)\n"
        "  correct the text that it comes from; half a surrogate pair is no character"
    )
    assert (kept.read_text(), new.exists()) == ("kept", False)


@posix_only
def test_a_program_that_went_away_after_it_was_found(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    with pytest.raises(ProgramNotRunnable) as raised:
        replace(cmd("gone"), executable=gone).run()
    assert str(raised.value) == (
        f"`{gone}` or its loader has gone (in `gone`)\n"
        "  look whether the file still exists, and for which system it was built"
    )


def test_an_undone_start_closes_the_callers_streams(tmp_path: Path) -> None:
    with pytest.raises(ProgramNotRunnable):
        engine.start(replace(cmd("x"), executable=str(tmp_path)).pipeline.with_(stdin=PIPE, stdout=PIPE, stderr=PIPE))


class Interrupting(io.BytesIO):
    """A sink that has a signal sent when it is asked for its descriptor, in the middle of a start."""

    def fileno(self) -> int:
        signal.raise_signal(signal.SIGINT)
        raise OSError("it has none")


@pytest.mark.parametrize("is_background", [False, True])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), DeadlineExceeded(1.0), TimeoutError("the caller's own"), RuntimeError("his own")]
)
def test_what_a_handler_raises_in_a_start_stays_as_it_is_and_leaves_nothing(
    error: BaseException, is_background: bool, program: Program
) -> None:
    def give_up(number: int, frame: object) -> None:
        raise error

    pipeline = program("sleeper") | program("cat")
    with handle("INT", give_up), pytest.raises(type(error)) as raised:
        (pipeline.start if is_background else pipeline.run)(stdout=Interrupting())
    assert raised.value is error
    assert psutil.Process().children() == []


def test_no_descriptor_of_ours_reaches_a_child(program: Program) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("there is no /proc to look at")
    code = """if True:
        import os
        opened = [int(fd) for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")]
        print(sorted(opened))
    """
    child = cmd(sys.executable, "-S", "-c", code)
    pipeline = program("cat") | child.with_(stdout=CAPTURE) | program("cat")
    assert pipeline.capture(input=iter([b"x"]), stderr=[NULL, CAPTURE], check=False).stdout == "[0, 1, 2]\n"
