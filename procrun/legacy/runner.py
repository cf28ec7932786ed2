"""Run a script as `python SCRIPT` does, with the old modules and names installed.

The command line's `procrun legacy` calls `run_script` and gives its result to `sys.exit`. The
script takes the process over: it becomes `__main__`, with its own `sys.argv` and `sys.path[0]`,
and what it leaves to the end of the process (threads, `atexit`) happens at that end.
"""

from __future__ import annotations

import atexit
import builtins
import importlib.util
import linecache
import os
import pkgutil
import signal
import sys
import textwrap
import types
import warnings
from collections.abc import Sequence
from importlib.machinery import BuiltinImporter, ModuleSpec, PathFinder, SourceFileLoader
from typing import Any, NamedTuple

from procrun import system
from procrun.errors import ProcrunError
from procrun.legacy.finder import Finder
from procrun.legacy.install import MODULES, install
from procrun.legacy.python2_syntax import python2_meaning, python2_syntax
from procrun.system.legacy import INTERRUPTED


class ScriptError(ProcrunError):
    """The script cannot be read, or there is no such module."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        """As Python has it: 2 for a file, 1 for a module."""


def run_script(argv: Sequence[str]) -> int:
    """Run `SCRIPT ARGS…`, `-m MODULE ARGS…`, `-c CODE ARGS…` or `- ARGS…`, and return the exit status.

    A script is a file, or a folder or a zip archive with a `__main__.py`; `-` is what stdin has
    until its end.

    As `python` would: an uncaught exception prints its traceback, in which procrun does not
    appear, and is status 1; `sys.exit` gives its own; after Ctrl-C the process ends by SIGINT
    when everything else has ended. Besides what `install()` does, text that holds bytes which
    were no text can be printed, and DeprecationWarnings are not shown unless warnings were
    asked for, as in Python 2.7. The program's own modules of the old names come first where
    they did (see `finder`).

    Raises ScriptError when there is nothing to run, and Python2SyntaxError.
    """
    if not argv or (argv[0] in ("-c", "-m") and len(argv) == 1):
        raise ScriptError("nothing to run\n  give a script, -m MODULE, -c CODE, or - for stdin", 2)
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


class _Program(NamedTuple):
    """What is run as `__main__`."""

    code: types.CodeType
    attributes: dict[str, Any]


_is_interrupted = False


def _load_script(argv: Sequence[str]) -> _Program:
    """A file: its folder is the first to be searched for modules."""
    if pkgutil.get_importer(argv[0]):
        return _load_folder(argv)
    _prepare(argv, os.path.dirname(os.path.realpath(argv[0])))
    path = os.path.join(os.getcwd(), argv[0])
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        raise ScriptError(f"can't open file `{path}`: {error.strerror}\n  check the script's name", 2) from error
    loader = SourceFileLoader("__main__", path)
    return _Program(_compiled(source, path), {"__file__": path, "__loader__": loader, "__cached__": None})


def _load_folder(argv: Sequence[str]) -> _Program:
    """The `__main__` of a folder or an archive, which is the first to be searched."""
    folder = os.path.join(os.getcwd(), argv[0])
    _prepare(argv, "")
    # Also with -P, unlike the folder of a script.
    sys.path[: not _is_path_safe()] = [folder]
    spec = PathFinder.find_spec("__main__", [folder])
    if spec is None:
        raise ScriptError(f"no `__main__.py` in `{folder}`\n  it is what runs of a folder or an archive", 1)
    return _program_of(spec)


def _load_module(argv: Sequence[str]) -> _Program:
    """A module, or the `__main__` of a package: the current folder is the first to be searched."""
    _prepare([argv[0], *argv[2:]], os.getcwd())
    spec = _find(argv[1])
    if spec is not None and spec.submodule_search_locations is not None:
        spec = _find(f"{argv[1]}.__main__")
    if spec is None or not hasattr(spec.loader, "get_code"):
        raise ScriptError(f"no module `{argv[1]}` that can be run\n  it is looked for in {', '.join(sys.path)}", 1)
    sys.argv[0] = spec.origin or argv[1]
    return _program_of(spec)


def _load_code(argv: Sequence[str]) -> _Program:
    """Text: as for a module, the current folder is the first to be searched."""
    _prepare([argv[0], *argv[2:]], "")
    text = textwrap.dedent(argv[1]) if sys.version_info >= (3, 14) else argv[1]
    code = _compiled(text.encode("utf-8", "surrogateescape"), "<string>")
    # By which tracebacks show the lines of `-c`, from Python 3.13; its first release wants the name only.
    show = getattr(linecache, "_register_code", None)
    if show:
        show(code if hasattr(linecache, "_interactive_cache") else "<string>", text, "<string>")
    return _Program(code, {"__loader__": BuiltinImporter})


def _load_stdin(argv: Sequence[str]) -> _Program:
    """All that stdin has, which is at its end for the script."""
    _prepare(argv, "")
    code = _compiled(sys.stdin.buffer.read() if sys.stdin else b"", "<stdin>")
    return _Program(code, {"__file__": "<stdin>", "__loader__": BuiltinImporter, "__cached__": None})


_LOADERS = {"-m": _load_module, "-c": _load_code, "-": _load_stdin}


def _prepare(argv: Sequence[str], folder: str) -> None:
    """Make the process what a Python 2 script expects, before any code of it is imported."""
    sys.argv = list(argv)
    if not _is_path_safe():
        sys.path[:1] = [folder]
    # An older Python's `pipes`, if something has imported it, is not looked for any more.
    install(modules=[name for name in MODULES if name in sys.modules], stdout=True)
    sys.meta_path.insert(0, Finder(MODULES))
    if not sys.warnoptions:
        warnings.simplefilter("ignore", DeprecationWarning)


def _is_path_safe() -> bool:
    return getattr(sys.flags, "safe_path", False)  # -P, from Python 3.11


def _find(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            return None  # A package on the way to it; any other is missed by its own code.
        raise


def _program_of(spec: ModuleSpec) -> _Program:
    """What a loader finds."""
    loader: Any = spec.loader
    code = loader.get_code(spec.name)
    _refuse_python2(loader.get_source(spec.name) or "", code.co_filename)
    attributes = {"__file__": spec.origin, "__loader__": loader, "__cached__": spec.cached}
    return _Program(code, {**attributes, "__spec__": spec, "__package__": spec.parent})


def _compiled(source: bytes, path: str) -> types.CodeType:
    code = compile(source, path, "exec", dont_inherit=True)
    _refuse_python2(importlib.util.decode_source(source), path)
    return code


def _refuse_python2(text: str, path: str) -> None:
    misread = python2_meaning(text, path)
    if misread:
        raise misread


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
