"""`procrun pipe`: statuses, messages, arguments, streams, options."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procrun.quoting import quote_word

PROGRAMS = Path(__file__).parent.parent / "programs"
Run = Callable[..., "subprocess.CompletedProcess[str]"]

POSIX = pytest.mark.skipif(os.name == "nt", reason="programs and descriptors of Unix")
HELP = "\n  see `procrun pipe --help`\n"

PLAYED = {"ARGV": "echo_argv", "CAT": "cat", "CWD": "print_cwd", "ENV": "print_env", "EXIT": "exit_with"}
PLAYED |= {"HEAD": "head", "LINES": "lines", "SLEEP": "sleeper", "UPPER": "upper", "WHO": "identify"}
ENV = {"PY": sys.executable, **{name: str(PROGRAMS / f"{program}.py") for name, program in PLAYED.items()}}
"""Variables that texts use for programs."""


def shown(*words: object) -> str:
    """A command as messages show it, given with the variables of `ENV`."""
    return " ".join(quote_word(ENV.get(str(word).removeprefix("$"), str(word))) for word in words)


@pytest.fixture
def pipe(run_cli: Run, tmp_path: Path) -> Run:
    """`pipe(*args, **options)` runs `procrun pipe` in an empty folder, as `run_cli` does, with `ENV`."""

    def run(*args: object, env: dict[str, str | None] | None = None, **options: Any) -> Any:
        done = run_cli("pipe", *args, **{"cwd": tmp_path, **options, "env": {**ENV, **(env or {})}})
        stdout, stderr = (text.replace("\r\n", "\n") for text in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, stdout, stderr)

    return run


@pytest.mark.parametrize("code", [0, 1, 2, 3, 77, 124, 125, 126, 127, 128, 129, 141, 254, 255])
def test_the_status_is_the_programs(pipe: Run, code: int) -> None:
    done = pipe("$PY -S $EXIT $1", code)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_every_status_of_a_byte(pipe: Run) -> None:
    text = "X=; " + "; ".join(f'(exit {code}); X="$X $?"' for code in range(256))
    assert json.loads(pipe(f"{text}; $PY -S $ARGV $X").stdout) == ["".join(f" {code}" for code in range(256))]


@POSIX
@pytest.mark.parametrize(("number", "name"), [(1, "SIGHUP"), (2, "SIGINT"), (9, "SIGKILL"), (13, ""), (15, "SIGTERM")])
def test_a_program_that_a_signal_has_ended(pipe: Run, number: int, name: str) -> None:
    """Of broken pipes nobody wants to be told."""
    done = pipe(f"$PY -S $EXIT -{number}")
    hint = "  something ended it with that signal; 9 is often the system short of memory\n" if number == 9 else ""
    told = f"procrun: `{shown('$PY', '-S', '$EXIT', -number)}` was ended by {name}\n{hint}" if name else ""
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "", told)


def test_a_stage_before_the_last_is_told(pipe: Run) -> None:
    done = pipe("$PY -S $EXIT 3 | $PY -S $EXIT 0")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"procrun: `{shown('$PY', '-S', '$EXIT', 3)}` exited with status 3 (in stage 1 of 2)\n"
        "  with --no-pipefail only the last stage of a pipeline counts\n"
    )


def test_the_rightmost_stage_that_failed_counts(pipe: Run) -> None:
    done = pipe("$PY -S $EXIT 3 | $PY -S $EXIT 4 | $PY -S $EXIT 0")
    assert done.returncode == 4
    assert done.stderr == (
        f"procrun: `{shown('$PY', '-S', '$EXIT', 4)}` exited with status 4 (in stage 2 of 3)\n"
        f"  stage 1 of 3 `{shown('$PY', '-S', '$EXIT', 3)}` exited with status 3, too\n"
        "  with --no-pipefail only the last stage of a pipeline counts\n"
    )


def test_without_pipefail_the_last_stage_counts(pipe: Run) -> None:
    for text in ("$PY -S $EXIT 3 | $PY -S $EXIT 0", "($PY -S $EXIT 3 | $PY -S $EXIT 0); exit $?"):
        done = pipe("--no-pipefail", text)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert pipe("--pipefail", text).returncode == 3


@POSIX
def test_a_reader_that_has_enough(pipe: Run) -> None:
    done = pipe("yes | head -1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "y\n", "")


@POSIX
@pytest.mark.parametrize("text", ["yes", "yes | cat", "true; yes", "(yes) | cat", "yes && echo not reached >&2"])
def test_whoever_reads_our_output_may_go(text: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "procrun", "pipe", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == b"y\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    # The programs were ended by it; a shell shows that of its last stage in this way, too.
    assert process.returncode == 141


def test_a_missing_program_is_pointed_at(pipe: Run) -> None:
    done = pipe("$PY -S $CAT | no-such-prog > out", env={"PATH": "/nowhere"})
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == (
        "procrun: no program `no-such-prog` (in stage 2 of 2, `no-such-prog`)\n"
        "  $PY -S $CAT | no-such-prog > out\n"
        "                ^^^^^^^^^^^^\n"
        "  searched in /nowhere\n"
        "  correct the name, install the program, or add its folder to PATH\n"
    )


@POSIX
def test_a_program_that_cannot_run(pipe: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = pipe("./file a")
    assert (done.returncode, done.stdout) == (126, "")
    assert done.stderr == (
        "procrun: `./file` may not be executed\n"
        "  ./file a\n"
        "  ^^^^^^\n"
        "  make it a program (`chmod +x ./file`), or name its interpreter (`sh ./file`)\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "echo $(ls",
            "`$(` is never closed\n  echo $(ls\n       ^^\n  expected `)`\n  write `)` where it ends",
        ),
        (
            "$PY $NOT_SET",
            "`NOT_SET` is not set\n  $PY $NOT_SET\n      ^^^^^^^^\n"
            "  set it first (NOT_SET=value), or write ${NOT_SET:-} where it may be missing",
        ),
        (
            "$PY $2",
            "there is no argument 2: 1 given\n  $PY $2\n      ^^\n"
            "  give more after the text, or write ${2:-} where it may be missing",
        ),
        (
            "cd; $PY",
            "`cd` takes one folder, not none\n  cd; $PY\n  ^^\n  name it; cd ~ is the home folder",
        ),
    ],
)
def test_a_wrong_text(pipe: Run, text: str, message: str) -> None:
    done = pipe(text, "argument")
    assert (done.returncode, done.stdout) == (2, "")
    first, *rest = done.stderr.splitlines()
    assert first.startswith("procrun: ")
    # How the parser words its errors, its own tests say.
    if "$(ls" not in text:
        assert done.stderr == f"procrun: {message}\n"
    assert rest[0] == f"  {text}"


def test_messages_do_not_obey_what_they_show(pipe: Run) -> None:
    for text in ("$1", "$1; exit 127", "($1; exit 127) | $PY -S $CAT"):
        done = pipe(text, "\x1b[31mred\r")
        assert done.returncode == 127
        assert done.stderr.startswith("procrun: no program `\\e[31mred\\r`")
        assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "TEXT is missing"),
        (["-f"], "TEXT is missing"),
        (["--timeout"], "`--timeout` wants a value: --timeout SECONDS"),
        (["--timeout", "soon", "a"], "--timeout: `soon` is not a number of seconds, such as 1.5"),
        (["--timeout", "-1", "a"], "--timeout: `-1` is not a number of seconds, such as 1.5"),
        (["--timeout", "nan", "a"], "--timeout: `nan` is not a number of seconds, such as 1.5"),
        (["--timeout=inf", "a"], "--timeout: `inf` is not a number of seconds, such as 1.5"),
        (["--cwd", "", "a"], "--cwd: the name is empty"),
        (["--input", "", "a"], "--input: the name is empty"),
        (["--output=", "a"], "--output: the name is empty"),
        (["--env", "=a", "a"], "--env: `=a` has no name; write --env NAME=VALUE"),
        (["--env", "", "a"], "--env: `` has no name; write --env NAME=VALUE"),
        (["--evn", "A=1", "a"], "there is no option `--evn`; did you mean `--env`?"),
        (["-x", "a"], "there is no option `-x`"),
        (["--file=x"], "`--file` takes no value"),
        (["--shell=x", "a"], "`--shell` takes no value"),
    ],
)
def test_a_wrong_command_line(pipe: Run, args: list[str], message: str) -> None:
    done = pipe(*args)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"procrun: {message}{HELP}")


@pytest.mark.parametrize(
    "args",
    [
        ["a b", "", "$x", "*", "a | b", "; rm"],
        ["--help"],
        ["--"],
        ["--", "-v", "--", "--timeout", "x"],
        ["-f", "-"],
        ["é", "\t\n"],
    ],
)
def test_what_follows_the_text_is_the_texts(pipe: Run, args: list[str], tmp_path: Path) -> None:
    assert json.loads(pipe("$PY -S $ARGV $@", *args).stdout) == args
    assert json.loads(pipe("--", "$PY -S $ARGV $@", *args).stdout) == args
    (tmp_path / "file").write_text("$PY -S $ARGV $# $@")
    assert json.loads(pipe("-f", "file", *args).stdout) == [str(len(args)), *args]


@POSIX
def test_bytes_that_are_no_text_arrive_as_they_are(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "procrun", "pipe"]
    for text in (b"printf '<%s>' $1 \xff $'\\xfd'", b"X=$(printf '%s' $1); printf '<%s>' $X \xff $'\\xfd'"):
        done = subprocess.run([*argv, text, b"\xfe\xc3"], capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"<\xfe\xc3><\xff><\xfd>", b"")
    (tmp_path / "text").write_bytes(b"printf '%s' '\xff'")
    assert subprocess.run([*argv, "-f", tmp_path / "text"], capture_output=True, check=False).stdout == b"\xff"
    missing = subprocess.run([*argv, b"no\xffprogram"], capture_output=True, check=False)
    assert missing.returncode == 127
    assert missing.stderr.startswith(rb"procrun: no program `no\xffprogram`")


def test_a_text_in_a_file(pipe: Run, tmp_path: Path) -> None:
    text = "#!/usr/bin/env -S procrun pipe -f\n# a comment\n$PY -S $ARGV $1 |\n  $PY -S $UPPER\n"
    (tmp_path / "my.pipe").write_text(text)
    assert pipe("-f", "my.pipe", "a b").stdout == '["A B"]\n'
    assert pipe("--file", "my.pipe", "a b").stdout == '["A B"]\n'
    assert pipe("-f", "-", "a b", input=text).stdout == '["A B"]\n'
    (tmp_path / "windows.pipe").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert pipe("-f", "windows.pipe", "a b").stdout == '["A B"]\n'


@POSIX
def test_a_file_can_be_a_program(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    procrun = folder / "procrun"
    procrun.write_text(f'#!/bin/sh\nexec {sys.executable} -m procrun "$@"\n')
    script = tmp_path / "my script"
    script.write_text("#!/usr/bin/env -S procrun pipe -f\nprintf '<%s>' $@ | tr a-z A-Z\nexit 7\n")
    for program in (procrun, script):
        program.chmod(0o755)
    env = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([script, "a b", "--help"], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "<A B><--HELP>", "")


def test_a_file_that_cannot_be_read(pipe: Run, tmp_path: Path) -> None:
    hint = "\n  behind --file stands the name of a file; without it, the text itself\n"
    done = pipe("-f", "missing")
    message = f"procrun: the text `missing` cannot be read: No such file or directory{hint}"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
    done = pipe("-f", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"procrun: the text `{tmp_path}` cannot be read: ")


@POSIX
@pytest.mark.parametrize(
    ("text", "inherited"),
    [
        ("$PY -S $WHO", [0, 1, 2]),
        ("$PY -S $WHO | cat", [0, 2]),
        ("true | $PY -S $WHO", [1, 2]),
        ("true; $PY -S $WHO", [0, 1, 2]),
        ("{ $PY -S $WHO; } && true", [0, 1, 2]),
        ("($PY -S $WHO; true) | cat", [0, 2]),
    ],
)
def test_the_ends_of_a_pipeline_are_our_own_streams(text: str, inherited: list[int], tmp_path: Path) -> None:
    """The very same files, so that no byte passes through procrun."""
    with open(tmp_path / "in", "w+b") as stdin, open(tmp_path / "out", "wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "procrun", "pipe", text],
            env={**os.environ, **ENV},
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
        ours = [os.fstat(file.fileno()) for file in (stdin, stdout)]
    identities = json.loads(done.stderr)
    for number in (0, 1):
        is_ours = identities[number] == [ours[number].st_dev, ours[number].st_ino]
        assert is_ours is (number in inherited)


def test_input_and_output_are_files(pipe: Run, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a\nb\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    for text in ("$PY -S $UPPER | $PY -S $CAT", ": && $PY -S $UPPER", "($PY -S $UPPER)"):
        done = pipe("--input", "in", "--output", "out", "--cwd", "folder", text)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        # Their names start from where procrun was called.
        assert (tmp_path / "out").read_text() == "A\nB\n"
        assert list(folder.iterdir()) == []


def test_an_input_that_is_missing_empties_no_output(pipe: Run, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("keep")
    done = pipe("--input", "missing", "--output", "out", "$PY -S $CAT")
    message = (
        "procrun: `missing` cannot be opened for reading: No such file or directory\n"
        "  nothing of this pipeline was started, and no file was emptied\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
    assert pipe("--output", "out", "no-such-program").returncode == 127
    assert (tmp_path / "out").read_text() == "keep"


@pytest.mark.parametrize("text", [["$PY -S $CAT"], ["$PY -S $CAT; true"], ["--shell", "cat"]])
def test_an_input_is_not_lost_to_the_output(text: list[str], pipe: Run, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("keep")
    os.link(tmp_path / "in", tmp_path / "hard")
    for output, other in (("in", ""), ("hard", "  it is the same file as `in`\n")):
        done = pipe("--input", "in", "--output", output, *text)
        message = (
            f"procrun: `{output}` would be emptied before it is read\n{other}"
            "  write to another file, and rename that afterwards; "
            "nothing of this pipeline was started, and no file was emptied\n"
        )
        assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
        assert (tmp_path / "in").read_text() == "keep"


def test_the_folder_and_the_environment(pipe: Run, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    assert Path(pipe("--cwd", "sub", "$PY -S $CWD").stdout.strip()).samefile(tmp_path / "sub")
    done = pipe("--env", "A=1=2", "--env", "B", "--env", "C=", "$PY -S $ENV A B C", env={"B": "gone"})
    assert json.loads(done.stdout) == {"A": "1=2", "B": None, "C": ""}
    assert pipe("--env", "A=x y", "$PY -S $ARGV $A").stdout == '["x y"]\n'


def test_a_folder_that_is_missing(pipe: Run) -> None:
    done = pipe("--cwd", "missing", "$PY -S $CWD")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("procrun: there is no folder `missing` to run in")
    assert done.stderr.endswith("\n  create it, or name another\n")


@pytest.mark.parametrize("text", ["$PY -S $SLEEP", "$PY -S $CAT; $PY -S $SLEEP", "($PY -S $SLEEP) | $PY -S $CAT"])
def test_a_timeout(pipe: Run, text: str) -> None:
    done = pipe("--timeout", "0.5", text)
    assert done.returncode == 124
    assert done.stdout.startswith("ready ") or done.stdout == ""
    first, *_, last = done.stderr.splitlines()
    assert first.startswith("procrun: the run was stopped after its timeout of 0.5 s (in `")
    assert last == "  give it more time, or find out what it waits for"
    assert pipe("--timeout", "60", "$PY -S $EXIT 3").returncode == 3


@POSIX
def test_the_systems_own_shell(pipe: Run) -> None:
    done = pipe("--shell", "for x in $1 b; do echo $x | tr a-z A-Z; done; exit 3", "a c")
    assert (done.returncode, done.stdout, done.stderr) == (3, "A\nC\nB\n", "")
    assert pipe("--shell", "-f", "-", "x", input="echo $((1 + 2)) $1").stdout == "3 x\n"
    assert pipe("--shell", "--env", "A=1", "echo $A").stdout == "1\n"
    assert pipe("--shell", "echo 'a").returncode == 2
    assert pipe("--shell", "kill -9 $$").returncode == 137


def test_verbose_says_what_every_stage_used(pipe: Run) -> None:
    done = pipe("-v", "$PY -S $EXIT 3 | $PY -S $CAT")
    assert (done.returncode, done.stdout) == (3, "")
    used = r" \(\d+\.\d\d s, CPU \d+\.\d\d s(, (at most )?\d+ MiB)?\)\n"
    assert re.sub(used, " (used)\n", done.stderr) == (
        f"procrun: stage 1 of 2 `{shown('$PY', '-S', '$EXIT', 3)}` exited with status 3 (used)\n"
        f"procrun: stage 2 of 2 `{shown('$PY', '-S', '$CAT')}` exited with status 0 (used)\n"
        f"procrun: `{shown('$PY', '-S', '$EXIT', 3)}` exited with status 3 (in stage 1 of 2)\n"
        "  with --no-pipefail only the last stage of a pipeline counts\n"
    )


@POSIX
def test_verbose_tells_who_ended_only_because_of_another(pipe: Run) -> None:
    done = pipe("-v", "yes | head -1")
    assert (done.returncode, done.stdout) == (0, "y\n")
    assert "was ended by SIGPIPE, only because its reader had gone (" in done.stderr.splitlines()[0]
    if sys.platform == "linux":
        # Both are smaller than the procrun that started them, whose own peak the kernel counts in.
        assert all(re.search(r", at most \d+ MiB\)$", line) for line in done.stderr.splitlines())


def test_a_list_is_quiet_about_what_its_programs_have_said(pipe: Run) -> None:
    done = pipe("$PY -S $EXIT 3 out err; exit 4")
    assert (done.returncode, done.stdout, done.stderr) == (4, "out", "err")
    assert pipe("").returncode == pipe("# nothing").returncode == 0
