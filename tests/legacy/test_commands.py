"""`commands`, beyond what the transcripts show: types, interruptions, threads, and what is left behind."""

from __future__ import annotations

import doctest
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from procrun.legacy import commands

pytestmark = pytest.mark.skipif(os.name != "posix", reason="its programs are commands of sh")


class Alarm(Exception):
    """Raised by the handler of an alarm."""


@pytest.fixture
def alarm() -> Iterator[None]:
    """An alarm soon, whose handler raises."""

    def handler(number: int, frame: object) -> None:
        raise Alarm

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_the_examples() -> None:
    assert doctest.testmod(commands).failed == 0


@pytest.mark.parametrize("cmd", ["printf 'caf\u00e9'", "printf 'caf\u00e9'".encode()])
def test_a_command_is_text_or_bytes(cmd: str | bytes) -> None:
    assert commands.getstatusoutput(cmd) == (0, "caf\u00e9")


def test_a_command_keeps_bytes_that_are_no_text() -> None:
    assert commands.getoutput(b"printf '%s' 'a\xff'") == "a\udcff"
    assert commands.getoutput("printf '%s' 'a\udcff'") == "a\udcff"


def test_text_is_in_the_encoding_of_the_locale(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    # The tests' locale is C; without Python's UTF-8 mode its encoding is ASCII, so that these two bytes are no text.
    code = "from procrun.legacy import commands; print(ascii(commands.getoutput(r\"printf '\\303\\251'\")))"
    assert python(code, options=("-X", "utf8=1")).stdout == "'\\xe9'\n"
    assert python(code, options=("-X", "utf8=0")).stdout == "'\\udcc3\\udca9'\n"


@pytest.mark.parametrize("name", ["some file", b"some file", Path("some file")])
def test_names_are_text_bytes_or_paths(
    name: str | bytes | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("some file").touch()
    assert commands.mkarg(name) == " 'some file'"
    assert commands.mk2arg("folder", name) == " 'folder/some file'"
    with pytest.warns(DeprecationWarning, match=r"^commands.getstatus\(\) is deprecated$"):
        assert commands.getstatus(name).endswith(" some file")


@pytest.mark.parametrize("cmd", [None, 5, ["ls"]])
def test_anything_else_is_refused(cmd: object) -> None:
    with pytest.raises(TypeError) as caught:
        commands.getstatusoutput(cmd)  # type: ignore[arg-type]
    assert str(caught.value) == f"cmd must be a string, not {type(cmd).__name__}"


def test_a_command_too_long_for_the_system_is_an_error() -> None:
    with pytest.raises(OSError, match="Argument list too long"):
        commands.getoutput("#" * 10_000_000)


def test_the_shells_complaint_is_part_of_the_output() -> None:
    status, text = commands.getstatusoutput("if true; then")
    assert status == 512
    assert "syntax error" in text.lower()


@pytest.mark.usefixtures("alarm")
def test_an_exception_ends_the_command_and_its_children() -> None:
    # The automatic check for leaks sees whether something is left.
    with pytest.raises(Alarm):
        commands.getoutput("cat /dev/zero | cat > /dev/null & echo started; wait")


@pytest.mark.usefixtures("alarm")
def test_an_exception_while_a_quiet_command_runs() -> None:
    with pytest.raises(Alarm):
        commands.getoutput("exec >/dev/null 2>&1; while :; do sleep 1; done")


def test_an_ignored_sigchld_costs_only_the_status() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert commands.getstatusoutput("echo a; exit 3") == (0, "a")
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_threads_get_their_own_output() -> None:
    def run(number: int) -> tuple[int, str]:
        return commands.getstatusoutput(f"echo {number}; exit {number}")

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(run, range(100))) == [(number << 8, str(number)) for number in range(100)]
