"""Running a script with the old names: as `python` does it, in its own words."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from procrun.legacy.runner import ScriptError, run_script

# What the command line does with errors of procrun, in short.
RUN = """
import sys
from procrun.errors import ProcrunError
from procrun.legacy.runner import run_script
try:
    sys.exit(run_script(sys.argv[1:]))
except ProcrunError as error:
    sys.stderr.write(f"{error}\\n")
    sys.exit(error.exit_code)
"""


def execute(*command: str, folder: Path, stdin: str = "") -> tuple[int, str, str]:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": ""},
        encoding="utf-8",
        errors="surrogateescape",
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def with_procrun(*arguments: str, folder: Path, options: tuple[str, ...] = (), stdin: str = "") -> tuple[int, str, str]:
    return execute(sys.executable, *options, "-c", RUN, *arguments, folder=folder, stdin=stdin)


def with_python(*arguments: str, folder: Path, stdin: str = "") -> tuple[int, str, str]:
    status, out, err = execute(sys.executable, *arguments, folder=folder, stdin=stdin)
    # `python -m` and the like show their own frames, which say nothing of the program.
    return status, out, re.sub(r'  File "<frozen runpy>".*\n(    .*\n)*|  File ".*runpy.py".*\n(    .*\n)*', "", err)


SCRIPTS = {
    "status 0": "print('a')",
    "exit": "import sys; sys.exit(3)",
    "exit without": "import sys; sys.exit()",
    "exit with text": "import sys; sys.exit('bye')",
    "exit with -1": "import sys; sys.exit(-1)",
    "exit with true": "import sys; sys.exit(True)",
    "exit with a list": "import sys; sys.exit([1])",
    "exception": "def f():\n    1 / 0\nf()",
    "exception with a cause": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('x') from e",
    "exception of another's code": "import json\njson.loads('{')",
    "bare exception": "raise BaseException('x')",
    "own hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__)\n1 / 0",
    "arguments": "import sys; print(sys.argv)",
    "itself": "print(__name__, __file__, __doc__, __spec__, __package__, __builtins__, type(__loader__))",
    "as a module": "import sys; print(sys.modules['__main__'].__dict__ is globals())",
    "at exit": "import atexit; atexit.register(print, 'end'); print('main')",
    "thread at exit": "import threading; threading.Timer(0.1, print, ['late']).start(); print('main')",
    "syntax error": "x = (\n",
    "indentation error": "if 1:\nx",
    "pickle": "import pickle\nclass C: pass\nprint(type(pickle.loads(pickle.dumps(C()))) is C)",
    "future": "from __future__ import annotations\ndef f(x: nothing): pass\nprint(f.__annotations__)",
    "annotation": "x: int = 1\nprint(__annotations__)",
    "encoding": "# coding: latin-1\nprint(ascii('\xe9'))",
    "nothing": "",
    "ended by a signal": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
}


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_does_what_it_does_under_python(source: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_bytes(source.encode("latin-1"))
    for name in ("script.py", "./script.py"):
        expected = with_python(name, "a b", "--c", folder=tmp_path)
        assert with_procrun(name, "a b", "--c", folder=tmp_path) == expected


ABOUT_ITSELF = """
import sys
print(sys.argv, sys.path[0], __name__, __doc__, __package__, getattr(__spec__, "name", None))
print(globals().get("__file__"), globals().get("__cached__"), repr(__loader__).partition(" at ")[0])
print(repr(sys.stdin.read()))
def f(): raise ValueError("a")
f()
"""


@pytest.mark.parametrize(
    "source", [ABOUT_ITSELF, "x = (\n", "def f():\n return\nreturn", "import sys; sys.exit(3)", ""]
)
@pytest.mark.parametrize("way", ["folder", "./folder/", "all.zip", "-c", "-"])
def test_a_folder_an_archive_code_and_stdin_do_what_they_do_under_python(source: str, way: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__main__.py").write_text(source)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("__main__.py", source)
    arguments = [way, *([source] if way == "-c" else []), "a b", "--c"]
    status, out, err = with_python(*arguments, folder=tmp_path, stdin=source)
    ours = with_procrun(*arguments, folder=tmp_path, stdin=source)
    assert ours[:2] == (status, out)
    # Where a `__main__.py` does not compile, Python also shows how it came to read it.
    assert ours[2] == (err[-len(ours[2]) :] if "importlib" in err else err)


def test_what_is_in_a_folder_or_an_archive_is_found(tmp_path: Path) -> None:
    files = {
        "__main__.py": "import Queue, commands; print(Queue.name, hasattr(commands, 'mkarg'))",
        "Queue.py": "name = 1",
    }
    (tmp_path / "folder").mkdir()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, text in files.items():
            (tmp_path / "folder" / name).write_text(text)
            archive.writestr(name, text)
    for name in ("folder", "all.zip"):
        assert with_procrun(name, folder=tmp_path) == (0, "1 True\n", "")


def test_a_folder_without_a_main(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert with_python("folder", folder=tmp_path)[0] == 1
    assert with_procrun("folder", folder=tmp_path) == (
        1,
        "",
        f"no `__main__.py` in `{tmp_path / 'folder'}`\n  it is what runs of a folder or an archive\n",
    )


@pytest.mark.skipif(not hasattr(sys.flags, "safe_path"), reason="-P came with Python 3.11")
def test_a_safe_path_leaves_out_the_folder_of_a_script_only(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("folder/__main__.py", "script.py"):
        (tmp_path / name).write_text("import sys; print(sys.path[0])")
    for name in ("folder", "script.py"):
        expected = with_python("-P", name, folder=tmp_path)
        assert with_procrun(name, folder=tmp_path, options=("-P",)) == expected


@pytest.mark.skipif(os.name != "posix", reason="Python dies of Ctrl-C by a signal on POSIX only")
def test_an_uncaught_interrupt_ends_by_the_signal_after_everything_else(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import atexit\natexit.register(print, 'end')\nraise KeyboardInterrupt\n")
    expected = with_python("script.py", folder=tmp_path)
    assert expected[0] == -signal.SIGINT
    assert with_procrun("script.py", folder=tmp_path) == expected


def test_a_script_in_another_folder_finds_its_neighbours(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "neighbour.py").write_text("print('neighbour')")
    (inner / "script.py").write_text("import neighbour, sys; print(sys.path[0])")
    assert with_procrun("inner/script.py", folder=tmp_path) == with_python("inner/script.py", folder=tmp_path)


def test_a_module(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(
        "import sys; print(sys.argv, __name__, __package__, __spec__.name, sys.path[0])"
    )
    (package / "tool.py").write_text("from . import __name__ as n; print(n, __name__, __package__); 1 / 0")
    for arguments in (["-m", "package", "x"], ["-m", "package.tool"]):
        assert with_procrun(*arguments, folder=tmp_path) == with_python(*arguments, folder=tmp_path)


def test_code(tmp_path: Path) -> None:
    code = "import sys; print(sys.argv, repr(sys.path[0]), __name__, '__file__' in globals())"
    assert with_procrun("-c", code, "x", folder=tmp_path) == with_python("-c", code, "x", folder=tmp_path)


def test_the_old_names_are_there(tmp_path: Path) -> None:
    code = """
