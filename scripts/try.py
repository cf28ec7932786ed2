"""Install procrun and show what it does: `python3 scripts/try.py`.

Makes an environment of its own in `.envs/` of the checkout, installs procrun there, and runs
one pipeline on a text of this checkout. It changes nothing else; delete `.envs/` to be rid of it.
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036
    # Before anything else is read: the other files have syntax that older Pythons do not know.
    sys.exit("procrun needs Python 3.10 or later, and this is Python %d.%d" % sys.version_info[:2])  # noqa: UP031

import demonstration

sys.exit(demonstration.show())
