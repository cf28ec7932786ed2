"""Migrating files: each on its own, so that one that fails stays as it is and the others go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from procrun.errors import ProcrunError
from procrun.legacy.python2_syntax import python2_syntax
from procrun.migrate import source
from procrun.migrate.depth import TooDeep, call_with_room
from procrun.migrate.notes import Note
from procrun.migrate.paths import Found, hidden_modules, python_files
from procrun.migrate.source import Source, SourceError

_LONGEST = 200


class MissingExtra(ProcrunError):
    """A part of procrun needs a package that is not installed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    path: str
    """Its name."""

    before: bytes = b""
    """What it holds; nothing when it could not be read."""

    after: bytes = b""
    """What it would hold, or holds."""

    notes: tuple[Note, ...] = ()
    """What there is to say."""

    error: str = ""
    """Why it failed and was left as it was; empty when it has not."""

    is_written: bool = False
    """Whether the file was changed."""

    @property
    def is_changed(self) -> bool:
        """Whether there is something to rewrite."""
        return self.before != self.after


def migrate(paths: Iterable[str], *, write: bool = False) -> Iterator[Outcome]:
    """Migrate files and all Python files in folders, and write them if that is wanted.

    Raises MissingExtra when libcst is not installed. Nothing else ends it: what is wrong with a
    file is in its Outcome.
    """
    require_libcst()
    return (_migrated(found, write=write) for found in python_files(paths))


def require_libcst() -> None:
    """Raise MissingExtra unless libcst is installed; it is not loaded."""
    if find_spec("libcst") is None:
        raise MissingExtra(
            "procrun migrate needs the package `libcst`, which is not installed\n"
            "  install it: pip install 'procrun[migrate]'"
        )


def _migrated(found: Found, *, write: bool) -> Outcome:
    path = found.path
    if found.error is not None:
        return Outcome(path, error=f"`{path}` cannot be searched: {found.error.strerror}\n  check its permissions")
    before = b""
    try:
        file = source.read(path)
        before = file.data
        return _rewritten(file, hidden_modules(found), write=write)
    except SourceError as error:
        where = f", line {error.line}" if error.line else ""
        reason = f"`{path}`{where}: {error.reason}\n  {error.hint}"
    except SyntaxError as error:
        reason = _explained(path, error)
    except TooDeep:
        reason = f"`{path}`: it is nested too deeply\n  rewrite it by hand"
    except Exception as error:
        # A fault of ours, or of libcst, in one file is no reason to leave the others.
        reason = f"`{path}`: procrun itself failed: {_shown(error)}\n  rewrite it by hand, and report this"
    return Outcome(path, before, before, error=reason)


def _shown(error: Exception) -> str:
    """An error that nobody foresaw, in one line: libcst's may hold the text of a whole tree."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first[:_LONGEST]}"


def _rewritten(file: Source, hidden: frozenset[str], *, write: bool) -> Outcome:
    from procrun.migrate.rewrite import rewrite

    done = call_with_room(rewrite, file.text, hidden)
    after = file.data if done.text == file.text else file.encoded(done.text)
    is_written = write and after != file.data
    if is_written:
        source.write(file, after)
    return Outcome(file.path, file.data, after, done.notes, is_written=is_written)


def _explained(path: str, error: SyntaxError) -> str:
    """What is wrong with a text that is not Python 3."""
    explained = python2_syntax(error, path)
    if explained:
        return str(explained)
    return (
        f"`{path}`, line {error.lineno}: {error.msg}\n"
        "  procrun migrate reads Python 3; if this is Python 2, convert the syntax first"
    )
