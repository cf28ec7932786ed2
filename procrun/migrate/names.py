"""What each old name is today: the tables of which all rewriting is made.

A name has a place today when calls through it do what they did. Where none of Python's own
modules has such a name the place is in `procrun.legacy`, whose modules have every name of
theirs. That is the case for every call that gives text: `subprocess.getoutput` and its kin
translate newlines and fail on bytes that are no text, so no function here becomes theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Where a name is found."""

    module: str
    """The module's full name."""

    name: str
    """The name in it."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module of Python 2 whose name, or some of whose names, are gone."""

    names: Mapping[str, Place]
    """Its old names, and where they are today."""

    drop_in: str = ""
    """The module of procrun that has all of its names; empty when the module itself is still there."""

    same: str = ""
    """The module of today that has its names, but for those that are only in the drop-in."""

    is_twin: bool = False
    """Whether `same` is the same module under another name, not one that has a name in common."""

    has_any: bool = False
    """Whether the drop-in has names that are not listed here."""

    public: frozenset[str] = field(default=frozenset())
    """The names that `from MODULE import *` gave and today's does not (modules that are still there)."""

    @property
    def stays(self) -> bool:
        """Whether it can still be imported by its name."""
        return not self.drop_in


class Meaning(NamedTuple):
    """How the meaning of a rewritten name has changed."""

    why: str
    """What is different."""

    check: str
    """What to look at in the program."""


def _in(module: str, *names: str, **renamed: str) -> dict[str, Place]:
    return {name: Place(module, name) for name in names} | {old: Place(module, new) for old, new in renamed.items()}


def _drop_in(name: str, *names: str) -> Module:
    home = f"procrun.legacy.{name}"
    return Module(_in(home, *names), drop_in=home)


_DUMMY_THREAD = _drop_in(
    "dummy_thread",
    *("LockType", "allocate_lock", "error", "exit", "get_ident", "interrupt_main", "stack_size", "start_new_thread"),
)
_DUMMY_THREADING = Module({}, drop_in="procrun.legacy.dummy_threading", has_any=True)

MODULES: dict[str, Module] = {
    "commands": _drop_in("commands", "getoutput", "getstatus", "getstatusoutput", "mk2arg", "mkarg"),
    "popen2": _drop_in("popen2", "MAXFD", "Popen3", "Popen4", "_active", "_cleanup", "popen2", "popen3", "popen4"),
    "pipes": Module(
        _in(
            "procrun.legacy.pipes",
            *("FILEIN_FILEOUT", "FILEIN_STDOUT", "SINK", "SOURCE", "STDIN_FILEOUT", "STDIN_STDOUT"),
            *("Template", "makepipeline", "stepkinds"),
        )
        | _in("shlex", "quote"),
        drop_in="procrun.legacy.pipes",
        same="shlex",
    ),
    "thread": Module(
        _in(
            "_thread",
            *("LockType", "_count", "_local", "allocate_lock", "error", "exit", "get_ident", "interrupt_main"),
            *("stack_size", "start_new_thread"),
            allocate="allocate_lock",
            exit_thread="exit",
            start_new="start_new_thread",
        ),
        drop_in="procrun.legacy.thread",
        same="_thread",
        is_twin=True,
    ),
    "Queue": Module(
        _in("queue", "Empty", "Full", "LifoQueue", "PriorityQueue", "Queue")
        | _in("procrun.legacy.Queue", "deque", "heapq"),
        drop_in="procrun.legacy.Queue",
        same="queue",
        is_twin=True,
    ),
    "dummy_thread": _DUMMY_THREAD,
    "dummy_threading": _DUMMY_THREADING,
    # 3.0 to 3.8, and what 2to3 makes of the others.
    "_dummy_thread": _DUMMY_THREAD,
    "_dummy_threading": _DUMMY_THREADING,
    "os": Module(
        _in("procrun.legacy.os_popen", "popen2", "popen3", "popen4"), public=frozenset({"popen2", "popen3", "popen4"})
    ),
    "threading": Module(
        _in(
            "threading",
            activeCount="active_count",
            currentThread="current_thread",
            _BoundedSemaphore="BoundedSemaphore",
            _Condition="Condition",
            _Event="Event",
            _Semaphore="Semaphore",
            _Timer="Timer",
            _allocate_lock="Lock",
            _get_ident="get_ident",
        )
        | _in("_thread", _start_new_thread="start_new_thread")
        | _in("time", _sleep="sleep", _time="time")
        | _in("traceback", _format_exc="format_exc")
        | _in("procrun.legacy.threading", "_RLock", "_VERBOSE", "_Verbose", "_pickSomeNonDaemonThread"),
        public=frozenset({"activeCount", "currentThread"}),
    ),
    # Only in a file that handles signals.
    "time": Module(_in("procrun.legacy.time", "sleep"), public=frozenset({"sleep"})),
}
"""The modules of Python 2 that are rewritten."""

