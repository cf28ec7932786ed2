"""Who holds which end of which pipe, seen on real processes and on ourselves."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from procrun.monitor.pipes import End, Pipe, Survey, descriptor_name, short
from procrun.system import processes as system

if not system.KNOWS_WAITS:
    pytest.skip("only Linux tells who holds a pipe", allow_module_level=True)


def survey() -> Survey:
    return Survey(psutil.pids())


def test_both_ends_of_a_pipe_and_everybody_who_has_them(ward: Any) -> None:
    writer = ward.start("pause")
    reader = ward.start("pause", stdin=writer.stdout)
    name = f"pipe:[{ward.number(writer.stdout)}]"
    us = os.getpid()
    pipe = survey().pipe(name)
    assert pipe.writers == (End(writer.pid, 1),)
    assert set(pipe.readers) == {End(us, writer.stdout.fileno()), End(reader.pid, 0)}
    writer.stdout.close()
    assert survey().pipe(name) == Pipe(f"pipe {name[6:-1]}", (End(writer.pid, 1),), (End(reader.pid, 0),))


def test_the_pipes_of_a_process(ward: Any) -> None:
    process = ward.start("pause", stdout=subprocess.DEVNULL)
    numbers = [ward.number(stream) for stream in (process.stdin, process.stderr)]
    assert [pipe.name for pipe in survey().pipes_of([process.pid])] == [f"pipe {number}" for number in numbers]


def test_a_pipe_that_nobody_reads() -> None:
    reading, writing = os.pipe()
    name = f"pipe:[{os.fstat(writing).st_ino}]"
    os.close(reading)
    pipe = survey().pipe(name)
    os.close(writing)
    assert str(pipe) == f"pipe {name[6:-1]}: {os.getpid()} (descriptor {writing}) → nobody"


def test_the_other_end_of_a_descriptor(ward: Any) -> None:
    process = ward.start("pause")
    seen = survey()
    stdin, stdout = (seen.find(process.pid, number) for number in (0, 1))
    assert stdin is not None and stdout is not None
    assert seen.other_end(stdin, writes=False) == (os.getpid(),)
    assert seen.other_end(stdin, writes=True) == (process.pid,)
    assert seen.other_end(stdout, writes=True) == (os.getpid(),)
    assert seen.find(process.pid, 99) is None


def test_the_other_end_of_a_socket(ward: Any) -> None:
    ours, its = socket.socketpair()
    with ours, its:
        process = ward.start("pause", stdin=its)
        its.close()
        seen = survey()
        stdin = seen.find(process.pid, 0)
        assert stdin is not None
        assert seen.other_end(stdin, writes=False) == seen.other_end(stdin, writes=True) == (os.getpid(),)


def test_a_fifo_is_known_by_its_path(ward: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "fifo")
    os.mkfifo(path)
    process = ward.start("open_to_read", path)
    ward.stands(process.pid, "openat")
    number = os.open(path, os.O_WRONLY)
    try:
        ward.until(lambda: survey().pipe(path).readers or process.poll() is not None)
        assert survey().pipe(path).writers == (End(os.getpid(), number),)
    finally:
        os.close(number)


def test_a_process_that_has_gone_holds_nothing(ward: Any) -> None:
    process = ward.start("nothing")
    process.wait()
    seen = Survey([process.pid])
    assert (seen.held, seen.refused) == ({}, [])


@pytest.mark.parametrize(("number", "name"), [(0, "stdin"), (2, "stderr"), (3, "descriptor 3"), (-1, "descriptor -1")])
def test_what_people_call_a_descriptor(number: int, name: str) -> None:
    assert descriptor_name(number) == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pipe:[7]", "pipe 7"),
        ("socket:[8]", "socket 8"),
        ("/tmp/fifo", "`/tmp/fifo`"),
        ("/tmp/a:[b]", "`/tmp/a:[b]`"),
        ("/tmp/\x1b", "`/tmp/\\e`"),
    ],
)
def test_a_name_for_a_sentence(name: str, text: str) -> None:
    assert short(name) == text
