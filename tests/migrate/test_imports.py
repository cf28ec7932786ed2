"""Import statements: as little of their text as possible changes, whatever their form."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os, commands, sys\n", "import os, sys\nfrom procrun.legacy import commands\n"),
        ("import commands, os  # both\n", "import os  # both\nfrom procrun.legacy import commands\n"),
        ("import commands, popen2\n", "from procrun.legacy import commands, popen2\n"),
        ("import commands as c , popen2 as p\n", "from procrun.legacy import commands as c, popen2 as p\n"),
        ("import os ,  Queue as q ,sys\n", "import os ,  queue as q ,sys\n"),
        ("import os, \\\n    commands, \\\n    sys\n", "import os, \\\n    sys\nfrom procrun.legacy import commands\n"),
        ("import os, \\\n    commands\n", "import os\nfrom procrun.legacy import commands\n"),
        ("import os; import commands; f()\n", "import os; from procrun.legacy import commands; f()\n"),
        ("import os, commands; f()\n", "import os; from procrun.legacy import commands; f()\n"),
        ("if a: import os, commands\n", "if a: import os; from procrun.legacy import commands\n"),
        ("if a: import commands\nelse: b\n", "if a: from procrun.legacy import commands\nelse: b\n"),
        (
            "def f():\n\timport os, commands\n\treturn\n",
            "def f():\n\timport os\n\tfrom procrun.legacy import commands\n\treturn\n",
        ),
        ("import os, commands", "import os\nfrom procrun.legacy import commands"),
        ("import commands", "from procrun.legacy import commands"),
        ("import os, commands\r\nx\n", "import os\r\nfrom procrun.legacy import commands\r\nx\n"),
        ("x\r\nimport os, commands", "x\r\nimport os\r\nfrom procrun.legacy import commands"),
        ("from pipes import quote, Template\n", "from shlex import quote\nfrom procrun.legacy.pipes import Template\n"),
        (
            "from pipes import Template, quote as q\n",
            "from procrun.legacy.pipes import Template\nfrom shlex import quote as q\n",
        ),
        (
            "from pipes import (quote, Template)\n",
            "from shlex import (quote)\nfrom procrun.legacy.pipes import Template\n",
        ),
        (
            "from pipes import (\n    quote,  # words\n    Template,  # scripts\n)\n",
            "from shlex import (\n    quote,  # words\n)\nfrom procrun.legacy.pipes import Template\n",
        ),
        (
            "from pipes import (\n    Template,\n    quote\n)\n",
            "from procrun.legacy.pipes import (\n    Template,\n)\nfrom shlex import quote\n",
        ),
        (
            "from os import (path, popen2,\n                sep)\n",
            "from os import (path, sep)\nfrom procrun.legacy.os_popen import popen2\n",
        ),
        ("from os import popen2, popen3\n", "from procrun.legacy.os_popen import popen2, popen3\n"),
        ("from thread import (\n    allocate,\n)\n", "from _thread import (\n    allocate_lock as allocate,\n)\n"),
        ("from  commands  import  getoutput\n", "from  procrun.legacy.commands  import  getoutput\n"),
        # An import that the file has already is not made twice, and its line goes.
        ("import shlex\n\nimport pipes  # to quote\npipes.quote(a)\n", "import shlex\n\nshlex.quote(a)\n"),
        (
            "import shlex\nif a:\n    import pipes\n    pipes.quote(a)\n",
            "import shlex\nif a:\n    import shlex\n    shlex.quote(a)\n",
        ),
        ("import pipes\npipes.quote(a)\nimport shlex\n", "import shlex\nshlex.quote(a)\nimport shlex\n"),
        ("import pipes\ndef f(): pipes.quote(a)\nimport shlex\n", "def f(): shlex.quote(a)\nimport shlex\n"),
        ("import shlex\nimport pipes", "import shlex\nfrom procrun.legacy import pipes"),
    ],
)
def test_an_import_statement(before: str, after: str, becomes: Callable[..., None]) -> None:
    becomes(before, after)


def test_what_stands_around_stays(becomes: Callable[..., None]) -> None:
    becomes(
        '''\
        #!/usr/bin/env python
        # -*- coding: utf-8 -*-
        """What it does."""
        from __future__ import print_function

        # system
        import os  # files


        # ours
        def f():
            return os.popen2("é")   # later
        ''',
        '''\
        #!/usr/bin/env python
        # -*- coding: utf-8 -*-
        """What it does."""
        from __future__ import print_function

        # system
        import os  # files
        from procrun.legacy import os_popen


        # ours
        def f():
            return os_popen.popen2("é")   # later
        ''',
    )
