"""The whole of the command line: its commands, its mistakes, its streams, completion."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from procrun import __version__
from procrun.cli.main import COMMANDS, procrun

Run = Callable[..., "subprocess.CompletedProcess[str]"]

POSIX = pytest.mark.skipif(os.name == "nt", reason="descriptors of Unix")
PROCRUN = f"'{sys.executable}' -m procrun"
HELP = "\n  see `procrun --help`\n"


def test_the_version(run_cli: Run) -> None:
    done = run_cli("--version")
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, [f"procrun {__version__}"], "")
    assert run_cli("-V").stdout == done.stdout


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_help_names_every_command(run_cli: Run, option: str) -> None:
    done = run_cli(option)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "Usage: procrun [OPTIONS] COMMAND [ARGS]..."
    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line.split()[0])}", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", ["pipe", "explain", "build"])
def test_the_help_of_a_command_fits_every_terminal(run_cli: Run, name: str) -> None:
    """Also one that has nothing but ASCII."""
    done = run_cli(name, "--help", env={"PYTHONIOENCODING": "ascii:strict"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: procrun {name} [OPTIONS] ")


def test_the_table_is_right_about_its_commands() -> None:
    context = procrun.make_context("procrun", ["pipe"])
    for name in COMMANDS:
        command = procrun.get_command(context, name)
        assert command is not None
        assert command.name == name


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], f"there is no command; the commands are: {', '.join(COMMANDS)}"),
        (["pip"], "there is no command `pip`; did you mean `pipe`?"),
        (["ls -l"], f"there is no command `ls -l`; the commands are: {', '.join(COMMANDS)}"),
        ([""], f"there is no command ``; the commands are: {', '.join(COMMANDS)}"),
        (["--verion"], "there is no option `--verion`; did you mean `--version`?"),
        (["--version=3"], "`--version` takes no value"),
        (["-x"], "there is no option `-x`"),
    ],
)
def test_a_wrong_command_line(run_cli: Run, args: list[str], message: str) -> None:
    done = run_cli(*args)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"procrun: {message}{HELP}")


def test_a_fault_of_procrun_is_told_as_that(run_cli: Run, tmp_path: Path) -> None:
    """Python starts with the module `sitecustomize`, which breaks procrun here."""
    (tmp_path / "sitecustomize.py").write_text(
        "import procrun.cli.text\n"
        "def broken(name):\n"
        "    raise ZeroDivisionError('on purpose')\n"
        "procrun.cli.text.read_text = broken\n"
    )
    path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    done = run_cli("pipe", "-f", "x", env={"PYTHONPATH": path})
    message = (
        "procrun: procrun itself failed: ZeroDivisionError: on purpose\n"
        "  this is a fault of procrun; PROCRUN_TRACEBACK=1 shows where, for a report\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (125, "", message)
    traced = run_cli("pipe", "-f", "x", env={"PYTHONPATH": path, "PROCRUN_TRACEBACK": "1"})
    assert (traced.returncode, traced.stdout) == (125, "")
    assert traced.stderr.startswith("Traceback (most recent call last):\n")
    assert traced.stderr.endswith(f"ZeroDivisionError: on purpose\n{message}")


def sh(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


@POSIX
@pytest.mark.parametrize(
    ("command", "status", "stdout"),
    [
        ("--help >&-", 125, ""),
        ("explain true >&-", 125, ""),
        ("build true >&-", 125, ""),
        ("explain no-such-program 2>&-", 127, "no-such-program\n  - no-such-program\n    error    no program"),
        ("pip 2>&-", 2, ""),
        ("pipe 'echo a' <&-", 0, "a\n"),
        ("pipe 'echo a | cat' <&- 2>&-", 0, "a\n"),
        ("pipe 'echo a; echo b' <&- 2>&-", 0, "a\nb\n"),
        ("pipe 'no-such-program' <&- >&- 2>&-", 127, ""),
        ("pipe 'no-such-program; echo a' 2>&-", 0, "a\n"),
        ("pipe '(no-such-program; echo a) | cat' 2>&-", 0, "a\n"),
        ("pipe 'cat' <&-", 1, ""),
        ("pipe 'cat; cat' <&-", 1, ""),
        ("pipe '(cat) | cat' <&-", 1, ""),
        ("pipe 'echo a' >&-", 1, ""),
        ("pipe 'echo a; echo b' >&-", 1, ""),
        ("pipe 'echo a | cat' >&-", 1, ""),
        ("pipe 'echo a > /dev/null' >&- 2>&-", 0, ""),
        ("pipe 'echo $(echo a) >&2' >&-", 0, ""),
        ("pipe -f - <&-", 2, ""),
    ],
)
def test_closed_streams_fail_as_closed_streams_do(command: str, status: int, stdout: str) -> None:
    done = sh(f"{PROCRUN} {command}")
    assert done.returncode == status
    assert done.stdout.startswith(stdout) if stdout else done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "procrun itself failed" not in done.stderr


NOT_WHOLE = "  what has come out is not the whole; lead stdout to where there is room for it\n"


@POSIX
def test_a_closed_stdout_is_told() -> None:
    done = sh(f"{PROCRUN} build true >&-")
    assert done.stderr == "procrun: stdout cannot be written: Bad file descriptor\n" + NOT_WHOLE


@POSIX
@pytest.mark.parametrize("command", ["--help", "pipe --help", "explain true", "build true"])
def test_nobody_hears_of_a_reader_that_has_gone(command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    argv = [sys.executable, "-m", "procrun", *command.split()]
    with open(writing, "wb") as nobody:
        done = subprocess.run(argv, stdout=nobody, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(
    os.name == "nt" or not os.path.exists("/dev/full"), reason="only Linux has a device that is always full"
)
def test_a_full_disk_is_told() -> None:
    long = f"'true {'x' * 70_000}'"
    commands = ["explain true", "explain --json true", "build true", "tree $$", "doctor $$", "kill --dry-run $$"]
    assert sh(f"{PROCRUN} --help > /dev/full").stderr == "procrun: No space left on device\n"
    for command in (*commands, f"explain {long}", f"explain --json {long}", f"build {long}"):
        done = sh(f"{PROCRUN} {command} > /dev/full")
        message = "procrun: stdout cannot be written: No space left on device\n" + NOT_WHOLE
        assert (done.returncode, done.stderr) == (125, message)


@pytest.mark.parametrize(
    ("shell", "pieces"),
    [
        ("bash", ["_PROCRUN_COMPLETE=bash_complete $1", "complete -o nosort -F _procrun_completion procrun"]),
        ("zsh", ["#compdef procrun", "_PROCRUN_COMPLETE=zsh_complete procrun"]),
        ("fish", ["_PROCRUN_COMPLETE=fish_complete", "complete --no-files --command procrun"]),
    ],
)
def test_a_shell_gets_its_completion(run_cli: Run, shell: str, pieces: list[str]) -> None:
    done = run_cli(env={"_PROCRUN_COMPLETE": f"{shell}_source"})
    assert done.returncode == 0
    for piece in pieces:
        assert piece in done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("procrun ", [f"plain,{name}" for name in COMMANDS]),
        ("procrun p", ["plain,pipe"]),
        ("procrun pipe --time", ["plain,--timeout"]),
        ("procrun pipe --cwd ", ["dir,"]),
        ("procrun pipe --input n", ["file,n"]),
        ("procrun pipe te", []),
        ("procrun pipe -f te", ["file,te"]),
        ("procrun pipe text a", ["file,a"]),
        ("procrun build --as ", ["plain,text", "plain,sh", "plain,python", "plain,json", "plain,dot"]),
        ("procrun build -o x", ["file,x"]),
    ],
)
def test_what_completion_offers(run_cli: Run, typed: str, offered: list[str]) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)}
    done = run_cli(env={"_PROCRUN_COMPLETE": "bash_complete", **words})
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, offered, "")


def test_a_shell_that_is_not_known_is_told(run_cli: Run) -> None:
    done = run_cli(env={"_PROCRUN_COMPLETE": "tcsh_source"})
    message = "procrun: _PROCRUN_COMPLETE=tcsh_source: write bash_source, zsh_source or fish_source"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message + HELP)


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="needs bash")
def test_bash_takes_its_completion() -> None:
    script = f'eval "$(_PROCRUN_COMPLETE=bash_source {PROCRUN})" && complete -p procrun'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("complete -o nosort -F _procrun_completion procrun\n", "")


OPTIONS = "-f --file --timeout --cwd --env --input -o --as --json -- -v --append --prepend --shell= --no-pipefail --x=1"
TEXTS = ["a |", "X=1", "true", ": |", "(:)", "$X", "${X:=1}", "no-such", "sh", "json", "0", "-1", "nan", "-", "", "="]
WORDS = strategies.one_of(
    strategies.sampled_from(["pipe", "explain", "build", *OPTIONS.split(), *TEXTS, "\udcff", "é", "\n"]),
    strategies.text(strategies.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.lists(WORDS, max_size=5))
def test_no_command_line_shows_a_traceback(run_cli: Run, tmp_path: Path, args: list[str]) -> None:
    args = [arg for arg in args if os.name != "nt" or arg.isascii()]
    # Without PATH nothing that a text names can run.
    done = run_cli(*args, cwd=tmp_path, env={"PATH": "", "PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode in (0, 1, 2, 124, 126, 127), done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or done.stderr.startswith("procrun: ")
