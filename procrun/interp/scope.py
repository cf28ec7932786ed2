"""What a running text knows: variables, arguments, folder and the last status.

The interpreter reads and changes it, expansion reads it; `( )`, `$( )` and stages work on
a copy, `{ }` on the same one. It touches neither this process's folder nor its
environment: several texts may run at once.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Sequence

from procrun import system
from procrun.plan import Options

DEFAULTS = Options()
Changes = tuple[tuple[str, "str | None"], ...]


class Scope:
    """Variables, arguments, folder and `$?` of one shell environment (POSIX XCU 2.12)."""

    def __init__(self, arguments: Sequence[str] = (), options: Options = DEFAULTS) -> None:
        self.arguments = tuple(arguments)
        """`$1`, `$2`, …"""
        self.status = 0
        """`$?`"""
        self.folder = _starting_folder(options.cwd)
        """The absolute path of the folder that names are relative to, as `cd` spelled it."""
        self.is_clean = options.clean_env
        """Whether programs start from an empty environment."""
        self._is_moved = options.cwd is not None
        self._values = {} if options.clean_env else dict(os.environ)
        self._exported = set(self._values)
        self._inherited = dict(self._values)
        # Only names that were touched need a look when a program starts.
        self._touched: set[str] = set()
        for name, value in options.env:
            if value is None:
                self.unset(name)
            else:
                self.set(name, value)
                self.export(name)
        self._correct_pwd()

    def get(self, name: str) -> str | None:
        """The value of a variable, or None when it is not set."""
        return self._values.get(system.variable_key(name))

    def set(self, name: str, value: str) -> None:
        """Give a variable a value; an exported one stays exported."""
        key = system.variable_key(name)
        self._values[key] = value
        self._touched.add(key)

    def export(self, name: str) -> None:
        """Let programs see a variable. Raises KeyError when it is not set."""
        key = system.variable_key(name)
        if key not in self._values:
            raise KeyError(name)
        self._exported.add(key)
        self._touched.add(key)

    def unset(self, name: str) -> None:
        """Forget a variable, and that it was exported."""
        key = system.variable_key(name)
        self._values.pop(key, None)
        self._exported.discard(key)
        self._touched.add(key)

    def copy(self) -> Scope:
        """A scope of its own that starts as this one."""
        other = Scope.__new__(Scope)
        other.__dict__.update(self.__dict__)
        other._values = dict(self._values)
        other._exported = set(self._exported)
        other._touched = set(self._touched)
        return other

    def with_exported(self, assignments: Iterable[tuple[str, str]]) -> Scope:
        """A copy in which these variables are set and exported, as for one command."""
        other = self.copy()
        for name, value in assignments:
            other.set(name, value)
            other.export(name)
        return other

    @property
    def environment(self) -> Changes:
        """What programs get beyond (or, with None, without) what this process would pass on."""
        visible = {name: self._values[name] for name in self._touched & self._exported}
        pairs = ((name, visible.get(name)) for name in sorted(self._touched))
        return tuple((name, value) for name, value in pairs if value != self._inherited.get(name))

    @property
    def moved_folder(self) -> str | None:
        """The folder for programs, or None while it is still this process's own."""
        return self.folder if self._is_moved else None

    @property
    def home(self) -> str | None:
        """The home folder: HOME, else what the system says."""
        home = self.get("HOME")
        if home is not None:
            return home
        home = os.path.expanduser("~")
        return None if home == "~" else home

    @property
    def search_path(self) -> str | None:
        """The PATH to find programs in; None is this process's own, where the text never had one."""
        path = self.get("PATH")
        # Taken away by the text, it is what programs themselves fall back to (POSIX execvp).
        return os.defpath if path is None and system.variable_key("PATH") in self._touched else path

    def absolute(self, name: str) -> str:
        """A file's name as a path that holds wherever this process is; an empty one stays empty."""
        return os.path.join(self.folder, name) if name else name

    def enter(self, name: str) -> None:
        """Change the folder, as `cd -L` does: `..` takes the last name off the path.

        Sets PWD and OLDPWD, exported, as bash and dash do. Raises OSError when it is no folder that can be entered.
        """
        if not name:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        path = _without_dots(os.path.join(self.folder, name))
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        if not os.access(path, os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
        self.set("OLDPWD", self.get("PWD") or self.folder)
        self.set("PWD", path)
        self.export("OLDPWD")
        self.export("PWD")
        self.folder = path
        self._is_moved = True

    def _correct_pwd(self) -> None:
        """Make PWD true: it is wrong when a program, or the `cwd` option, chose our folder (POSIX sh, PWD)."""
        pwd = self.get("PWD")
        if pwd and os.path.isabs(pwd) and _is_same_folder(pwd, self.folder):
            # The path by which the user came here, perhaps through links.
            self.folder = pwd
        else:
            self.set("PWD", self.folder)


def _starting_folder(cwd: str | None) -> str:
    try:
        return os.path.abspath(cwd or os.curdir)
    except FileNotFoundError:
        # Our folder was removed. What needs none still works.
        return os.curdir


def _is_same_folder(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _without_dots(path: str) -> str:
    """The path without `.` and `..`; what stands before a `..` must be a folder (POSIX XCU `cd`, step 8)."""
    from pathlib import PurePath

    parts = PurePath(path).parts
    for place, part in enumerate(parts):
        if part == "..":
            before = os.path.normpath(os.path.join(*parts[:place]))
            if not stat.S_ISDIR(os.stat(before).st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return os.path.normpath(path)
