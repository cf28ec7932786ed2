"""What is loaded, and when: sets of modules, which do not depend on the machine as times do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from procrun.cli.main import COMMANDS

HEAVY = {
    "asyncio",
    "concurrent.futures",
    "ctypes",
    "difflib",
    "email",
    "http",
    "importlib.metadata",
    "json",
    "logging",
    "multiprocessing",
    "pdb",
    "psutil",
    "rich",
    "socket",
    "ssl",
    "tempfile",
    "unittest",
    "urllib.request",
}
"""What no run of ours may load before it is needed."""


RECORDER = """
import os, sys
record = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_APPEND | os.O_CREAT)

class Recorder:
    def find_spec(self, name, path=None, target=None):
        os.write(record, name.encode() + b"\\n")

sys.meta_path.insert(0, Recorder())
if sys.argv[1] == "-c":
    exec(sys.argv[2])
else:
    import runpy
    module = sys.argv.pop(2)
    del sys.argv[1]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
"""Runs `-c CODE` or `-m MODULE ARG…`, and writes down each module that is looked for, as it happens:
the command line ends by `os._exit`, and `-X importtime` does not see `importlib.import_module`."""


def loaded_by(*arguments: str) -> set[str]:
    """The names of all modules that a run of Python imports, but for those that it has at its start."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder, "modules")
        command = [sys.executable, "-c", RECORDER, str(record), *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        return set(record.read_text().split()) - {"procrun.__main__"}


def rooms(modules: set[str]) -> set[str]:
    """The rooms of docs/architecture.md that some modules belong to."""
    return {name.split(".")[1] for name in modules if name.startswith("procrun.")}


def test_the_package_loads_nothing() -> None:
    assert loaded_by("-c", "import procrun") - loaded_by("-c", "import __future__, typing") == {"procrun"}


def test_parsing_loads_no_way_to_start_a_process() -> None:
    loaded = loaded_by("-c", "import procrun.syntax; procrun.syntax.parse('tr a-z A-Z | sort')")
    assert loaded & (HEAVY | {"subprocess", "_posixsubprocess", "_winapi", "click"}) == set()
    assert rooms(loaded) <= {"errors", "quoting", "status", "syntax"}


def test_the_help_loads_no_command() -> None:
    loaded = loaded_by("-m", "procrun", "--help")
    assert {name for name in loaded if name.startswith("procrun")} == {
        "procrun",
        "procrun.cli",
        "procrun.cli.main",
        "procrun.cli.render",
        "procrun.errors",
        "procrun.status",
    }
    assert (loaded - loaded_by("-c", "import click")) & (HEAVY | {"subprocess"}) == set()


@pytest.mark.parametrize(
    "text",
    [
        "$1 -c pass",
        "$1 -c pass | $1 -c pass",
        "X=pass; $1 -c $X > x || exit 3",
        "($1 -c pass; $1 -c pass) | $1 -c pass",
    ],
    ids=["command", "pipeline", "list", "group"],
)
def test_a_pipeline_loads_what_it_needs(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = loaded_by("-m", "procrun", "pipe", text, sys.executable)
    # Of the commands only this one.
    assert {home for home, _ in COMMANDS.values()} & loaded == {"procrun.cli.pipe"}
    assert rooms(loaded) <= {
        "cli",
        "engine",
        "errors",
        "interp",
        "plan",
        "quoting",
        "signals",
        "status",
        "syntax",
        "system",
        "verbs",
    }
    assert loaded & HEAVY == set()
    # Besides these (`runpy` is the recorder's) nothing but what costs next to nothing.
    needed = loaded_by("-c", "import click, dataclasses, runpy, subprocess")
    cheap = {"__future__", "_ctypes", "fcntl", "locale", "resource", "termios", "unicodedata"}
    assert {name for name in loaded - needed if not name.startswith("procrun")} <= cheap


def test_from_python_a_run_loads_neither_click_nor_psutil() -> None:
    loaded = loaded_by("-c", "import procrun, sys; procrun.run([sys.executable, '-c', ''])")
    assert loaded & (HEAVY | {"click"}) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere psutil has the table of processes")
def test_stopping_a_run_loads_no_psutil() -> None:
    stop = "import procrun, sys; procrun.start([sys.executable, '-c', 'input()'], stdin=procrun.PIPE).stop()"
    assert loaded_by("-c", stop) & HEAVY == set()


INTERRUPTED_AT = [
    "procrun.cli",
    "procrun.cli.main",
    "click",
    "procrun.errors",
    "procrun.cli.pipe",
    "procrun.plan",
    "procrun.engine.spawn",
    "subprocess",
]
"""Modules from the first that our own code asks for to the last before a program starts."""

INTERRUPTER = """
import os, signal, sys
place = sys.argv.pop(1)

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == place:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter())
# As the program that an installer makes.
from procrun.__main__ import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="`os.kill` ends the process there")
@pytest.mark.parametrize("place", INTERRUPTED_AT)
def test_ctrl_c_is_quiet_while_modules_are_loaded(place: str) -> None:
    command = [sys.executable, "-c", INTERRUPTER, place, "pipe", "echo not reached"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert done.returncode in (-signal.SIGINT, 128 + signal.SIGINT)


@pytest.mark.skipif(os.name == "nt", reason="`os.kill` ends the process there")
@pytest.mark.parametrize("place", INTERRUPTED_AT)
def test_an_ignored_ctrl_c_stays_ignored_while_modules_are_loaded(place: str) -> None:
    command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-c", INTERRUPTER, place]
    done = subprocess.run(
        [*command, "pipe", "echo reached"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"reached\n", b"")


def test_the_installed_program_begins_where_python_m_does() -> None:
    """`procrun.__main__` is the one that is quiet from its first line on."""
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8")
    assert 'procrun = "procrun.__main__:main"' in project
