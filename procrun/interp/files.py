"""Whether the files of redirections could be opened, as things are now, without opening any.

For `explain`; when a text runs, the engine finds out by opening them (`engine/files.py`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from procrun.engine.files import loss_error
from procrun.errors import FileError
from procrun.plan import Redirect


def why_not_opened(redirects: Sequence[Redirect], text: str) -> FileError | None:
    """Why the first file that cannot be opened could not be."""
    for redirect in redirects:
        path = redirect.target
        if not isinstance(path, str) or path == "/dev/null":
            continue
        reason = _why_not_read(path) if redirect.action == "read" else _why_not_written(path)
        if reason:
            start, end = redirect.place or (0, 0)
            doing = "reading" if redirect.action == "read" else "writing"
            reason = f"`{path}` cannot be opened for {doing}: {reason}"
            return FileError(reason, text=text, start=start, end=end)
    return None


def why_not_emptied(redirects: Sequence[Redirect], read: Sequence[Redirect], text: str) -> FileError | None:
    """Why the first file that may not be emptied may not: it is one of those that are to be read."""
    for redirect in redirects:
        for other in read if redirect.action == "write" else ():
            path, source = str(redirect.target), str(other.target)
            if os.path.isfile(path) and os.path.isfile(source) and os.path.samefile(path, source):
                return loss_error(path, source, text, redirect.place)
    return None


def _why_not_read(path: str) -> str:
    if not os.path.exists(path):
        return "No such file or directory"
    return "" if os.access(path, os.R_OK) else "Permission denied"


def _why_not_written(path: str) -> str:
    if os.path.isdir(path):
        return "Is a directory"
    folder = os.path.dirname(path) or os.curdir
    if not os.path.isdir(folder):
        return "No such file or directory"
    return "" if os.access(path if os.path.exists(path) else folder, os.W_OK) else "Permission denied"
