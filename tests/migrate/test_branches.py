"""Code for Python 2 only is left alone: branches on the version, and imports with a fallback."""

from __future__ import annotations

from collections.abc import Callable

import pytest

OLD, NEW = "import Queue as q", "import queue as q"


@pytest.mark.parametrize(
    ("condition", "then_is_dead", "else_is_dead"),
    [
        ("sys.version_info[0] == 2", True, False),
        ("sys.version_info[0] < 3", True, False),
        ("sys.version_info < (3,)", True, False),
        ("sys.version_info < (3, 0)", True, False),
        ("sys.version_info[:2] >= (3, 3)", False, True),
        ("sys.version_info >= (3, 11)", False, False),
        ("sys.version_info.major == 3", False, True),
        ("info >= (2, 5)", False, True),
        ("sys.hexversion < 0x03000000", True, False),
        ("sys.version[0] == '2'", True, False),
        ("sys.version < '3'", True, False),
        ("six.PY2", True, False),
        ("PY3", False, True),
        ("not PY3", True, False),
        ("PY2 and x", True, False),
        ("PY3 and x", False, False),
        ("PY3 or x", False, True),
        ("x or PY2", False, False),
        ("x", False, False),
        ("x > 1", False, False),
        ("sys.version_info[9] == 2", False, False),
        ("sys.version_info == '2'", True, False),
        ("sys.version_info < '2'", False, False),
        ("sys.version_info[x] == 2", False, False),
        ("1 < sys.version_info[0] < 3", False, False),
    ],
)
def test_branches_on_the_version(
    condition: str, then_is_dead: bool, else_is_dead: bool, becomes: Callable[..., None]
) -> None:
    head = "import sys\nfrom sys import version_info as info\nimport Queue\n"
    texts = [
        f"{head}if {condition}:\n    {then}\nelse:\n    {other}\nq.Empty, Queue.Empty\n"
        for then, other in [(OLD, OLD), (OLD if then_is_dead else NEW, OLD if else_is_dead else NEW)]
    ]
    after = texts[1].replace("import Queue\n", "import queue\n").replace(", Queue.", ", queue.")
    becomes(texts[0], after)


def test_uses_in_such_a_branch_stay(becomes: Callable[..., None]) -> None:
    becomes(
        """\
        import os, sys, commands
        if sys.version_info[0] == 2:
            a, b = os.popen2(c)
        elif x:
            os.popen3(c)
        commands.getoutput(c) if sys.version_info[0] > 2 else os.popen4(c)
        """,
        """\
        import os, sys
        from procrun.legacy import commands, os_popen
        if sys.version_info[0] == 2:
            a, b = os.popen2(c)
        elif x:
            os_popen.popen3(c)
        commands.getoutput(c) if sys.version_info[0] > 2 else os.popen4(c)
        """,
    )


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import Queue\nexcept ImportError:\n    import queue as Queue\nQueue.Empty\n",
        "try:\n    import Queue\nexcept ImportError:\n    import queue\nQueue.Empty\n",
        "try:\n    import Queue\nexcept (ImportError, AttributeError):\n    import queue as Queue\n",
        "try:\n    import Queue\nexcept:\n    import queue as Queue\n",
        "try: import Queue\nexcept ImportError: import queue as Queue\n",
        "try:\n    import queue\nexcept ImportError:\n    import Queue as queue\nqueue.Empty\n",
        "try:\n    from shlex import quote\nexcept ImportError:\n    from pipes import quote\n",
        "try:\n    from pipes import quote\nexcept ImportError:\n    from shlex import quote\n",
        "try:\n    import threading\nexcept ImportError:\n    import dummy_threading as threading\n",
        "try:\n    from commands import getoutput\nexcept ImportError:\n    from subprocess import getoutput\n",
        "try:\n    import x\n    import queue\nexcept ImportError:\n    if a:\n        import Queue as queue\n",
    ],
)
def test_imports_with_a_fallback_stay(text: str, becomes: Callable[..., None]) -> None:
    becomes(text, text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "try:\n    import commands\nexcept ImportError:\n    import subprocess\n",
            "try:\n    from procrun.legacy import commands\nexcept ImportError:\n    import subprocess\n",
        ),
        (
            "try:\n    import commands\nexcept OSError:\n    import x as commands\n",
            "try:\n    from procrun.legacy import commands\nexcept OSError:\n    import x as commands\n",
        ),
        (
            "try:\n    f()\nexcept ImportError:\n    import commands\n",
            "try:\n    f()\nexcept ImportError:\n    from procrun.legacy import commands\n",
        ),
        (
            "try:\n    import x as commands\nexcept OSError:\n    import commands\n",
            "try:\n    import x as commands\nexcept OSError:\n    from procrun.legacy import commands\n",
        ),
        (
            "try:\n    import commands\nfinally:\n    import x as commands\n",
            "try:\n    from procrun.legacy import commands\nfinally:\n    import x as commands\n",
        ),
    ],
)
def test_imports_without_one_do_not(before: str, after: str, becomes: Callable[..., None]) -> None:
    becomes(before, after)
