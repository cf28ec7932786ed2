"""Uses of the old modules: where each name goes, what the imports become, and what is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from procrun.migrate.notes import Kind
from procrun.migrate.rewrite import Rewritten

NOT_CERTAIN = "# procrun migrate: `popen2` is gone; if `os` is the module, it is `procrun.legacy.os_popen.popen2`"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Modules whose drop-in takes their place.
        (
            "import commands\nx = commands.getoutput(y)\n",
            "from procrun.legacy import commands\nx = commands.getoutput(y)\n",
        ),
        ("import commands as c\nc.mkarg(y)\n", "from procrun.legacy import commands as c\nc.mkarg(y)\n"),
        ("from commands import getoutput\n", "from procrun.legacy.commands import getoutput\n"),
        ("from commands import getoutput as o, mkarg\n", "from procrun.legacy.commands import getoutput as o, mkarg\n"),
        ("from commands import *\n", "from procrun.legacy.commands import *\n"),
        ("import popen2\npopen2._cleanup()\n", "from procrun.legacy import popen2\npopen2._cleanup()\n"),
        ("import dummy_thread as thread\n", "from procrun.legacy import dummy_thread as thread\n"),
        ("import dummy_threading\n", "from procrun.legacy import dummy_threading\n"),
        ("import _dummy_thread\n", "from procrun.legacy import dummy_thread as _dummy_thread\n"),
        ("from dummy_threading import *\n", "from procrun.legacy.dummy_threading import *\n"),
        ("from dummy_threading import _Timer\n", "from procrun.legacy.dummy_threading import _Timer\n"),
        # Modules that have another name.
        ("import Queue\nq = Queue.Queue(3)\n", "import queue\nq = queue.Queue(3)\n"),
        ("import Queue\nqueue = Queue.Queue()\n", "import queue as Queue\nqueue = Queue.Queue()\n"),
        ("import Queue as Q\nQ.Empty\n", "import queue as Q\nQ.Empty\n"),
        ("import Queue as queue\nqueue.Full\n", "import queue\nqueue.Full\n"),
        ("import Queue\n", "import queue as Queue\n"),
        ("from Queue import Queue, Empty\n", "from queue import Queue, Empty\n"),
        ("from Queue import *\n", "from procrun.legacy.Queue import *\n"),
        ("import Queue\nQueue.heapq\n", "from procrun.legacy import Queue\nQueue.heapq\n"),
        ("import thread\nthread.start_new(f, ())\n", "import _thread\n_thread.start_new_thread(f, ())\n"),
        ("import thread as t\nt.allocate()\n", "import _thread as t\nt.allocate_lock()\n"),
        ("import thread as _thread\n_thread.exit()\n", "import _thread\n_thread.exit()\n"),
        (
            "from thread import start_new\nstart_new(f, ())\n",
            "from _thread import start_new_thread\nstart_new_thread(f, ())\n",
        ),
        ("from thread import start_new as s\ns(f, ())\n", "from _thread import start_new_thread as s\ns(f, ())\n"),
        (
            "from thread import start_new\nstart_new_thread = 1\nstart_new(f, ())\n",
            "from _thread import start_new_thread as start_new\nstart_new_thread = 1\nstart_new(f, ())\n",
        ),
        # A module of which one name has a place of its own.
        ("import pipes\npipes.quote(a)\n", "import shlex\nshlex.quote(a)\n"),
        ("import pipes\npipes.quote(file=a)\n", "import shlex\nshlex.quote(s=a)\n"),
        ("from pipes import quote\nquote(file=a)\n", "from shlex import quote\nquote(s=a)\n"),
        ("import pipes as p\np.quote(a)\n", "import shlex as p\np.quote(a)\n"),
        ("import pipes\npipes.Template()\n", "from procrun.legacy import pipes\npipes.Template()\n"),
        (
            "import pipes\npipes.quote(a), pipes.Template()\n",
            "import shlex\nfrom procrun.legacy import pipes\nshlex.quote(a), pipes.Template()\n",
        ),
        ("import pipes, shlex\npipes.quote(a)\n", "import shlex\nshlex.quote(a)\n"),
        ("import shlex\nimport pipes\npipes.quote(a)\n", "import shlex\nshlex.quote(a)\n"),
        ("import pipes\nshlex = 1\npipes.quote(a)\n", "from procrun.legacy import pipes\nshlex = 1\npipes.quote(a)\n"),
        # Modules that stay.
        ("import os\nos.popen2(c)\n", "import os\nfrom procrun.legacy import os_popen\nos_popen.popen2(c)\n"),
        ("import os as o\no.popen4(c)\n", "import os as o\nfrom procrun.legacy import os_popen\nos_popen.popen4(c)\n"),
        ("import os.path\nos.popen3(c)\n", "import os.path\nfrom procrun.legacy import os_popen\nos_popen.popen3(c)\n"),
        ("from os import popen2\n", "from procrun.legacy.os_popen import popen2\n"),
        (
            "from os import path, popen3 as p\n",
            "from os import path\nfrom procrun.legacy.os_popen import popen3 as p\n",
        ),
        ("from os import *\npopen2(c)\n", "from os import *\nfrom procrun.legacy.os_popen import popen2\npopen2(c)\n"),
        ("import threading\nthreading.currentThread()\n", "import threading\nthreading.current_thread()\n"),
        ("from threading import activeCount\nactiveCount()\n", "from threading import active_count\nactive_count()\n"),
        ("from threading import *\ncurrentThread()\n", "from procrun.legacy.threading import *\ncurrentThread()\n"),
        ("import threading\nclass T(threading._Timer): pass\n", "import threading\nclass T(threading.Timer): pass\n"),
        ("import threading\nthreading._sleep(1)\n", "import threading\nimport time\ntime.sleep(1)\n"),
        (
            "import threading\nisinstance(a, threading._RLock)\n",
            "import threading\nfrom procrun.legacy import threading as legacy_threading\n"
            "isinstance(a, legacy_threading._RLock)\n",
        ),
        # Only a file that handles signals has its sleeps ended by them.
        ("import time\ntime.sleep(1)\n", "import time\ntime.sleep(1)\n"),
        (
            "import signal, time\nsignal.signal(2, signal.SIG_IGN)\ntime.sleep(1)\n",
            "import signal, time\nsignal.signal(2, signal.SIG_IGN)\ntime.sleep(1)\n",
        ),
        (
            "import signal, time\nsignal.signal(2, f)\ntime.sleep(1)\n",
            "import signal, time\nfrom procrun.legacy import time as legacy_time\n"
            "signal.signal(2, f)\nlegacy_time.sleep(1)\n",
        ),
        (
            "import signal\nfrom time import sleep, time\nsignal.signal(2, f)\n",
            "import signal\nfrom time import time\nfrom procrun.legacy.time import sleep\nsignal.signal(2, f)\n",
        ),
    ],
)
def test_a_name_goes_where_it_is_today(before: str, after: str, becomes: Callable[..., None]) -> None:
    becomes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # What hides the module is no use of it.
        (
            "import Queue\ndef f(Queue):\n    return Queue.Empty\nQueue.Full\n",
            "import queue\ndef f(Queue):\n    return Queue.Empty\nqueue.Full\n",
        ),
        ("def f(os):\n    return os.popen2(1)\n", "def f(os):\n    return os.popen2(1)\n"),
        ("self.commands.getoutput(1)\n", "self.commands.getoutput(1)\n"),
        ("from . import commands\ncommands.getoutput(1)\n", "from . import commands\ncommands.getoutput(1)\n"),
        ("from .commands import getoutput\n", "from .commands import getoutput\n"),
        ("import commands.own\n", "import commands.own\n"),
        ("from commands.own import x\n", "from commands.own import x\n"),
        # Another scope imports for itself.
        (
            "def f():\n    import Queue\n    return Queue.Empty\nQueue = 1\nQueue.real\n",
            "def f():\n    import queue\n    return queue.Empty\nQueue = 1\nQueue.real\n",
        ),
        # Something else may have the name: what is imported keeps it.
        (
            "import thread\nfor thread in x:\n    thread.start_new()\n",
            "import _thread as thread\nfor thread in x:\n    thread.start_new_thread()\n",
        ),
        (
            "try:\n    import thread\nexcept ImportError:\n    thread = None\nif thread: thread.exit()\n",
            "try:\n    import _thread as thread\nexcept ImportError:\n    thread = None\nif thread: thread.exit()\n",
        ),
        (
            "try:\n    import thread\nexcept ImportError:\n    import dummy_thread as thread\nthread.exit()\n",
            "try:\n    import _thread as thread\nexcept ImportError:\n"
            "    from procrun.legacy import dummy_thread as thread\nthread.exit()\n",
        ),
        # Others may read the name.
        (
            'import Queue\n__all__ = ["Queue"]\nQueue.Empty\n',
            'import queue as Queue\n__all__ = ["Queue"]\nQueue.Empty\n',
        ),
        (
            "def f():\n    global Queue\n    import Queue\n    Queue.Empty\n",
            "def f():\n    global Queue\n    import queue as Queue\n    Queue.Empty\n",
        ),
        (
            "class A:\n    import Queue\n    x = Queue.Empty\n",
            "class A:\n    import queue as Queue\n    x = Queue.Empty\n",
        ),
        (
            "import Queue\ndef f(a: 'Queue.Queue'): pass\nQueue.Full\n",
            "import queue as Queue\ndef f(a: 'Queue.Queue'): pass\nQueue.Full\n",
        ),
        # The module as such, or assigned to.
        (
            "import pipes\nf(pipes)\npipes.quote(a)\n",
            "import shlex\nfrom procrun.legacy import pipes\nf(pipes)\nshlex.quote(a)\n",
        ),
        ("import pipes\npipes.quote = f\n", "from procrun.legacy import pipes\npipes.quote = f\n"),
        ("import thread\nthread.start_new = f\n", "import _thread\n_thread.start_new = f\n"),
        # More than one thing may be meant.
        ("import os\nif a: os = b\nos.popen2(c)\n", f"import os\nif a: os = b\n{NOT_CERTAIN}\nos.popen2(c)\n"),
        ("import os\nos.popen2 = f\n", f"import os\n{NOT_CERTAIN}\nos.popen2 = f\n"),
        (
            "try:\n    import os\nexcept ImportError:\n    os = None\nos.popen2(c)\n",
            "try:\n    import os\n    from procrun.legacy import os_popen\nexcept ImportError:\n    os = None\n"
            "os_popen.popen2(c)\n",
        ),
        (
            "import os\nmatch a:\n    case os: os.popen2(c)\n",
            f"import os\nmatch a:\n    {NOT_CERTAIN}\n    case os: os.popen2(c)\n",
        ),
        # Names that are taken.
        (
            "import os\nos_popen = 1\nos.popen2(c)\n",
            "import os\nfrom procrun.legacy import os_popen as procrun_os_popen\nos_popen = 1\n"
            "procrun_os_popen.popen2(c)\n",
        ),
        (
            "import os\nfrom procrun.legacy import os_popen\nos.popen2(c)\n",
            "import os\nfrom procrun.legacy import os_popen\nos_popen.popen2(c)\n",
        ),
        # Every import of the module, so that each use has it.
        (
            "def f():\n    import os\n    os.popen2(c)\ndef g():\n    import os; return os.popen3(c)\n",
            "def f():\n    import os\n    from procrun.legacy import os_popen\n    os_popen.popen2(c)\n"
            "def g():\n    import os; from procrun.legacy import os_popen; return os_popen.popen3(c)\n",
        ),
        # Python 2's queues could be given more arguments.
        (
            "import Queue, heapq\nq = Queue.PriorityQueue()\nq._put(1, heapq.heappush)\n",
            "import heapq\nfrom procrun.legacy import Queue\nq = Queue.PriorityQueue()\nq._put(1, heapq.heappush)\n",
        ),
        (
            "import Queue\nclass Q(Queue.Queue):\n    def _put(self, a):\n        Queue.Queue._put(self, a)\n",
            "import queue\nclass Q(queue.Queue):\n    def _put(self, a):\n        queue.Queue._put(self, a)\n",
        ),
    ],
)
def test_scopes_decide_what_a_name_is(before: str, after: str, becomes: Callable[..., None]) -> None:
    becomes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import commands\ncommands.nothing\n",
            "from procrun.legacy import commands\n"
            "# procrun migrate: Python 2's `commands` has no `nothing`; see what is meant\ncommands.nothing\n",
        ),
        (
            "from popen2 import nothing\n",
            "# procrun migrate: Python 2's `popen2` has no `nothing`; see what is meant\nfrom popen2 import nothing\n",
        ),
    ],
)
def test_what_python2_has_not_is_left(before: str, after: str, becomes: Callable[..., None]) -> None:
    becomes(before, after)


def test_a_module_beside_the_file_is_the_one_that_is_meant(rewritten: Callable[..., Rewritten]) -> None:
    before = "import commands\ncommands.getoutput('x')\n"
    done = rewritten(before, hidden={"commands"})
    assert done.text == before
    assert [(note.kind, note.line, note.what, note.why) for note in done.notes] == [
        (Kind.LEFT, 1, "commands", "the module of this name that lies beside the file is meant, not Python 2's")
    ]


def test_a_module_that_hides_pythons_own_is_no_place_to_go(becomes: Callable[..., None]) -> None:
    becomes(
        "import Queue\nQueue.Empty\n",
        "# procrun migrate: a module `queue` beside the file hides Python's own; rename `queue.py` first\n"
        "import Queue\nQueue.Empty\n",
        hidden={"queue"},
    )


def test_what_means_something_else_is_said(rewritten: Callable[..., Rewritten]) -> None:
    done = rewritten("import commands, Queue\nQueue.Empty\ncommands.getstatusoutput('x')\n")
    assert [(note.kind, note.line, note.new_line, note.what) for note in done.notes] == [
        (Kind.REWRITTEN, 2, 3, "Queue.Empty"),
        (Kind.MEANING, 3, 4, "commands.getstatusoutput"),
    ]


def test_what_is_for_python2_is_said_to_be(rewritten: Callable[..., Rewritten]) -> None:
    before = "try:\n    import Queue\nexcept ImportError:\n    import queue as Queue\nQueue.Empty\n"
    done = rewritten(before)
    assert done.text == before
    assert [(note.kind, note.line, note.what) for note in done.notes] == [(Kind.COMPATIBLE, 2, "Queue")]


def test_a_deprecated_name_that_may_be_something_else_is_left_without_a_comment(
    rewritten: Callable[..., Rewritten],
) -> None:
    before = "import threading\nif a: threading = b\nthreading.currentThread()\n"
    done = rewritten(before)
    assert done.text == before
    assert [(note.kind, note.line, note.why) for note in done.notes] == [
        (Kind.LEFT, 3, "`currentThread` is deprecated")
    ]
