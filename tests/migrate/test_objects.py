"""Methods, parameters and attributes of threads and their kin: rewritten where the file proves what they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from procrun.migrate.notes import Kind
from procrun.migrate.rewrite import Rewritten

NOT_CERTAIN = (
    "# procrun migrate: `isAlive` is gone, and it is not certain what has it here; if it is a Thread, write `is_alive`"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("t.isAlive()", "t.is_alive()"),
        ("f(t.isAlive)", "f(t.is_alive)"),
        ("t.getName()", "t.name"),
        ("(t . getName ( ))", "(t . name)"),
        ("t.isDaemon()", "t.daemon"),
        ("t.setDaemon(True)", "t.daemon = True"),
        ("t.setDaemon( True, )", "t.daemon = True"),
        ("t.setDaemon(daemonic=1)", "t.daemon = 1"),
        ("t.setName('a' + t.getName())", "t.name = 'a' + t.name"),
        ("t.setName(x for x in y)", "t.name = (x for x in y)"),
        ("t.setName((x))", "t.name = (x)"),
        ("t.setName(\n    'a'\n    'b')", "t.name = ('a'\n    'b')"),
        ("if x: t.setName('a'); t.start()", "if x: t.name = 'a'; t.start()"),
        ("e.isSet()", "e.is_set()"),
        ("c.notifyAll()", "c.notify_all()"),
        ("threading.Thread.isAlive(t)", "threading.Thread.is_alive(t)"),
        # Objects of another kind.
        ("e.isAlive()", f"{NOT_CERTAIN}\ne.isAlive()"),
        ("x.getName()", "x.getName()"),
        ("t.isAlive = 1", "t.isAlive = 1"),
        # What no assignment can be.
        (
            "f(t.setName('a'))",
            "# procrun migrate: `setName` is deprecated; assign to the attribute `name`\nf(t.setName('a'))",
        ),
        ("f(t.getName)", "# procrun migrate: `getName` is deprecated; read the attribute `name`\nf(t.getName)"),
        ("t.setName(*a)", "# procrun migrate: `setName` is deprecated; assign to the attribute `name`\nt.setName(*a)"),
        (
            "t.getName(# who\n)",
            "# procrun migrate: `getName` is deprecated; read the attribute `name`\nt.getName(# who\n)",
        ),
    ],
)
def test_methods_by_their_old_names(before: str, after: str, becomes: Callable[..., None]) -> None:
    head = "import threading\nt = threading.Thread(name='a')\ne = threading.Event()\nc = threading.Condition()\n"
    becomes(f"{head}{before}\n", f"{head}{after}\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("class W(threading.Thread):\n    def isAlive(self): return 1\nW().isAlive()\n", None),
        (
            "class W(threading.Thread):\n    def f(self): return self.isAlive()\n",
            "class W(threading.Thread):\n    def f(self): return self.is_alive()\n",
        ),
        (
            "class W(Other):\n    def f(self): return 1\nclass V:\n    def isAlive(self): return 1\nW().isAlive()\n",
            None,
        ),
    ],
)
def test_a_class_may_have_such_a_method_of_its_own(
    before: str, after: str | None, becomes: Callable[..., None]
) -> None:
    becomes(f"import threading\n{before}", f"import threading\n{after or before}")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("x.isSet()", "`isSet` is deprecated in `threading`"),
        ("x.setDaemon(1)", "`setDaemon` is deprecated in `threading`"),
        ("x.notifyAll()", "`notifyAll` is deprecated in `threading`"),
        ("x.isSet(1)", None),
        ("x.getName()", None),
    ],
)
def test_what_may_be_meant_is_said_without_a_comment(
    code: str, why: str | None, rewritten: Callable[..., Rewritten]
) -> None:
    done = rewritten(f"import threading\n{code}\n")
    assert done.text == f"import threading\n{code}\n"
    assert [(note.kind, note.why) for note in done.notes] == ([(Kind.LEFT, why)] if why else [])


def test_without_threading_nobody_is_suspected(rewritten: Callable[..., Rewritten]) -> None:
    done = rewritten("import Queue as threads\nplayer.isAlive()\n")
    assert done.text == "import queue as threads\nplayer.isAlive()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Thread(verbose=None)", "Thread()"),
        ("Thread(verbose=1,)", "Thread()"),
        ("Thread(None, f, verbose=v)", "Thread(None, f)"),
        ("Thread(None, f, 'n', (), {}, 1)", "Thread(None, f, 'n', (), {})"),
        ("Thread(verbose=0, name='a')", "Thread(name='a')"),
        ("Thread(\n    name='a',  # who\n    verbose=0,  # or 1\n)", "Thread(\n    name='a',  # who\n)"),
        ("Thread(name='a',  # who\n       verbose=0)", "Thread(name='a',  # who\n       )"),
        ("RLock(0)", "RLock()"),
        ("Condition(None, 0)", "Condition(None)"),
        ("Semaphore(2, verbose=1)", "Semaphore(2)"),
        ("Event(verbose=1)", "Event()"),
        ("Thread.__init__(self, verbose=1)", "Thread.__init__(self)"),
        ("Thread.__init__(self, None, f, 'n', (), {}, 1)", "Thread.__init__(self, None, f, 'n', (), {})"),
        ("Thread(*a)", "Thread(*a)"),
        ("Thread(None, f)", "Thread(None, f)"),
    ],
)
def test_the_parameter_verbose_goes(before: str, after: str, becomes: Callable[..., None]) -> None:
    becomes(f"import threading\nthreading.{before}\n", f"import threading\nthreading.{after}\n")


def test_an_argument_that_does_something_stays(becomes: Callable[..., None]) -> None:
    becomes(
        "import threading\nthreading.Event(verbose=f())\n",
        "import threading\n"
        "# procrun migrate: the parameter `verbose` is gone; remove it\n"
        "threading.Event(verbose=f())\n",
    )


@pytest.mark.parametrize(
    ("value", "kind"), [("None", Kind.REWRITTEN), ("0", Kind.REWRITTEN), ("1", Kind.MEANING), ("v", Kind.MEANING)]
)
def test_notes_on_stderr_are_missed_only_by_those_who_asked(
    value: str, kind: Kind, rewritten: Callable[..., Rewritten]
) -> None:
    (note,) = rewritten(f"import threading\nthreading.Event(verbose={value})\n").notes
    assert (note.kind, note.what) == (kind, "threading.Event(verbose)")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "class W(threading.Thread):\n    def f(self): self._stop = 1\n",
            "class W(legacy_threading.Thread):\n    def f(self): self._stop = 1\n",
        ),
        (
            "class W(Thread):\n    def _stop(self): pass\n",
            "class W(legacy_threading.Thread):\n    def _stop(self): pass\n",
        ),
        (
            "class V(threading.Timer): pass\nclass W(V):\n    def f(self): self._started = 1\n",
            "class V(legacy_threading.Timer): pass\nclass W(V):\n    def f(self): self._started = 1\n",
        ),
    ],
)
def test_attributes_that_procruns_thread_leaves_to_subclasses(
    before: str, after: str, becomes: Callable[..., None]
) -> None:
    own, legacy = ("from threading import Thread", "from procrun.legacy import threading as legacy_threading")
    if "(Thread)" not in before:
        own = "import threading"
    becomes(f"{own}\n{before}", f"{own}\n{legacy}\n{after}")


def test_attributes_that_nobody_leaves_to_subclasses(becomes: Callable[..., None]) -> None:
    becomes(
        """\
        import threading
        class W(threading.Thread):
            def run(self):
                self._ident = 1
                self.stop = self._target
        """,
        """\
        import threading
        class W(threading.Thread):
            def run(self):
                # procrun migrate: `_ident` is an attribute of Thread itself today; give yours another name
                self._ident = 1
                self.stop = self._target
        """,
    )


@pytest.mark.parametrize(
    ("thread", "kind"),
    [
        ("Thread(target=f)", Kind.MEANING),
        ("Thread(None, f)", Kind.MEANING),
        ("Thread(None, f, 'a')", Kind.REWRITTEN),
        ("Thread(target=f, name='a')", Kind.REWRITTEN),
        ("Thread()", Kind.REWRITTEN),
    ],
)
def test_names_that_threads_are_given_have_changed(
    thread: str, kind: Kind, rewritten: Callable[..., Rewritten]
) -> None:
    (note,) = rewritten(f"import threading\nt = threading.{thread}\nt.getName()\n").notes
    assert note.kind is kind


@pytest.mark.parametrize(
    "head",
    [
        "from threading import *\ncurrentThread()\n",
        "import threading\nclass A(threading.Thread):\n    def f(self): self._stop = 1\n",
    ],
)
def test_a_method_that_procrun_gives_is_not_gone(head: str, rewritten: Callable[..., Rewritten]) -> None:
    done = rewritten(f"{head}w.isAlive()\n")
    assert "procrun.legacy" in done.text
    assert done.text.endswith("\nw.isAlive()\n")
    assert "is gone" not in done.text
    (note,) = [note for note in done.notes if note.what == "w.isAlive"]
    assert (note.kind, note.why, note.check) == (
        Kind.LEFT,
        "`isAlive` is gone but for `procrun.legacy.threading`, which this file imports",
        "if it is a Thread, write `is_alive`",
    )
