"""The part of the contract of `procrun.system` that is about the helpers of a run, on Unix: the shim and the guard.

Both are small Python programs of ours, because nothing compiled comes with procrun; they take 6 ms to start.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

HAS_GUARD = True

# setrlimit(2). RLIMIT_AS counts addresses, of which node, Go and Java reserve tens of GiB that they never use;
# RLIMIT_DATA counts on Linux, since 4.7, what a process may write to and does not share. macOS enforces neither.
_LINUX = sys.platform == "linux"
_RESOURCES = {
    "nice": ("nice", 0),
    "cpu": ("RLIMIT_CPU", 1),
    "files": ("RLIMIT_NOFILE", 0),
    "processes": ("RLIMIT_NPROC", 0),
    "file_size": ("RLIMIT_FSIZE", 0),
    # Last, because the shim itself needs memory.
    "memory": ("RLIMIT_DATA" if _LINUX else "RLIMIT_AS", 0),
}
LIMITS = frozenset(_RESOURCES) - ({"memory"} if sys.platform == "darwin" else set())


def shim_argv(
    program: str, argv: Sequence[str], limits: Mapping[str, int], report: int, variables: Mapping[Any, Any]
) -> list[str]:
    import pkgutil

    source = pkgutil.get_data("procrun.system", "shim.py")
    assert source is not None
    locale = variables.get(b"LC_CTYPE")
    settings = [
        ":".join((name, _RESOURCES[name][0], str(limits[name]), str(_RESOURCES[name][1])))
        for name in _RESOURCES
        if name in limits
    ]
    return [
        *own_python(),
        source.decode(),
        str(report),
        "" if locale is None else "=" + locale.decode("utf-8", "surrogateescape"),
        ",".join(settings),
        program,
        *argv,
    ]


def own_python() -> list[str]:
    # UTF-8 mode keeps every byte of arguments, whatever the locale; -I and -S take a third of the time without them.
    if not sys.executable or getattr(sys, "frozen", False):
        from procrun.errors import NotSupported

        raise NotSupported(
            "`limits` and `die_with_parent` need a Python interpreter to start, and this program has none of its own",
            hint="set `sys.executable` to the path of one",
        )
    return [sys.executable, "-I", "-S", "-X", "utf8", "-c"]
