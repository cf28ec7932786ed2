"""Run a script as `python SCRIPT` does, with the old modules and names installed.

The command line's `procrun legacy` calls `run_script` and gives its result to `sys.exit`. The
script takes the process over: it becomes `__main__`, with its own `sys.argv` and `sys.path[0]`,
and what it leaves to the end of the process (threads, `atexit`) happens at that end.
"""

from __future__ import annotations

import atexit
import builtins
import importlib.util
import os
import re
import signal
import sys
import types
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from typing import Any, NamedTuple

from procrun import system
from procrun.errors import ProcrunError, TextError
from procrun.legacy.finder import Finder
from procrun.legacy.install import MODULES, install
from procrun.system.legacy import INTERRUPTED


class ScriptError(ProcrunError):
    """The script cannot be read, or there is no such module."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        """As Python has it: 2 for a file, 1 for a module."""


class Python2SyntaxError(TextError):
    """The script is in Python 2's syntax, which no Python 3 can run."""

    exit_code = 1


def run_script(argv: Sequence[str]) -> int:
    """Run `SCRIPT ARGS…`, `-m MODULE ARGS…` or `-c CODE ARGS…`, and return the exit status.

    As `python` would: an uncaught exception prints its traceback, in which procrun does not
    appear, and is status 1; `sys.exit` gives its own; after Ctrl-C the process ends by SIGINT
    when everything else has ended. Besides what `install()` does, text that holds bytes which
    were no text can be printed, and DeprecationWarnings are not shown unless warnings were
    asked for, as in Python 2.7. A module of one of the old names in the script's own folder
    comes first, as it did.

    Raises ScriptError when there is nothing to run, and Python2SyntaxError.
    """
    if not argv or (argv[0] in ("-c", "-m") and len(argv) == 1):
        raise ScriptError("nothing to run\n  give a script, -m MODULE or -c CODE", 2)
    # First of all that is registered, so that it is called after all.
    atexit.register(_end)
    try:
        program = _LOADERS.get(argv[0], _load_script)(argv)
    except ProcrunError:
        raise
    except SyntaxError as error:
        explained = python2_syntax(error)
        if explained:
            raise explained from error
        error.__traceback__ = None
        return _reported(error)
    except BaseException as error:
        return _reported(error)  # of a package around the module
    return _executed(program)


def python2_syntax(error: SyntaxError, name: str = "") -> Python2SyntaxError | None:
    """The error about Python 2's syntax, if that is what an error of Python's is; `name` is the file's in it."""
    line = (error.text or "").rstrip("\n")
    where = f"`{name or os.path.basename(error.filename or '')}`, line {error.lineno}"
    if isinstance(error, TabError):
        return Python2SyntaxError(
            f"{where}, is Python 2 syntax: tabs and blanks are mixed in its indentation",
            text=line.expandtabs(),
            end=1,
            hint="let each indentation be blanks only",
        )
    for pattern, what, today in _PYTHON_2:
        found = re.search(pattern, line)
        if found:
            return Python2SyntaxError(
                f"{where}, is Python 2 syntax: {what}",
                text=line,
                start=found.start(),
                end=found.end(),
                hint=f"convert the script to Python 3 first, by hand or with a tool such as 2to3; here: {today}",
            )
    return None


class _Program(NamedTuple):
    """What is run as `__main__`."""

    code: types.CodeType
    attributes: dict[str, Any]


_is_interrupted = False

# The line that Python points at, and what of it is Python 2's: pattern, name, today's form.
_PYTHON_2 = (
    (r"\bprint(?=\s+[^\s=.(])", "the print statement", "print(…)"),
    (r"\bexec(?=\s+[^\s=.(])", "the exec statement", "exec(code, namespace)"),
    (r"\bexcept\b.+,\s*[A-Za-z_]\w*(?=\s*:)", "a handler with a comma", "except Error as name:"),
    (r"\braise\s+[\w.]+\s*,.*", "a raise with a comma", "raise Error(text)"),
    (r"`[^`]*`?", "the backquotes of repr", "repr(…)"),
    (r"<>", "the operator of inequality", "!="),
    (r"(?<![\w.])0[0-7]+(?![\w.])", "an octal number", "0o…"),
    (r"(?<![\w.])(0[xX][0-9a-fA-F]+|\d+)[lL]\b", "a long number", "the number without its letter"),
    (r"\b[uU][rR](?=['\"])", "a raw unicode string", "r'…'"),
    (r"\b(def\s+\w+\s*\(|lambda\b)([^=()]*,)?\s*\([^)]*\)", "a parameter that is a tuple", "one name, and unpack it"),
)


