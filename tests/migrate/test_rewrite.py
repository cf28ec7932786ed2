"""Whole texts: valid, the same the second time, and untouched where nothing old is used."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from procrun.migrate.rewrite import Rewritten, rewrite

LINES = [
    "import os, commands",
    "import Queue as q, thread",
    "import Queue",
    "import pipes; import threading",
    "import threading, signal, time",
    "from pipes import quote, Template as T",
    "from thread import (start_new,\n    exit)",
    "from Queue import *",
    "from os import popen2, path",
    "from threading import Thread, currentThread",
    "Queue = os = threading = None",
    "queue = Queue.Queue(2)",
    "shlex = pipes.quote(file='ü')",
    "signal.signal(2, quote)",
    "time.sleep(1)",
    "i, o = os.popen2(x); thread.start_new(f, ())",
    "s, t = commands.getstatusoutput('x')",
    "s >> 8, s / 256, [s == 1 for s in t]",
    "t = threading.Thread(verbose=1, target=f)",
    "t.setName(currentThread().getName()); t.isAlive()",
    "x.isAlive(), x.isSet(), hasattr(os, 'popen3')",
    "class W(threading.Thread): _stop = 1",
    "lambda os: os.popen2",
    "'''\n  commands\n'''",
    "global pipes",
]
HEADS = ["if a:", "else:", "def f(x, Queue=0):", "class A:", "try:", "except ImportError:", "while 1:", "with a as os:"]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A program of lines that use old modules, some of them in blocks."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        body = draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=4))
        head = draw(st.sampled_from(["", "", *HEADS]))
        if head in ("else:", "except ImportError:"):
            first = "if a:" if head == "else:" else "try:"
            lines += [first, *_indented(draw(st.sampled_from(LINES)))]
        lines += [head, *(line for part in body for line in _indented(part))] if head else body
        if head == "try:":
            lines += ["finally: pass"]
    ending = draw(st.sampled_from(["\n", "", "  # end\n"]))
    return draw(st.sampled_from(["\n", "\r\n"])).join("\n".join(lines).split("\n")) + ending


def _indented(text: str) -> list[str]:
    return textwrap.indent(text, "    ").split("\n")


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


@given(programs().filter(is_python))
@settings(max_examples=100, deadline=None)
def test_any_program_becomes_python_that_stays(text: str) -> None:
    done = rewrite(text)
    ast.parse(done.text)
    assert rewrite(done.text).text == done.text
    assert ("\r\n" in text) == ("\r\n" in done.text)


@given(st.lists(st.sampled_from(["x = 1", "def f(): pass", "\tx", "'é' ", "# c", "\x0c", "import json", "(\n)"])))
@settings(max_examples=50, deadline=None)
def test_what_has_no_old_names_is_untouched(lines: list[str]) -> None:
    text = "\n".join([*lines, "signal"])
    if is_python(text):
        assert rewrite(text) == Rewritten(text, ())


def test_a_text_without_old_words_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procrun.migrate.rewrite.Draft", None)
    assert rewrite("import subprocess\n") == Rewritten("import subprocess\n", ())


@pytest.mark.parametrize("text", ["print 1", "a = (", "import commands\nexcept E, e: pass"])
def test_what_is_no_python3_is_refused(text: str) -> None:
    with pytest.raises(SyntaxError):
        rewrite(text)


@pytest.mark.parametrize("text", ["'\\d'; import commands\n", "1 is 1; import commands\n", "import commands; 1or x\n"])
def test_warnings_of_the_compiler_are_not_shown(text: str, rewritten: Callable[..., Rewritten]) -> None:
    assert "procrun.legacy" in rewritten(text).text


def test_new_syntax_is_understood(rewritten: Callable[..., Rewritten]) -> None:
    text = """\
    import Queue
    async def f(a, /, *, b: int = (c := 1)) -> "x":
        async with a as b, c: await (yield)
        match a:
            case {"x": [1, *_], **rest} if rest: Queue.Empty
        print(f"{Queue.Full!r:>{10}} {a=}")
    """
    assert rewritten(text).text == textwrap.dedent(text).replace("Queue.", "queue.").replace("import Q", "import q")
