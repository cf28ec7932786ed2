"""Who has the lock that a real process waits for."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from procrun.monitor.locks import Locks
from procrun.system import processes as system

if not system.KNOWS_WAITS:
    pytest.skip("only Linux tells who has a lock", allow_module_level=True)


@pytest.mark.parametrize(("how", "call"), [("flock", "flock"), ("lockf", "fcntl")])
def test_who_has_the_lock(how: str, call: str, ward: Any, tmp_path: Path) -> None:
    path, other = tmp_path / "lock", tmp_path / "other"
    holder, stranger = ward.start(how, path), ward.start(how, other)
    ward.stands(holder.pid, "pause")
    ward.stands(stranger.pid, "pause")
    waiters = [ward.start(how, path) for _ in range(2)]
    for waiter in waiters:
        ward.stands(waiter.pid, call)
    locks = Locks(psutil.pids())
    assert [locks.holders(waiter.pid) for waiter in waiters] == [(holder.pid,)] * 2
    assert locks.holders(holder.pid) == ()


def test_every_process_that_shares_an_open_file_has_its_lock(ward: Any, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        heir = ward.start("pause", pass_fds=[file.fileno()])
        waiter = ward.start("flock", path)
        ward.stands(waiter.pid, "flock")
        assert set(Locks(psutil.pids()).holders(waiter.pid)) == {os.getpid(), heir.pid}


def test_the_taker_counts_where_we_may_not_look_for_heirs(ward: Any, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = ward.start("flock", path)
    ward.stands(holder.pid, "pause")
    waiter = ward.start("flock", path)
    ward.stands(waiter.pid, "flock")
    assert Locks([waiter.pid]).holders(waiter.pid) == (holder.pid,)


def test_a_lock_whose_taker_has_ended(ward: Any, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    taker = ward.start("flock_in_child", path)
    heir = int(ward.said(taker))
    taker.wait()
    try:
        waiter = ward.start("flock", path)
        ward.stands(waiter.pid, "flock")
        assert Locks(psutil.pids()).holders(waiter.pid) == (heir,)
    finally:
        os.kill(heir, signal.SIGKILL)


OPEN_FILE = """
import fcntl, struct, sys
with open(sys.argv[1], "r+") as file:
    fcntl.fcntl(file, fcntl.F_OFD_SETLKW, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
"""


@pytest.mark.skipif(not hasattr(fcntl, "F_OFD_SETLKW"), reason="this Python does not know such locks")
def test_a_lock_of_an_open_file(ward: Any, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as file:
        fcntl.fcntl(file, fcntl.F_OFD_SETLKW, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        process = subprocess.Popen([sys.executable, "-S", "-c", OPEN_FILE, path])
        try:
            ward.stands(process.pid, "fcntl")
            # The kernel does not say which process waits; there is but one such lock now, unless others run.
            assert Locks(psutil.pids()).holders(process.pid) in ((os.getpid(),), ())
        finally:
            process.kill()
            process.wait()
