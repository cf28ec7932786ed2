"""Run the tests: `python3 scripts/test.py [pytest arguments]`.

Makes an environment of its own in `.envs/` of the checkout, installs procrun with its test
extra there, and hands the arguments to pytest, which runs on every core (`-n 0`: on one).
Paths in the arguments are relative to the checkout. The exit status is pytest's.
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036
    # Before anything else is read: the other files have syntax that older Pythons do not know.
    sys.exit("procrun needs Python 3.10 or later, and this is Python %d.%d" % sys.version_info[:2])  # noqa: UP031

import environment

python = environment.prepare("test", extra="test")
sys.exit(environment.run(python, "-m", "pytest", "-n", "auto", "--dist", "worksteal", *sys.argv[1:]))