def _load_script(argv: Sequence[str]) -> _Program:
    """A file: its folder is the first to be searched for modules."""
    _prepare(argv, os.path.dirname(os.path.realpath(argv[0])))
    path = os.path.abspath(argv[0])
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        raise ScriptError(f"can't open file `{path}`: {error.strerror}\n  check the script's name", 2) from error
    loader = SourceFileLoader("__main__", path)
    return _Program(_compiled(source, path), {"__file__": path, "__loader__": loader, "__cached__": None})


def _load_module(argv: Sequence[str]) -> _Program:
    """A module, or the `__main__` of a package: the current folder is the first to be searched."""
    _prepare([argv[0], *argv[2:]], os.getcwd())
    spec = _find(argv[1])
    if spec is not None and spec.submodule_search_locations is not None:
        spec = _find(f"{argv[1]}.__main__")
    if spec is None or spec.loader is None or not hasattr(spec.loader, "get_code"):
        raise ScriptError(f"no module `{argv[1]}` that can be run\n  it is looked for in {', '.join(sys.path)}", 1)
    sys.argv[0] = spec.origin or argv[1]
    attributes = {"__file__": spec.origin, "__loader__": spec.loader, "__cached__": spec.cached}
    return _Program(spec.loader.get_code(spec.name), {**attributes, "__spec__": spec, "__package__": spec.parent})


def _load_code(argv: Sequence[str]) -> _Program:
    """Text: as for a module, the current folder is the first to be searched."""
    _prepare([argv[0], *argv[2:]], "")
    return _Program(_compiled(argv[1].encode("utf-8", "surrogateescape"), "<string>"), {})


_LOADERS = {"-m": _load_module, "-c": _load_code}


def _prepare(argv: Sequence[str], folder: str) -> None:
    """Make the process what a Python 2 script expects, before any code of it is imported."""
    sys.argv = list(argv)
    if not getattr(sys.flags, "safe_path", False):  # -P, from Python 3.11
        sys.path[:1] = [folder]
    # An older Python's `pipes`, if something has imported it, is not looked for any more.
    install(modules=[name for name in MODULES if name in sys.modules], stdout=True)
    sys.meta_path.insert(0, Finder(MODULES))
    if not sys.warnoptions:
        warnings.simplefilter("ignore", DeprecationWarning)


def _find(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            return None  # A package on the way to it; any other is missed by its own code.
        raise


def _compiled(source: bytes, path: str) -> types.CodeType:
    return compile(source, path, "exec", dont_inherit=True)


def _executed(program: _Program) -> int:
    """Run the code and give its exit status."""
    main = types.ModuleType("__main__")
    vars(main).update({"__builtins__": builtins, **program.attributes})
    sys.modules["__main__"] = main
    try:
        exec(program.code, vars(main))
    except SystemExit as error:
        return _exit_status(error.code)
    except BaseException as error:
        return _reported(error)
    return 0


def _exit_status(code: object) -> int:
    if code is None or isinstance(code, int):
        return int(code or 0)
    if sys.stderr is not None:
        sys.stderr.writelines([f"{code}\n"])
    return 1


def _reported(error: BaseException) -> int:
    """Print an uncaught exception, by the script's own hook if it has set one, and give its exit status."""
    global _is_interrupted  # noqa: PLW0603
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename.startswith(
        (__file__, importlib.util.__file__, "<frozen importlib")
    ):
        trace = trace.tb_next
    error.__traceback__ = trace
    try:
        sys.excepthook(type(error), error, trace)
    except BaseException as failure:
        sys.__excepthook__(type(failure), failure, failure.__traceback__)
        sys.__excepthook__(type(error), error, trace)
    explained = python2_syntax(error) if isinstance(error, SyntaxError) else None
    if explained:
        # In a module that the script imports, where Python's own words do not say whose syntax it is.
        sys.stderr.writelines([f"procrun: {explained}\n"])
    _is_interrupted = isinstance(error, KeyboardInterrupt)
    return INTERRUPTED if _is_interrupted else 1


def _end() -> None:
    """What `python` does last after an uncaught KeyboardInterrupt."""
    if _is_interrupted:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        # A shell that runs a loop of programs sees by it that the user wanted to leave the loop.
        system.end_by_signal(signal.SIGINT)