import commands, os, popen2, pipes, Queue, thread, threading, dummy_thread, dummy_threading
assert hasattr(os, "popen2") and hasattr(threading.Thread, "isAlive")
import sys
print(sys.stdout.errors)
"""
    assert with_procrun("-c", code, folder=tmp_path) == (0, "surrogateescape\n", "")


def test_deprecations_are_silent_unless_asked_for(tmp_path: Path) -> None:
    code = "import warnings; warnings.warn('old', DeprecationWarning); warnings.warn('odd', UserWarning)"
    assert "DeprecationWarning: old" not in with_procrun("-c", code, folder=tmp_path)[2]
    assert "UserWarning: odd" in with_procrun("-c", code, folder=tmp_path)[2]
    assert "DeprecationWarning: old" in with_procrun("-c", code, folder=tmp_path, options=("-W", "default"))[2]


def test_a_module_of_the_programs_own_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("", "variable", "later"):
        (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / "Queue.py").write_text("name = 'beside the script'")
    (tmp_path / "variable" / "pipes.py").write_text("name = 'in PYTHONPATH'")
    for name in ("thread", "commands"):
        (tmp_path / "later" / f"{name}.py").write_text("name = 'in a folder that it has added'")
    (tmp_path / "script.py").write_text(
        "import sys, Queue, pipes, commands\n"
        "sys.path.insert(0, 'later')\n"
        "import thread\n"
        "print([getattr(module, 'name', 'old') for module in (Queue, pipes, thread, commands)])\n"
    )
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["variable", *([before] if before else [])]))
    expected = "['beside the script', 'in PYTHONPATH', 'in a folder that it has added', 'old']\n"
    assert with_procrun("script.py", folder=tmp_path) == (0, expected, "")
    assert with_procrun("-m", "script", folder=tmp_path) == (0, expected, "")


@pytest.mark.parametrize("source", ["print 'a'", "print"], ids=["refused by Python", "taken for something else"])
@pytest.mark.parametrize("way", ["script", "module", "folder", "code", "stdin"])
def test_python_2_syntax_is_called_so_before_anything_runs(source: str, way: str, tmp_path: Path) -> None:
    text = f"open('has run', 'w')\n{source}\n"
    (tmp_path / "old.py").write_text(text)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__main__.py").write_text(text)
    arguments, name = {
        "script": (["old.py"], "old.py"),
        "module": (["-m", "old"], "old.py"),
        "folder": (["folder"], "__main__.py"),
        "code": (["-c", text], "<string>"),
        "stdin": (["-"], "<stdin>"),
    }[way]
    today = "print(…)" if "a" in source else "print()"
    assert with_procrun(*arguments, folder=tmp_path, stdin=text) == (
        1,
        "",
        f"`{name}`, line 2, is Python 2 syntax: the print statement\n"
        f"  {source}\n"
        "  ^^^^^\n"
        f"  convert the script to Python 3 first, by hand or with a tool such as 2to3; here: {today}\n",
    )
    assert not (tmp_path / "has run").exists()


def test_python_2_syntax_in_an_imported_module_is_told_after_the_traceback(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("print 'x'\n")
    (tmp_path / "script.py").write_text("import old\n")
    status, _, err = with_procrun("script.py", folder=tmp_path)
    expected = with_python("script.py", folder=tmp_path)[2]
    assert status == 1
    assert err.startswith(expected)
    assert err[len(expected) :].startswith("procrun: `old.py`, line 1, is Python 2 syntax: the print statement\n")


@pytest.mark.parametrize(
    ("arguments", "message", "status"),
    [
        ([], "nothing to run\n  give a script, -m MODULE, -c CODE, or - for stdin", 2),
        (["-m"], "nothing to run\n  give a script, -m MODULE, -c CODE, or - for stdin", 2),
        (["-c"], "nothing to run\n  give a script, -m MODULE, -c CODE, or - for stdin", 2),
    ],
)
def test_nothing_to_run(arguments: list[str], message: str, status: int) -> None:
    with pytest.raises(ScriptError) as caught:
        run_script(arguments)
    assert (str(caught.value), caught.value.exit_code) == (message, status)


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "missing.py"
    assert with_procrun("missing.py", folder=tmp_path) == (
        2,
        "",
        f"can't open file `{path}`: No such file or directory\n  check the script's name\n",
    )
    assert with_python("missing.py", folder=tmp_path)[0] == 2


@pytest.mark.parametrize("module", ["no_such_module", "json.no_such_module", "no_such_package.module"])
def test_a_module_that_is_not_there(module: str, tmp_path: Path) -> None:
    status, out, err = with_procrun("-m", module, folder=tmp_path)
    assert (status, out) == (1, "")
    assert err.startswith(f"no module `{module}` that can be run\n  it is looked for in {tmp_path}")


def test_an_error_around_a_module_is_its_own(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("import no_such_module\n")
    status, _, err = with_procrun("-m", "package", folder=tmp_path)
    assert status == 1
    assert err == (
        "Traceback (most recent call last):\n"
        f'  File "{package / "__init__.py"}", line 1, in <module>\n'
        "    import no_such_module\n"
        "ModuleNotFoundError: No module named 'no_such_module'\n"
    )


def test_a_hook_that_fails_hides_nothing(tmp_path: Path) -> None:
    code = "import sys\ndef hook(*a): raise TypeError('hook')\nsys.excepthook = hook\n1 / 0"
    status, _, err = with_procrun("-c", code, folder=tmp_path)
    assert status == 1
    assert "TypeError: hook" in err
    assert "ZeroDivisionError" in err


def test_an_error_has_its_exit_code() -> None:
    assert ScriptError("x", 2).exit_code == 2
