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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s / 256 / 2", "s // 256 // 2"),
        ("(s / 256 + 1) / 2", "(s // 256 + 1) // 2"),
        ("-s / 256", "-s // 256"),
        ("65535 / s", "65535 // s"),
        ("k = 256\ns / k", "k = 256\ns // k"),
        ("k = 1 << 8\ns / (1 << 8)", "k = 1 << 8\ns // (1 << 8)"),
        ("s = s / 256\ns / 2", "s = s // 256\ns // 2"),
        ("s /= 256\ns / 2", "s //= 256\ns // 2"),
        ("f = commands.getstatusoutput\nx, y = f(c)\nx / 256", "f = commands.getstatusoutput\nx, y = f(c)\nx // 256"),
        (
            "import pipes\nt = pipes.Template().copy(a, b)\nt / 256",
            "from procrun.legacy import pipes\nt = pipes.Template().copy(a, b)\nt // 256",
        ),
        (
            "import pipes\npipes.Template().copy(a, b) / 256",
            "from procrun.legacy import pipes\npipes.Template().copy(a, b) // 256",
        ),
        # Both were floats already.
        ("s / 256.0", "s / 256.0"),
        ("s /= 256.0\ns / 2", "s /= 256.0\ns / 2"),
        ("float(s) / 256", "float(s) / 256"),
    ],
)
def test_integers_are_divided_as_before(before: str, after: str, rewritten: Callable[..., Rewritten]) -> None:
    done = rewritten(f"import commands\ns, o = commands.getstatusoutput(c)\n{before}\n")
    assert done.text == f"from procrun.legacy import commands\ns, o = commands.getstatusoutput(c)\n{after}\n"


@pytest.mark.parametrize("divisor", ["k", "256.0", "f()"])
@pytest.mark.parametrize("statement", ["s / {}", "s /= {}"])
def test_a_division_by_what_may_be_no_integer_is_left(
    statement: str, divisor: str, rewritten: Callable[..., Rewritten]
) -> None:
    code = statement.format(divisor)
    done = rewritten(f"import commands\nk = 256.0\ns, o = commands.getstatusoutput(c)\n{code}\n")
    comment = "# procrun migrate: `/` gives a float today, where it gave an integer for two; write `//` if both are"
    is_float = divisor == "256.0"
    assert done.text.splitlines()[3:] == ([code] if is_float else [comment, code])
    (note,) = [note for note in done.notes if note.line == 4]
    assert (note.kind, note.what) == (Kind.MEANING if is_float else Kind.LEFT, code)


def test_true_division_stays(rewritten: Callable[..., Rewritten]) -> None:
    code = "s, o = commands.getstatusoutput(c)\ns / 256\ns / k\ns >> 8\n"
    done = rewritten(f"from __future__ import division\nimport commands\n{code}")
    assert done.text.endswith(code)
    assert [note.line for note in done.notes if note.line > 3] == [6]


def test_divmod_is_flagged(rewritten: Callable[..., Rewritten]) -> None:
    code = "s, o = commands.getstatusoutput(c)\ndivmod(s, 256)\n"
    done = rewritten(f"import commands\n{code}")
    assert done.text.endswith(code)
    assert [(note.what, note.why) for note in done.notes if note.line == 3] == [("divmod(s, 256)", RAW)]
