"""Migrating files: each on its own, and one that fails stays as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from procrun.migrate.run import MissingExtra, Outcome, migrate, require_libcst

OLD, NEW = b"import pipes\npipes.quote(a)\n", b"import shlex\nshlex.quote(a)\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`write(name=data)`: files in the current folder, which is an empty one."""
    monkeypatch.chdir(tmp_path)

    def run(**files: bytes) -> None:
        for name, data in files.items():
            Path(f"{name}.py").write_bytes(data)

    return run


def outcomes(*paths: str, write: bool = False) -> list[Outcome]:
    return list(migrate(paths, write=write))


def test_nothing_is_written_unless_it_is_wanted(write: Callable[..., None]) -> None:
    write(a=OLD)
    (outcome,) = outcomes("a.py")
    assert (outcome.before, outcome.after, outcome.is_changed, outcome.is_written) == (OLD, NEW, True, False)
    assert Path("a.py").read_bytes() == OLD
    (outcome,) = outcomes("a.py", write=True)
    assert (outcome.before, outcome.after, outcome.is_changed, outcome.is_written) == (OLD, NEW, True, True)
    assert Path("a.py").read_bytes() == NEW
    (outcome,) = outcomes("a.py", write=True)
    assert (outcome.after, outcome.is_changed, outcome.is_written) == (NEW, False, False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"# coding: latin-1\n" + OLD + b"'\xe9'\n", b"# coding: latin-1\n" + NEW + b"'\xe9'\n"),
        (b"\xef\xbb\xbf" + OLD, b"\xef\xbb\xbf" + NEW),
        (OLD.replace(b"\n", b"\r\n"), NEW.replace(b"\n", b"\r\n")),
        (OLD.replace(b"\n", b"\r"), NEW.replace(b"\n", b"\r")),
        (b"if a:\n\timport os\n\tos.popen2(b)\n", None),
        (b"x = '''\r\n'''\n" + OLD + b"\x0c\ny", b"x = '''\r\n'''\n" + NEW + b"\x0c\ny"),
        (OLD.rstrip(), NEW.rstrip()),
        (b"def f():\r\n\timport os, commands\r\n\treturn commands", None),
    ],
)
def test_bytes_that_are_not_rewritten_stay(before: bytes, after: bytes | None, write: Callable[..., None]) -> None:
    write(a=before)
    (outcome,) = outcomes("a.py", write=True)
    assert outcome.error == ""
    done = Path("a.py").read_bytes()
    if after is None:
        after = {
            b"if": b"if a:\n\timport os\n\tfrom procrun.legacy import os_popen\n\tos_popen.popen2(b)\n",
            b"de": b"def f():\r\n\timport os\r\n\tfrom procrun.legacy import commands\r\n\treturn commands",
        }[before[:2]]
    assert done == after
    compile(done, "a.py", "exec")


PYTHON_2 = """\
`{name}.py`, line {line}, is Python 2 syntax: {what}
  {text}
  {caret}
  convert the script to Python 3 first, by hand or with a tool such as 2to3; here: {today}"""


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (
            b"import commands\nprint 'a'\n",
            PYTHON_2.format(
                name="bad",
                line=2,
                what="the print statement",
                text="print 'a'",
                caret="^^^^^",
                today="print(\N{HORIZONTAL ELLIPSIS})",
            ),
        ),
        (
            b"try: a\nexcept E, e: pass\n",
            PYTHON_2.format(
                name="bad",
                line=2,
                what="a handler with a comma",
                text="except E, e: pass",
                caret="^^^^^^^^^^^",
                today="except Error as name:",
            ),
        ),
        (
            b"a = (\n",
            "`bad.py`, line 1: '(' was never closed\n"
            "  procrun migrate reads Python 3; if this is Python 2, convert the syntax first",
        ),
        (
            b"a = '\xe9'\n",
            "`bad.py`, line 1: invalid or missing encoding declaration\n"
            "  declare its encoding in the first line: # -*- coding: NAME -*-",
        ),
        (b"a = 1\0\n", "`bad.py`, line 1: it contains a NUL\n  see whether it is a file of Python code"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_and_others_go_on(
    data: bytes, error: str, write: Callable[..., None]
) -> None:
    write(bad=data, good=OLD)
    bad, good = outcomes(".", write=True)
    assert (bad.error, bad.is_changed, bad.is_written) == (error.replace("`bad.py`", f"`{bad.path}`"), False, False)
    assert Path("bad.py").read_bytes() == data
    assert (good.error, good.is_written) == ("", True)
    assert Path("good.py").read_bytes() == NEW


def test_a_missing_file_is_said(write: Callable[..., None]) -> None:
    write()
    (outcome,) = outcomes("none.py")
    assert outcome.error == "`none.py`: no such file or directory\n  check the name and its permissions"


def test_a_read_only_file_is_said_and_left(write: Callable[..., None]) -> None:
    write(a=OLD)
    Path("a.py").chmod(0o444)
    (outcome,) = outcomes("a.py", write=True)
    Path("a.py").chmod(0o644)
    assert outcome.error == "`a.py`: it is read-only\n  give it write permission"
    assert (outcome.is_changed, outcome.is_written, Path("a.py").read_bytes()) == (False, False, OLD)


def test_a_text_that_is_nested_too_deeply_is_said(write: Callable[..., None]) -> None:
    deep = b"import commands\nx = " + b"(" * 5000 + b")" * 5000 + b"\n"
    write(a=deep)
    (outcome,) = outcomes("a.py", write=True)
    assert outcome.error.startswith("`a.py`")
    assert Path("a.py").read_bytes() == deep


def test_a_fault_of_ours_in_one_file_is_said_and_others_go_on(
    write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from procrun.migrate import rewrite

    parse = rewrite.parse

    def fails(text: str) -> None:
        if "bad" in text:
            raise LookupError("first\nsecond")
        parse(text)

    monkeypatch.setattr(rewrite, "parse", fails)
    write(a=b"bad = 1\n", b=OLD)
    bad, good = outcomes(".", write=True)
    assert bad.error == (
        f"`{os.path.join('.', 'a.py')}`: procrun itself failed: LookupError: first\n"
        "  rewrite it by hand, and report this"
    )
    assert good.is_written


def test_old_names_that_are_the_programs_own_stay(write: Callable[..., None]) -> None:
    write(a=b"import commands\ncommands.getoutput(x)\n", commands=b"x = 1\n")
    assert [outcome.is_changed for outcome in outcomes(".")] == [False, False]


WITHOUT = """
import sys
from importlib.machinery import PathFinder

class NoLibcst(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name == "libcst" else super().find_spec(name, path, target)

sys.meta_path = [NoLibcst if finder is PathFinder else finder for finder in sys.meta_path]
"""


def test_without_libcst_it_says_how_to_get_it() -> None:
    code = "from procrun.migrate.run import *\ntry: migrate(['.'])\nexcept MissingExtra as error: print(error)"
    done = subprocess.run([sys.executable, "-c", WITHOUT + code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (
        "procrun migrate needs the package `libcst`, which is not installed\n"
        "  install it: pip install 'procrun[migrate]'\n",
        "",
    )
    assert MissingExtra.exit_code == 125
    require_libcst()


def test_libcst_is_loaded_when_a_file_is_rewritten(write: Callable[..., None]) -> None:
    code = (
        "import sys\nfrom procrun.migrate.run import migrate\nfound = list(migrate(['missing.py']))\n"
        "assert 'libcst' not in sys.modules\nlist(migrate(['a.py']))\nassert 'libcst' in sys.modules"
    )
    write(a=OLD)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
