"""The contract of the table of processes: psutil's answers, and signals to processes that are not our children."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from procrun import system
from procrun.system import table
from procrun.system.facts import Row

Argv = Callable[..., list[str]]
posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture(params=["this system", "any system"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as it is here, and as it is on a system without a table of its own."""
    if request.param == "this system":
        return table
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "freebsd14")
        spec = importlib.util.spec_from_file_location("plain_table", table.__file__)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def process(python_program: Argv) -> Iterator[subprocess.Popen[bytes]]:
    variables = {**os.environ, system.MARK: "one two"}
    process = subprocess.Popen(python_program("sleeper"), stdout=subprocess.PIPE, env=variables)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def row_of(where: ModuleType, pid: int) -> Row:
    row: Row | None = where.find_row(pid)
    assert row is not None
    return row


def test_a_process_has_a_row(either: ModuleType, process: subprocess.Popen[bytes]) -> None:
    row = row_of(either, process.pid)
    assert (row.pid, row.parent, row.has_ended) == (process.pid, os.getpid(), False)
    assert row in either.read_table()
    assert process.pid not in {row.pid for row in either.read_table({process.pid})}
    assert row.start <= either.clock() + 2


def test_a_start_is_noticed(python_program: Argv) -> None:
    before = table.last_started()
    subprocess.run(python_program("exit_with", 0), check=True)
    assert before == 0 or before != table.last_started()


def test_starts_are_on_the_clock(either: ModuleType, python_program: Argv) -> None:
    before = either.clock()
    process = subprocess.Popen(python_program("hold_pipe"), stdin=subprocess.DEVNULL)
    try:
        assert before <= row_of(either, process.pid).start <= either.clock() + 2
    finally:
        process.kill()
        process.wait()


def test_a_process_that_has_gone_has_none(either: ModuleType, process: subprocess.Popen[bytes]) -> None:
    row = row_of(either, process.pid)
    process.kill()
    process.wait()
    assert either.find_row(process.pid) is None
    assert not row.is_same(None)
    with pytest.raises(ProcessLookupError):
        either.send(row, signal.SIGTERM)
    assert not either.carries(process.pid, "one")
    assert either.command_of(row) == row.name


@posix_only
def test_a_zombie_has_ended(either: ModuleType, process: subprocess.Popen[bytes]) -> None:
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert row_of(either, process.pid).has_ended


def test_a_mark_is_one_whole_word(either: ModuleType, process: subprocess.Popen[bytes]) -> None:
    assert either.carries(process.pid, "one") and either.carries(process.pid, "two")
    assert not either.carries(process.pid, "tw")
    assert not either.carries(process.pid, "one two")
    assert not either.carries(process.pid, "sleeper")


def test_a_command_line(either: ModuleType, process: subprocess.Popen[bytes]) -> None:
    assert either.command_of(row_of(either, process.pid)).endswith("sleeper.py")


@posix_only
@pytest.mark.parametrize("has_pidfd", [True, False])
def test_a_signal_reaches_who_is_meant(
    has_pidfd: bool, process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_pidfd:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    row = row_of(table, process.pid)
    stranger = row._replace(start=row.start - 1)
    with pytest.raises(ProcessLookupError):
        table.send(stranger, signal.SIGKILL)
    if has_pidfd:
        with pytest.raises(ProcessLookupError):
            table.open_handle(stranger)
    assert process.poll() is None
    table.send(row, signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system or Python has no pidfds")
def test_a_handle_stays_with_its_process(process: subprocess.Popen[bytes]) -> None:
    row = row_of(table, process.pid)
    handle = table.open_handle(row)
    assert handle is not None
    try:
        table.send(row, signal.SIGTERM, handle)
        process.wait()
        with pytest.raises(ProcessLookupError):
            table.send(row, signal.SIGTERM, handle)
    finally:
        os.close(handle)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system or Python has no pidfds")
def test_without_descriptors_there_is_no_handle(
    process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pid: int) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    assert table.open_handle(row_of(table, process.pid)) is None


def test_handles_leave_descriptors_for_others() -> None:
    assert 0 < table.most_handles() <= 4096
