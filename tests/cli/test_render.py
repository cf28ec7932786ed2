"""What is written to stdout and stderr, byte by byte."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from procrun.cli import render


def play(code: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run some Python with `render` imported, in a process of its own."""
    code = f"from procrun.cli import render\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_results_go_to_stdout_and_messages_to_stderr() -> None:
    done = play(
        "render.out('a\\u00e9\\udcff'); render.out(b'raw'); render.error('b\\n  c'); render.note('d'); render.leave(7)"
    )
    assert (done.returncode, done.stdout) == (7, "aé".encode() + b"\xff\nraw")
    assert done.stderr == b"procrun: b\n  c\nd\n"


def test_results_come_in_the_order_in_which_they_were_written() -> None:
    done = play("import sys; sys.stdout.write('a\\n'); render.out('b'); sys.stdout.write('c\\n'); render.leave(0)")
    assert done.stdout.replace(b"\r\n", b"\n") == b"a\nb\nc\n"


@pytest.mark.parametrize(
    ("text", "data"),
    [("a", b"a"), ("é", "é".encode()), ("\udcff", b"\xff"), ("\ud800", b"\xed\xa0\x80")],
)
def test_text_as_bytes(text: str, data: bytes) -> None:
    assert render.encoded(text) == data


def test_an_error_is_not_obeyed_by_the_terminal() -> None:
    assert play("render.error('\\x1b[2J \\udcff\\ttab')").stderr == b"procrun: \\e[2J \\xff\ttab\n"


def test_a_fault() -> None:
    done = play("render.fault(ValueError('why'))")
    assert done.stderr == (
        b"procrun: procrun itself failed: ValueError: why\n"
        b"  this is a fault of procrun; PROCRUN_TRACEBACK=1 shows where, for a report\n"
    )
    assert play("render.fault(AssertionError())").stderr == done.stderr.replace(b"ValueError: why", b"AssertionError")
    traced = play("render.fault(ValueError('why'))", env={**os.environ, "PROCRUN_TRACEBACK": "1"})
    assert traced.stderr == b"ValueError: why\n" + done.stderr


@pytest.mark.skipif(os.name == "nt", reason="descriptors of Unix")
def test_closed_streams_are_opened_so_that_they_fail() -> None:
    code = (
        "import os\n"
        "for number in range(3): os.close(number)\n"
        "render.open_closed_streams()\n"
        "assert [os.get_inheritable(number) for number in range(3)] == [True] * 3\n"
        "for use in (lambda: os.read(0, 1), lambda: os.write(1, b'x'), lambda: os.write(2, b'x')):\n"
        "    try:\n"
        "        use()\n"
        "    except OSError as error:\n"
        "        assert error.errno == 9, error\n"
        "    else:\n"
        "        os._exit(3)\n"
        "render.error('nobody hears it')\n"
        "os._exit(7)\n"
    )
    assert play(code).returncode == 7


def test_open_streams_are_left_alone() -> None:
    code = (
        "import os\n"
        "def identities(): return [(s.st_dev, s.st_ino) for s in map(os.fstat, range(3))]\n"
        "before = identities()\n"
        "render.open_closed_streams()\n"
        "assert identities() == before\n"
    )
    done = play(code)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_ctrl_c_is_130_for_who_has_no_terminal() -> None:
    assert play("render.leave_interrupted()", start_new_session=True).returncode == 130