STILL_THERE = frozenset({"activeCount", "currentThread", "_allocate_lock", "_time"})
"""The names of `threading` that are rewritten, but still there."""

OLD_NAMES = frozenset(name for name, module in MODULES.items() if not module.stays)
"""The modules that are gone."""

_TEXT = Meaning(
    "its output is text in the locale's encoding, where it was bytes",
    "what measures the output, searches it for bytes, prints it or writes it to a file",
)
_STREAMS = Meaning(
    "the streams carry text in the locale's encoding, where they carried bytes",
    "what is written and read; for bytes pass mode='b'",
)
_DUMMY = Meaning("Python always has threads today", "whether the real module does")

MEANINGS: dict[tuple[str, str], Meaning] = {
    ("commands", "getoutput"): _TEXT,
    ("commands", "getstatus"): Meaning(
        "it is the output of `ls -ld` and no status, as it was, and deprecated", "whether `os.stat` is meant"
    ),
    ("commands", "getstatusoutput"): Meaning(
        "its output is text in the locale's encoding, where it was bytes; "
        "its status is that of wait(2), but on Windows the exit code",
        "what measures or prints the output, and what takes the status apart",
    ),
    **{("popen2", name): _STREAMS for name in ("popen2", "popen3", "popen4", "Popen3", "Popen4")},
    **{("os", name): _STREAMS for name in ("popen2", "popen3", "popen4")},
    ("pipes", "Template"): Meaning(
        "the files that it opens carry text in the locale's encoding; "
        "on Windows its steps are commands of procrun's language",
        "what is read and written; on Windows the steps",
    ),
    ("thread", "error"): Meaning(
        "it is RuntimeError today, which other code raises too", "that its handlers are meant for locks only"
    ),
    ("Queue", "PriorityQueue"): Meaning(
        "items of types that have no order raise TypeError, where any two had one",
        "that the priorities are of one type; None as a mark, and equal priorities before unordered values",
    ),
    **{("dummy_thread", name): _DUMMY for name in _DUMMY_THREAD.names},
    ("time", "sleep"): Meaning(
        "it ends when a signal handler has run, as it did; today's goes on",
        "whether it has to; if not, keep `time.sleep`",
    ),
}
"""Which rewritten names mean something else than they did."""

KEYWORDS = {("pipes", "quote"): {"file": "s"}}
"""The parameters that have another name today."""

HOOKS = {"_get": 0, "_put": 1, "_qsize": 0}
"""The methods of Python 2's queues that could be given more arguments than these."""

VERBOSE = {
    "threading.Thread": 5,
    "threading.RLock": 0,
    "threading.Condition": 1,
    "threading.Semaphore": 1,
    "threading.BoundedSemaphore": 1,
    "threading.Event": 0,
    "threading._Condition": 1,
    "threading._Semaphore": 1,
    "threading._BoundedSemaphore": 1,
    "threading._Event": 0,
}
"""The callables that took a parameter `verbose`, and how many others stood before it."""

OWN_ATTRIBUTES = frozenset(
    {
        *("_bootstrap", "_bootstrap_inner", "_daemonic", "_delete", "_ident", "_invoke_excepthook"),
        *("_native_id", "_reset_internal_locks", "_set_ident", "_set_native_id", "_set_tstate_lock", "_stderr"),
        "_wait_for_tstate_lock",
    }
)
"""What Thread itself keeps under these names from 3.10 to 3.14, and Python 2 kept under mangled ones."""

KEPT_APART = frozenset(
    {
        *("_context", "_handle", "_initialized", "_is_stopped", "_os_thread_handle", "_started", "_stop"),
        "_tstate_lock",
    }
)
"""What Thread keeps too, but procrun's Thread leaves to subclasses."""
