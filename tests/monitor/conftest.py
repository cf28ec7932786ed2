"""The ward: processes that hang, and what the doctor says about them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from typing import IO, Any

import psutil
import pytest


class Ward:
    """Starts processes that hang, waits until the kernel shows it, and asks for the diagnosis."""

    def __init__(self, hang: Callable[..., Any], stands: Callable[..., None], until: Callable[..., Any]) -> None:
        self.start = hang
        self.stands = stands
        self.until = until

    def has_state(self, pid: int, state: str) -> None:
        """Wait until a process is in a state."""
        self.until(lambda: psutil.Process(pid).status() == state)

    @staticmethod
    def who(pid: int) -> str:
        """A process as the subject of a sentence."""
        from procrun.quoting import display

        return f"process {pid} (`{display(psutil.Process(pid).cmdline(), 60)}`)"

    @property
    def me(self) -> str:
        """This process, as one outside of the tree."""
        return f"{self.who(os.getpid())}, outside of the tree,"

    @staticmethod
    def number(stream: IO[bytes] | None) -> int:
        """The number that the kernel has given to the pipe of a stream."""
        assert stream is not None
        return os.fstat(stream.fileno()).st_ino

    @staticmethod
    def said(process: subprocess.Popen[bytes]) -> str:
        """The next line that a process says on stderr."""
        assert process.stderr is not None
        return process.stderr.readline().decode().strip()

    @staticmethod
    def look(*processes: subprocess.Popen[bytes] | int, interval: float = 0.1) -> Any:
        """The diagnosis of some processes."""
        from procrun.monitor.doctor import diagnose

        return diagnose([one if isinstance(one, int) else one.pid for one in processes], interval)

    def cause(self, *processes: subprocess.Popen[bytes] | int, interval: float = 0.1) -> tuple[str, str, str]:
        """The kind, text and advice of the most probable cause."""
        found = self.look(*processes, interval=interval).cause
        return found.kind, found.text, found.advice


@pytest.fixture
def ward(hang: Callable[..., Any], stands: Callable[..., None], until: Callable[..., Any]) -> Ward:
    return Ward(hang, stands, until)


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A terminal: its descriptor for a program, and its name."""
    master, slave = os.openpty()
    yield slave, os.ttyname(slave)
    os.close(master)
    os.close(slave)
