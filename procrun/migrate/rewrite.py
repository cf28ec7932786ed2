"""From a text to the text that does today what it did under Python 2, and what is to be said about it.

It reads no files and prints nothing.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from procrun.migrate.draft import Draft
from procrun.migrate.imports import rewrite_import
from procrun.migrate.modules import rewrite_modules
from procrun.migrate.notes import Note
from procrun.migrate.objects import rewrite_objects
from procrun.migrate.statuses import flag_statuses
from procrun.migrate.strings import flag_strings


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of a text."""

    text: str
    """The text; the very same when there was nothing to do."""

    notes: tuple[Note, ...]
    """What there is to say, in the order of the lines."""


# What all that is rewritten or flagged has in it somewhere.
_OLD = re.compile(
    r"\b(commands|popen[234]|pipes|_?thread|Queue|_?dummy_thread(ing)?|threading|getstatusoutput|signal)\b"
)


def rewrite(text: str, neighbours: frozenset[str] = frozenset()) -> Rewritten:
    """Rewrite a text of Python 3 syntax.

    `neighbours` are the names of modules that are imported from the program's own folder. The
    result is Python 3 syntax, and rewriting it again changes nothing. All that is not
    rewritten stays as it is, with its blanks, comments and newlines.

    >>> rewrite("import pipes\\npipes.quote('a b')\\n").text
    "import shlex\\nshlex.quote('a b')\\n"

    Raises SyntaxError for a text that is not Python 3.
    """
    parse(text)
    if not _OLD.search(text):
        return Rewritten(text, ())
    draft = Draft(text)
    rewrite_modules(draft, neighbours)
    rewrite_objects(draft)
    flag_statuses(draft)
    flag_strings(draft)
    for statement, change in draft.imports.items():
        rewrite_import(draft, statement, change)
    result = draft.edits.text()
    try:
        parse(result)
    except SyntaxError as error:
        raise AssertionError(f"the result is no Python, line {error.lineno}") from error
    return Rewritten(result, draft.edits.notes())


def parse(text: str) -> None:
    """Ask Python itself whether a text is in its syntax. Raises SyntaxError."""
    with warnings.catch_warnings():
        # `"\d"` and `1is x` are worth a warning, but not ours.
        warnings.simplefilter("ignore")
        ast.parse(text)
