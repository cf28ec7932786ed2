"""Programs are started without copying this process: by vfork, with nothing of Python run in the child."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procrun import CAPTURE, NULL

Host = Callable[..., "subprocess.CompletedProcess[str]"]
Program = Callable[..., Any]


def test_no_option_of_popen_that_would_run_python_in_the_child_or_leave_the_vfork_path(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[dict[str, Any]] = []
    start = subprocess.Popen.__init__

    def note(self: Any, *args: Any, **options: Any) -> None:
        given.append(options)
        start(self, *args, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", note)
    command = program("cat", cwd=tmp_path, env={"A": "1"}, clean_env=True)
    (command | command).capture(input=b"x", timeout=60)
    command.run(stdin=NULL, stdout=[CAPTURE])
    list(command.lines())
    assert len(given) == 4
    for options in given:
        assert set(options) == {"executable", "stdin", "stdout", "stderr", "cwd", "env", "pass_fds"}
        assert options["pass_fds"] == ()


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux does `subprocess` use vfork")
def test_python_itself_has_the_vfork_path_on() -> None:
    # Some libraries and container set-ups switch it off; then starting slows with the size of this process.
    assert getattr(subprocess, "_USE_VFORK", True)


def _strace() -> str | None:
    path = shutil.which("strace")
    if path is None:
        return None
    tried = subprocess.run([path, "-o", "/dev/null", "true"], capture_output=True, check=False)
    return path if tried.returncode == 0 else None


@pytest.mark.skipif(_strace() is None, reason="there is no strace that may trace")
def test_the_system_sees_vfork_only(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "from procrun import *\n"
        "(cmd('true') | cmd('cat') | cmd('cat')).capture(timeout=60)\n"
        "cmd('true', cwd='/', clean_env=True).run()\n"
        "list(cmd('true').lines())\n"
    )
    calls = "fork,vfork,clone,clone3"
    subprocess.run(
        [str(_strace()), "-f", "-e", f"trace={calls}", "-o", str(log), sys.executable, "-c", code],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    lines = [line for line in log.read_text().splitlines() if re.search(r" (v?fork|clone3?)\(", line)]
    processes = [line for line in lines if "CLONE_THREAD" not in line]
    assert len(processes) == 5
    assert all("vfork(" in line or "CLONE_VFORK" in line for line in processes)
