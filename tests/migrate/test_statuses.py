"""Statuses that are taken apart: flagged, and divided as before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from procrun.migrate.notes import Kind
from procrun.migrate.rewrite import Rewritten

HEAD = "import commands, os, pipes, popen2, subprocess\n"
RAW = "the status is still that of wait(2) on Unix, but on Windows the exit code itself"


@pytest.mark.parametrize(
    ("code", "flagged"),
    [
        ("s, o = commands.getstatusoutput(c)\ns >> 8", "s >> 8"),
        ("(s, o) = commands.getstatusoutput(c)\ns & 127", "s & 127"),
        ("s, o = commands.getstatusoutput(c)\nos.WEXITSTATUS(s)", "os.WEXITSTATUS(s)"),
        ("s, o = commands.getstatusoutput(c)\ns == 256", "s == 256"),
        ("s, o = commands.getstatusoutput(c)\ns >>= 8", "s >>= 8"),
        ("r = commands.getstatusoutput(c)\nr[0] % 256", "r[0] % 256"),
        ("commands.getstatusoutput(c)[0] >> 8", "commands.getstatusoutput(c)[0] >> 8"),
        ("p = popen2.Popen3(c)\np.wait() >> 8", "p.wait() >> 8"),
        ("p = popen2.Popen4(c)\nx = p.poll()\nx >> 8", "x >> 8"),
        ("p = popen2.Popen3(c)\np.sts >> 8", "p.sts >> 8"),
        ("t = pipes.Template()\nt.copy(a, b) >> 8", "t.copy(a, b) >> 8"),
        ("t = pipes.Template()\nf = t.open(a, 'r')\ns = f.close()\nif s != 1: pass", "s != 1"),
        # Success is 0 everywhere, and these are no statuses.
        ("s, o = commands.getstatusoutput(c)\nif s or s != 0 or s > 1: pass", None),
        ("s, o = commands.getstatusoutput(c)\no[1] >> 8", None),
        ("s = f(c)\ns >> 8", None),
        ("p = popen2.Popen3(c)\np.pid >> 8", None),
    ],
)
def test_a_status_that_is_taken_apart_is_flagged(
    code: str, flagged: str | None, rewritten: Callable[..., Rewritten]
) -> None:
    done = rewritten(f"{HEAD}{code}\n")
    assert done.text.endswith(f"\n{code}\n")
    flags = [(note.what, note.why) for note in done.notes if note.kind is Kind.MEANING and "status is" in note.why]
    flags = [flag for flag in flags if flag[0] != "commands.getstatusoutput"]
    assert flags == ([(flagged, RAW)] if flagged else [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s / 256", "s // 256"),
        ("s /256", "s //256"),
        ("s /= 256", "s //= 256"),
        ("s // 256", "s // 256"),
        ("o / 256", "o / 256"),
    ],
)
def test_a_status_is_divided_as_before(before: str, after: str, rewritten: Callable[..., Rewritten]) -> None:
    done = rewritten(f"import commands\ns, o = commands.getstatusoutput(c)\n{before}\n")
    assert done.text.splitlines()[-1] == after
    is_new = before != after
    assert [note.why for note in done.notes if note.line == 3] == (
        ["`/` gives a float today; it is `//` now"] if is_new else [RAW] if "//" in before else []
    )


def test_an_exit_code_is_no_status(rewritten: Callable[..., Rewritten]) -> None:
    done = rewritten("import subprocess\ns, o = subprocess.getstatusoutput(c)\ns >> 8\n")
    (note,) = done.notes
    assert (note.kind, note.line, note.what) == (Kind.MEANING, 3, "s >> 8")
    assert note.why == (
        "`subprocess.getstatusoutput` gives the exit code itself, where `commands.getstatusoutput` gave a status"
    )
