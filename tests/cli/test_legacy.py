"""`procrun legacy`: scripts end and speak as `python SCRIPT` lets them, with the old modules there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What Python itself does with these arguments."""
    return subprocess.run(
        [sys.executable, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "code",
    [
        "print('a')",
        "import sys; sys.exit(3)",
        "import sys; sys.exit('gone')",
        "raise SystemExit",
        "import sys; print(sys.argv, __name__, sys.path[0])",
        "import sys; print(sys.stdin.read())",
        "1 / 0",
        "def f():\n    raise ValueError('a')\ntry:\n    f()\nexcept ValueError as e:\n    raise KeyError('b') from e",
        "raise KeyboardInterrupt",
        "import atexit; atexit.register(print, 'later'); print('now')",
        "import threading; threading.Thread(target=print, args=('thread',)).start()",
        "import os; os._exit(7)",
        "import sys; sys.stdout.write('no newline')",
        "x = (",
        "import nothing",
        "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__)\nraise ValueError",
    ],
)
def test_a_script_ends_as_under_python(code: str, folder: Path, run_cli: Cli) -> None:
    (folder / "script.py").write_text(code)
    ours, theirs = run_cli("legacy", "script.py", "-x", "--help"), python("script.py", "-x", "--help")
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, theirs.stderr, theirs.returncode)


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c", "import sys; print(sys.argv); sys.exit(5)", "-c", "-h", "--"),
        ("-cimport sys; print(sys.argv)", "a"),
        ("-c", "1 / 0"),
        ("-m", "module", "-m", "--version"),
        ("-mmodule", "a"),
        ("-m", "package"),
        ("-m", "package.inner", "x"),
        ("package", "-m", "--help"),
        ("-", "-c", "--", "-"),
    ],
)
def test_modules_and_code(arguments: tuple[str, ...], folder: Path, run_cli: Cli) -> None:
    show = "import sys; print(sys.argv[1:], __name__, __package__)\n"
    (folder / "module.py").write_text(show)
    (folder / "package").mkdir()
    for name in ("__init__", "__main__", "inner"):
        (folder / "package" / f"{name}.py").write_text(show if name != "__init__" else "")
    ours, theirs = run_cli("legacy", *arguments), python(*arguments)
    assert (ours.stdout, ours.returncode) == (theirs.stdout, theirs.returncode)
    assert ours.stderr.splitlines()[-1:] == theirs.stderr.splitlines()[-1:]


def test_the_old_modules_are_there(folder: Path, run_cli: Cli) -> None:
    (folder / "script.py").write_text(
        "import commands, popen2, pipes, thread, Queue, os, threading\n"
        "import dummy_thread, dummy_threading\n"
        "print(commands.mkarg('a b'), pipes.quote('c d'), os.popen2 is not None, threading._Timer is threading.Timer)\n"
    )
    done = run_cli("legacy", "script.py")
    assert (done.stdout, done.stderr, done.returncode) == (" 'a b' 'c d' True True\n", "", 0)


@pytest.mark.skipif(os.name == "nt", reason="its command is one of sh")
def test_a_status_is_raw(run_cli: Cli) -> None:
    done = run_cli("legacy", "-c", "import commands; print(commands.getstatusoutput('echo a; exit 3'))")
    assert done.stdout == "(768, 'a')\n"


def test_an_argument_may_be_empty_or_look_like_an_option(folder: Path, run_cli: Cli) -> None:
    (folder / "-script.py").write_text("import sys; print(sys.argv[1:])")
    done = run_cli("legacy", "--", "-script.py", "", "--help", "-m", "--", "$HOME *")
    assert done.stdout == "['', '--help', '-m', '--', '$HOME *']\n"


def test_a_script_in_python2_syntax_is_named_with_its_line(folder: Path, run_cli: Cli) -> None:
    (folder / "script.py").write_text("import commands\nif 1:\n    print commands.getoutput('ls')\n")
    done = run_cli("legacy", "script.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "procrun: `script.py`, line 3, is Python 2 syntax: the print statement\n"
        "      print commands.getoutput('ls')\n"
        "      ^^^^^\n"
        "  convert the script to Python 3 first, by hand or with a tool such as 2to3; "
        "here: print(\N{HORIZONTAL ELLIPSIS})\n"
    )


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "nothing to run\n  give a script, -m MODULE, -c CODE, or - for stdin"),
        (["-m"], 2, "`-m` wants a value: -m MODULE\n  see `procrun legacy --help`"),
        (["-c"], 2, "`-c` wants a value: -c CODE\n  see `procrun legacy --help`"),
        (["-u", "script.py"], 2, "there is no option `-u`\n  see `procrun legacy --help`"),
        (["--check", "script.py"], 2, "there is no option `--check`\n  see `procrun legacy --help`"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], status: int, message: str, run_cli: Cli) -> None:
    done = run_cli("legacy", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", f"procrun: {message}\n")


def test_a_missing_script_is_said(folder: Path, run_cli: Cli) -> None:
    done = run_cli("legacy", "none.py")
    assert (done.returncode, done.stdout) == (2, "")
    path = folder / "none.py"
    assert done.stderr == f"procrun: can't open file `{path}`: No such file or directory\n  check the script's name\n"


def test_the_help_is_ours_only_before_the_script(folder: Path, run_cli: Cli) -> None:
    (folder / "script.py").write_text("import sys; print(sys.argv[1:])")
    assert run_cli("legacy", "--help").stdout.startswith("Usage: procrun legacy SCRIPT|-m MODULE|-c CODE|- [ARGS]...\n")
    assert run_cli("legacy", "script.py", "--help").stdout == "['--help']\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a child alone")
def test_ctrl_c_ends_it_by_the_signal(folder: Path) -> None:
    (folder / "script.py").write_text("print('ready', flush=True)\ninput()\n")
    with subprocess.Popen(
        [sys.executable, "-m", "procrun", "legacy", "script.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGINT
    assert errors.splitlines()[-1] == "KeyboardInterrupt"


@pytest.mark.skipif(os.name == "nt", reason="there is no /dev/full")
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_an_output_that_fails_is_reported_by_python(folder: Path) -> None:
    (folder / "script.py").write_text("print('a')\n")
    ends = []
    for command in (["-m", "procrun", "legacy", "script.py"], ["script.py"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, *command],
                stdout=full,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONUNBUFFERED": ""},
                text=True,
                check=False,
            )
        ends.append((done.returncode, done.stderr))
    assert ends[0] == ends[1]
    assert ends[0][0] == 120
